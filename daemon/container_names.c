/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * container_names.c - the engine is asked for its containers, and again whenever its stream
 * of events tells of a change. Its answers are bounded in size, time and rate.
 */
#include "container_names.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "container_events.h"
#include "container_listing.h"
#include "container_request.h"
#include "container_socket.h"
#include "curl_loop.h"
#include "log.h"

/* The name before the path is not looked up: the socket's is given. */
#define LISTING_URL "http://localhost/containers/json"
/* {"type":["container","network"]} */
#define EVENTS_URL                                                                                 \
	"http://localhost/events?filters=%7B%22type%22%3A%5B%22container%22%2C%22network%22%5D%7D"

/* Some 3,000 containers. */
#define LISTING_BYTES_MAX ((size_t)8 << 20)
#define LISTING_TOO_LONG "a list of containers of more than 8 MB"
#define LISTING_ROOM_MIN 65536
#define LISTING_TIMEOUT_MS 5000
#define EVENT_BYTES_PER_S_MAX (1 << 20)

/* Reading one takes some 50 us; other work in the loop must not wait for 3,000. */
#define CONTAINERS_A_TURN 32

/* Changes come in groups: the others are awaited for so long. */
#define SETTLE_US 100000ULL
/* Between two listings. */
#define LISTING_INTERVAL_US 500000ULL
#define LISTING_RETRY_US 30000000ULL
/* Until the engine is looked for again. */
#define BACKOFF_MIN_US 250000ULL
#define BACKOFF_MAX_US 60000000ULL
/* A stream of events that lasted so long was a good one. */
#define STREAM_GOOD_US 10000000ULL

#define TIMER_ACCURACY_US 10000

struct container_names {
	sd_event *loop;
	struct curl_loop *curl_loop;
	struct container_table *table;
	char path[CONTAINER_SOCKET_PATH_MAX];
	struct container_request *listing;
	struct container_request *stream;
	char *text; /* of the listing at hand */
	size_t length, room;
	struct container_listing rest; /* of it, when it is being read */
	bool is_listing;	       /* it is asked for, received or read */
	struct container_events events;
	sd_event_source *list_timer;
	sd_event_source *connect_timer;
	sd_event_source *reader; /* on while a listing is read */
	u64 listed_us;		 /* when the last listing began */
	u64 stream_us;		 /* when the stream did */
	u64 backoff_us;
	bool has_changed; /* since the listing at hand began */
	char said[512];
};

static u64 now_of(const struct container_names *names)
{
	uint64_t now_us = 0;

	sd_event_now(names->loop, CLOCK_MONOTONIC, &now_us);
	return now_us;
}

/* With -v, and not the same again. */
__attribute__((format(printf, 2, 3))) static void say(struct container_names *names,
						      const char *format, ...)
{
	char text[sizeof(names->said)];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (strcmp(text, names->said) == 0)
		return;
	memcpy(names->said, text, sizeof(text));
	log_verbose("container names: %s", text);
}

static void arm(sd_event_source *timer, u64 time_us)
{
	/* Neither can fail with a timer of ours in the loop's own process. */
	sd_event_source_set_time(timer, time_us);
	sd_event_source_set_enabled(timer, SD_EVENT_ONESHOT);
}

/* List in `delay_us`, or earlier where that is arranged already. */
static void list_in(struct container_names *names, u64 delay_us)
{
	u64 time_us = now_of(names) + delay_us;
	uint64_t arranged_us;

	if (names->listed_us && time_us < names->listed_us + LISTING_INTERVAL_US)
		time_us = names->listed_us + LISTING_INTERVAL_US;
	if (sd_event_source_get_enabled(names->list_timer, NULL) > 0 &&
	    sd_event_source_get_time(names->list_timer, &arranged_us) >= 0 &&
	    arranged_us <= time_us)
		return;
	arm(names->list_timer, time_us);
}

static void connect_later(struct container_names *names)
{
	arm(names->connect_timer, now_of(names) + names->backoff_us);
	names->backoff_us *= 2;
	if (names->backoff_us > BACKOFF_MAX_US)
		names->backoff_us = BACKOFF_MAX_US;
}

static int handle_list(sd_event_source *source, uint64_t now_us, void *userdata)
{
	struct container_names *names = userdata;

	(void)source;
	if (names->is_listing) {
		names->has_changed = true;
		return 0;
	}
	names->listed_us = now_us;
	names->has_changed = false;
	names->is_listing = container_request_start(names->listing, names->path) == 0;
	if (!names->is_listing)
		list_in(names, LISTING_RETRY_US);
	return 0;
}

/* From here on no change is missed; those before are in a listing that begins now. */
static void handle_stream_begin(void *userdata)
{
	list_in(userdata, 0);
}

static const char *take_events(void *userdata, const char *bytes, size_t length)
{
	struct container_names *names = userdata;

	if (!container_events_take(&names->events, bytes, length))
		return NULL;
	if (names->is_listing)
		names->has_changed = true;
	else
		list_in(names, SETTLE_US);
	return NULL;
}

/* Room for `length` more bytes; doubled, as an answer may come in pieces of a few bytes. */
static bool make_room(struct container_names *names, size_t length)
{
	size_t room = names->room ? names->room : LISTING_ROOM_MIN;
	char *grown;

	while (room < names->length + length)
		room *= 2;
	if (room == names->room)
		return true;
	grown = realloc(names->text, room);
	if (!grown)
		return false;
	names->text = grown;
	names->room = room;
	return true;
}

static const char *take_listing(void *userdata, const char *bytes, size_t length)
{
	struct container_names *names = userdata;

	if (length > LISTING_BYTES_MAX - names->length)
		return LISTING_TOO_LONG;
	if (!make_room(names, length))
		return strerror(ENOMEM);
	memcpy(names->text + names->length, bytes, length);
	names->length += length;
	return NULL;
}

static int take_address(void *userdata, const union nl_addr *address,
			const struct container *container)
{
	struct container_names *names = userdata;

	return container_table_put(names->table, address, container);
}

static void forget_text(struct container_names *names)
{
	sd_event_source_set_enabled(names->reader, SD_EVENT_OFF);
	free(names->text);
	names->text = NULL;
	names->length = 0;
	names->room = 0;
	names->is_listing = false;
}

/* The listing is over; error NULL: it was whole. */
static void end_listing(struct container_names *names, const char *error)
{
	forget_text(names);
	if (error)
		say(names, "%s: %s", names->path, error);
	else
		say(names, "from %s", names->path);
	if (names->has_changed)
		list_in(names, SETTLE_US);
	else if (error)
		list_in(names, LISTING_RETRY_US);
}

/* Some containers, and on in the next turn of the loop. */
static int handle_read(sd_event_source *source, void *userdata)
{
	struct container_names *names = userdata;
	int r = container_listing_read(&names->rest, CONTAINERS_A_TURN, take_address, names);

	(void)source;
	if (r == 0)
		container_table_end(names->table, now_of(names));
	if (r == -EBADMSG)
		end_listing(names, "what it answers is no list of containers");
	else if (r == -ENOSPC)
		end_listing(names, "more addresses than are kept");
	else if (r <= 0)
		end_listing(names, r < 0 ? strerror(-r) : NULL);
	return 0;
}

static void handle_listed(void *userdata, const char *error)
{
	struct container_names *names = userdata;

	if (error) {
		end_listing(names, error);
		return;
	}
	names->rest =
		(struct container_listing){ .at = names->text, .end = names->text + names->length };
	container_table_begin(names->table);
	sd_event_source_set_enabled(names->reader, SD_EVENT_ON);
}

static void handle_stream_end(void *userdata, const char *error)
{
	struct container_names *names = userdata;

	say(names, "%s: %s", names->path, error ? error : "the stream of events ended");
	if (now_of(names) - names->stream_us >= STREAM_GOOD_US)
		names->backoff_us = BACKOFF_MIN_US;
	connect_later(names);
}

static const struct container_request_spec listing_spec = {
	.url = LISTING_URL,
	.timeout_ms = LISTING_TIMEOUT_MS,
	.take = take_listing,
	.done = handle_listed,
};

static const struct container_request_spec stream_spec = {
	.url = EVENTS_URL,
	.bytes_per_s_max = EVENT_BYTES_PER_S_MAX,
	.answered = handle_stream_begin,
	.take = take_events,
	.done = handle_stream_end,
};

static int handle_connect(sd_event_source *source, uint64_t now_us, void *userdata)
{
	struct container_names *names = userdata;
	const char *docker_host = getenv("DOCKER_HOST"), *path = NULL;
	char why[sizeof(names->said)];
	int r = container_socket_find(docker_host, &path);

	(void)source;
	if (r < 0) {
		container_socket_describe(why, sizeof(why), docker_host, path, r);
		say(names, "%s", why);
		connect_later(names);
		return 0;
	}
	names->stream_us = now_us;
	names->events.length = 0;
	names->events.is_too_long = false;
	/* A listing on its way is of the former socket. */
	container_request_stop(names->listing);
	forget_text(names);
	snprintf(names->path, sizeof(names->path), "%s", path);
	if (container_request_start(names->stream, path) < 0) {
		connect_later(names);
		return 0;
	}
	list_in(names, 0); /* not all engines answer before the first event */
	return 0;
}

static int add_timer(struct container_names *names, sd_event_source **ret_timer,
		     sd_event_time_handler_t handler)
{
	int r = sd_event_add_time(names->loop, ret_timer, CLOCK_MONOTONIC, 0, TIMER_ACCURACY_US,
				  handler, names);

	return r < 0 ? r : sd_event_source_set_enabled(*ret_timer, SD_EVENT_OFF);
}

static int set_up(struct container_names *names)
{
	int r;

	names->backoff_us = BACKOFF_MIN_US;
	names->curl_loop = curl_loop_new(names->loop);
	if (!names->curl_loop)
		return -errno;
	names->table = container_table_new();
	if (!names->table)
		return -errno;
	names->listing = container_request_new(names->curl_loop, &listing_spec, names);
	names->stream = container_request_new(names->curl_loop, &stream_spec, names);
	if (!names->listing || !names->stream)
		return -ENOMEM;
	r = add_timer(names, &names->list_timer, handle_list);
	if (r >= 0)
		r = add_timer(names, &names->connect_timer, handle_connect);
	if (r >= 0)
		r = sd_event_source_set_enabled(names->connect_timer, SD_EVENT_ONESHOT);
	if (r >= 0)
		r = sd_event_add_defer(names->loop, &names->reader, handle_read, names);
	if (r >= 0)
		r = sd_event_source_set_enabled(names->reader, SD_EVENT_OFF);
	if (r >= 0)
		r = sd_event_source_set_priority(names->reader, SD_EVENT_PRIORITY_IDLE);
	return r;
}

struct container_names *container_names_new(sd_event *loop)
{
	struct container_names *names = calloc(1, sizeof(*names));
	int r;

	if (!names)
		return NULL;
	names->loop = sd_event_ref(loop);
	r = set_up(names);
	if (r >= 0)
		return names;
	container_names_free(names);
	errno = -r;
	return NULL;
}

void container_names_free(struct container_names *names)
{
	if (!names)
		return;
	container_request_free(names->listing);
	container_request_free(names->stream);
	curl_loop_free(names->curl_loop);
	sd_event_source_disable_unref(names->list_timer);
	sd_event_source_disable_unref(names->connect_timer);
	sd_event_source_disable_unref(names->reader);
	container_table_free(names->table);
	sd_event_unref(names->loop);
	free(names->text);
	free(names);
}

const struct container *container_names_find(const struct container_names *names,
					     const union nl_addr *address)
{
	return names ? container_table_find(names->table, address, now_of(names)) : NULL;
}
