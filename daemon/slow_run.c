/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* slow_run.c - what a run does with its slow and failed transactions. */
#include "slow_run.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "log.h"
#include "slow_files.h"
#include "slow_queue.h"
#include "slow_wanted.h"

/* Time for what is due, between two drains of the records, and at the end of a live run. */
#define TURN_NS_MAX 10000000ULL
#define END_NS_MAX 2000000000ULL

struct slow_run {
	const struct options *options;
	struct slow_queue *queue;
	struct slow_list *list;
	struct slow_files *files;	 /* NULL without -w */
	struct engine *engine;		 /* while it deals with what is due */
	const struct name_source *names; /* NULL: addresses have none */
	u64 not_collected;		 /* for want of memory */
	u64 given_up;			 /* at the end, for taking too long */
	u64 overwritten; /* transactions of whose packets the recorder had lost some */
};

struct slow_run *slow_run_new(const struct options *options)
{
	struct slow_run *run = calloc(1, sizeof(*run));

	if (run) {
		run->options = options;
		run->queue = slow_queue_new();
		/* Of a capture all minutes are over, and of the same interest. */
		run->list = slow_list_new(SLOW_LIST_ENTRIES,
					  options->replay_file ? 0 : SLOW_LIST_AGE_NS);
	}
	if (!run || !run->queue || !run->list) {
		log_error("out of memory");
		slow_run_free(run);
		return NULL;
	}
	if (options->write_path) {
		run->files = slow_files_open(options);
		if (!run->files) {
			slow_run_free(run);
			return NULL;
		}
	}
	return run;
}

void slow_run_free(struct slow_run *run)
{
	if (!run)
		return;
	slow_files_close(run->files);
	slow_list_free(run->list);
	slow_queue_free(run->queue);
	free(run);
}

void slow_run_name(struct slow_run *run, const struct name_source *names)
{
	run->names = names;
	slow_list_name(run->list, names);
}

const struct slow_list *slow_run_list(const struct slow_run *run)
{
	return run->list;
}

void slow_run_offer(struct slow_run *run, const struct nl_record *record, u64 epoch_offset_ns)
{
	if (slow_is_wanted(record, run->options))
		slow_queue_add(run->queue, record, epoch_offset_ns, record->end_ns);
}

static const char *interface_name(void *userdata, u32 ifindex)
{
	struct engine *engine = ((struct slow_run *)userdata)->engine;

	return engine->ops->interface_name(engine, ifindex);
}

static const char *address_name(void *userdata, const union nl_addr *address)
{
	const struct slow_run *run = userdata;
	const struct container *container = name_source_find(run->names, address);

	return container ? container->name : NULL;
}

/*
 * How long the server says it took, as far as the first packet of its response was copied. A
 * pipelined one may begin anywhere in that packet, behind the response to another request: then
 * it is not known.
 */
static void read_server_timing(struct server_timing *ret_timing, const struct nl_record *record,
			       const struct packet_list *packets)
{
	memset(ret_timing, 0, sizeof(*ret_timing));
	if (!record->response_first_ns || (record->grade & NL_GRADE_pipelined))
		return;
	for (size_t i = 0; i < packets->count; i++) {
		const struct packet *packet = &packets->packets[i];

		/* A clock may be so coarse that an ACK has the same time, and be padded. */
		if (packet->role != NL_SERVER || packet->time_ns != record->response_first_ns ||
		    !packet->has_payload)
			continue;
		server_timing_read(ret_timing, packet->bytes + packet->payload_offset,
				   packet->captured - packet->payload_offset);
		return;
	}
}

/*
 * The head of the request, as far as its first packet was copied, where the record brought no
 * excerpt of it. A pipelined one may begin anywhere in that packet: then it is not known.
 */
static void read_head(struct nl_record *record, const struct packet_list *packets)
{
	for (size_t i = 0; !record->head_bytes && i < packets->count; i++) {
		const struct packet *packet = &packets->packets[i];
		u32 bytes = packet->captured - packet->payload_offset;

		if (packet->role != NL_CLIENT || packet->time_ns != record->request_first_ns ||
		    !packet->has_payload || (record->grade & NL_GRADE_pipelined))
			continue;
		record->head_bytes = (u16)min_u32(bytes, NL_HEAD_BYTES_MAX);
		memcpy(record->head, packet->bytes + packet->payload_offset, record->head_bytes);
	}
}

/* Write the packets of a transaction; the path of their file, or "". */
static void write_packets(struct slow_run *run, const struct nl_record *record,
			  const struct packet_list *packets, const struct server_timing *timing,
			  u64 epoch_offset_ns, char path[PATH_MAX])
{
	char explanation[EXPLAIN_BYTES_MAX];
	struct snippet snippet = {
		.record = record,
		.packets = packets,
		.epoch_offset_ns = epoch_offset_ns,
		.explanation = explanation,
		.server_timing = *timing,
		.interface_name = interface_name,
		.address_name = address_name,
		.userdata = run,
		.show_sensitive = run->options->show_sensitive,
	};

	explain_with_timing(explanation, sizeof(explanation), record, timing);
	run->overwritten += packets->is_overwritten;
	if (slow_files_write(run->files, &snippet, path, PATH_MAX) < 0)
		path[0] = '\0';
}

static void deal_with(struct slow_run *run, struct nl_record *record, u64 epoch_offset_ns)
{
	bool is_written = run->files && slow_files_admit(run->files, record->end_ns);
	struct server_timing server_timing;
	struct packet_list packets = {};
	char path[PATH_MAX] = "";
	int r = run->engine->ops->packets(run->engine, record, &packets);

	if (r < 0 && !run->not_collected++)
		log_error("packets cannot be collected: %s", strerror(-r));
	read_head(record, &packets);
	read_server_timing(&server_timing, record, &packets);
	if (r == 0 && is_written)
		write_packets(run, record, &packets, &server_timing, epoch_offset_ns, path);
	packet_list_clear(&packets);
	slow_list_add(run->list, record, epoch_offset_ns, path, &server_timing);
}

/* Files are written in the event loop: while they are, records wait, and signals. */
void slow_run_due(struct slow_run *run, struct engine *engine, u64 now_ns)
{
	bool is_end = now_ns == SLOW_QUEUE_ALL, is_live = !run->options->replay_file;
	u64 begun_ns = is_live ? monotonic_ns() : 0, epoch_offset_ns;
	struct nl_record record;

	run->engine = engine;
	while (slow_queue_take_due(run->queue, now_ns, &record, &epoch_offset_ns)) {
		u64 spent_ns = is_live ? monotonic_ns() - begun_ns : 0;

		if (is_end && spent_ns >= END_NS_MAX)
			run->given_up++;
		else
			deal_with(run, &record, epoch_offset_ns);
		if (!is_end && spent_ns >= TURN_NS_MAX)
			break;
	}
}

struct slow_totals slow_run_totals(const struct slow_run *run)
{
	const struct slow_counters *counters;

	if (!run->files)
		return (struct slow_totals){ 0 };
	counters = slow_files_counters(run->files);
	return (struct slow_totals){
		.written = counters->written,
		.dropped_by_limit = counters->dropped_by_limit,
		.dropped_by_size = counters->dropped_by_size,
		.dropped_by_queue = slow_queue_overflows(run->queue),
		.failed = counters->failed_to_write + run->not_collected + run->given_up,
	};
}

void slow_run_summary(const struct slow_run *run, FILE *out)
{
	const struct slow_counters *counters;

	if (slow_queue_overflows(run->queue))
		fprintf(out, "slow or failed, but too many at once to be kept: %" PRIu64 "\n",
			(uint64_t)slow_queue_overflows(run->queue));
	if (run->not_collected)
		fprintf(out, "slow or failed, but without memory for their packets: %" PRIu64 "\n",
			(uint64_t)run->not_collected);
	if (run->given_up)
		fprintf(out,
			"slow or failed, but not dealt with within %llu s of the end: %" PRIu64
			"\n",
			END_NS_MAX / 1000000000, (uint64_t)run->given_up);
	if (!run->files)
		return;
	counters = slow_files_counters(run->files);
	fprintf(out, "slow and failed transactions in %s: %" PRIu64 " written",
		run->options->write_path, (uint64_t)counters->written);
	if (slow_files_is_empty_file(run->files))
		fputs(", and so the file is removed", out);
	if (run->overwritten)
		fprintf(out, ", %" PRIu64 " of them in part (--recorder-mb)",
			(uint64_t)run->overwritten);
#define X(name, help)                                                                              \
	if (counters->name && &counters->name > &counters->written_bytes)                          \
		fprintf(out, "; %" PRIu64 " %s", (uint64_t)counters->name, help);
	SLOW_COUNTERS(X)
#undef X
	fputc('\n', out);
}
