# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""How connections and transactions end, and what passes twice."""

import contextlib
import subprocess
import time

import conversation
from common import CHUNKED, HELLO, OK, POST, case, exchange, get


@case("a body delimited by the end of the connection")
def _(lab):
    answer = b"HTTP/1.1 200 OK\r\n\r\n" + b"c" * 3000
    with lab.talk() as talk:
        exchange(talk, "/before-close")
        request = talk.request(get("/close"))
        response = talk.response(answer[:500], answer[500:])
        time.sleep(0.1)
        end = talk.fin(talk.server)  # what ends the body
        talk.expect(request, response._replace(last_sent=end.last_sent, last_heard=end.last_heard), "GET", "/close",
                    200, grade=["closed"])
    with lab.talk() as talk:
        request = talk.request(get("/close-reset"))
        response = talk.response(answer)
        talk.expect(request, talk.reset(talk.server), "GET", "/close-reset", 200, outcome="aborted",
                    reason="server_reset", begun=response, grade=["closed"])


@case("413 before the request's last byte - the rest is sent, or is not")
def _(lab):
    request_bytes = POST % (b"/big", 90_000)
    refusal = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 4\r\n\r\nbig\n"
    for rest in (b"r" * 89_000, b""):
        with lab.talk() as talk:
            begin = talk.request(request_bytes + b"b" * 1000)
            answer = talk.response(refusal)
            talk.expect(begin, answer, "POST", "/big", 413, grade=["early"], bounds={"wait_ns": (0, 0)})
            if rest:
                talk.request(rest)
                exchange(talk, "/after-big")


@case("the response begins before the request's last byte, and ends after it")
def _(lab):
    with lab.talk() as talk:
        begin = talk.request(POST % (b"/echo", 100), b"e" * 50)
        first = talk.response(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", b"e" * 50)
        rest = talk.request(b"e" * 50)
        last = talk.response(b"e" * 50)
        talk.expect(begin._replace(bytes=begin.bytes + rest.bytes),
                    last._replace(bytes=first.bytes + last.bytes), "POST", "/echo", 200, grade=["early"],
                    bounds={"wait_ns": (0, 0)})


@case("RST before the answer, from either side")
def _(lab):
    for side, reason in (("client", "client_reset"), ("server", "server_reset")):
        with lab.talk() as talk:
            exchange(talk, "/answered")
            request = talk.request(get("/reset"))
            time.sleep(0.02)
            end = talk.reset(getattr(talk, side))
            talk.expect(request, end, "GET", "/reset", None, outcome="unanswered", reason=reason)


@case("FIN without an answer - the server's; the client gives up")
def _(lab):
    with lab.talk() as talk:
        request = talk.request(get("/fin"))
        time.sleep(0.02)
        talk.expect(request, talk.fin(talk.server), "GET", "/fin", None, outcome="unanswered",
                    reason="server_closed")
    with lab.talk() as talk:
        request = talk.request(get("/given-up"))
        talk.fin(talk.client)
        time.sleep(0.02)
        talk.expect(request, talk.fin(talk.server), "GET", "/given-up", None, outcome="unanswered",
                    reason="client_closed")
    with lab.talk() as talk:
        request = talk.request(get("/half-closed"))
        talk.fin(talk.client)
        talk.expect(request, talk.response(HELLO), "GET", "/half-closed", 200)


@case("the end amid a response - FIN and RST of the server, RST of the client")
def _(lab):
    part = OK % (5000, b"p" * 700)
    ends = (("fin", "server", "server_closed"), ("reset", "server", "server_reset"),
            ("reset", "client", "client_reset"))
    for how, side, reason in ends:
        with lab.talk() as talk:
            request = talk.request(get("/amid"))
            begun = talk.response(part)
            time.sleep(0.02)
            end = getattr(talk, how)(getattr(talk, side))
            talk.expect(request, end, "GET", "/amid", 200, outcome="aborted", reason=reason,
                        begun=begun)


@case("pipelined requests of which the connection's end leaves two unanswered")
def _(lab):
    with lab.talk() as talk:
        requests = [talk.request(get(f"/left/{number}")) for number in range(3)]
        talk.expect(requests[0], talk.response(HELLO), "GET", "/left/0", 200)
        end = talk.fin(talk.server)
        for number in (1, 2):
            talk.expect(requests[number], end, "GET", f"/left/{number}", None, outcome="unanswered",
                        reason="server_closed", grade=["pipelined"])


@case("keep-alive race - a request after the server's FIN")
def _(lab):
    with lab.talk() as talk:
        exchange(talk, "/in-time")
        time.sleep(0.1)
        talk.hang_up(talk.server)
        late = talk.send_into_nothing(talk.client, get("/late"))
        talk.expect(late, late, "GET", "/late", None, outcome="unanswered", reason="after_server_fin")


# --- the same addresses and ports ------------------------------------------------------------------


@case("port reuse - after the server's FIN, after RST")
def _(lab):
    with lab.talk() as talk:
        port = talk.client_port
        exchange(talk, "/reuse/1")
        talk.fin(talk.server)
    with lab.talk(port) as talk:
        exchange(talk, "/reuse/2")
        request = talk.request(get("/reuse/3"))
        end = talk.reset(talk.client)
        talk.expect(request, end, "GET", "/reuse/3", None, outcome="unanswered", reason="client_reset")
    with lab.talk(port) as talk:
        exchange(talk, "/reuse/4", CHUNKED)


@case("port reuse - both ends were gone without a packet")
def _(lab):
    with lab.talk() as talk:
        port = talk.client_port
        first = talk.request(get("/lost/1"))
        talk.vanish()
    before_ns = conversation.now_ns()
    with lab.talk(port) as talk:
        after_ns = conversation.now_ns()
        lost = conversation.Mark(before_ns, after_ns, before_ns, after_ns, None)
        request = talk.request(get("/lost/2"))
        # Known to be over with the first packet that says so: the SYN, at the latest the request.
        talk.expect(first, lost._replace(last_heard=request.last_heard), "GET", "/lost/1", None,
                    outcome="unanswered", reason="connection_reused")
        talk.expect(request, talk.response(HELLO), "GET", "/lost/2", 200)


# --- segments that pass twice -----------------------------------------------------------------------


@contextlib.contextmanager
def deaf(host):
    """What comes to a host is lost there, behind all that netlat can see."""
    here = ["ip", "netns", "exec", host, "tc"]
    subprocess.run([*here, "qdisc", "add", "dev", "eth0", "clsact"], check=True)
    drop = ["bpf", "bytecode", "1,6 0 0 2,", "direct-action"]  # return TC_ACT_SHOT
    subprocess.run([*here, "filter", "add", "dev", "eth0", "ingress", "protocol", "all", *drop], check=True)
    yield
    time.sleep(0.1)
    subprocess.run([*here, "qdisc", "del", "dev", "eth0", "clsact"], check=True)


@case("a request and a response that are sent again - the first sighting counts")
def _(lab):
    with lab.talk() as talk:
        exchange(talk, "/before")
        time.sleep(0.1)  # until a delayed acknowledgment is out, which would be lost too
        with deaf(lab.server.name):
            first_sent = conversation.now_ns()
            talk.client.sendall(get("/again"))
            first_heard = conversation.now_ns()
        conversation.receive(talk.server, len(get("/again")))
        request = conversation.Mark(first_sent, first_heard, first_sent, first_heard, len(get("/again")))
        talk.sent_again = conversation.retransmitted(talk.client)
        talk.expect(request, talk.response(HELLO), "GET", "/again", 200, retransmits=talk.sent_again)
        exchange(talk, "/between")

        request = talk.request(get("/again-response"))
        time.sleep(0.1)
        with deaf(lab.client.name):
            first_sent = conversation.now_ns()
            talk.server.sendall(HELLO[:20])
            first_heard = conversation.now_ns()
        conversation.receive(talk.client, 20)
        again = conversation.retransmitted(talk.server)
        rest = talk.response(HELLO[20:])
        answer = conversation.Mark(first_sent, first_heard, rest.last_sent, rest.last_heard, len(HELLO))
        talk.expect(request, answer, "GET", "/again-response", 200, retransmits=again)
        talk.sent_again += again

        # Sent again when the record is out: it belongs to no other transaction.
        request = talk.request(get("/too-late"))
        time.sleep(0.1)
        with deaf(lab.client.name):
            first_sent = conversation.now_ns()
            talk.server.sendall(HELLO)
            first_heard = conversation.now_ns()
        conversation.receive(talk.client, len(HELLO))
        answer = conversation.Mark(first_sent, first_heard, first_sent, first_heard, len(HELLO))
        talk.expect(request, answer, "GET", "/too-late", 200)
        talk.sent_again += conversation.retransmitted(talk.server) - again
        exchange(talk, "/after")
