/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * fuzz_engine.c - the whole core, fed with packets of a few connections that speak
 * nearly HTTP/1.x and come in any order, repeated, cut off, corrupted or not at all.
 * Nothing is expected of the records but that each is possible, and that the ledger
 * reconciles.
 */
#include <stdio.h>
#include <string.h>

#include "capture.h"
#include "noise.h"
#include "packets.h"
#include "replay_core.h"
#include "timeout.h"
#include "verify.h"

#define CONNECTIONS 4
#define PACKETS_MAX 400
#define NOISE_BYTES_MAX 4096
#define HELD_MAX 4
#define RECORDS_MAX 16384

/* One end of a connection. */
struct end {
	struct frame frame;
	u32 next_seq;
	u8 sent[NOISE_BYTES_MAX]; /* the last of what was sent, to send it again */
	u32 sent_bytes;
};

struct feed {
	struct choices choices;
	struct replay_core *core;
	struct end ends[CONNECTIONS][2];
	struct sent_packet held[HELD_MAX]; /* for later: captured bytes 0: none */
	u8 held_bytes[HELD_MAX][FRAME_HEADERS_MAX + NOISE_BYTES_MAX];
	u64 now_ns, packets;
};

static struct feed feed;
static struct nl_record records[RECORDS_MAX];
static u32 record_count;

static void take_record(const struct nl_record *record, void *userdata)
{
	(void)userdata;
	VERIFY(record_count < RECORDS_MAX, "endless records");
	records[record_count++] = *record;
}

static void explain(void)
{
	fprintf(stderr, "%llu packets, %u records (FUZZ_PCAP=FILE keeps the packets)\n",
		feed.packets, record_count);
	capture_end();
}

static void begin_connections(void)
{
	memset(feed.ends, 0, sizeof(feed.ends));
	for (u32 i = 0; i < CONNECTIONS; i++) {
		u32 tags = choose(&feed.choices, 6) % 3;
		bool ipv6 = choose_rarely(&feed.choices, 3);

		for (u32 role = 0; role < 2; role++) {
			struct frame *f = &feed.ends[i][role].frame;

			f->ipv6 = ipv6;
			f->tags = tags;
			f->tag_type[0] = f->tag_type[1] = 0x8100;
			f->tag[0] = (u16)i;
			f->source[0] = (u8)(role ? 20 : 10);
			f->destination[0] = (u8)(role ? 10 : 20);
			f->source_port = (u16)(role ? 80 : 40000 + i / 2);
			f->destination_port = (u16)(role ? 40000 + i / 2 : 80);
			feed.ends[i][role].next_seq = 0u - i * 300;
		}
	}
}

static void pass(const struct sent_packet *p)
{
	if (feed.packets == PACKETS_MAX)
		return;
	feed.packets++;
	capture_packet(p->bytes, p->captured, feed.now_ns);
	replay_core_packet(feed.core, REPLAY_ETHERNET, guarded_copy(p->bytes, p->captured),
			   p->captured, p->wire_bytes, feed.now_ns, p->ifindex);
}

/* A packet that is built: corrupted, cut off, held back, or passed once or twice. */
static void send_packet(struct sent_packet *p)
{
	u32 fate = choose(&feed.choices, 24), slot = choose(&feed.choices, HELD_MAX);

	if (fate == 20) {
		u32 random = 1 + choose(&feed.choices, 1 << 16);

		p->captured = frame_mutate(p->bytes, p->captured, &random);
	} else if (fate == 21) {
		p->captured = 1 + choose(&feed.choices, p->captured);
	} else if (fate == 22) {
		p->ifindex = 2;
		pass(p);
		p->ifindex = 1;
	} else if (fate == 23) {
		memcpy(feed.held_bytes[slot], p->bytes, p->captured);
		feed.held[slot] = *p;
		feed.held[slot].bytes = feed.held_bytes[slot];
		return;
	}
	pass(p);
}

static void send_segment(u32 connection, u32 role, u8 flags, u32 back, const u8 *bytes, u32 count)
{
	static u8 frame_bytes[FRAME_HEADERS_MAX + NOISE_BYTES_MAX];
	struct end *from = &feed.ends[connection][role];
	struct sent_packet packet = { .bytes = frame_bytes, .ifindex = 1 };
	struct frame f = from->frame;
	struct frame_layout layout;

	f.seq = from->next_seq - back;
	f.ack = feed.ends[connection][role ^ 1].next_seq;
	f.tcp_flags = flags;
	f.payload = bytes;
	f.payload_bytes = count;
	f.pad_to = choose_rarely(&feed.choices, 8) ? 60 : 0;
	layout = frame_build(frame_bytes, &f);
	packet.captured = packet.wire_bytes = layout.end;
	send_packet(&packet);
}

/* New bytes, cut into segments somewhere or not at all. */
static void send_new(u32 connection, u32 role, bool is_seen)
{
	struct end *from = &feed.ends[connection][role];
	u32 count = noise_make(from->sent, NOISE_BYTES_MAX, &feed.choices), at = 0;
	u32 most = choose(&feed.choices, 2) ? count : 1 + choose(&feed.choices, 40);

	while (is_seen && at < count) {
		u32 length = count - at < most ? count - at : most;
		u8 flags = choose_rarely(&feed.choices, 30) ? NL_TCP_FIN : 0;

		send_segment(connection, role, NL_TCP_ACK | flags, 0, from->sent + at, length);
		from->next_seq += length;
		at += length;
	}
	from->next_seq += count - at;
	from->sent_bytes = count;
}

/* Some of the last bytes once more, maybe together with what follows. */
static void send_again(u32 connection, u32 role)
{
	struct end *from = &feed.ends[connection][role];
	u32 back = 1 + choose(&feed.choices, NOISE_BYTES_MAX), count;

	if (!from->sent_bytes)
		return;
	back = back < from->sent_bytes ? back : from->sent_bytes;
	count = 1 + choose(&feed.choices, back);
	send_segment(connection, role, NL_TCP_ACK, back, from->sent + from->sent_bytes - back,
		     count);
}

static void send_held(void)
{
	struct sent_packet *p = &feed.held[choose(&feed.choices, HELD_MAX)];

	if (p->captured)
		pass(p);
	p->captured = 0;
}

/* Bytes of the input as a frame. */
static void send_raw(void)
{
	u32 count = choose(&feed.choices, 200);
	struct sent_packet p = { .ifindex = 1 };

	if (count > feed.choices.left)
		count = (u32)feed.choices.left;
	p.bytes = (u8 *)feed.choices.at;
	p.captured = p.wire_bytes = count;
	pass(&p);
	feed.choices.at += count;
	feed.choices.left -= count;
}

static void pass_time(void)
{
	static const u64 jumps_ns[] = { 1000, 1000000, 1000000000, 61000000000, 901000000000 };

	feed.now_ns += jumps_ns[choose(&feed.choices, 5)];
	if (choose(&feed.choices, 2))
		replay_core_sweep(feed.core, NL_SWEEP_TIMEOUTS, feed.now_ns);
}

static void step(void)
{
	u32 connection = choose(&feed.choices, CONNECTIONS), role = choose(&feed.choices, 2);
	struct end *from = &feed.ends[connection][role];
	static const u8 flags[] = { NL_TCP_FIN | NL_TCP_ACK, NL_TCP_RST, NL_TCP_SYN,
				    NL_TCP_SYN | NL_TCP_ACK, NL_TCP_ACK };

	switch (choose(&feed.choices, 16)) {
	default:
		send_new(connection, role, true);
		break;
	case 9:
		send_new(connection, role, false);
		break;
	case 10:
	case 11:
		send_again(connection, role);
		break;
	case 12:
		send_segment(connection, role, flags[choose(&feed.choices, 5)], 0, NULL, 0);
		break;
	case 13:
		if (choose(&feed.choices, 2))
			from->next_seq += choose(&feed.choices, 1 << 24) << 8;
		else
			send_held();
		break;
	case 14:
		send_raw();
		break;
	case 15:
		pass_time();
	}
	feed.now_ns += 1000;
}

int LLVMFuzzerTestOneInput(const u8 *bytes, size_t count);

int LLVMFuzzerTestOneInput(const u8 *bytes, size_t count)
{
	static const u32 kinds[8] = {
		NL_RECORDS_ALL,	    NL_RECORDS_ALL,
		NL_RECORDS_ALL,	    NL_RECORDS_ALL | NL_RECORDS_SLOW | NL_RECORDS_FAILED,
		NL_RECORDS_SAMPLED, NL_RECORDS_SAMPLED | NL_RECORDS_SLOW | NL_RECORDS_FAILED,
		NL_RECORDS_SLOW,    0,
	};
	struct nl_config config = { 0 };
	bool has_room;

	verify_explain = explain;
	feed.choices = (struct choices){ .at = bytes, .left = count };
	config.records_wanted = kinds[choose(&feed.choices, 8)];
	config.sample_interval_ns = choose(&feed.choices, 2) * 1000000;
	config.slow_ns = choose(&feed.choices, 2) * 1000000;
	config.failed = (config.records_wanted & NL_RECORDS_FAILED) != 0;
	if (choose_rarely(&feed.choices, 4))
		config.stats_rows = 1 + choose(&feed.choices, 4);
	if (choose_rarely(&feed.choices, 4))
		config.series = 8 * (1 + choose(&feed.choices, 8));
	has_room = !config.stats_rows && !config.series;
	config.vlan_in_key = choose(&feed.choices, 2);
	config.filter_ports = choose_rarely(&feed.choices, 16);
	config.ports[0] = 40000;
	timeout_configure(&config, choose(&feed.choices, 2) * 60);
	feed.core = replay_core_new(&config, choose_rarely(&feed.choices, 8) ? 1 : 64, take_record,
				    NULL);
	VERIFY(feed.core, "out of memory");
	feed.now_ns = 1000000000;
	feed.packets = 0;
	record_count = 0;
	memset(feed.held, 0, sizeof(feed.held));
	begin_connections();
	capture_begin();
	while (feed.choices.left && feed.packets < PACKETS_MAX)
		step();
	capture_end();
	replay_core_sweep(feed.core, NL_SWEEP_END, feed.now_ns);
	for (u32 i = 0; i < record_count; i++) {
		verify_record(&records[i]);
		verify_times(&records[i]);
		verify_json(&records[i]);
	}
	verify_ledger(feed.core, feed.packets, record_count);
	if (config.records_wanted & NL_RECORDS_ALL)
		verify_series(feed.core, records, record_count, has_room);
	replay_core_free(feed.core);
	return 0;
}
