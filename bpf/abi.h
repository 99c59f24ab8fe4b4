/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * abi.h - every structure that crosses the border between kernel and daemon.
 *
 * Explicit padding, never packed; sizes are asserted. Times are nanoseconds of
 * the clock of the source: CLOCK_MONOTONIC live, the capture's own in a replay.
 */
#ifndef NETLAT_ABI_H
#define NETLAT_ABI_H

#include "core/bytes.h"
#include "core/histogram.h"
#include "reasons.h"

/* An IPv6 address in network order; IPv4 is mapped, ::ffff:a.b.c.d (RFC 4291, 2.5.5.2). */
union nl_addr {
	u8 bytes[16];
	u64 words[2];
};

/* Method of a request (RFC 9110, 9.3; RFC 5789). Other tokens are NL_METHOD_OTHER. */
#define NL_METHODS(X)                                                                              \
	X(0, OTHER, "_OTHER")                                                                      \
	X(1, GET, "GET")                                                                           \
	X(2, HEAD, "HEAD")                                                                         \
	X(3, POST, "POST")                                                                         \
	X(4, PUT, "PUT")                                                                           \
	X(5, DELETE, "DELETE")                                                                     \
	X(6, CONNECT, "CONNECT")                                                                   \
	X(7, OPTIONS, "OPTIONS")                                                                   \
	X(8, TRACE, "TRACE")                                                                       \
	X(9, PATCH, "PATCH")

enum nl_method {
#define X(number, name, text) NL_METHOD_##name = number,
	NL_METHODS(X)
#undef X
};

/* How a transaction ended. */
enum nl_outcome {
	NL_OUTCOME_OK = 0,	   /* request and complete response, whatever the status */
	NL_OUTCOME_UNANSWERED = 1, /* no byte of a final response was seen */
	NL_OUTCOME_ABORTED = 2,	   /* the response began and did not complete */
	NL_OUTCOME_EVICTED = 3,	   /* its connection was evicted from the flow table meanwhile */
	NL_OUTCOME_IN_FLIGHT = 4,  /* not over when the observation was */
};

/*
 * Whom the time of a transaction is charged to. The parts sum to its duration, to the
 * nanosecond; of one that did not complete, to the time until it was known to be over.
 * bpf/core/parts.h and gaps.h have the rules.
 */
#define NL_PARTS(X)                                                                                \
	X(0, client, "the client sent nothing although nothing kept it from sending")              \
	X(1, upload, "bytes of the request were under way")                                        \
	X(2, server, "the server thought, or neither took the request nor sent the response")      \
	X(3, network, "the round trip between here and the server, in the wait")                   \
	X(4, download, "bytes of the response were under way")                                     \
	X(5, timer_retransmit, "stalled until a timer sent lost bytes again (RFC 6298, RFC 8985)") \
	X(6, fast_retransmit, "stalled until duplicate ACKs had lost bytes sent again (RFC 5681)") \
	X(7, zero_window, "the client would not take more of the response")

enum nl_part {
#define X(number, name, help) NL_PART_##name = number,
	NL_PARTS(X)
#undef X
};
#define NL_PART_COUNT 8

/* What a slow or failed transaction is put down to: where most of its time went. */
#define NL_CAUSES(X)                                                                               \
	X(0, none, "it was neither slow nor failed")                                               \
	X(1, server, "the server")                                                                 \
	X(2, network, "the way between here and the server")                                       \
	X(3, client, "the client")                                                                 \
	X(4, connect, "the handshake of the connection")                                           \
	X(5, loss, "segments that were lost and sent again")                                       \
	X(6, upload, "bringing the request to the server")                                         \
	X(7, download, "bringing the response to the client")

enum nl_cause {
#define X(number, name, help) NL_CAUSE_##name = number,
	NL_CAUSES(X)
#undef X
};
#define NL_CAUSE_COUNT 8

#define NL_HEAD_BYTES_MAX 512 /* of the request head, kept with each record */
#define NL_INTERIM_MAX 4      /* 1xx codes listed by record */

/*
 * One finished transaction, as it goes through the record ring.
 * Only the first head_bytes of head[] are sent.
 */
struct nl_record {
	u64 request_first_ns;  /* segment with the request's first byte passed */
	u64 request_last_ns;   /* ... with its last byte; 0: never seen */
	u64 response_first_ns; /* ... with the final response's first byte; 0: none */
	u64 response_last_ns;  /* ... with its last byte so far; 0: none */
	u64 end_ns;	       /* when the transaction was known to be over */
	u64 idle_ns; /* of an unanswered request: since the server's last byte before it; 0: none */
	u64 request_bytes; /* of the messages on the wire, heads included */
	u64 response_bytes;
	union nl_addr client_addr;
	union nl_addr server_addr;
	u16 client_port; /* host order, as all integers here */
	u16 server_port;
	u32 ifindex; /* where the request passed; a replay gives the capture's interface number */
	u16 status;  /* 0: none */
	u16 grade;   /* enum nl_grade bits */
	u16 retransmits;
	u8 method;	      /* enum nl_method */
	u8 outcome;	      /* enum nl_outcome */
	u8 reason;	      /* enum nl_end_reason */
	u8 request_version;   /* of HTTP: major << 4 | minor */
	u8 interim_responses; /* how many; the first of them in interim[] */
	u8 reserved0;
	u16 vlan_id; /* 0: untagged, or not part of the flow key */
	u16 head_bytes;
	u8 interim[NL_INTERIM_MAX]; /* status minus 100 */
	u32 slot;		    /* of its flow in the flow table */
	u64 part_ns[NL_PART_COUNT];
	u64 connect_ns;	      /* SYN to the handshake's ACK, before request_first; 0: not the first
			       * request of its connection, or not seen */
	u64 longest_stall_ns; /* by one loss */
	u64 handshake_copy;   /* the same of its handshake; only the ring and the low 35 bits */
	u64 copy;	      /* of its latest packet in the flight recorder; 0: none */
	u32 stall_offset;     /* where in its message the segment lay that was lost for longest */
	u32 server_rtt_ns;    /* between here and the server; 0: unknown; at most 4.29 s */
	u32 client_rtt_ns;    /* between here and the client */
	u8 stall_role;	      /* enum nl_role of who sent it */
	u8 cause;	      /* enum nl_cause */
	u8 syn_retransmits;
	u8 synack_retransmits; /* with the handshake, and after it */
	u8 head[NL_HEAD_BYTES_MAX];
};
#define NL_RECORD_FIXED_BYTES 240
_Static_assert(__builtin_offsetof(struct nl_record, head) == NL_RECORD_FIXED_BYTES,
	       "record header size");

/* Key of a row of statistics: who asked whom. */
enum nl_row_kind {
	NL_ROW_PAIR = 0,    /* one service, one client */
	NL_ROW_SERVICE = 1, /* one service, the clients that found no row of their own */
	NL_ROW_OTHER = 2,   /* everything that found no row at all; row 0 */
};

struct nl_row_key {
	union nl_addr server_addr;
	union nl_addr client_addr;
	u16 server_port;
	u16 kind; /* enum nl_row_kind */
	u32 reserved;
};
_Static_assert(sizeof(struct nl_row_key) == 40, "row key size");

/* Pair rows may take this part of the table; the rest is for services' `other` rows. */
#define NL_ROWS_PAIR_SHARE(rows) ((rows) - (rows) / 8)

/* So much of the series' table may be taken by one client of one service. */
#define NL_SERIES_ROW_SHARE(series) ((series) / 8)

#define NL_SERIES_HELD 4    /* a power of two */
#define NL_STATUS_CLASSES 6 /* [1]..[5] are 1xx..5xx; [0] is a status outside 100..599 */

/*
 * Statistics of one row on one shard (a CPU, or a few CPUs). Only ever added
 * to. A minimum is kept as its complement so that zeroed memory means "none".
 */
struct nl_stats {
	u64 requests;
	u64 responses[NL_STATUS_CLASSES]; /* complete ones, by status class */
	u64 unanswered;
	u64 aborted;
	u64 request_bytes;
	u64 response_bytes;
	u64 duration_sum_ns;
	u64 duration_min_complement_ns;
	u64 duration_max_ns;
	u64 ttfb_sum_ns;
	u64 ttfb_min_complement_ns;
	u64 ttfb_max_ns;
	u64 retransmits;
	u64 causes[NL_CAUSE_COUNT]; /* of the slow and the failed, by enum nl_cause */
	u64 client_resets;	    /* connections that the client reset */
	u64 server_resets;
	/* of connections whose handshake was seen, with their first transaction: */
	u64 handshakes;
	u64 syn_retransmits;
	u64 connect_sum_ns;
	u64 server_rtt_sum_ns;
	u64 client_rtt_sum_ns;
	u64 known;	 /* complete ones of a known method whose status is not 404 */
	u64 series_made; /* on shard 0 alone: series of which this row's client was the first */
	u64 series[NL_SERIES_HELD]; /* of the latest transactions: their signature << 32 | number */
	u64 duration[NL_HISTOGRAM_BUCKETS]; /* of complete transactions */
	u64 ttfb[NL_HISTOGRAM_BUCKETS];
};

/*
 * Key of a series: what OpenTelemetry calls an attribute set of http.server.request.duration.
 * All zero but for method, status, version and reason: of the connections in row 0.
 */
struct nl_series_key {
	union nl_addr server_addr;
	u16 server_port;
	u16 status; /* 0: none was seen */
	u8 method;  /* enum nl_method */
	u8 version; /* of the request: record_counted_version() */
	u8 reason;  /* enum nl_end_reason; NL_END_none: it completed */
	u8 reserved;
};
_Static_assert(sizeof(struct nl_series_key) == 24, "series key size");

/*
 * One series on one shard; only ever added to. Number 0 is that of all which found no place in
 * the table. Unanswered and aborted transactions are in it with their time until that was known.
 */
struct nl_series {
	u64 count;
	u64 duration_sum_ns;
	u64 wait_count; /* of those whose response began */
	u64 wait_sum_ns;
	u64 duration[NL_HISTOGRAM_BUCKETS];
	u64 wait[NL_HISTOGRAM_BUCKETS];
};

/* Counters of one CPU, indexed by enum nl_counter. */
struct nl_counters {
	u64 count[NL_COUNTER_MAX];
};

/* Rings of the flight recorder, of each kind one on each CPU. */
enum nl_copy_kind {
	NL_COPY_FLOWS = 0,
	NL_COPY_HANDSHAKES = 1,
	NL_COPY_KINDS = 2,
};

/* The latest copy of a packet in a ring of the flight recorder, and how far it is written. */
struct nl_copy_ring {
	u64 head; /* bytes ever written, gaps at the ends of chunks included */
	u64 reserved[7];
};

/* nl_copy.flags */
#define NL_COPY_IS_IP 0x01	 /* without a link header (replay only) */
#define NL_COPY_HAS_PAYLOAD 0x02 /* of TCP */

/* A copy of a packet: the first bytes of its frame, without a tag that was stripped from it. */
struct nl_copy {
	u64 position; /* its own: ring << 48 | bytes that were before it */
	u64 previous; /* of the copy before it of its connection; 0: none */
	u64 time_ns;
	u32 frame_bytes; /* on the wire, that tag not included */
	u32 ifindex;
	u16 captured;
	u16 payload_offset;
	u16 vlan_id; /* tag stripped from the frame; 0: none */
	u8 role;     /* enum nl_role of its sender */
	u8 flags;    /* NL_COPY_IS_IP, NL_COPY_HAS_PAYLOAD */
	u8 bytes[];
};
#define NL_COPY_HEADER_BYTES 40
_Static_assert(sizeof(struct nl_copy) == NL_COPY_HEADER_BYTES, "copy header size");

/* A position: which ring, and how many bytes had been written into it, gaps included. */
#define NL_COPY_RING_SHIFT 48
#define NL_COPY_OFFSET_MASK ((1ULL << NL_COPY_RING_SHIFT) - 1)

#define NL_COPY_CHUNK_BYTES 65536 /* no copy lies in two of them */
#define NL_COPY_BYTES_MAX 1408	  /* of a copy, its header included */
#define NL_COPY_PAYLOAD_MAX 1024

struct nl_copy_chunk {
	u8 bytes[NL_COPY_CHUNK_BYTES];
};

#define NL_FILTER_PORTS_MAX 16
#define NL_FILTER_NETS_MAX 16

struct nl_filter_net {
	union nl_addr addr; /* host bits zero */
	union nl_addr mask;
};

/* Time in the flow table is kept in ticks of 2^20 ns, a little over a millisecond. */
#define NL_TICK_SHIFT 20

/* A connection with nothing pending leaves the flow table after so many time-outs:
 * 15 minutes by default, longer than servers keep theirs open. */
#define NL_IDLE_TIMEOUTS 15

/* Sets that one run of the sweep over the flow table may be asked for. */
#define NL_SWEEP_SETS_MAX 128

/* What a sweep does with the flows. */
enum nl_sweep {
	NL_SWEEP_TIMEOUTS = 0, /* end what is over by --timeout */
	NL_SWEEP_END = 1,      /* end everything: the observation is over */
};

/* nl_config.records_wanted: of which transactions. */
#define NL_RECORDS_ALL 0x1     /* of min_record_latency_ns and more */
#define NL_RECORDS_SLOW 0x2    /* of slow_ns and more, the handshake included */
#define NL_RECORDS_FAILED 0x4  /* 5xx, unanswered, aborted */
#define NL_RECORDS_SAMPLED 0x8 /* of one every sample_interval_ns on each CPU; not with ALL */

#define NL_SAMPLED_HEADS                                                                           \
	1024 /* excerpts kept at a time if only samples are wanted; a power of two */

/* A request that is not over after so long is none of the sample. */
#define NL_SAMPLE_NS_MAX 10000000000LL

/* What the observer is told before it starts; constant data for the verifier. */
struct nl_config {
	u64 min_record_latency_ns; /* a record only from this duration on */
	u32 records_wanted;	   /* NL_RECORDS_*; 0: nobody reads the ring */
	u32 vlan_in_key;	   /* 1: equal 5-tuples in two VLANs are two connections */
	u32 time_from_packet;	   /* 1: __sk_buff.tstamp is the clock (replay by test_run) */
	u32 stats_rows;		   /* rows in the table, row 0 being `other` */
	u32 series;		   /* in their table, number 0 being that of all others */
	u32 series_shard_mask;	   /* shard of a CPU = its number & mask */
	u32 series_shared;	   /* 1: several CPUs share a shard, add atomically */
	u32 stats_shard_mask;	   /* the same of rows */
	u32 stats_shared;
	u32 flow_sets;			/* sets of eight in the flow table */
	u32 timeout_ticks;		/* --timeout in ticks of NL_TICK_SHIFT; 0: none */
	u32 decapsulate;		/* 1: look into tunnels (bpf/core/tunnel.h) */
	u32 frames_cut;			/* 1: a frame may be shorter than it was (replay only) */
	u32 sample_interval_ns;		/* see NL_RECORDS_SAMPLED */
	u64 timeout_ns;			/* --timeout in nanoseconds */
	u32 recorder;			/* 1: packets are copied into the flight recorder */
	u32 copy_payload_bytes;		/* of each, at most NL_COPY_PAYLOAD_MAX */
	u32 copy_chunks[NL_COPY_KINDS]; /* in a CPU's ring, by kind */
	u64 slow_ns; /* a transaction of this duration, connect_ns included, is slow; 0: none */
	u32 failed;  /* 1: those that failed are told apart too, whoever wants records of them */
	u32 reserved;
	u64 flow_hash_seed; /* random, unknown to who chooses ports */
	u32 filter_ports;   /* how many of ports[] and nets[] are set; 0: no filter */
	u32 filter_nets;
	u16 ports[NL_FILTER_PORTS_MAX];
	struct nl_filter_net nets[NL_FILTER_NETS_MAX];
};

#endif
