/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_places.c - the connections that the API serves at a time, and which has to go. */
#include "api_places.h"

#include <netinet/in.h>
#include <string.h>

#define IPV6_NETWORK_BYTES 8

union nl_addr place_peer(const struct sockaddr *address)
{
	union nl_addr peer = { .bytes = { 0 } };

	if (address->sa_family == AF_INET) {
		struct sockaddr_in v4;

		memcpy(&v4, address, sizeof(v4));
		peer.bytes[10] = peer.bytes[11] = 0xff;
		memcpy(peer.bytes + 12, &v4.sin_addr, sizeof(v4.sin_addr));
	} else if (address->sa_family == AF_INET6) {
		struct sockaddr_in6 v6;

		memcpy(&v6, address, sizeof(v6));
		memcpy(peer.bytes, &v6.sin6_addr, IPV6_NETWORK_BYTES);
		peer.bytes[15] = 1; /* apart from unix sockets, for ::1 */
	}
	return peer;
}

struct place *places_take(struct places *places, int fd, const union nl_addr *peer, u64 now_ns)
{
	for (unsigned i = 0; i < API_PLACES_MAX; i++) {
		struct place *place = &places->places[i];

		if (place->state != PLACE_FREE)
			continue;
		*place = (struct place){
			.state = PLACE_WAITING, .fd = fd, .peer = *peer, .since_ns = now_ns
		};
		return place;
	}
	return NULL;
}

void place_enter(struct place *place, enum place_state state, u64 now_ns)
{
	if (place->state == PLACE_LEAVING && state != PLACE_FREE)
		return;
	place->state = state;
	place->since_ns = now_ns;
}

static bool is_of(const struct place *place, const union nl_addr *peer)
{
	return place->state != PLACE_FREE && memcmp(&place->peer, peer, sizeof(*peer)) == 0;
}

static unsigned count_of(const struct places *places, const union nl_addr *peer)
{
	unsigned count = 0;

	for (unsigned i = 0; i < API_PLACES_MAX; i++)
		count += is_of(&places->places[i], peer);
	return count;
}

/* Who goes first within a share; 0: stays. */
static unsigned dispensability(const struct place *place, bool is_greedy, u64 now_ns)
{
	if (place->state == PLACE_WAITING)
		return place->has_asked ? 3 : 4;
	if (place->state != PLACE_ANSWERING)
		return 0;
	return now_ns - place->since_ns >= API_ANSWER_SPARED_NS ? 2 : is_greedy;
}

struct place *places_victim(struct places *places, const union nl_addr *peer, u64 now_ns)
{
	unsigned share = count_of(places, peer) + 1, most = 0, least_needed = 0;
	struct place *victim = NULL;

	for (unsigned i = 0; i < API_PLACES_MAX; i++) {
		struct place *place = &places->places[i];
		unsigned has = count_of(places, &place->peer) + is_of(place, peer);
		unsigned rank = dispensability(place, has > share + 1, now_ns);

		if (rank == 0 || has < share)
			continue;
		if (victim &&
		    (has < most || (has == most && rank < least_needed) ||
		     (has == most && rank == least_needed && place->since_ns >= victim->since_ns)))
			continue;
		victim = place;
		most = has;
		least_needed = rank;
	}
	return victim;
}

static u64 patience_ns(const struct place *place)
{
	switch (place->state) {
	case PLACE_WAITING:
		return place->has_asked ? API_NEXT_WAIT_NS : API_FIRST_WAIT_NS;
	case PLACE_ANSWERING:
		return API_ANSWER_NS;
	default:
		return ~0ULL;
	}
}

struct place *places_overdue(struct places *places, u64 now_ns)
{
	for (unsigned i = 0; i < API_PLACES_MAX; i++) {
		struct place *place = &places->places[i];

		if (now_ns - place->since_ns > patience_ns(place))
			return place;
	}
	return NULL;
}

struct place *places_ended(struct places *places)
{
	char next;

	for (unsigned i = 0; i < API_PLACES_MAX; i++) {
		struct place *place = &places->places[i];

		if (place->state == PLACE_WAITING &&
		    recv(place->fd, &next, 1, MSG_PEEK | MSG_DONTWAIT) == 0)
			return place;
	}
	return NULL;
}

struct place *places_oldest_answer(struct places *places)
{
	struct place *oldest = NULL;

	for (unsigned i = 0; i < API_PLACES_MAX; i++) {
		struct place *place = &places->places[i];

		if (place->state == PLACE_ANSWERING && place->body_bytes &&
		    (!oldest || place->since_ns < oldest->since_ns))
			oldest = place;
	}
	return oldest;
}

size_t places_burden(const struct places *places, const union nl_addr *peer)
{
	size_t bytes = 0;

	for (unsigned i = 0; i < API_PLACES_MAX; i++)
		if (is_of(&places->places[i], peer))
			bytes += places->places[i].body_bytes;
	return bytes;
}

unsigned places_count(const struct places *places)
{
	unsigned count = 0;

	for (unsigned i = 0; i < API_PLACES_MAX; i++)
		count += places->places[i].state != PLACE_FREE;
	return count;
}
