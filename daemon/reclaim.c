/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* reclaim.c - rows and series that nobody uses any more are taken back from the kernel's tables. */
#include "reclaim.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "given_back.h"

enum place_state {
	PLACE_FREE,    /* not in the table, as far as is known */
	PLACE_IN_USE,  /* in the table */
	PLACE_RETIRED, /* taken out of it; connections may still have the number */
};

struct row_place {
	struct nl_row_key key;
	u64 activity;
	u64 changed_ns; /* when activity was first seen as it is */
	enum place_state state;
};

struct series_place {
	struct nl_series_key key;
	enum place_state state;
};

struct reclaim {
	struct reclaim_tables tables;
	u64 expire_ns;
	struct row_place *rows; /* by number */
	struct series_place *series;
	/* what the tables say */
	struct nl_row_key *row_keys;
	struct nl_series_key *series_keys;
	u32 *numbers;
	struct nl_stats expired;
	struct given_back *given_back; /* of it, what services that go on have */
};

struct reclaim *reclaim_new(const struct reclaim_tables *tables, u64 expire_ns)
{
	struct reclaim *reclaim = calloc(1, sizeof(*reclaim));
	u32 most = tables->rows > tables->series ? tables->rows : tables->series;

	if (!reclaim)
		return NULL;
	reclaim->tables = *tables;
	reclaim->expire_ns = expire_ns;
	reclaim->rows = calloc(tables->rows, sizeof(*reclaim->rows));
	reclaim->series = calloc(tables->series, sizeof(*reclaim->series));
	reclaim->row_keys = calloc(tables->rows, sizeof(*reclaim->row_keys));
	reclaim->series_keys = calloc(tables->series, sizeof(*reclaim->series_keys));
	reclaim->numbers = calloc(most, sizeof(*reclaim->numbers));
	reclaim->given_back = given_back_new();
	if (reclaim->rows && reclaim->series && reclaim->row_keys && reclaim->series_keys &&
	    reclaim->numbers && reclaim->given_back)
		return reclaim;
	reclaim_free(reclaim);
	errno = ENOMEM;
	return NULL;
}

void reclaim_free(struct reclaim *reclaim)
{
	if (!reclaim)
		return;
	free(reclaim->rows);
	free(reclaim->series);
	free(reclaim->row_keys);
	free(reclaim->series_keys);
	free(reclaim->numbers);
	given_back_free(reclaim->given_back);
	free(reclaim);
}

int reclaim_expired(const struct reclaim *reclaim, struct nl_stats *ret_stats)
{
	const struct reclaim_tables *t = &reclaim->tables;
	int r = 0;

	*ret_stats = reclaim->expired;
	for (u32 number = 1; number < t->rows && r >= 0; number++)
		if (reclaim->rows[number].state == PLACE_RETIRED)
			r = t->add_row(t->userdata, number, ret_stats);
	return r;
}

/* A row that is taken out of the table is still to be counted with its service. */
static int add_retired(const struct reclaim *reclaim, struct metrics_row *to)
{
	const struct reclaim_tables *t = &reclaim->tables;
	int r = 0;

	for (u32 number = 1; number < t->rows && r >= 0; number++) {
		const struct row_place *place = &reclaim->rows[number];

		if (place->state != PLACE_RETIRED)
			continue;
		to->key = (struct nl_row_key){ .server_addr = place->key.server_addr,
					       .server_port = place->key.server_port,
					       .kind = NL_ROW_SERVICE };
		r = t->add_row(t->userdata, number, &(to++)->stats);
	}
	return r;
}

int reclaim_given_back(const struct reclaim *reclaim, struct metrics_row **ret_rows,
		       size_t *ret_count)
{
	size_t count = given_back_count(reclaim->given_back), settled = count;
	struct metrics_row *rows;
	int r;

	for (u32 number = 1; number < reclaim->tables.rows; number++)
		count += reclaim->rows[number].state == PLACE_RETIRED;
	rows = calloc(count + 1, sizeof(*rows)); /* calloc(0) may return NULL */
	if (!rows)
		return -ENOMEM;
	given_back_list(reclaim->given_back, rows);
	r = add_retired(reclaim, rows + settled);
	if (r < 0) {
		free(rows);
		return r;
	}
	*ret_rows = rows;
	*ret_count = count;
	return 0;
}

#define KEY_OF_OVERFLOW 1 /* not 0, so that it is no other series' key */

/*
 * The series of this key in a snapshot that has room for one more; the key may have another
 * number by now. reclaim->series_keys are those of the snapshot: its series are far between.
 */
static struct metrics_series *series_of(struct reclaim *reclaim, struct snapshot *snapshot,
					const struct nl_series_key *key)
{
	size_t i = 0;

	while (i < snapshot->series_count &&
	       memcmp(&reclaim->series_keys[i], key, sizeof(*key)) != 0)
		i++;
	if (i == snapshot->series_count) {
		snapshot->series[snapshot->series_count++].key = *key;
		reclaim->series_keys[i] = *key;
	}
	return &snapshot->series[i];
}

int reclaim_add_series(struct reclaim *reclaim, struct snapshot *snapshot)
{
	const struct reclaim_tables *t = &reclaim->tables;
	size_t room = snapshot->series_count, bytes = sizeof(*snapshot->series);
	struct metrics_series *series;
	int r = 0;

	for (u32 number = 1; number < t->series; number++)
		room += reclaim->series[number].state == PLACE_RETIRED;
	series = room > snapshot->series_count ? reallocarray(snapshot->series, room, bytes) : NULL;
	if (!series)
		return room > snapshot->series_count ? -ENOMEM : 0;
	memset(series + snapshot->series_count, 0, (room - snapshot->series_count) * bytes);
	snapshot->series = series;
	for (size_t i = 0; i < snapshot->series_count; i++) {
		reclaim->series_keys[i] = snapshot->series[i].key;
		if (snapshot->series[i].is_overflow)
			reclaim->series_keys[i].reserved = KEY_OF_OVERFLOW;
	}
	for (u32 number = 1; number < t->series && r >= 0; number++) {
		const struct series_place *place = &reclaim->series[number];

		if (place->state == PLACE_RETIRED)
			r = t->add_series(t->userdata, number,
					  &series_of(reclaim, snapshot, &place->key)->stats);
	}
	return r;
}

/* A row that the table has. */
static int look_at_row(struct reclaim *reclaim, const struct nl_row_key *key, u32 number, u32 sweep,
		       u64 now_ns)
{
	const struct reclaim_tables *t = &reclaim->tables;
	struct row_place *place = &reclaim->rows[number];
	u64 activity = t->row_activity(t->userdata, number);
	int r;

	if (place->state != PLACE_IN_USE || place->activity != activity) {
		place->key = *key;
		place->activity = activity;
		place->changed_ns = now_ns;
		place->state = PLACE_IN_USE;
		return 0;
	}
	if (now_ns - place->changed_ns < reclaim->expire_ns ||
	    t->row_is_met(t->userdata, number, sweep))
		return 0;
	r = t->forget_row(t->userdata, key);
	if (r < 0)
		return r;
	place->state = PLACE_RETIRED;
	return 0;
}

/* Clear a row that no table has, and give its number out again. */
static int free_place(struct reclaim *reclaim, u32 number)
{
	const struct reclaim_tables *t = &reclaim->tables;
	struct row_place *place = &reclaim->rows[number];
	struct nl_stats stats = { .requests = 0 };
	int r = t->add_row(t->userdata, number, &stats);

	if (r >= 0)
		r = given_back_add(reclaim->given_back, &place->key, &stats);
	if (r < 0)
		return r;
	metrics_add(&reclaim->expired, &stats);
	place->state = PLACE_FREE;
	return t->free_row(t->userdata, number);
}

/* A row that was taken out of the table before the latest sweep began. */
static int settle_row(struct reclaim *reclaim, u32 number, u32 sweep, u64 now_ns)
{
	const struct reclaim_tables *t = &reclaim->tables;
	struct row_place *place = &reclaim->rows[number];
	bool is_met = t->row_is_met(t->userdata, number, sweep);
	int r;

	if (is_met || t->row_activity(t->userdata, number) != place->activity) {
		r = t->restore_row(t->userdata, &place->key, number);
		if (r == 0) {
			place->state = PLACE_IN_USE;
			place->changed_ns = now_ns;
		}
		/* Its service and client have another row by now: this one only has to run out. */
		if (r == 0 || is_met)
			return r == -EEXIST ? 0 : r;
	}
	return free_place(reclaim, number);
}

static int reclaim_rows(struct reclaim *reclaim, u32 sweep, u64 now_ns)
{
	const struct reclaim_tables *t = &reclaim->tables;
	int count, r = 0;

	for (u32 number = 1; number < t->rows && r >= 0; number++)
		if (reclaim->rows[number].state == PLACE_RETIRED)
			r = settle_row(reclaim, number, sweep, now_ns);
	if (r < 0)
		return r;
	count = t->list_rows(t->userdata, reclaim->row_keys, reclaim->numbers);
	for (int i = 0; i < count && r >= 0; i++) {
		u32 number = reclaim->numbers[i];

		if (number > 0 && number < t->rows)
			r = look_at_row(reclaim, &reclaim->row_keys[i], number, sweep, now_ns);
	}
	return count < 0 ? count : r;
}

/* Of a row's key what tells its service; or of the key of a series. */
static void service_of(struct nl_series_key *service, const union nl_addr *addr, u16 port)
{
	memset(service, 0, sizeof(*service));
	service->server_addr = *addr;
	service->server_port = port;
}

static int compare_services(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct nl_series_key));
}

/* The services that have a row, sorted, into `services`, which has room for all rows. How many. */
static size_t list_services(const struct reclaim *reclaim, struct nl_series_key *services)
{
	size_t count = 0;

	for (u32 number = 1; number < reclaim->tables.rows; number++) {
		const struct row_place *place = &reclaim->rows[number];

		if (place->state != PLACE_FREE)
			service_of(&services[count++], &place->key.server_addr,
				   place->key.server_port);
	}
	qsort(services, count, sizeof(*services), compare_services);
	return count;
}

static bool has_row(const struct nl_series_key *services, size_t count,
		    const struct nl_series_key *key)
{
	struct nl_series_key service;

	service_of(&service, &key->server_addr, key->server_port);
	return count && bsearch(&service, services, count, sizeof(service), compare_services);
}

/* The services of list_services(). */
struct services {
	struct nl_series_key *keys;
	size_t count;
};

static bool goes_on(const struct nl_row_key *key, void *userdata)
{
	const struct services *services = userdata;
	struct nl_series_key service = { .server_addr = key->server_addr,
					 .server_port = key->server_port };

	return has_row(services->keys, services->count, &service);
}

/* Those of row 0. A packet may well say that port 0 is a service's. */
static bool is_of_no_service(const struct nl_series_key *key)
{
	return !key->server_port && !key->server_addr.words[0] && !key->server_addr.words[1];
}

static int settle_series(struct reclaim *reclaim, u32 number, bool is_needed)
{
	const struct reclaim_tables *t = &reclaim->tables;
	struct series_place *place = &reclaim->series[number];
	int r;

	if (is_needed) {
		r = t->restore_series(t->userdata, &place->key, number);
		if (r == 0)
			place->state = PLACE_IN_USE;
		return r == -EEXIST ? 0 : r;
	}
	place->state = PLACE_FREE;
	return t->free_series(t->userdata, number);
}

static int look_at_series(struct reclaim *reclaim, const struct nl_series_key *key, u32 number)
{
	const struct reclaim_tables *t = &reclaim->tables;
	struct series_place *place = &reclaim->series[number];
	int r = t->forget_series(t->userdata, key);

	if (r < 0)
		return r;
	place->key = *key;
	place->state = PLACE_RETIRED;
	return 0;
}

/* The series of no service, those of row 0, are always needed. */
static int reclaim_series(struct reclaim *reclaim)
{
	const struct reclaim_tables *t = &reclaim->tables;
	/* calloc(0) may return NULL. */
	struct nl_series_key *services = calloc(t->rows + 1UL, sizeof(*services));
	int listed, r = 0;
	size_t count;

	if (!services)
		return -ENOMEM;
	count = list_services(reclaim, services);
	given_back_forget(reclaim->given_back, goes_on, &(struct services){ services, count });
	for (u32 number = 1; number < t->series && r >= 0; number++) {
		const struct series_place *place = &reclaim->series[number];

		if (place->state == PLACE_RETIRED)
			r = settle_series(reclaim, number, has_row(services, count, &place->key));
	}
	listed = r < 0 ? r : t->list_series(t->userdata, reclaim->series_keys, reclaim->numbers);
	for (int i = 0; i < listed && r >= 0; i++) {
		const struct nl_series_key *key = &reclaim->series_keys[i];
		u32 number = reclaim->numbers[i];

		if (number > 0 && number < t->series && !is_of_no_service(key) &&
		    !has_row(services, count, key))
			r = look_at_series(reclaim, key, number);
	}
	free(services);
	return listed < 0 ? listed : r;
}

int reclaim_after_sweep(struct reclaim *reclaim, u32 sweep, u64 now_ns)
{
	int r = reclaim_rows(reclaim, sweep, now_ns);

	return r < 0 ? r : reclaim_series(reclaim);
}
