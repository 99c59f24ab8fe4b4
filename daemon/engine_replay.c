/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* engine_replay.c - a capture as source: libpcap reads it, the core observes it. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <pcap/pcap.h>
#include <pcap/sll.h>

#include "engine.h"
#include "log.h"
#include "replay_core.h"
#include "timeout.h"

struct replay {
	struct engine engine;
	const struct options *options;
	pcap_t *capture;
	struct replay_core *core;
	int link_type; /* DLT_* */
	u64 first_ns;
	u64 last_ns;
	u64 packets;
	u64 next_sweep_ns;
	u64 sweep_interval_ns;
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

static void replay_stop(struct engine *engine)
{
	(void)engine;
}

static void replay_close(struct engine *engine)
{
	struct replay *replay = replay_of(engine);

	replay_core_free(replay->core);
	if (replay->capture)
		pcap_close(replay->capture);
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

static bool link_type_known(int link_type)
{
	switch (link_type) {
	case DLT_EN10MB:
	case DLT_RAW:
	case DLT_NULL:
	case DLT_LOOP:
	case DLT_LINUX_SLL:
	case DLT_LINUX_SLL2:
	case DLT_IPV4:
	case DLT_IPV6:
		return true;
	default:
		return false;
	}
}

struct engine *engine_replay_open(const struct options *options)
{
	char error[PCAP_ERRBUF_SIZE] = "";
	struct replay *replay = calloc(1, sizeof(*replay));
	struct nl_config config = {
		.records_wanted = options->output == OUTPUT_JSON,
		.min_record_latency_ns = (u64)(options->min_latency_ms * 1e6),
		.vlan_in_key = 1,
		.decapsulate = !options->no_decap,
		.frames_cut = 1,
		.filter_ports = (u32)options->port_count,
		.filter_nets = (u32)options->net_count,
	};

	timeout_configure(&config, options->timeout_s);
	memcpy(config.ports, options->ports, sizeof(config.ports));
	memcpy(config.nets, options->nets, sizeof(config.nets));
	if (!replay) {
		log_error("out of memory");
		return NULL;
	}
	replay->engine.ops = &replay_ops;
	replay->options = options;
	replay->sweep_interval_ns = timeout_sweep_interval_ns(&config);
	replay->capture = pcap_open_offline_with_tstamp_precision(
		options->replay_file, PCAP_TSTAMP_PRECISION_NANO, error);
	if (!replay->capture) {
		/* libpcap names the file in some of its messages and not in others. */
		if (strncmp(error, options->replay_file, strlen(options->replay_file)) == 0)
			log_error("%s", error);
		else
			log_error("%s: %s", options->replay_file, error);
		goto fail;
	}
	replay->link_type = pcap_datalink(replay->capture);
	if (!link_type_known(replay->link_type)) {
		const char *name = pcap_datalink_val_to_description_or_dlt(replay->link_type);

		log_error("%s: link type %d (%s) is not supported (Ethernet, Linux cooked, raw IP "
			  "and loopback are)",
			  options->replay_file, replay->link_type, name);
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

/* Bytes of link header before IP; 0 for Ethernet, which the core decodes itself. */
static u32 link_header_bytes(int link_type)
{
	switch (link_type) {
	case DLT_NULL:
	case DLT_LOOP:
		return 4;
	case DLT_LINUX_SLL:
		return SLL_HDR_LEN;
	case DLT_LINUX_SLL2:
		return SLL2_HDR_LEN;
	default:
		return 0;
	}
}

static void observe(struct replay *replay, const struct pcap_pkthdr *header, const u8 *bytes)
{
	/* With nanosecond precision asked for, tv_usec holds nanoseconds. */
	u64 now_ns = (u64)header->ts.tv_sec * 1000000000 + (u64)header->ts.tv_usec;
	u32 skip = link_header_bytes(replay->link_type);
	u32 captured = header->caplen,
	    wire = header->len < header->caplen ? header->caplen : header->len;

	if (!replay->packets++)
		replay->first_ns = now_ns;
	if (now_ns > replay->last_ns)
		replay->last_ns = now_ns;
	if (now_ns >= replay->next_sweep_ns) {
		replay_core_sweep(replay->core, NL_SWEEP_TIMEOUTS, now_ns);
		replay->next_sweep_ns = now_ns + replay->sweep_interval_ns;
	}
	if (captured < skip) {
		replay_core_skip(replay->core, wire, NL_COUNT_truncated_header);
		return;
	}
	replay_core_packet(replay->core,
			   replay->link_type == DLT_EN10MB ? REPLAY_ETHERNET : REPLAY_IP,
			   bytes + skip, captured - skip, wire - skip, now_ns, 1);
}

int engine_replay_run(struct engine *engine, engine_record_fn fn, void *userdata)
{
	struct replay *replay = replay_of(engine);
	struct pcap_pkthdr *header;
	const u8 *bytes;
	int r;

	replay->record_fn = fn;
	replay->userdata = userdata;
	while ((r = pcap_next_ex(replay->capture, &header, &bytes)) == 1)
		observe(replay, header, bytes);
	replay_core_sweep(replay->core, NL_SWEEP_TIMEOUTS, replay->last_ns);
	replay_core_sweep(replay->core, NL_SWEEP_END, replay->last_ns);
	if (r == PCAP_ERROR_BREAK) {
		if (replay->packets)
			return 0;
		log_error("%s: the capture holds no packets", replay->options->replay_file);
		return 1;
	}
	log_error("%s: after packet %" PRIu64 ": %s (what was read up to there is shown)",
		  replay->options->replay_file, (uint64_t)replay->packets,
		  pcap_geterr(replay->capture));
	return 1;
}
