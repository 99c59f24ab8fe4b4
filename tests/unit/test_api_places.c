/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_api_places.c - who has to go when another connection comes, or takes too long. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "api_places.h"

#define SECOND 1000000000ULL
#define NOW (1000 * SECOND)

static struct places places;

static union nl_addr peer_of(const char *text)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	struct sockaddr_un local = { .sun_family = AF_UNIX };

	if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
		return place_peer((struct sockaddr *)&v4);
	if (inet_pton(AF_INET6, text, &v6.sin6_addr) == 1)
		return place_peer((struct sockaddr *)&v6);
	return place_peer((struct sockaddr *)&local);
}

static bool is_same(const char *a, const char *b)
{
	union nl_addr first = peer_of(a), second = peer_of(b);

	return memcmp(&first, &second, sizeof(first)) == 0;
}

static struct place *take(const char *peer, u64 since_ns)
{
	union nl_addr address = peer_of(peer);

	return places_take(&places, -1, &address, since_ns);
}

/* So many, the first of which is the oldest. */
static struct place *take_many(const char *peer, unsigned count, u64 since_ns)
{
	struct place *first = take(peer, since_ns);

	assert_non_null(first);
	for (unsigned i = 1; i < count; i++)
		assert_non_null(take(peer, since_ns + i));
	return first;
}

static struct place *victim_of(const char *peer)
{
	union nl_addr address = peer_of(peer);

	return places_victim(&places, &address, NOW);
}

static int empty(void **state)
{
	(void)state;
	memset(&places, 0, sizeof(places));
	return 0;
}

static void test_peers(void **state)
{
	(void)state;
	assert_true(is_same("10.0.0.1", "10.0.0.1"));
	assert_false(is_same("10.0.0.1", "10.0.0.2"));
	assert_true(is_same("2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff"));
	assert_false(is_same("2001:db8::1", "2001:db8:0:1::1"));
	assert_true(is_same("unix", "unix"));
	assert_false(is_same("unix", "::1"));
	assert_false(is_same("unix", "0.0.0.0"));
}

static void test_take(void **state)
{
	struct place *place;

	(void)state;
	assert_int_equal(places_count(&places), 0);
	place = take_many("10.0.0.1", API_PLACES_MAX, NOW);
	assert_int_equal(places_count(&places), API_PLACES_MAX);
	assert_null(take("10.0.0.2", NOW));
	place[5].state = PLACE_FREE;
	assert_int_equal(places_count(&places), API_PLACES_MAX - 1);
	assert_ptr_equal(take("10.0.0.2", NOW), place + 5);
}

/* Who has most loses; within a share the least needed, and of these the oldest. */
static void test_victim(void **state)
{
	struct place *many;

	(void)state;
	take_many("10.0.0.1", 4, NOW - 9 * SECOND);
	many = take_many("10.0.0.2", API_PLACES_MAX - 4, NOW - 5 * SECOND);
	assert_ptr_equal(victim_of("10.0.0.3"), many);
	assert_ptr_equal(victim_of("10.0.0.1"), many);
	assert_ptr_equal(victim_of("10.0.0.2"), many); /* its own */
	many[0].has_asked = true;
	assert_ptr_equal(victim_of("10.0.0.3"), many + 1);
	for (unsigned i = 0; i < API_PLACES_MAX - 4; i++)
		many[i].has_asked = true;
	assert_ptr_equal(victim_of("10.0.0.3"), many);
	for (unsigned i = 0; i < API_PLACES_MAX - 4; i++)
		place_enter(&many[i], PLACE_ANSWERING, NOW - API_ANSWER_SPARED_NS - i);
	assert_ptr_equal(victim_of("10.0.0.3"), many + API_PLACES_MAX - 5);
	many[3].state = PLACE_WAITING;
	assert_ptr_equal(victim_of("10.0.0.3"), many + 3);
	for (unsigned i = 0; i < API_PLACES_MAX - 4; i++)
		place_enter(&many[i], PLACE_ANSWERING, NOW - API_ANSWER_SPARED_NS + 1);
	/* What has only begun is spared, but not where one has nearly all. */
	assert_ptr_equal(victim_of("10.0.0.3"), many);
	assert_null(victim_of("10.0.0.2")); /* has more than anybody whose place it could have */
}

/* Two that have a half each, all in the middle of an answer: neither gets more, a third does. */
static void test_equal_shares(void **state)
{
	struct place *place = take_many("10.0.0.1", API_PLACES_MAX, NOW);

	(void)state;
	for (unsigned i = 0; i < API_PLACES_MAX; i++) {
		place_enter(&place[i], PLACE_ANSWERING, NOW - 1);
		place[i].peer = peer_of(i % 2 ? "10.0.0.1" : "10.0.0.2");
	}
	assert_null(victim_of("10.0.0.1"));
	assert_null(victim_of("10.0.0.2"));
	assert_ptr_equal(victim_of("10.0.0.3"), place);
	place_enter(&place[5], PLACE_WAITING, NOW); /* its own */
	assert_ptr_equal(victim_of("10.0.0.1"), place + 5);
	assert_null(victim_of("10.0.0.2"));
}

/* One each: the oldest goes. Whoever has two already goes before them. */
static void test_victim_of_equals(void **state)
{
	char peer[32];

	(void)state;
	for (unsigned i = 0; i < API_PLACES_MAX; i++) {
		snprintf(peer, sizeof(peer), "10.0.1.%u", i);
		assert_non_null(take(peer, NOW - i));
	}
	assert_ptr_equal(victim_of("10.0.0.1"), &places.places[API_PLACES_MAX - 1]);
	assert_ptr_equal(victim_of("10.0.1.7"), &places.places[7]);
	places.places[9].peer = places.places[10].peer;
	assert_ptr_equal(victim_of("10.0.0.1"), &places.places[10]);
}

static void test_who_is_no_victim(void **state)
{
	struct place *place = take_many("10.0.0.1", API_PLACES_MAX, NOW);

	(void)state;
	for (unsigned i = 0; i < API_PLACES_MAX; i++)
		place_enter(&place[i], i % 2 ? PLACE_QUEUED : PLACE_LEAVING, NOW);
	assert_null(victim_of("10.0.0.2"));
	place_enter(&place[0], PLACE_ANSWERING, NOW); /* who leaves does nothing else */
	assert_int_equal(place[0].state, PLACE_LEAVING);
	place_enter(&place[0], PLACE_FREE, NOW);
	assert_int_equal(place[0].state, PLACE_FREE);
}

static void check_patience(struct place *place, u64 patience_ns)
{
	place->since_ns = NOW;
	assert_null(places_overdue(&places, NOW + patience_ns));
	assert_ptr_equal(places_overdue(&places, NOW + patience_ns + 1), place);
}

static void test_overdue(void **state)
{
	struct place *place = take("10.0.0.1", NOW);

	(void)state;
	check_patience(place, API_FIRST_WAIT_NS);
	place_enter(place, PLACE_ANSWERING, NOW);
	check_patience(place, API_ANSWER_NS);
	place_enter(place, PLACE_WAITING, NOW);
	place->has_asked = true;
	check_patience(place, API_NEXT_WAIT_NS);
	place_enter(place, PLACE_QUEUED, NOW);
	assert_null(places_overdue(&places, ~0ULL / 2));
	place->state = PLACE_FREE;
	assert_null(places_overdue(&places, ~0ULL / 2));
}

static void test_ended(void **state)
{
	struct place *place = take("10.0.0.1", NOW);
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	place->fd = ends[0];
	assert_null(places_ended(&places));
	assert_int_equal(write(ends[1], "x", 1), 1);
	close(ends[1]);
	assert_null(places_ended(&places)); /* there is something to be read before the end */
	assert_int_equal(read(ends[0], &(char){ 0 }, 1), 1);
	assert_ptr_equal(places_ended(&places), place);
	place_enter(place, PLACE_ANSWERING, NOW); /* it may have ended its side, and take it */
	assert_null(places_ended(&places));
	close(ends[0]);
}

static void test_oldest_answer(void **state)
{
	struct place *place = take_many("10.0.0.1", 3, NOW);

	(void)state;
	assert_null(places_oldest_answer(&places));
	for (unsigned i = 0; i < 3; i++)
		place_enter(&place[i], PLACE_ANSWERING, NOW - i);
	assert_null(places_oldest_answer(&places)); /* none holds memory */
	place[0].body_bytes = place[1].body_bytes = 1;
	assert_ptr_equal(places_oldest_answer(&places), place + 1);
	place_enter(&place[1], PLACE_LEAVING, NOW);
	assert_ptr_equal(places_oldest_answer(&places), place);
	assert_int_equal(places_burden(&places, &place->peer), 2);
	place[1].peer = peer_of("10.0.0.2");
	assert_int_equal(places_burden(&places, &place->peer), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_peers, empty),
		cmocka_unit_test_setup(test_take, empty),
		cmocka_unit_test_setup(test_victim, empty),
		cmocka_unit_test_setup(test_equal_shares, empty),
		cmocka_unit_test_setup(test_victim_of_equals, empty),
		cmocka_unit_test_setup(test_who_is_no_victim, empty),
		cmocka_unit_test_setup(test_overdue, empty),
		cmocka_unit_test_setup(test_ended, empty),
		cmocka_unit_test_setup(test_oldest_answer, empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
