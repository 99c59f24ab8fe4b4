/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_accept.c - where the API listens, and which connections it takes. */
#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api_private.h"
#include "clock.h"
#include "log.h"

/* Connections taken at a time, before anything else has its turn; with TLS each costs milliseconds.
 */
#define ACCEPTED_AT_ONCE_MAX 8
#define HANDSHAKES_AT_ONCE_MAX 1
/* How long the kernel keeps a connection to itself on which nothing has come yet. */
#define UNSAID_S 10

/* A place for a newcomer, if need be that of another. */
static struct place *find_place(struct api *api, int fd, const union nl_addr *peer)
{
	struct places *places = &api->host.places;
	struct place *place = places_take(places, fd, peer, monotonic_ns());
	struct place *victim = place ? NULL : places_victim(places, peer, monotonic_ns());

	if (!victim)
		return place;
	api_server_drop(victim);
	api_run_servers(api);
	return places_take(places, fd, peer, monotonic_ns());
}

static bool has_tls(const struct api_listener *from)
{
	return from->api->servers[SECURE] && !listen_address_is_unix(&from->listener.address);
}

static void take_connection(struct api_listener *from, int fd, const struct sockaddr *address,
			    socklen_t length)
{
	struct api *api = from->api;
	bool is_unix = listen_address_is_unix(&from->listener.address);
	union nl_addr peer = place_peer(&from->listener.address.socket.any);
	struct place *place;

	if (!is_unix)
		peer = place_peer(address);
	place = find_place(api, fd, &peer);
	if (!place) {
		close(fd);
		return;
	}
	place->needs_token = !is_unix && api->host.token.length;
	place->needs_own_host = from->listener.address.is_loopback && !place->needs_token;
	api_server_add(api->servers[has_tls(from) ? SECURE : PLAIN], place, address, length);
}

/* For want of descriptors or memory, until the next look. */
static int pause_listening(struct api *api)
{
	for (size_t i = 0; i < api->listener_count; i++)
		sd_event_source_set_enabled(api->listeners[i].io, SD_EVENT_OFF);
	api->is_paused = true;
	api->look_ns = monotonic_ns() + API_LOOK_US * 1000;
	return api_run(api);
}

static int handle_listener(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct api_listener *from = userdata;
	unsigned at_once = has_tls(from) ? HANDSHAKES_AT_ONCE_MAX : ACCEPTED_AT_ONCE_MAX;

	(void)source;
	(void)events;
	for (unsigned i = 0; i < at_once; i++) {
		union {
			struct sockaddr any;
			struct sockaddr_storage storage;
		} address = { .any.sa_family = AF_UNSPEC };
		socklen_t length = sizeof(address);
		int connection = accept4(fd, &address.any, &length, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (connection >= 0) {
			take_connection(from, connection, &address.any, length);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
			log_verbose("--listen: no connection can be taken: %s", strerror(errno));
			return pause_listening(from->api);
		}
		break;
	}
	return api_run(from->api);
}

static void say_error(const struct api *api, const char *text, int error)
{
	bool is_unix = strncmp(text, "unix:", 5) == 0;
	const char *way_out =
		error == EADDRINUSE && is_unix
			? " (another process listens there: name another path)"
		: error == EADDRINUSE ? " (another will do; with port 0 it is one that "
					"is free)"
		: error == ENOENT ? " (the directory it is to be in is not there: make that first)"
		: error == EEXIST ? " (there is a file that is no socket: remove it)"
		: error == EADDRNOTAVAIL ? " (no interface here has this address)"
					 : "";

	if (api->settings.is_optional)
		log_verbose("--listen %s: %s: nothing is served by HTTP", text, strerror(error));
	else
		log_error("--listen %s: %s%s", text, strerror(error), way_out);
}

/*
 * With TLS connections are taken when their ClientHello has come: so handshakes are spread over
 * turns, however many clients begin at once.
 */
static void defer_connections(const struct api_listener *from)
{
	const int seconds = UNSAID_S;

	if (has_tls(from) && setsockopt(from->listener.fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds,
					sizeof(seconds)) < 0)
		log_verbose("--listen: TCP_DEFER_ACCEPT: %s", strerror(errno));
}

int api_listen(struct api *api, const char *text)
{
	struct api_listener *new = &api->listeners[api->listener_count];
	struct listen_address address;
	int r = listen_address_parse(text, &address) ? 0 : -EINVAL;

	if (r == 0)
		r = listener_open(&new->listener, &address);
	if (r < 0) {
		say_error(api, text, -r);
		return r;
	}
	new->api = api;
	api->listener_count++;
	defer_connections(new);
	r = sd_event_add_io(api->loop, &new->io, new->listener.fd, EPOLLIN, handle_listener, new);
	if (r >= 0)
		r = sd_event_source_set_priority(new->io, API_PRIORITY);
	if (r < 0) {
		say_error(api, text, -r);
		return r;
	}
	if (listen_address_port(&address) == 0 && !listen_address_is_unix(&address))
		log_info("--listen %s: port %u", text, listen_address_port(&new->listener.address));
	else
		log_verbose("--listen %s: serves %s", text, has_tls(new) ? "HTTPS" : "HTTP");
	if (listen_address_is_open(&address) && api->host.token.length && !api->tls.certificate &&
	    !api->settings.is_open_knowingly)
		log_info("--listen %s: the token passes in the clear (add --tls-cert and "
			 "--tls-key, or --insecure to have it so)",
			 text);
	return r;
}
