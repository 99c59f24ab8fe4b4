/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * reasons.h - everything netlat counts of itself, as X-macros.
 *
 * A number, once given, is never reused: append, and leave a gap where one is
 * retired. X(number, name, help): the name is what users see in the summary,
 * in JSON and in metrics.
 */
#ifndef NETLAT_REASONS_H
#define NETLAT_REASONS_H

/* Where each packet went: packets = the sum of these, exactly. */
#define NL_PACKET_FATES(X)                                                                         \
	X(0, parsed, "carried new bytes of an HTTP connection")                                    \
	X(1, control, "belonged to an HTTP connection but carried no new bytes to parse")          \
	X(2, no_payload, "TCP segment without payload")                                            \
	X(3, not_http, "TCP payload of a connection in which no HTTP/1 was found")                 \
	X(4, not_ip, "neither IPv4 nor IPv6 (ARP, STP, LLDP, ...)")                                \
	X(5, not_tcp, "IP, but not TCP")                                                           \
	X(6, filtered, "excluded by --port or --net")                                              \
	X(7, fragment, "IP fragment: ports and payload cannot be told")                            \
	X(8, truncated_header, "cut off before the end of the TCP header")                         \
	X(9, malformed_header, "lengths in the IP or TCP header contradict each other")            \
	X(10, retransmission, "repeated bytes that had passed before")                             \
	X(11, duplicate, "the same packet met again on another interface")                         \
	X(12, lock_contended, "two CPUs met on one connection for too long: not parsed")           \
	X(13, flow_table_error, "no place for a new connection could be had in the flow table")    \
	X(14, internal_error, "a lookup that cannot fail did: please report")                      \
	X(15, encapsulated, "in a tunnel that was not opened: --no-decap, or nested too deep")

/* The ledger of transactions, and what was lost on the way. */
#define NL_LEDGER(X)                                                                               \
	X(32, packets, "packets that passed a hook")                                               \
	X(33, packet_bytes, "their bytes, link header included")                                   \
	X(34, requests, "HTTP requests whose head was seen whole")                                 \
	X(35, responses, "complete HTTP responses with a final status")                            \
	X(36, paired, "transactions: a request with its complete response")                        \
	X(37, unanswered, "requests that ended without a response byte")                           \
	X(38, aborted, "requests whose response began but did not complete")                       \
	X(39, orphan, "complete responses whose request was not seen, or had timed out")           \
	X(40, interim, "1xx responses (101 excepted)")                                             \
	X(41, flows, "HTTP connections found")                                                     \
	X(42, tunnels, "connections that stopped being HTTP/1 by 101 or CONNECT")                  \
	X(43, gaps, "holes in a stream that destroyed message framing")                            \
	X(44, gap_bytes, "bytes of message bodies that were never seen")                           \
	X(45, step_limit, "segments with more messages than one run may parse")                    \
	X(46, pipeline_overflow, "of the evicted: beyond the 16 outstanding that a flow can hold") \
	X(47, malformed, "messages whose head breaks the rules of framing")                        \
	X(48, records, "records offered to the ring")                                              \
	X(49, record_ring_full, "records lost because the daemon did not read in time")            \
	X(50, rows_other, "connections counted in an `other` row: the row table is full")          \
	X(51, partial_heads, "requests that ended before their head was whole")                    \
	X(52, evicted, "requests that made room for others in a full table while pending")         \
	X(53, flows_evicted, "connections evicted from the full flow table")                       \
	X(54, in_flight, "requests still pending when the observation ended")                      \
	X(55, clean, "transactions without a grade: every number of theirs is sure")               \
	X(56, orphan_partial, "responses without a request that were not complete either")         \
	X(57, flows_idle, "connections that left the flow table for being idle")                   \
	X(58, graded, "transactions with a grade or more")

/* Why a transaction ended without its complete response. */
#define NL_END_REASONS(X)                                                                          \
	X(0, none, "it completed")                                                                 \
	X(1, client_reset, "the client sent RST")                                                  \
	X(2, server_reset, "the server sent RST")                                                  \
	X(3, server_closed, "the server sent FIN")                                                 \
	X(4, client_closed, "the client sent FIN, and the server after it")                        \
	X(5, timeout, "no answer within --timeout")                                                \
	X(6, connection_reused, "a new connection began on the same addresses and ports")          \
	X(7, gap, "its response was not seen whole, a later one was")                              \
	X(8, after_server_fin, "it was sent after the server's FIN (keep-alive race)")             \
	X(9, evicted, "its connection was evicted from the full flow table")                       \
	X(10, observation_over, "it was not over when netlat stopped or the capture ended")

enum nl_end_reason {
#define X(number, name, help) NL_END_##name = number,
	NL_END_REASONS(X)
#undef X
};

/* Marks on a record that say how far its numbers can be trusted; bit numbers. */
#define NL_GRADES(X)                                                                               \
	X(0, gap, "bytes of the message were never seen")                                          \
	X(1, mid_stream, "observation began in the middle of the connection")                      \
	X(2, reordered, "segments passed out of order")                                            \
	X(3, pipelined, "the request was sent before the previous response was complete")          \
	X(4, early, "the response began before the request was complete; wait_ns is 0")            \
	X(5, truncated, "the capture cut bytes off its packets")                                   \
	X(6, malformed, "the message breaks the rules of its framing: its length may be another")  \
	X(7, closed, "the response was delimited by the end of the connection")                    \
	X(8, head_cut, "the request head was longer than the excerpt kept of it")

enum nl_grade {
#define X(number, name, help) NL_GRADE_##name = 1 << number,
	NL_GRADES(X)
#undef X
};

/* Transactions are also counted by grade: at this, plus the grade's bit number. */
#define NL_COUNT_GRADES 64
#define NL_COUNTER_MAX 128

enum nl_counter {
#define X(number, name, help) NL_COUNT_##name = number,
	NL_PACKET_FATES(X) NL_LEDGER(X)
#undef X
#define X(number, name, help) NL_COUNT_grade_##name = NL_COUNT_GRADES + number,
		NL_GRADES(X)
#undef X
};

#endif
