/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* verify_series.c - the series say what the records say, where there is a record of each. */
#include <string.h>

#include "record_view.h"
#include "verify.h"

/* As the series of the core count it: evicted ones, and those in flight, are in none. */
static bool is_counted(const struct nl_record *record)
{
	return record->outcome != NL_OUTCOME_EVICTED && record->outcome != NL_OUTCOME_IN_FLIGHT;
}

/* HTTP/1.0 and what claims to be older is one, all else another. */
static u8 counted_version(const struct nl_record *record)
{
	return record->request_version < 0x11 ? 0x10 : 0x11;
}

static void add_record(struct nl_series *to, const struct nl_record *record)
{
	u64 whole_ns = record_whole_ns(record), wait_ns;

	to->count++;
	to->duration_sum_ns += whole_ns;
	to->duration[histogram_bucket(whole_ns)]++;
	if (!record_wait_ns(record, &wait_ns))
		return;
	to->wait_count++;
	to->wait_sum_ns += wait_ns;
	to->wait[histogram_bucket(wait_ns)]++;
}

static bool is_in(const struct nl_record *record, const struct nl_series_key *key)
{
	return record->method == key->method && record->status == key->status &&
	       counted_version(record) == key->version && record->reason == key->reason &&
	       record->server_port == key->server_port &&
	       memcmp(&record->server_addr, &key->server_addr, sizeof(key->server_addr)) == 0;
}

static void expect_equal(const struct nl_series *found, const struct nl_series *expected)
{
	VERIFY(found->count == expected->count, "%llu, not %llu", found->count, expected->count);
	VERIFY(found->duration_sum_ns == expected->duration_sum_ns, "%llu, not %llu",
	       found->duration_sum_ns, expected->duration_sum_ns);
	VERIFY(found->wait_count == expected->wait_count, "%llu, not %llu", found->wait_count,
	       expected->wait_count);
	VERIFY(found->wait_sum_ns == expected->wait_sum_ns, "%llu, not %llu", found->wait_sum_ns,
	       expected->wait_sum_ns);
	VERIFY(memcmp(found, expected, sizeof(*found)) == 0, "buckets");
}

static void verify_each(const struct snapshot *snapshot, const struct nl_record *records, u32 count)
{
	for (size_t i = 0; i < snapshot->series_count; i++) {
		struct nl_series expected = { 0 };

		for (u32 j = 0; j < count; j++)
			if (is_counted(&records[j]) && is_in(&records[j], &snapshot->series[i].key))
				add_record(&expected, &records[j]);
		expect_equal(&snapshot->series[i].stats, &expected);
	}
}

void verify_series(const struct replay_core *core, const struct nl_record *records, u32 count,
		   bool has_room)
{
	struct nl_series found = { 0 }, expected = { 0 };
	struct snapshot snapshot = { 0 };

	VERIFY(replay_core_snapshot(core, &snapshot) == 0, "out of memory");
	for (size_t i = 0; i < snapshot.series_count; i++)
		metrics_add_series(&found, &snapshot.series[i].stats);
	for (u32 i = 0; i < count; i++)
		if (is_counted(&records[i]))
			add_record(&expected, &records[i]);
	expect_equal(&found, &expected);
	if (has_room)
		verify_each(&snapshot, records, count);
	snapshot_clear(&snapshot);
}
