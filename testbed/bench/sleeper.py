#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A server that takes its time: behind nginx it makes requests slow.

    sleeper.py SOCKET MS

Answers each GET on the UNIX socket SOCKET with 1,024 bytes after MS milliseconds.
"""

import asyncio
import os
import sys

BODY = b"s" * 1024
RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY


async def serve(reader, writer, seconds):
    try:
        while True:
            await reader.readuntil(b"\r\n\r\n")
            await asyncio.sleep(seconds)
            writer.write(RESPONSE)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def main(arguments):
    if len(arguments) != 2:
        sys.exit(__doc__)
    path, seconds = arguments[0], int(arguments[1]) / 1000
    server = await asyncio.start_unix_server(lambda *ends: serve(*ends, seconds), path, backlog=1024)
    os.chmod(path, 0o666)  # nginx's worker is an ordinary user
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
