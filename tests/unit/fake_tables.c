/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* fake_tables.c - tables of rows and series that are only arrays. */
#include "fake_tables.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct fake_row fake_rows[FAKE_ROWS];
struct fake_series fake_series[FAKE_SERIES];
static const u32 *sweep_now;

void fake_tables_clear(void)
{
	memset(fake_rows, 0, sizeof(fake_rows));
	memset(fake_series, 0, sizeof(fake_series));
}

static int list_rows(void *userdata, struct nl_row_key *keys, u32 *numbers)
{
	int count = 0;

	(void)userdata;
	for (u32 i = 0; i < FAKE_ROWS; i++) {
		if (!fake_rows[i].listed)
			continue;
		keys[count] = fake_rows[i].key;
		numbers[count++] = i;
	}
	return count;
}

static int list_series(void *userdata, struct nl_series_key *keys, u32 *numbers)
{
	int count = 0;

	(void)userdata;
	for (u32 i = 0; i < FAKE_SERIES; i++) {
		if (!fake_series[i].listed)
			continue;
		keys[count] = fake_series[i].key;
		numbers[count++] = i;
	}
	return count;
}

static int forget_row(void *userdata, const struct nl_row_key *key)
{
	(void)userdata;
	for (u32 i = 0; i < FAKE_ROWS; i++)
		if (fake_rows[i].listed && memcmp(&fake_rows[i].key, key, sizeof(*key)) == 0)
			fake_rows[i].listed = false;
	return 0;
}

static int restore_row(void *userdata, const struct nl_row_key *key, u32 number)
{
	(void)userdata;
	for (u32 i = 0; i < FAKE_ROWS; i++)
		if (fake_rows[i].listed && memcmp(&fake_rows[i].key, key, sizeof(*key)) == 0)
			return -EEXIST;
	fake_rows[number].listed = true;
	return 0;
}

static int forget_series(void *userdata, const struct nl_series_key *key)
{
	(void)userdata;
	for (u32 i = 0; i < FAKE_SERIES; i++)
		if (fake_series[i].listed && memcmp(&fake_series[i].key, key, sizeof(*key)) == 0)
			fake_series[i].listed = false;
	return 0;
}

static int restore_series(void *userdata, const struct nl_series_key *key, u32 number)
{
	(void)userdata;
	for (u32 i = 0; i < FAKE_SERIES; i++)
		if (fake_series[i].listed && memcmp(&fake_series[i].key, key, sizeof(*key)) == 0)
			return -EEXIST;
	fake_series[number].listed = true;
	return 0;
}

static u64 row_activity(void *userdata, u32 number)
{
	(void)userdata;
	return fake_rows[number].stats.requests;
}

static bool row_is_met(void *userdata, u32 number, u32 of)
{
	(void)userdata;
	assert_int_equal(of, *sweep_now);
	return fake_rows[number].met;
}

static int add_row(void *userdata, u32 number, struct nl_stats *to)
{
	(void)userdata;
	metrics_add(to, &fake_rows[number].stats);
	return 0;
}

static int add_series(void *userdata, u32 number, struct nl_series *to)
{
	(void)userdata;
	to->count += fake_series[number].count;
	return 0;
}

static int free_row(void *userdata, u32 number)
{
	(void)userdata;
	assert_false(fake_rows[number].listed);
	memset(&fake_rows[number].stats, 0, sizeof(fake_rows[number].stats));
	fake_rows[number].freed++;
	return 0;
}

static int free_series(void *userdata, u32 number)
{
	(void)userdata;
	assert_false(fake_series[number].listed);
	fake_series[number].freed++;
	return 0;
}

void fake_row_add(u32 number, u8 client, u16 port, u64 requests)
{
	fake_rows[number].key = (struct nl_row_key){ .server_port = port };
	fake_rows[number].key.client_addr.bytes[15] = client;
	fake_rows[number].key.server_addr.bytes[15] = 1;
	fake_rows[number].listed = true;
	fake_rows[number].stats.requests = requests;
}

void fake_series_add(u32 number, u16 port, u16 status)
{
	fake_series[number].key = (struct nl_series_key){ .server_port = port, .status = status };
	fake_series[number].key.server_addr.bytes[15] = port ? 1 : 0;
	fake_series[number].listed = true;
}

struct reclaim_tables fake_tables_of(const u32 *sweep)
{
	sweep_now = sweep;
	return (struct reclaim_tables){
		.rows = FAKE_ROWS,
		.series = FAKE_SERIES,
		.list_rows = list_rows,
		.list_series = list_series,
		.forget_row = forget_row,
		.restore_row = restore_row,
		.forget_series = forget_series,
		.restore_series = restore_series,
		.row_activity = row_activity,
		.row_is_met = row_is_met,
		.add_row = add_row,
		.add_series = add_series,
		.free_row = free_row,
		.free_series = free_series,
	};
}
