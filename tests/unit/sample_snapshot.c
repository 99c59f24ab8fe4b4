/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* sample_snapshot.c - snapshots made up for tests and benchmarks. */
#include "sample_snapshot.h"

#include <stdlib.h>
#include <string.h>

union nl_addr sample_address(unsigned number)
{
	union nl_addr address = { .bytes = { [10] = 0xff, 0xff, 10, 0 } };

	address.bytes[14] = (u8)(number / 250);
	address.bytes[15] = (u8)(1 + number % 250);
	return address;
}

bool sample_init(struct snapshot *snapshot)
{
	*snapshot = (struct snapshot){ .taken_ns = 10000000000, .started_ns = 1 };
	snapshot->rows = calloc(SAMPLE_MAX, sizeof(*snapshot->rows));
	snapshot->series = calloc(SAMPLE_MAX, sizeof(*snapshot->series));
	return snapshot->rows && snapshot->series;
}

struct metrics_row *sample_row(struct snapshot *snapshot, enum nl_row_kind kind, unsigned server,
			       u16 port, unsigned client)
{
	struct metrics_row *row = &snapshot->rows[snapshot->row_count++];

	memset(row, 0, sizeof(*row));
	row->key.kind = kind;
	if (kind != NL_ROW_OTHER) {
		row->key.server_addr = sample_address(server);
		row->key.server_port = port;
	}
	if (kind == NL_ROW_PAIR)
		row->key.client_addr = sample_address(client);
	return row;
}

struct metrics_series *sample_series(struct snapshot *snapshot, unsigned server, u16 port,
				     enum nl_method method, u16 status, enum nl_end_reason reason)
{
	struct metrics_series *series = &snapshot->series[snapshot->series_count++];

	memset(series, 0, sizeof(*series));
	series->key = (struct nl_series_key){ .server_addr = sample_address(server),
					      .server_port = port,
					      .status = status,
					      .method = (u8)method,
					      .version = 0x11,
					      .reason = (u8)reason };
	return series;
}

void sample_observe(struct nl_series *series, u64 count, u64 duration_ns)
{
	series->count += count;
	series->duration_sum_ns += count * duration_ns;
	series->duration[histogram_bucket(duration_ns)] += count;
	series->wait_count += count;
	series->wait_sum_ns += count * (duration_ns / 2);
	series->wait[histogram_bucket(duration_ns / 2)] += count;
}

void sample_answer(struct nl_stats *stats, u64 count, u16 status, u64 duration_ns)
{
	stats->requests += count;
	stats->responses[status / 100] += count;
	stats->known += status == 404 ? 0 : count;
	stats->request_bytes += 100 * count;
	stats->response_bytes += 1000 * count;
	stats->duration_sum_ns += count * duration_ns;
	stats->duration[histogram_bucket(duration_ns)] += count;
	stats->ttfb_sum_ns += count * (duration_ns / 2);
	stats->ttfb[histogram_bucket(duration_ns / 2)] += count;
}

void sample_usual(struct snapshot *snapshot)
{
	struct metrics_row *row = sample_row(snapshot, NL_ROW_PAIR, 1, 8080, 5);

	sample_answer(&row->stats, 8, 200, 4000000);
	sample_answer(&row->stats, 2, 500, 300000000);
	row->stats.client_resets = 3;
	row->stats.causes[NL_CAUSE_server] = 2;
	row->stats.handshakes = 4;
	row->stats.connect_sum_ns = 1500000;
	row = sample_row(snapshot, NL_ROW_PAIR, 1, 8080, 6);
	sample_answer(&row->stats, 7, 404, 1000000);
	row = sample_row(snapshot, NL_ROW_SERVICE, 1, 8080, 0);
	sample_answer(&row->stats, 5, 200, 1000000);
	row = sample_row(snapshot, NL_ROW_OTHER, 0, 0, 0);
	sample_answer(&row->stats, 11, 200, 1000000);
	sample_observe(&sample_series(snapshot, 0, 0, NL_METHOD_GET, 200, 0)->stats, 11, 1000000);
	snapshot->series[0].is_overflow = true;
	sample_observe(&sample_series(snapshot, 1, 8080, NL_METHOD_GET, 200, 0)->stats, 13,
		       4000000);
	sample_observe(&sample_series(snapshot, 1, 8080, NL_METHOD_GET, 500, 0)->stats, 2,
		       300000000);
	sample_observe(
		&sample_series(snapshot, 1, 8080, NL_METHOD_PUT, 0, NL_END_client_reset)->stats, 3,
		1000000);
	sample_observe(
		&sample_series(snapshot, 1, 8080, NL_METHOD_PUT, 0, NL_END_server_reset)->stats, 4,
		1000000);
	snapshot->counters[NL_COUNT_requests] = 40;
	snapshot->counters[NL_COUNT_paired] = 33;
	snapshot->counters[NL_COUNT_unanswered] = 7;
	snapshot->counters[NL_COUNT_graded] = 10;
	snapshot->counters[NL_COUNT_clean] = 30;
	snapshot->counters[NL_COUNT_packets] = 100;
	snapshot->counters[NL_COUNT_packet_bytes] = 12345;
	snapshot->counters[NL_COUNT_parsed] = 90;
	snapshot->counters[NL_COUNT_not_tcp] = 10;
}
