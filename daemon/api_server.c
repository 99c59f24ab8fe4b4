/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_server.c - libmicrohttpd as the API uses it. */
#include "api_server.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api_access.h"
#include "api_answer.h"
#include "api_body.h"
#include "clock.h"
#include "log.h"

/* Of a request: its head, or a piece of an answer. */
#define CONNECTION_BYTES_MAX (16 * 1024)
/* A client that takes nothing of its answer for so long gets no more of it. */
#define STALLED_S 10
#define SHOULD_RETRY_S "1"

/* Address of a request that has begun; nothing is kept of it. */
static char begun;

static const struct api_error busy = {
	.status = MHD_HTTP_SERVICE_UNAVAILABLE,
	.code = "busy",
	.message = "clients do not take their answers (try again)",
	.field_name = MHD_HTTP_HEADER_RETRY_AFTER,
	.field_value = SHOULD_RETRY_S,
};

static struct place *place_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info->socket_context;
}

static enum MHD_Result answer(struct api_host *host, const struct api_request *request,
			      const struct place *place)
{
	struct api_error refusal;

	if (!api_access_check(request, place->needs_own_host,
			      place->needs_token ? &host->token : NULL, &refusal))
		return api_reply_error_with(request, &refusal);
	/* One peer leaves the half to others. */
	if (host->body_bytes > API_BODY_BYTES_MAX ||
	    places_burden(&host->places, &place->peer) > API_BODY_BYTES_MAX / 2)
		return api_reply_error_with(request, &busy);
	return api_answer(request);
}

static enum MHD_Result begin_answer(struct api_host *host, const struct api_request *request,
				    struct place *place)
{
	size_t before = host->body_bytes;
	enum MHD_Result result;

	place_enter(place, PLACE_ANSWERING, monotonic_ns());
	MHD_set_connection_option(request->connection, MHD_CONNECTION_OPTION_TIMEOUT,
				  (unsigned)STALLED_S);
	result = answer(host, request, place);
	place->body_bytes = host->body_bytes - before;
	return result;
}

/* The path of a target in absolute form, which every server takes (RFC 9112, 3.2.2), or of any. */
static const char *path_of(const char *target)
{
	static const char *const schemes[] = { "http://", "https://" };

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		const char *path;

		if (strncasecmp(target, schemes[i], strlen(schemes[i])) != 0)
			continue;
		path = strchr(target + strlen(schemes[i]), '/');
		return path ? path : "/";
	}
	return target;
}

/* Once when the head has come, again for pieces of a body, and once when the request is whole. */
static enum MHD_Result handle_request(void *userdata, struct MHD_Connection *connection,
				      const char *url, const char *method, const char *version,
				      const char *body, size_t *body_bytes, void **state)
{
	struct api_host *host = userdata;
	struct api_request request = { .source = &host->source,
				       .body_bytes = &host->body_bytes,
				       .exporter = host->exporter,
				       .connection = connection,
				       .path = path_of(url),
				       .method = method };
	struct place *place = place_of(connection);
	u64 now_ns = monotonic_ns();

	(void)version;
	(void)body;
	if (*body_bytes) /* nothing here takes one: the connection is closed */
		return MHD_NO;
	if (!*state) {
		*state = &begun;
		/* Before its body is read, so that nobody sends one in vain. */
		if (api_is_method_taken(method))
			return MHD_YES;
	} else if (now_ns - host->turn_begun_ns > API_TURN_NS) {
		place_enter(place, PLACE_QUEUED, now_ns);
		if (place->state != PLACE_QUEUED) /* it is leaving */
			return MHD_NO;
		place->connection = connection;
		host->has_queued = true;
		MHD_suspend_connection(connection);
		return MHD_YES;
	}
	return begin_answer(host, &request, place);
}

static void handle_completed(void *userdata, struct MHD_Connection *connection, void **state,
			     enum MHD_RequestTerminationCode code)
{
	struct place *place = place_of(connection);

	(void)userdata;
	(void)state;
	(void)code;
	place->has_asked = true;
	place->body_bytes = 0;
	place_enter(place, PLACE_WAITING, monotonic_ns());
	/* From here on places_overdue() decides. */
	MHD_set_connection_option(connection, MHD_CONNECTION_OPTION_TIMEOUT, 0U);
}

static struct place *find_place(struct places *places, struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);

	for (unsigned i = 0; i < API_PLACES_MAX; i++)
		if (places->places[i].state != PLACE_FREE &&
		    places->places[i].fd == info->connect_fd)
			return &places->places[i];
	return NULL;
}

static void handle_connection(void *userdata, struct MHD_Connection *connection, void **context,
			      enum MHD_ConnectionNotificationCode code)
{
	struct api_host *host = userdata;

	if (code == MHD_CONNECTION_NOTIFY_STARTED)
		*context = find_place(&host->places, connection);
	else if (*context)
		((struct place *)*context)->state = PLACE_FREE;
}

/* A path is text that ends at a NUL: with an escaped one in it, it would be another path. */
static size_t unescape(void *userdata, struct MHD_Connection *connection, char *text)
{
	(void)userdata;
	(void)connection;
	return strstr(text, "%00") ? strlen(text) : MHD_http_unescape(text);
}

static void log_library(void *userdata, const char *format, va_list arguments)
{
	struct api_host *host = userdata;
	char text[256];

	if (!log_is_verbose() || !rate_limit_take(&host->said, monotonic_ns()))
		return;
	vsnprintf(text, sizeof(text), format, arguments);
	text[strcspn(text, "\r\n")] = '\0';
	log_verbose("--listen: %s", text);
}

struct MHD_Daemon *api_server_start(struct api_host *host, const struct api_tls *tls)
{
	struct MHD_OptionItem tls_options[] = {
		{ MHD_OPTION_HTTPS_MEM_CERT, 0, tls ? tls->certificate : NULL },
		{ MHD_OPTION_HTTPS_MEM_KEY, 0, tls ? tls->key : NULL },
		{ MHD_OPTION_HTTPS_PRIORITIES, 0, (char[]){ API_TLS_PRIORITIES } },
		{ MHD_OPTION_END, 0, NULL },
	};
	unsigned flags = MHD_USE_EPOLL | MHD_USE_ERROR_LOG | MHD_USE_NO_LISTEN_SOCKET |
			 MHD_ALLOW_SUSPEND_RESUME | (tls ? MHD_USE_TLS : 0);
	struct MHD_Daemon *daemon;

	errno = 0;
	daemon = MHD_start_daemon(
		flags, 0, NULL, NULL, handle_request, host, MHD_OPTION_EXTERNAL_LOGGER, log_library,
		host, MHD_OPTION_UNESCAPE_CALLBACK, unescape, NULL, MHD_OPTION_NOTIFY_CONNECTION,
		handle_connection, host, MHD_OPTION_NOTIFY_COMPLETED, handle_completed, host,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned)API_PLACES_MAX,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES_MAX,
		MHD_OPTION_CONNECTION_TIMEOUT, 0U, MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1,
		MHD_OPTION_ARRAY, tls ? tls_options : tls_options + 3, MHD_OPTION_END);
	if (!daemon && !errno)
		errno = EIO;
	return daemon;
}

void api_server_stop(struct api_host *host, struct MHD_Daemon *daemon)
{
	if (!daemon)
		return;
	api_server_resume(host); /* the library cannot stop with one suspended */
	MHD_stop_daemon(daemon);
}

void api_server_resume(struct api_host *host)
{
	host->has_queued = false;
	for (unsigned i = 0; i < API_PLACES_MAX; i++) {
		struct place *place = &host->places.places[i];

		if (place->state != PLACE_QUEUED)
			continue;
		place->state = PLACE_WAITING;
		MHD_resume_connection(place->connection);
	}
}

bool api_server_add(struct MHD_Daemon *daemon, struct place *place, const struct sockaddr *address,
		    socklen_t length)
{
	if (MHD_add_connection(daemon, place->fd, address, length) == MHD_YES)
		return true;
	place->state = PLACE_FREE;
	return false;
}

void api_server_drop(struct place *place)
{
	const struct linger at_once = { .l_onoff = 1, .l_linger = 0 };

	/* Else the kernel would keep what was not taken, and try for minutes to get rid of it. */
	if (place->state == PLACE_ANSWERING &&
	    setsockopt(place->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)) < 0)
		log_verbose("--listen: SO_LINGER: %s", strerror(errno));
	shutdown(place->fd, SHUT_RDWR);
	place_enter(place, PLACE_LEAVING, monotonic_ns());
}
