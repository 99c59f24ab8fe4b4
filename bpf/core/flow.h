/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * flow.h - a TCP connection that speaks HTTP/1: its key and all that is known of it.
 */
#ifndef NETLAT_CORE_FLOW_H
#define NETLAT_CORE_FLOW_H

#include "../abi.h"
#include "packet.h"

/* Both directions of a connection have the same key: the lesser end is a. */
struct nl_flow_key {
	union nl_addr a_addr;
	union nl_addr b_addr;
	u16 a_port;
	u16 b_port;
	u16 vlan_id; /* 0 unless nl_config.vlan_in_key */
	u16 in_use;  /* 1, so that the key of a free slot, zero or with this taken back, is no one's
		      */
};
_Static_assert(sizeof(struct nl_flow_key) == 40, "flow key size");

/* Who sends. Also the index of the stream in a flow. */
enum nl_role {
	NL_CLIENT = 0, /* sends requests */
	NL_SERVER = 1, /* sends responses */
};

#define NL_PENDING_MAX 16 /* requests outstanding on one connection */
#define NL_CARRY_BYTES 64 /* of a line cut by the end of a segment */

/* Where a stream is in its messages. */
enum nl_mode {
	NL_MODE_START = 0,   /* between messages, or in a start line */
	NL_MODE_FIELDS,	     /* in the header fields */
	NL_MODE_BODY_LENGTH, /* remaining_bytes of body follow */
	NL_MODE_CHUNK_SIZE,  /* a chunk-size line follows */
	NL_MODE_CHUNK_DATA,  /* remaining_bytes of chunk data follow */
	NL_MODE_CHUNK_END,   /* the CRLF behind chunk data follows */
	NL_MODE_TRAILER,     /* in the trailer section */
	NL_MODE_BODY_CLOSE,  /* all is body until FIN (RFC 9112, 6.3, rule 8) */
	NL_MODE_TUNNEL,	     /* after 101 or CONNECT: no longer HTTP/1 */
	NL_MODE_RESYNC,	     /* framing was lost: wait for a segment that starts a message */
};

/* nl_stream.flags */
#define NL_STREAM_SYNCED 0x01	 /* next_seq is known */
#define NL_STREAM_FIN 0x02	 /* fin_seq is known */
#define NL_STREAM_CLOSED 0x04	 /* everything up to the FIN was taken in */
#define NL_STREAM_LINE_TAIL 0x08 /* the line at hand began before the bytes at hand */
#define NL_STREAM_OPEN 0x10 /* head complete, message not: a response or request is under way */

/* nl_stream.head_flags: framing fields met in the head at hand */
#define NL_HEAD_LENGTH 0x01
#define NL_HEAD_CHUNKED 0x02
#define NL_HEAD_MALFORMED 0x04
#define NL_HEAD_TRANSFER_CODED 0x08   /* Transfer-Encoding without final "chunked" */
#define NL_HEAD_MALFORMED_STATUS 0x10 /* a version, and no status behind it */

/*
 * Most senders number the packets of a connection one after the other, those too that are lost
 * before they pass here. Not all do, so a sender is only believed if its latest number was the
 * next.
 */
enum nl_ip_id_state {
	NL_IP_ID_UNKNOWN = 0,
	NL_IP_ID_SEEN,	  /* ip_id_next would be the next */
	NL_IP_ID_COUNTED, /* and the latest was the next */
};

/* One direction of a flow; one cache line, and one that is seldom touched. */
struct nl_stream {
	u32 next_seq;	/* the next new byte */
	u32 ahead_seq;	/* bytes [ahead_seq, ahead_end) passed before a hole was filled */
	u32 ahead_end;	/* equal: none */
	u16 ip_id_next; /* identification that its next packet has, by its latest */
	u8 ip_id_state; /* enum nl_ip_id_state */
	u8 reserved;
	u64 remaining_bytes; /* of body or chunk; in a head: the Content-Length met */
	u64 first_ns;	     /* of the message at hand */
	u64 last_ns;
	u64 bytes;	/* of the message at hand so far, head included */
	u32 hole_bytes; /* of its body not seen (yet) */
	u32 hole_seq;	/* where the first of these holes begins */
	u8 mode;	/* enum nl_mode */
	u8 flags;
	u8 carry_bytes; /* valid bytes at the end of this stream's carry buffer */
	u8 head_flags;
	u16 code;		  /* enum nl_method of a request, status of a response */
	u8 version;		  /* of HTTP: major << 4 | minor */
	u8 grade;		  /* enum nl_grade bits below 256, of the message at hand */
	u8 carry[NL_CARRY_BYTES]; /* right-aligned: the end of an unfinished line */
};
_Static_assert(__builtin_offsetof(struct nl_stream, carry) == 64, "a stream is one cache line");
_Static_assert(sizeof(struct nl_stream) == 128, "and a pair of them with its carry");

/* A request whose response is not complete. */
struct nl_pending {
	u64 first_ns;
	u64 last_ns; /* 0: its last byte was not seen yet */
	u64 bytes;
	u32 ack; /* acknowledgment number it carried: its response begins there, if not pipelined */
	u16 grade;
	u16 retransmits;
	u16 head_offset; /* of its excerpt in nl_flow.head */
	u16 head_bytes;
	u8 method;
	u8 version;
	u8 has_ack; /* 0: it carried none (RFC 7413), and ack says nothing */
	u8 reserved;
};
_Static_assert(sizeof(struct nl_pending) == 40, "pending request size");

/* nl_flow.flags. Those from NL_FLOW_INTERIM on say that another line may have to be
 * looked at, so that it is not fetched, maybe from another CPU's cache, for nothing. */
#define NL_FLOW_CLIENT_IS_B 0x0001
#define NL_FLOW_MID_STREAM 0x0002 /* begun in the middle: grade the next transaction */
#define NL_FLOW_ORPHAN 0x0004	  /* the response under way answers no request that was seen */
#define NL_FLOW_CONFIRMED 0x0008  /* a whole HTTP/1 head was seen on it */
#define NL_FLOW_INTERIM 0x0010	  /* interim_responses is not 0 */
#define NL_FLOW_OVERFLOW 0x0020	  /* overflow_requests may not be 0 */
#define NL_FLOW_LOST 0x0040	  /* a stream has lost its framing at some time */
#define NL_FLOW_OWED 0x0080	  /* owed_responses may not be 0 */
#define NL_FLOW_SEEN 0x0100	  /* << role: its ifindex is known */
#define NL_FLOW_AHEAD 0x0400	  /* << role: its stream may have a range ahead */
#define NL_FLOW_ANSWERED 0x1000	  /* answered_seq is known */
#define NL_FLOW_TIMED 0x2000	  /* timing holds something of the transaction at hand */
#define NL_FLOW_RESENT 0x4000	  /* bytes were sent again since new ones passed */
#define NL_FLOW_CONNECT 0x8000	  /* connect_ns is to be charged to the next record */

/* Where a transaction is; what is not one of these is not charged to anyone. */
enum nl_phase {
	NL_PHASE_REQUEST,
	NL_PHASE_WAIT,
	NL_PHASE_RESPONSE,
	NL_PHASE_COUNT,
	NL_PHASE_NONE = NL_PHASE_COUNT,
};

/* nl_timing.flags */
#define NL_TIMING_CLOCK 0x01  /* << role: clock_value and clock_ns are known */
#define NL_TIMING_SHIFT 0x04  /* the windows of both ends are shifted (RFC 7323, 2.2) */
#define NL_TIMING_ACKED 0x08  /* acked_seq and window_bytes are known */
#define NL_TIMING_ZERO 0x10   /* the window that shut was of no byte at all */
#define NL_TIMING_PROMPT 0x20 /* what was sent again was so for duplicate ACKs */

/*
 * Where the longer pauses of a transaction went (parts.h): the first pending one, or that
 * whose head is under way. What is not charged here is charged by the phase alone.
 */
struct nl_timing {
	u64 part_ns[NL_PART_COUNT];
	u64 charged_ns[NL_PHASE_COUNT]; /* the same by phase */
	u64 longest_stall_ns;		/* see struct nl_record */
	u64 drained_ns; /* when ACKs last said that a row of request bytes had arrived */
	/* what ACKs without payload say of the bytes of `sender` */
	u64 acked_ns;	  /* when acked_seq first passed */
	u64 duplicate_ns; /* when one last passed that acknowledged nothing new, for want of some */
	u64 shut_ns;	  /* since when the window takes no whole segment; 0: it does */
	u64 opened_ns;	  /* when it did again; 0: not yet */
	u64 resent_ns;	  /* when bytes of resent_role last passed again */
	/* by enum nl_role: its timestamp clock was clock_value at clock_ns, or before */
	u64 clock_ns[2];
	u32 clock_value[2];
	u32 acked_seq; /* everything before it is acknowledged */
	u32 window_bytes;
	u32 stall_offset;
	u32 resent_offset;  /* where in its message the segment lay that was sent again last */
	u8 window_shift[2]; /* by enum nl_role, of the windows that it announces */
	u8 flags;
	u8 sender;
	u8 resent_role;
	u8 stall_role;
	u8 reserved[2];
	u32 fin_seq[2];	   /* by enum nl_role: sequence number of its FIN */
	u8 synacks_behind; /* 1: a SYN-ACK passed again after a request had */
	u8 reserved1[55];
};
_Static_assert(sizeof(struct nl_timing) == 256, "timing is four cache lines");

/*
 * All that is known of one connection. Written under its lock only: segments of
 * one direction do reach the hooks on two CPUs at once.
 * Whole cache lines. Client and server are often served by two CPUs, and a line
 * that both write goes to and fro: so a segment touches the first line, its own
 * stream's and the first of pending, and others only where a flag says so. CPUs fetch
 * lines in pairs of 128 bytes: what both sides need is in one, each stream in its own.
 */
struct nl_flow {
	/* first line */
	struct nl_flow_key key;
	u32 lock;
	u32 used; /* tick in which new bytes last passed: what to evict first, and time-outs */
	u64 copy; /* of its latest packet in the flight recorder; 0: none */
	u16 row;  /* row + 1 of its statistics; 0: not looked up yet */
	u16 flags;
	u8 pending_first;
	u8 pending_count;
	u8 request_open; /* 1 + index of the pending request whose body is under way; 0: none */
	u8 response_retransmits; /* up to 255 */
	/* from its second line on */
	struct nl_pending pending[NL_PENDING_MAX];
	/* a line that is seldom touched */
	u32 ifindex[2];	       /* by role: where its bytes were first met */
	u32 overflow_requests; /* outstanding beyond NL_PENDING_MAX */
	u32 first_seq;	       /* sequence number of the payload that made this flow known */
	u8 interim[NL_INTERIM_MAX];
	u8 interim_responses;
	u8 owed_responses;  /* to requests that timed out: they come before all others */
	u16 handshake_ring; /* of its handshake's latest packet in the flight recorder */
	u32 jumped_seq;	    /* bytes [jumped_seq, jumped_end) of the client were taken for lost */
	u32 jumped_end;	    /* equal: none */
	u32 answered_seq;   /* requests before it had their responses before they were seen */
	u16 head_used;	    /* where the next excerpt goes in struct nl_head */
	u16 head_limit;	    /* and where it must end: others' excerpts follow */
	u16 request_head_bytes; /* excerpt so far of the head at hand */
	u8 syn_retransmits;
	u8 synack_retransmits;
	u32 server_rtt_ns; /* between here and that end, by the handshake or an ACK; 0: unknown */
	u32 client_rtt_ns;
	u32 handshake_at; /* and its offset there / 8; 0: none */
	u64 connect_ns;	  /* SYN to the handshake's ACK */
	/* lines that are touched where something stands still, and by ACKs then */
	struct nl_timing timing;
	/* two lines for each side */
	struct nl_stream stream[2]; /* by enum nl_role */
};
_Static_assert(__builtin_offsetof(struct nl_flow, pending) == 64, "line 1 of a flow");
_Static_assert(__builtin_offsetof(struct nl_flow, ifindex) == 704, "line 11 of a flow");
_Static_assert(__builtin_offsetof(struct nl_flow, stream) == 1024, "line 16 of a flow");
_Static_assert(__builtin_offsetof(struct nl_flow, timing) == 768, "line 12 of a flow");
_Static_assert(sizeof(struct nl_flow) == 1280, "flow size, in cache lines");

/*
 * The excerpts of request heads of the connection in one place of the flow table, kept only
 * if records are wanted. What is behind it may be read and written a word further.
 */
struct nl_head {
	u8 bytes[NL_HEAD_BYTES_MAX + 8];
	u32 owner; /* slot + 1 of whose they are, where only samples are kept; 0: nobody's */
	u32 reserved;
};

/* nl_handshake.flags, << role */
#define NL_HANDSHAKE_CLOCK NL_TIMING_CLOCK /* << role: it sends timestamps */
#define NL_HANDSHAKE_SHIFT 0x04		   /* << role: its windows are shifted */

/* The handshake of one connection. */
struct nl_handshake {
	struct nl_flow_key key;
	u32 syn_seq; /* of the SYN */
	u32 reserved0;
	u64 syn_ns; /* the first */
	u64 last_syn_ns;
	u64 synack_ns; /* the first; 0: none */
	u64 ack_ns;
	u64 copy;	    /* of its latest packet in the flight recorder; 0: none */
	u32 clock_value[2]; /* of the timestamps of the last SYN and the first SYN-ACK */
	u32 ifindex[2];	    /* by role: where they passed */
	u8 window_shift[2];
	u8 flags;
	u8 client_is_b;
	u8 syns;
	u8 synacks;
	u8 reserved[18];
};
_Static_assert(sizeof(struct nl_handshake) == 128, "handshake size");

#define NL_HANDSHAKE_SETS 4096 /* a power of two */
#define NL_HANDSHAKE_WAYS 4

/* Handshakes of connections whose first request has not passed; read and written under the lock. */
struct nl_handshake_set {
	u32 lock;
	u32 tag[NL_HANDSHAKE_WAYS]; /* struct nl_place.tag of each; 0: free */
	u32 reserved[10];
	u32 zero; /* for NL_WIDEN */
	struct nl_handshake way[NL_HANDSHAKE_WAYS];
};

/*
 * Make the canonical key of a segment's flow. Returns whether its source is end b.
 */
NL_CORE bool flow_key_make(struct nl_flow_key *key, const struct nl_packet *packet, u16 vlan_id)
{
	const union nl_addr *s = &packet->source_addr, *d = &packet->destination_addr;
	bool source_is_b;

	/* Any total order will do; that of the raw words is the cheapest. */
	if (s->words[1] != d->words[1])
		source_is_b = s->words[1] > d->words[1];
	else if (s->words[0] != d->words[0])
		source_is_b = s->words[0] > d->words[0];
	else
		source_is_b = packet->source_port > packet->destination_port;

	if (source_is_b) {
		key->a_addr = *d;
		key->b_addr = *s;
		key->a_port = packet->destination_port;
		key->b_port = packet->source_port;
	} else {
		key->a_addr = *s;
		key->b_addr = *d;
		key->a_port = packet->source_port;
		key->b_port = packet->destination_port;
	}
	key->vlan_id = vlan_id;
	key->in_use = 1;
	return source_is_b;
}

NL_CORE bool filter_net_matches(const struct nl_filter_net *net, const union nl_addr *address)
{
	return (address->words[0] & net->mask.words[0]) == net->addr.words[0] &&
	       (address->words[1] & net->mask.words[1]) == net->addr.words[1];
}

#endif
