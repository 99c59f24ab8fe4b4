/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api.c - a small HTTP API: sockets and the event loop; api_answer.c has what it says. */
#include "api.h"

#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api_answer.h"
#include "listen_address.h"
#include "log.h"

/* Bounds on what clients can take: 32 of them, half a megabyte, 10 s of silence. */
#define CONNECTIONS_MAX 32
#define CONNECTION_BYTES_MAX (16 * 1024)
#define CONNECTION_TIMEOUT_S 10
#define BACKLOG 64
#define TIMER_ACCURACY_US 1000

struct api {
	struct api_source source;
	struct json_exporter *exporter;
	struct MHD_Daemon *daemon;
	sd_event_source *io;
	sd_event_source *timer;
	u16 port;
};

/* Address of a request that has begun; nothing is kept of it. */
static char begun;

/* Once when the head has come, again for pieces of a body, and once when the request is whole. */
static enum MHD_Result handle_request(void *userdata, struct MHD_Connection *connection,
				      const char *url, const char *method, const char *version,
				      const char *body, size_t *body_bytes, void **state)
{
	struct api *api = userdata;
	struct api_request request = { &api->source, api->exporter, connection, url, method, NULL };

	(void)version;
	(void)body;
	if (*body_bytes) /* nothing here takes one: the connection is closed */
		return MHD_NO;
	/* Before its body is read, so that nobody sends one in vain. */
	if (!*state && !api_is_method_taken(method))
		return api_answer(&request);
	if (!*state) {
		*state = &begun;
		return MHD_YES;
	}
	return api_answer(&request);
}

static void log_library(void *userdata, const char *format, va_list arguments)
{
	char text[256];

	(void)userdata;
	vsnprintf(text, sizeof(text), format, arguments);
	text[strcspn(text, "\r\n")] = '\0';
	log_verbose("--listen: %s", text);
}

/* When the library wants to run next although nothing has come. */
static int arm_timer(struct api *api)
{
	MHD_UNSIGNED_LONG_LONG timeout_ms;
	int r;

	if (MHD_get_timeout(api->daemon, &timeout_ms) != MHD_YES)
		return sd_event_source_set_enabled(api->timer, SD_EVENT_OFF);
	r = sd_event_source_set_time_relative(api->timer, timeout_ms * 1000);
	return r < 0 ? r : sd_event_source_set_enabled(api->timer, SD_EVENT_ONESHOT);
}

static unsigned count_connections(const struct api *api)
{
	const union MHD_DaemonInfo *info =
		MHD_get_daemon_info(api->daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);

	return info ? info->num_connections : 0;
}

/*
 * With all places taken the library stops watching its listening socket, and begins again
 * only when it is run: where a connection has ended it is run once more, as nothing else
 * would wake it for those that wait.
 */
static int run(struct api *api)
{
	unsigned before;

	do {
		before = count_connections(api);
		MHD_run(api->daemon);
	} while (count_connections(api) < before);
	return arm_timer(api);
}

static int handle_io(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	(void)source;
	(void)fd;
	(void)events;
	return run(userdata);
}

static int handle_timer(sd_event_source *source, uint64_t now_us, void *userdata)
{
	(void)source;
	(void)now_us;
	return run(userdata);
}

/* A listening socket, or a negative errno. */
static int open_socket(const struct sockaddr_storage *address, socklen_t length, u16 *ret_port)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} bound = { .v6 = { .sin6_port = 0 } };
	socklen_t bound_length = sizeof(bound);
	const int on = 1;
	int r, fd = socket(address->ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
	    bind(fd, (const struct sockaddr *)address, length) < 0 || listen(fd, BACKLOG) < 0 ||
	    getsockname(fd, &bound.any, &bound_length) < 0) {
		r = -errno;
		close(fd);
		return r;
	}
	*ret_port = ntohs(bound.any.sa_family == AF_INET ? bound.v4.sin_port : bound.v6.sin6_port);
	return fd;
}

/* The socket is not ours from here on: the library closes it. */
static int start(struct api *api, sd_event *loop, int fd)
{
	const union MHD_DaemonInfo *info;
	int r;

	errno = 0;
	api->daemon = MHD_start_daemon(
		MHD_USE_EPOLL | MHD_USE_ERROR_LOG, 0, NULL, NULL, handle_request, api,
		MHD_OPTION_EXTERNAL_LOGGER, log_library, NULL, MHD_OPTION_LISTEN_SOCKET, fd,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES_MAX,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)CONNECTION_TIMEOUT_S,
		MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, MHD_OPTION_END);
	if (!api->daemon)
		return errno ? -errno : -EIO;
	info = MHD_get_daemon_info(api->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	if (!info || info->epoll_fd < 0)
		return -ENOTSUP;
	r = sd_event_add_io(loop, &api->io, info->epoll_fd, EPOLLIN, handle_io, api);
	if (r >= 0)
		r = sd_event_add_time_relative(loop, &api->timer, CLOCK_MONOTONIC, 0,
					       TIMER_ACCURACY_US, handle_timer, api);
	return r;
}

static int open_api(struct api *api, sd_event *loop, const char *listen,
		    const struct api_source *source)
{
	struct sockaddr_storage address;
	socklen_t length;
	int r;

	if (listen_address_parse(listen, &address, &length) != LISTEN_OK)
		return -EINVAL;
	api->source = *source;
	api->exporter = json_exporter_new();
	if (!api->exporter)
		return -ENOMEM;
	json_exporter_name(api->exporter, source->names);
	r = open_socket(&address, length, &api->port);
	return r < 0 ? r : start(api, loop, r);
}

struct api *api_new(sd_event *loop, const char *listen, const struct api_source *source)
{
	struct api *api = calloc(1, sizeof(*api));
	int r = api ? open_api(api, loop, listen, source) : -ENOMEM;

	if (r >= 0)
		return api;
	api_free(api);
	log_error("--listen %s: %s%s", listen, strerror(-r),
		  r == -EADDRINUSE ? " (another port will do; with port 0 it is one that is free)"
		  : r == -EINVAL   ? " (" LISTEN_ADDRESS_FORM ")"
				   : "");
	errno = -r;
	return NULL;
}

void api_free(struct api *api)
{
	if (!api)
		return;
	/* The library closes the descriptor that is watched. */
	sd_event_source_disable_unref(api->io);
	sd_event_source_disable_unref(api->timer);
	if (api->daemon)
		MHD_stop_daemon(api->daemon);
	json_exporter_free(api->exporter);
	free(api);
}

u16 api_port(const struct api *api)
{
	return api->port;
}
