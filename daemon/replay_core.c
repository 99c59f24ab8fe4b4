/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * replay_core.c - the seam of bpf/core/observe.h in userspace: a packet in memory,
 * flow table and statistics on the heap, with the bounds of the kernel's.
 */
#include "replay_core.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "budget.h"
#include "replay_tables.h"

struct nl_source {
	const u8 *bytes;
	u32 captured;
	struct replay_core *core;
};
typedef struct nl_source nl_source;

/* The core reads its configuration by name; a replay has one at a time. */
static struct nl_config config;
#define NL_CONFIG(field) (config.field)

/* How the packet at hand begins: enum replay_link, or another link header or its end. */
static u32 begins_with;
#define NL_SEAM_IS_IP(work) (begins_with != REPLAY_ETHERNET)

/* Whether the payload of the packet at hand was cut by the capture's snapshot length. */
static bool is_truncated;
#define NL_SEAM_TRUNCATED(work) is_truncated

struct nl_work;
struct nl_flow;
struct nl_flow_set;
struct nl_stats;
struct nl_record;
static int seam_load(struct nl_source *source, u32 offset, u8 *to, u32 bytes);
static u32 seam_load_some(struct nl_source *source, u32 offset, u8 *to, u32 bytes);
static u64 seam_now(struct nl_source *source, struct nl_work *work);
static struct nl_flow_set *seam_flow_set(u32 number);
struct nl_head;
static struct nl_head *seam_head(u32 slot);
static u32 seam_row(struct nl_flow *flow, struct nl_work *work);
static struct nl_stats *seam_stats(const struct nl_flow *flow);
#define seam_first_stats seam_stats /* there is but one shard */
static u32 seam_series_number(const struct nl_series_key *key, u32 limit);
static struct nl_series *seam_series(u32 number);
static void seam_mark_row(u32 row, u32 sweep);
static int seam_emit(const struct nl_record *record, u32 bytes);
struct nl_handshake_set;
static struct nl_handshake_set *seam_handshakes(u32 number);
static struct nl_copy_ring *seam_copy_ring(u32 kind);
static u32 seam_copy_ring_number(u32 kind);
static struct nl_copy_chunk *seam_copy_chunk(u32 kind, u32 number);
static int seam_copy(struct nl_source *source, u8 *to, u32 *bytes);

#include "core/decode.h"
#include "core/observe.h"

#define BITS_PER_WORD 64

/* A longer frame may be several segments that were captured as one. */
#define SEGMENT_BYTES_MAX 1600

/* No table is touched before it is used: memory is that of what was seen. */
struct replay_core {
	struct nl_flow_set *flows; /* config.flow_sets of them */
	struct nl_head *heads;	   /* as many as flows; not touched unless records are wanted */
	u64 *sets_met;		   /* a bit for each: all that hold a flow, and maybe others */
	struct replay_tables tables;
	struct nl_handshake_set *handshakes; /* NL_HANDSHAKE_SETS of them */
	struct nl_copy_ring copy_rings[NL_COPY_KINDS];
	struct nl_copy_chunk *copies; /* of both rings; NULL: no flight recorder */
	struct nl_counters counters;
	struct nl_work work;
	engine_record_fn record_fn;
	void *userdata;
};

/* The core whose packet is being observed: seams are called without it. */
static struct replay_core *current;

static int seam_load(struct nl_source *source, u32 offset, u8 *to, u32 bytes)
{
	if (offset > source->captured || bytes > source->captured - offset)
		return -EFAULT;
	/* Of a length with a known bound gcc copies by `rep movs`, which is slow to start. */
	asm("" : "+r"(bytes));
	memcpy(to, source->bytes + offset, bytes);
	return 0;
}

static u32 seam_load_some(struct nl_source *source, u32 offset, u8 *to, u32 bytes)
{
	u32 there = offset < source->captured ? source->captured - offset : 0;

	there = min_u32(there, bytes);
	memcpy(to, source->bytes + offset, there);
	return there;
}

static u64 seam_now(struct nl_source *source, struct nl_work *work)
{
	(void)source;
	return work->now_ns;
}

static struct nl_flow_set *seam_flow_set(u32 number)
{
	if (number >= config.flow_sets)
		return NULL;
	current->sets_met[number / BITS_PER_WORD] |= 1ULL << number % BITS_PER_WORD;
	return &current->flows[number];
}

static struct nl_head *seam_head(u32 slot)
{
	return slot / NL_SET_WAYS < config.flow_sets ? &current->heads[slot] : NULL;
}

/* The rule of the kernel's row_of_flow(): a capture of a million clients has no more rows. */
static u32 seam_row(struct nl_flow *flow, struct nl_work *work)
{
	struct nl_row_key key = { .kind = NL_ROW_PAIR };
	u32 row;

	if (flow->flags & NL_FLOW_CLIENT_IS_B) {
		key.client_addr = work->key.b_addr;
		key.server_addr = work->key.a_addr;
		key.server_port = work->key.a_port;
	} else {
		key.client_addr = work->key.a_addr;
		key.server_addr = work->key.b_addr;
		key.server_port = work->key.b_port;
	}
	row = replay_tables_row(&current->tables, &key, NL_ROWS_PAIR_SHARE(config.stats_rows));
	if (row)
		return row;
	observe_count(&current->counters, NL_COUNT_rows_other);
	key.kind = NL_ROW_SERVICE;
	key.client_addr.words[0] = key.client_addr.words[1] = 0;
	return replay_tables_row(&current->tables, &key, config.stats_rows);
}

static struct nl_stats *seam_stats(const struct nl_flow *flow)
{
	return replay_tables_stats(&current->tables, flow->row - 1);
}

static u32 seam_series_number(const struct nl_series_key *key, u32 limit)
{
	return replay_tables_number(&current->tables, key, limit);
}

static struct nl_series *seam_series(u32 number)
{
	return replay_tables_series(&current->tables, number);
}

/* A replay gives no row back. */
static void seam_mark_row(u32 row, u32 sweep)
{
	(void)row;
	(void)sweep;
}

static int seam_emit(const struct nl_record *record, u32 bytes)
{
	(void)bytes;
	if (current->record_fn)
		current->record_fn(record, current->userdata);
	return 0;
}

static struct nl_handshake_set *seam_handshakes(u32 number)
{
	return number < NL_HANDSHAKE_SETS ? &current->handshakes[number] : NULL;
}

static struct nl_copy_ring *seam_copy_ring(u32 kind)
{
	return &current->copy_rings[kind];
}

static u32 seam_copy_ring_number(u32 kind)
{
	return kind;
}

static struct nl_copy_chunk *seam_copy_chunk(u32 kind, u32 number)
{
	return &current->copies[(kind == NL_COPY_FLOWS ? 0 : config.copy_chunks[NL_COPY_FLOWS]) +
				number];
}

/* Frames that begin neither with Ethernet nor with IP, but a tag or a label, are not copied. */
static int seam_copy(struct nl_source *source, u8 *to, u32 *bytes)
{
	if (begins_with != REPLAY_ETHERNET && begins_with != REPLAY_IP &&
	    begins_with != NL_ETHERTYPE_IPV4 && begins_with != NL_ETHERTYPE_IPV6)
		return -EINVAL;
	*bytes = min_u32(*bytes, source->captured);
	memcpy(to, source->bytes, *bytes);
	return 0;
}

struct replay_core *replay_core_new(const struct nl_config *configuration, unsigned max_flows,
				    engine_record_fn record_fn, void *userdata)
{
	struct replay_core *core = calloc(1, sizeof(*core));
	u32 chunks = 0;

	if (!core)
		return NULL;
	config = *configuration;
	config.flow_sets = (max_flows + NL_SET_WAYS - 1) / NL_SET_WAYS;
	if (!config.stats_rows)
		config.stats_rows = BUDGET_ROWS;
	if (!config.series)
		config.series = BUDGET_SERIES;
	core->flows = calloc(config.flow_sets, sizeof(*core->flows));
	core->heads = calloc((size_t)config.flow_sets * NL_SET_WAYS, sizeof(*core->heads));
	core->sets_met = calloc(config.flow_sets / BITS_PER_WORD + 1, sizeof(*core->sets_met));
	core->handshakes = calloc(NL_HANDSHAKE_SETS, sizeof(*core->handshakes));
	for (u32 kind = 0; kind < NL_COPY_KINDS; kind++) {
		core->copy_rings[kind].head = NL_COPY_HEADER_BYTES; /* position 0 is none's */
		chunks += config.copy_chunks[kind];
	}
	if (config.recorder)
		core->copies = calloc(chunks, sizeof(*core->copies));
	core->record_fn = record_fn;
	core->userdata = userdata;
	current = core;
	if (!replay_tables_open(&core->tables, config.stats_rows, config.series) || !core->flows ||
	    !core->heads || !core->sets_met || !core->handshakes ||
	    (config.recorder && !core->copies)) {
		replay_core_free(core);
		return NULL;
	}
	return core;
}

void replay_core_free(struct replay_core *core)
{
	if (!core)
		return;
	free(core->flows);
	free(core->heads);
	free(core->sets_met);
	free(core->handshakes);
	free(core->copies);
	replay_tables_close(&core->tables);
	free(core);
	current = NULL;
}

/*
 * Some sniffers and tools that cut packets also say that they were no longer. Then
 * the IP header knows better: as it was captured, somebody had sent it whole.
 */
static int decode_cut(struct nl_work *work, u32 link, u32 available)
{
	int decoded = packet_decode(&work->headers, available, ~0u, link,
				    NL_CONFIG(decapsulate) ? NL_TUNNELS_MAX : 0, &work->packet);

	if (decoded == NL_DECODED_TCP && work->packet.payload_bytes > 65535)
		return NL_COUNT_malformed_header;
	if (decoded == NL_DECODED_TCP)
		work->frame_bytes = work->packet.payload_offset + work->packet.payload_bytes;
	return decoded;
}

/* The same two ways in the same order as the kernel's pipeline: plain headers where they lie,
 * others copied. */
static int decode(const struct nl_source *source, struct nl_work *work, u32 link)
{
	u32 available = min_u32(source->captured, NL_HEADERS_BYTES);
	int decoded;

	if (link == REPLAY_ETHERNET && available >= NL_PLAIN_BYTES &&
	    packet_decode_plain(source->bytes, work->frame_bytes, &work->packet) == NL_DECODED_TCP)
		return NL_DECODED_TCP;
	memcpy(work->headers.bytes, source->bytes, available);
	decoded = packet_decode(&work->headers, available, work->frame_bytes, link,
				NL_CONFIG(decapsulate) ? NL_TUNNELS_MAX : 0, &work->packet);
	if (decoded == NL_COUNT_malformed_header && NL_CONFIG(frames_cut))
		decoded = decode_cut(work, link, available);
	return decoded;
}

void replay_core_packet(struct replay_core *core, u32 link, const u8 *bytes, u32 captured,
			u32 wire_bytes, u64 now_ns, u32 ifindex)
{
	struct nl_source source = { .bytes = bytes, .captured = captured, .core = core };
	struct nl_work *work = &core->work;
	int decoded, fate;

	current = core;
	begins_with = link;
	work->now_ns = now_ns;
	work->frame_bytes = wire_bytes;
	work->ifindex = ifindex;
	work->segments = wire_bytes <= SEGMENT_BYTES_MAX;
	work->vlan_id = 0;
	core->counters.count[NL_COUNT_packets]++;
	core->counters.count[NL_COUNT_packet_bytes] += wire_bytes;
	decoded = decode(&source, work, link);
	is_truncated = decoded == NL_DECODED_TCP &&
		       work->packet.payload_offset + work->packet.payload_bytes > captured;
	fate = observe_decoded(&source, work, &core->counters, decoded);
	if (fate < 0)
		fate = NL_COUNT_truncated_header;
	observe_count(&core->counters, (u32)fate);
}

static bool set_is_empty(const struct nl_flow_set *set)
{
	u32 tags = 0;

	for (u32 way = 0; way < NL_SET_WAYS; way++)
		tags |= set->tag[way];
	return !tags;
}

/*
 * Only sets that a look-up has met since they were last found empty: there are sweeps by the
 * capture's time, thousands in one of a day, and a set lies on pages of its own.
 */
void replay_core_sweep(struct replay_core *core, enum nl_sweep how, u64 now_ns)
{
	struct nl_source source = { .core = core };
	struct nl_work *work = &core->work;

	current = core;
	work->now_ns = now_ns;
	for (u32 i = 0; i <= config.flow_sets / BITS_PER_WORD; i++) {
		for (u64 met = core->sets_met[i]; met; met &= met - 1) {
			u32 bit = (u32)__builtin_ctzll(met), number = i * BITS_PER_WORD + bit;

			observe_sweep(&source, work, &core->counters, number, how);
			if (set_is_empty(&core->flows[number]))
				core->sets_met[i] &= ~(1ULL << bit);
		}
	}
}

void replay_core_skip(struct replay_core *core, u32 wire_bytes, enum nl_counter fate)
{
	core->counters.count[NL_COUNT_packets]++;
	core->counters.count[NL_COUNT_packet_bytes] += wire_bytes;
	observe_count(&core->counters, fate);
}

struct recorder replay_core_recorder(const struct replay_core *core)
{
	struct recorder recorder = {
		.rings = core->copy_rings,
		.copies = core->copies,
		.ring_count = core->copies ? NL_COPY_KINDS : 0,
	};

	memcpy(recorder.chunks, config.copy_chunks, sizeof(recorder.chunks));
	return recorder;
}

u64 replay_core_latest_copy(const struct replay_core *core, const struct nl_record *record)
{
	if (record->slot / NL_SET_WAYS >= config.flow_sets)
		return 0;
	return recorder_latest_copy(
		&core->flows[record->slot / NL_SET_WAYS].flow[record->slot % NL_SET_WAYS], record);
}

int replay_core_snapshot(const struct replay_core *core, struct snapshot *snapshot)
{
	int r;

	snapshot_clear(snapshot);
	r = replay_tables_snapshot(&core->tables, snapshot);
	if (r < 0)
		return r;
	memcpy(snapshot->counters, core->counters.count, sizeof(snapshot->counters));
	metrics_count_clean(snapshot->counters);
	metrics_sort(snapshot);
	return 0;
}
