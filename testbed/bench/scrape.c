/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * scrape.c - how long it takes to put an answer to GET /metrics together: with as many series,
 * services and clients as there are places, and buckets filled as real ones are.
 *
 *     scrape [SERIES]       (2000)
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "export_metrics.h"
#include "sample_snapshot.h"

#define ROUNDS 40
#define CLIENTS_OF_A_SERVICE 10
#define BUCKETS_USED 60 /* from 0.1 ms to 20 ms */

static u64 now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (u64)now.tv_sec * 1000000000 + (u64)now.tv_nsec;
}

static void fill(struct snapshot *snapshot, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		unsigned service = i / CLIENTS_OF_A_SERVICE;
		u16 status = (u16)(200 + i % CLIENTS_OF_A_SERVICE);
		struct metrics_row *row =
			sample_row(snapshot, NL_ROW_PAIR, service, 8080, 20000 + i);
		struct metrics_series *series =
			sample_series(snapshot, service, 8080, NL_METHOD_GET, status, 0);
		u64 duration_ns = 100000;

		for (unsigned k = 0; k < BUCKETS_USED; k++, duration_ns += duration_ns / 11) {
			sample_observe(&series->stats, k + 1000000 + i, duration_ns);
			sample_answer(&row->stats, k + 1000000 + i, status, duration_ns);
		}
	}
}

static int compare(const void *a, const void *b)
{
	const u64 *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static bool measure(struct metrics_exporter *exporter, struct snapshot *snapshot, const char *name,
		    enum export_format format)
{
	struct export_buffer out = { .bytes = NULL };
	u64 took_ns[ROUNDS], first_ns = 0;

	for (unsigned i = 0; i <= ROUNDS; i++) {
		u64 began_ns = now_ns();

		snapshot->taken_ns += 1000000000;
		if (metrics_exporter_write(exporter, snapshot, NULL, format, &out) < 0)
			return false;
		if (i == 0)
			first_ns = now_ns() - began_ns;
		else
			took_ns[i - 1] = now_ns() - began_ns;
	}
	qsort(took_ns, ROUNDS, sizeof(took_ns[0]), compare);
	printf("%-12s %6.2f ms at least, %6.2f ms median, %6.2f ms the first; %5.2f MB\n", name,
	       (double)took_ns[0] / 1e6, (double)took_ns[ROUNDS / 2] / 1e6, (double)first_ns / 1e6,
	       (double)out.used / 1e6);
	export_buffer_free(&out);
	return true;
}

int main(int argc, char **argv)
{
	unsigned count = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 2000;
	struct metrics_exporter *exporter = metrics_exporter_new(2000, ~0ULL, NULL);
	struct snapshot snapshot;

	if (!exporter || !sample_init(&snapshot) || count > SAMPLE_MAX) {
		fprintf(stderr, "scrape: no memory, or more than %d series\n", SAMPLE_MAX);
		return 1;
	}
	fill(&snapshot, count);
	printf("%u series, %u services, %u clients\n", count, count / CLIENTS_OF_A_SERVICE, count);
	if (!measure(exporter, &snapshot, "text", EXPORT_TEXT) ||
	    !measure(exporter, &snapshot, "OpenMetrics", EXPORT_OPENMETRICS) ||
	    !measure(exporter, &snapshot, "protobuf", EXPORT_PROTOBUF))
		return 1;
	metrics_exporter_free(exporter);
	snapshot_clear(&snapshot);
	return 0;
}
