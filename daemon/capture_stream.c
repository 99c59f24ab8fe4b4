/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* capture_stream.c - a descriptor as FILE, through zlib if its first bytes are those of gzip. */
#include "capture_stream.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zlib.h>

#define BUFFER_BYTES (128 << 10)
/* What is asked for at once; libpcap reads twice a packet. */
#define FILE_BUFFER_BYTES (256 << 10)

struct capture_stream {
	FILE *file;
	const char *error;
	int fd;
	bool compressed;
	bool is_file; /* reading on never waits */
	capture_wait_fn wait;
	void *wait_userdata;
	bool member_ended;   /* of a gzip file, which may have several */
	size_t first, count; /* what is in `buffer` and not yet used */
	z_stream zlib;
	unsigned char buffer[BUFFER_BYTES];
	char file_buffer[FILE_BUFFER_BYTES]; /* of `file`: left to itself it has 8 kB */
};

/* Read once what there is. 0 at the end, -1 on failure. */
static ssize_t read_once(struct capture_stream *s, void *to, size_t size)
{
	struct pollfd input = { .fd = s->fd, .events = POLLIN };
	ssize_t got;

	if (s->wait && !s->is_file && poll(&input, 1, 0) == 0 && !s->wait(s->fd, s->wait_userdata))
		return 0;
	do {
		got = read(s->fd, to, size);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		s->error = strerror(errno);
	return got;
}

/* The same, behind what is in the buffer. */
static ssize_t fill(struct capture_stream *s)
{
	ssize_t got;

	if (s->count == 0)
		s->first = 0;
	got = read_once(s, s->buffer + s->first + s->count, BUFFER_BYTES - s->first - s->count);
	if (got > 0)
		s->count += (size_t)got;
	return got;
}

static ssize_t read_plain(struct capture_stream *s, char *to, size_t size)
{
	/* Only the first bytes were looked at; all others go where they are wanted. */
	if (s->count == 0)
		return read_once(s, to, size);
	if (size > s->count)
		size = s->count;
	memcpy(to, s->buffer + s->first, size);
	s->first += size;
	s->count -= size;
	return (ssize_t)size;
}

/* Another member follows (RFC 1952, 2.2), or the end, or padding that nobody wants. */
static bool next_member(struct capture_stream *s)
{
	while (s->count < 2 && fill(s) > 0)
		;
	if (s->error || s->count < 2 || s->buffer[s->first] != 0x1f ||
	    s->buffer[s->first + 1] != 0x8b)
		return false;
	s->member_ended = false;
	return inflateReset(&s->zlib) == Z_OK;
}

static ssize_t fail(struct capture_stream *s, const char *error)
{
	s->error = error;
	errno = EIO;
	return -1;
}

static ssize_t read_gzip(struct capture_stream *s, char *to, size_t size)
{
	int r;

	s->zlib.next_out = (unsigned char *)to;
	s->zlib.avail_out = (unsigned)size;
	while (s->zlib.avail_out == size) {
		if (s->member_ended && !next_member(s))
			return s->error ? -1 : 0;
		if (s->count == 0) {
			ssize_t got = fill(s);

			if (got < 0)
				return -1;
			if (got == 0)
				return fail(s, "the gzip-compressed data is cut off");
		}
		s->zlib.next_in = s->buffer + s->first;
		s->zlib.avail_in = (unsigned)s->count;
		r = inflate(&s->zlib, Z_SYNC_FLUSH);
		s->first += s->count - s->zlib.avail_in;
		s->count = s->zlib.avail_in;
		if (r == Z_STREAM_END)
			s->member_ended = true;
		else if (r == Z_MEM_ERROR)
			return fail(s, "out of memory");
		else if (r != Z_OK && r != Z_BUF_ERROR && s->zlib.avail_out == size)
			return fail(s, "the gzip-compressed data is corrupt");
	}
	return (ssize_t)(size - s->zlib.avail_out);
}

static ssize_t cookie_read(void *cookie, char *to, size_t size)
{
	struct capture_stream *s = cookie;

	if (size == 0)
		return 0;
	return s->compressed ? read_gzip(s, to, size) : read_plain(s, to, size);
}

/* What a file is by its first bytes, where it is no capture but people may think so. */
static const char *other_format(const struct capture_stream *s)
{
	static const struct {
		const char *magic;
		size_t bytes;
		const char *error;
	} others[] = {
		{ "\x28\xb5\x2f\xfd", 4, "compressed with zstd (zstd -dc FILE | netlat -r -)" },
		{ "\x04\x22\x4d\x18", 4, "compressed with lz4 (lz4 -dc FILE | netlat -r -)" },
		{ "\xfd"
		  "7zXZ",
		  5, "compressed with xz (xz -dc FILE | netlat -r -)" },
		{ "BZh", 3, "compressed with bzip2 (bzip2 -dc FILE | netlat -r -)" },
		{ "PK\x03\x04", 4, "a zip archive (unzip -p FILE | netlat -r -)" },
	};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (s->count >= others[i].bytes &&
		    memcmp(s->buffer, others[i].magic, others[i].bytes) == 0)
			return others[i].error;
	}
	return NULL;
}

static const char *begin(struct capture_stream *s, const char *path)
{
	static const cookie_io_functions_t functions = { .read = cookie_read };
	struct stat stat;
	const char *error;

	s->fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
	if (s->fd < 0)
		return strerror(errno);
	if (fstat(s->fd, &stat) == 0 && S_ISDIR(stat.st_mode))
		return strerror(EISDIR);
	/* A capture has 24 bytes at least, which a pipe may bring one by one. */
	while (s->count < 24 && fill(s) > 0)
		;
	if (s->error)
		return s->error;
	error = other_format(s);
	if (error)
		return error;
	s->is_file = fstat(s->fd, &stat) == 0 && S_ISREG(stat.st_mode);
	s->compressed = s->count >= 2 && s->buffer[0] == 0x1f && s->buffer[1] == 0x8b;
	/* 15 bits of window, and 16 for a gzip header and no other */
	if (s->compressed && inflateInit2(&s->zlib, 15 + 16) != Z_OK)
		return "out of memory";
	s->file = fopencookie(s, "r", functions);
	if (!s->file)
		return strerror(errno);
	setvbuf(s->file, s->file_buffer, _IOFBF, sizeof(s->file_buffer));
	__fsetlocking(s->file, FSETLOCKING_BYCALLER); /* there is one thread */
	return NULL;
}

struct capture_stream *capture_stream_open(const char *path, const char **ret_error)
{
	struct capture_stream *s = calloc(1, sizeof(*s));

	*ret_error = s ? begin(s, path) : "out of memory";
	if (!*ret_error)
		return s;
	capture_stream_close(s);
	return NULL;
}

void capture_stream_close(struct capture_stream *s)
{
	if (!s)
		return;
	if (s->file)
		fclose(s->file);
	if (s->compressed)
		inflateEnd(&s->zlib);
	if (s->fd >= 0)
		close(s->fd);
	free(s);
}

bool capture_stream_is_pipe(const struct capture_stream *s)
{
	return !s->is_file;
}

void capture_stream_on_wait(struct capture_stream *s, capture_wait_fn wait, void *userdata)
{
	s->wait = wait;
	s->wait_userdata = userdata;
}

FILE *capture_stream_file(struct capture_stream *s)
{
	return s->file;
}

void capture_stream_disown_file(struct capture_stream *s)
{
	s->file = NULL;
}

/*
 * Corrupt data is seldom noticed where it begins: the checksum is at the end. What its
 * reader made of the garbage before is not worth telling.
 */
static void read_to_end(struct capture_stream *s)
{
	char sink[4096];

	while (read_gzip(s, sink, sizeof(sink)) > 0)
		;
}

const char *capture_stream_error(struct capture_stream *s)
{
	if (!s->error && s->compressed && s->is_file)
		read_to_end(s);
	return s->error;
}
