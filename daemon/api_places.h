/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * api_places.h - the connections that the API serves at a time, and which has to go.
 *
 * Their number is fixed, so is what they can take. A newcomer finds a place all the same while
 * any client has more than its share: idle connections never keep a monitoring server out.
 */
#ifndef NETLAT_API_PLACES_H
#define NETLAT_API_PLACES_H

#include <stdbool.h>
#include <sys/socket.h>

#include "abi.h"

#define API_PLACES_MAX 64

/* Until a first request is whole, handshake of TLS included, however it trickles. */
#define API_FIRST_WAIT_NS 10000000000ULL
/* The same of the next on this connection: longer than most intervals of scraping. */
#define API_NEXT_WAIT_NS 120000000000ULL
/* To take an answer, however slowly. */
#define API_ANSWER_NS 300000000000ULL
/* An answer is not cut off earlier than this to make room, as long as shares are about equal. */
#define API_ANSWER_SPARED_NS 5000000000ULL

enum place_state {
	PLACE_FREE,
	PLACE_WAITING, /* for a request, or for the rest of it */
	PLACE_QUEUED,  /* its request is whole, and waits for its turn */
	PLACE_ANSWERING,
	PLACE_LEAVING, /* closed, as soon as the library notices */
};

struct place {
	enum place_state state;
	bool has_asked;	     /* a request of it was answered */
	bool needs_own_host; /* of its requests, see api_access.h */
	bool needs_token;
	int fd;
	union nl_addr peer; /* what it is counted under: place_peer() */
	u64 since_ns;	    /* when the state began */
	size_t body_bytes;  /* of the answer */
	void *connection;   /* the library's, while it is PLACE_QUEUED */
};

struct places {
	struct place places[API_PLACES_MAX];
};

/*
 * Whose share a connection belongs to: its IPv4 address, its IPv6 network of 64 bits, as a host
 * has all of one; all of unix sockets are one.
 */
union nl_addr place_peer(const struct sockaddr *address);

/* A free place, taken for a connection; NULL if there is none. */
struct place *places_take(struct places *places, int fd, const union nl_addr *peer, u64 now_ns);

void place_enter(struct place *place, enum place_state state, u64 now_ns);

/*
 * Who has to go for a newcomer of `peer`; NULL: nobody, it is the newcomer who has too many. Of the
 * peers with at least as many places as the newcomer's would then have, that with the most; of its
 * connections one that waits before one that is being answered, one that never asked first, and the
 * oldest of these. An answer that has only begun is spared, but where its peer has at least two
 * more than the newcomer's.
 */
struct place *places_victim(struct places *places, const union nl_addr *peer, u64 now_ns);

/* One that has taken too long; NULL: none. */
struct place *places_overdue(struct places *places, u64 now_ns);

/*
 * One that waits though its client has ended its side; NULL: none. An end that came together
 * with data is not noticed by libmicrohttpd 0.9.75: it takes an edge of epoll that brought both for
 * one that brought data.
 */
struct place *places_ended(struct places *places);

/* The longest in being answered whose answer holds memory; NULL: none. */
struct place *places_oldest_answer(struct places *places);

/* Bytes of answers that connections of `peer` have not taken yet. */
size_t places_burden(const struct places *places, const union nl_addr *peer);

/* How many are not free. */
unsigned places_count(const struct places *places);

#endif
