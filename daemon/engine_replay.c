/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* engine_replay.c - a capture as source: its packets, without link headers, to the core. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <pcap/pcap.h>

#include "capture.h"
#include "configure.h"
#include "engine.h"
#include "link_header.h"
#include "log.h"
#include "replay_core.h"
#include "timeout.h"

/* Read from a pipe after a signal to stop, at most. */
#define STOPPED_REST_PACKETS 65536

struct replay {
	struct engine engine;
	const struct options *options;
	struct capture *capture;
	struct replay_core *core;
	u64 first_ns;
	u64 last_ns;
	u64 packets;
	u64 next_sweep_ns;
	u64 sweep_interval_ns;
	u64 unknown; /* of them, by their link type */
	engine_record_fn record_fn;
	void *userdata;
};

static struct replay *replay_of(struct engine *engine)
{
	return (struct replay *)engine;
}

static int replay_snapshot(struct engine *engine, struct snapshot *snapshot)
{
	struct replay *replay = replay_of(engine);
	int r = replay_core_snapshot(replay->core, snapshot);

	snapshot->started_ns = replay->first_ns;
	snapshot->taken_ns = replay->last_ns;
	return r;
}

static int replay_drain(struct engine *engine, engine_record_fn fn, void *userdata)
{
	(void)engine;
	(void)fn;
	(void)userdata;
	return 0; /* records are handed over as they arise */
}

static int replay_packets(struct engine *engine, const struct nl_record *record,
			  struct packet_list *ret_list)
{
	const struct replay_core *core = replay_of(engine)->core;
	struct recorder recorder = replay_core_recorder(core);

	if (!recorder.ring_count)
		return -ENOENT;
	return recorder_collect(&recorder, record, replay_core_latest_copy(core, record), ret_list);
}

static void replay_stop(struct engine *engine)
{
	(void)engine;
}

static void replay_close(struct engine *engine)
{
	struct replay *replay = replay_of(engine);

	replay_core_free(replay->core);
	capture_close(replay->capture);
	free(replay);
}

static const char *replay_interface_name(struct engine *engine, u32 ifindex)
{
	(void)engine;
	(void)ifindex;
	return NULL; /* libpcap does not tell */
}

static const char *replay_title(struct engine *engine)
{
	return replay_of(engine)->options->replay_file;
}

static const struct engine_ops replay_ops = {
	.snapshot = replay_snapshot,
	.drain = replay_drain,
	.packets = replay_packets,
	.stop = replay_stop,
	.close = replay_close,
	.interface_name = replay_interface_name,
	.title = replay_title,
};

static void forward_record(const struct nl_record *record, void *userdata)
{
	struct replay *replay = userdata;

	replay->record_fn(record, replay->userdata);
}

struct engine *engine_replay_open(const struct options *options)
{
	char error[CAPTURE_ERROR_BYTES];
	struct replay *replay = calloc(1, sizeof(*replay));
	struct nl_config config = {
		.vlan_in_key = 1,
		.frames_cut = 1,
	};

	struct budget budget = budget_plan(1, options->max_flows, configure_recorder_mb(options),
					   configure_records(options));

	configure_core(&config, options, &budget);
	if (!replay) {
		log_error("out of memory");
		return NULL;
	}
	replay->engine.ops = &replay_ops;
	replay->options = options;
	replay->sweep_interval_ns = timeout_sweep_interval_ns(&config);
	replay->capture = capture_open(options->replay_file, error);
	if (!replay->capture) {
		log_error("%s: %s", options->replay_file, error);
		goto fail;
	}
	replay->core = replay_core_new(&config, options->max_flows, forward_record, replay);
	if (!replay->core) {
		log_error("out of memory");
		goto fail;
	}
	return &replay->engine;
fail:
	replay_close(&replay->engine);
	return NULL;
}

/* A packet of an interface that cannot be read, beside others that perhaps can. */
static void skip_unknown(struct replay *replay, const struct capture_packet *packet)
{
	if (!replay->unknown++)
		log_info("%s: packets of link type %u (%s) cannot be read: counted as not_ip",
			 replay->options->replay_file, packet->link_type,
			 pcap_datalink_val_to_description_or_dlt((int)packet->link_type));
	replay_core_skip(replay->core, packet->wire_bytes, NL_COUNT_not_ip);
}

static void observe(struct replay *replay, const struct capture_packet *packet)
{
	struct link_header header;
	int fate;

	if (!replay->packets++)
		replay->first_ns = packet->time_ns;
	if (packet->time_ns > replay->last_ns)
		replay->last_ns = packet->time_ns;
	if (packet->time_ns >= replay->next_sweep_ns) {
		replay_core_sweep(replay->core, NL_SWEEP_TIMEOUTS, packet->time_ns);
		replay->next_sweep_ns = packet->time_ns + replay->sweep_interval_ns;
	}
	if (!link_type_known(packet->link_type)) {
		skip_unknown(replay, packet);
		return;
	}
	fate = link_header_read(packet->link_type, packet->bytes, packet->captured, &header);
	if (fate) {
		replay_core_skip(replay->core, packet->wire_bytes, (enum nl_counter)fate);
		return;
	}
	replay_core_packet(replay->core, header.next, packet->bytes + header.bytes,
			   packet->captured - header.bytes, packet->wire_bytes - header.bytes,
			   packet->time_ns, header.ifindex ? header.ifindex : packet->ifindex);
}

int engine_replay_run(struct engine *engine, const struct replay_control *control,
		      engine_record_fn fn, void *userdata)
{
	struct replay *replay = replay_of(engine);
	const char *file = replay->options->replay_file;
	struct capture_packet packet;
	u32 rest = 0;
	int r;

	replay->record_fn = fn;
	replay->userdata = userdata;
	capture_on_wait(replay->capture, control->wait, userdata);
	while ((r = capture_next(replay->capture, &packet)) == 1) {
		observe(replay, &packet);
		if (control->pass_time)
			control->pass_time(packet.time_ns, userdata);
		/* Who writes into a pipe may have been stopped too: what is left in it counts. */
		if (control->stop && *control->stop &&
		    (!capture_is_pipe(replay->capture) || ++rest > STOPPED_REST_PACKETS))
			break;
	}
	replay_core_sweep(replay->core, NL_SWEEP_TIMEOUTS, replay->last_ns);
	replay_core_sweep(replay->core, NL_SWEEP_END, replay->last_ns);
	if (r < 0 && !(control->stop && *control->stop)) {
		log_error("%s: after packet %" PRIu64 ": %s (what was read up to there is shown)",
			  file, (uint64_t)replay->packets, capture_error(replay->capture));
		return 1;
	}
	if (!replay->packets && !(control->stop && *control->stop)) {
		log_error("%s: the capture holds no packets", file);
		return 1;
	}
	if (replay->packets && replay->unknown == replay->packets) {
		log_error("%s: the capture holds no packets of a link type that can be read", file);
		return 1;
	}
	return 0;
}
