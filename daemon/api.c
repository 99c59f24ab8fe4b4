/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api.c - the HTTP API: sockets and the event loop; api_answer.c has what it says. */
#include "api.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "api_body.h"
#include "api_private.h"
#include "clock.h"
#include "log.h"

#define TIMER_ACCURACY_US 1000
/* Lines of the library with -v. */
#define SAID_PER_MINUTE 60

static int handle_io(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	(void)source;
	(void)fd;
	(void)events;
	return api_run(userdata);
}

/* When a library daemon wants to run next although nothing has come, or it is to be looked. */
static int arm_timer(struct api *api)
{
	u64 now_ns = monotonic_ns(), delay_us;

	if (!places_count(&api->host.places) && !api->is_paused)
		return sd_event_source_set_enabled(api->timer, SD_EVENT_OFF);
	/* Not moved by what happens meanwhile: else whoever keeps it busy puts it off for ever. */
	if (api->look_ns < now_ns)
		api->look_ns = now_ns;
	delay_us = (api->look_ns - now_ns) / 1000;
	for (unsigned i = 0; i < SERVER_COUNT; i++) {
		MHD_UNSIGNED_LONG_LONG timeout_ms;

		if (api->servers[i] && MHD_get_timeout(api->servers[i], &timeout_ms) == MHD_YES &&
		    timeout_ms * 1000 < delay_us)
			delay_us = timeout_ms * 1000;
	}
	if (sd_event_source_set_time_relative(api->timer, delay_us) < 0)
		return -EIO;
	return sd_event_source_set_enabled(api->timer, SD_EVENT_ONESHOT);
}

void api_run_servers(struct api *api)
{
	api->host.turn_begun_ns = monotonic_ns();
	for (unsigned i = 0; i < SERVER_COUNT; i++)
		if (api->servers[i])
			MHD_run(api->servers[i]);
}

int api_run(struct api *api)
{
	int r;

	api_run_servers(api);
	r = arm_timer(api);
	if (r >= 0 && api->host.has_queued)
		r = sd_event_source_set_enabled(api->turn, SD_EVENT_ONESHOT);
	return r;
}

static int handle_turn(sd_event_source *source, void *userdata)
{
	struct api *api = userdata;

	(void)source;
	api_server_resume(&api->host);
	return api_run(api);
}

static void listen_again(struct api *api)
{
	api->is_paused = false;
	for (size_t i = 0; i < api->listener_count; i++)
		sd_event_source_set_enabled(api->listeners[i].io, SD_EVENT_ON);
}

/* Answers that nobody takes must not keep others from theirs: half of the memory stays free. */
static void drop_burdens(struct api *api)
{
	struct place *place;
	size_t held = api->host.body_bytes;
	u64 now_ns = monotonic_ns();

	while (held > API_BODY_BYTES_MAX / 2 && (place = places_oldest_answer(&api->host.places)) &&
	       now_ns - place->since_ns >= API_ANSWER_SPARED_NS) {
		held -= place->body_bytes < held ? place->body_bytes : held;
		api_server_drop(place);
	}
}

static int handle_timer(sd_event_source *source, uint64_t now_us, void *userdata)
{
	struct api *api = userdata;
	struct place *place;

	(void)source;
	(void)now_us;
	if (monotonic_ns() < api->look_ns)
		return api_run(api);
	api->look_ns = monotonic_ns() + API_LOOK_US * 1000;
	while ((place = places_overdue(&api->host.places, monotonic_ns())) ||
	       (place = places_ended(&api->host.places)))
		api_server_drop(place);
	drop_burdens(api);
	listen_again(api);
	return api_run(api);
}

static int start_server(struct api *api, unsigned which, const struct api_tls *tls)
{
	struct MHD_Daemon *server = api_server_start(&api->host, tls);
	const union MHD_DaemonInfo *info;
	sd_event_source *io = NULL;
	int r = server ? 0 : -errno;

	if (r < 0)
		return r;
	info = MHD_get_daemon_info(server, MHD_DAEMON_INFO_EPOLL_FD);
	r = info && info->epoll_fd >= 0 ? 0 : -ENOTSUP;
	if (r == 0)
		r = sd_event_add_io(api->loop, &io, info->epoll_fd, EPOLLIN, handle_io, api);
	if (r >= 0)
		r = sd_event_source_set_priority(io, API_PRIORITY);
	if (r < 0) {
		sd_event_source_disable_unref(io);
		api_server_stop(&api->host, server);
		return r;
	}
	/* The library closes the descriptor that is watched. */
	sd_event_source_disable_unref(api->ios[which]);
	api_server_stop(&api->host, api->servers[which]);
	api->servers[which] = server;
	api->ios[which] = io;
	return 0;
}

/* Loops, and what can be asked for, before any socket is there. 0 or a negative errno. */
static int prepare(struct api *api)
{
	int r = 0;

	api->host.exporter = json_exporter_new();
	if (!api->host.exporter)
		r = -ENOMEM;
	else
		json_exporter_name(api->host.exporter, api->host.source.names);
	if (r >= 0)
		r = sd_event_add_time_relative(api->loop, &api->timer, CLOCK_MONOTONIC, 0,
					       TIMER_ACCURACY_US, handle_timer, api);
	if (r >= 0)
		r = sd_event_source_set_enabled(api->timer, SD_EVENT_OFF);
	if (r >= 0)
		r = sd_event_source_set_priority(api->timer, API_PRIORITY);
	if (r >= 0)
		r = sd_event_add_defer(api->loop, &api->turn, handle_turn, api);
	if (r >= 0)
		r = sd_event_source_set_enabled(api->turn, SD_EVENT_OFF);
	if (r >= 0)
		r = sd_event_source_set_priority(api->turn, API_PRIORITY);
	if (r >= 0)
		r = start_server(api, PLAIN, NULL);
	if (r >= 0 && api->tls.certificate)
		r = start_server(api, SECURE, &api->tls);
	if (r < 0)
		log_error("--listen: cannot serve: %s", strerror(-r));
	return r;
}

static int open_api(struct api *api)
{
	const struct api_settings *settings = &api->settings;
	int r = 0;

	if (settings->token_file)
		r = api_token_read(&api->host.token, settings->token_file);
	if (r == 0 && settings->tls_cert)
		r = api_tls_read(&api->tls, settings->tls_cert, settings->tls_key);
	if (r == 0)
		r = prepare(api);
	for (size_t i = 0; r >= 0 && i < settings->listen_count && i < OPTIONS_LISTEN_MAX; i++) {
		r = api_listen(api, settings->listen[i]);
		if (settings->is_optional)
			r = 0;
	}
	return r;
}

struct api *api_new(sd_event *loop, const struct api_settings *settings,
		    const struct api_source *source)
{
	struct api *api = calloc(1, sizeof(*api));
	int r;

	if (!api) {
		log_error("out of memory");
		return NULL;
	}
	api->settings = *settings;
	api->host.source = *source;
	api->loop = sd_event_ref(loop);
	rate_limit_init(&api->host.said, SAID_PER_MINUTE);
	r = open_api(api);
	if (r >= 0)
		return api;
	api_free(api);
	errno = -r;
	return NULL;
}

int api_reload(struct api *api)
{
	const struct api_settings *settings = &api->settings;
	struct api_tls tls = { .certificate = NULL };
	int r = 0;

	if (settings->tls_cert)
		r = api_tls_read(&tls, settings->tls_cert, settings->tls_key);
	if (r == 0 && settings->token_file)
		r = api_token_read(&api->host.token, settings->token_file);
	if (r == 0 && settings->tls_cert && !api_tls_is_equal(&tls, &api->tls))
		r = start_server(api, SECURE, &tls);
	if (r < 0 || !settings->tls_cert) {
		api_tls_clear(&tls);
		return r;
	}
	api_tls_clear(&api->tls);
	api->tls = tls;
	return 0;
}

void api_free(struct api *api)
{
	if (!api)
		return;
	for (size_t i = 0; i < api->listener_count; i++) {
		sd_event_source_disable_unref(api->listeners[i].io);
		listener_close(&api->listeners[i].listener);
	}
	for (unsigned i = 0; i < SERVER_COUNT; i++) {
		/* The library closes the descriptor that is watched. */
		sd_event_source_disable_unref(api->ios[i]);
		api_server_stop(&api->host, api->servers[i]);
	}
	sd_event_source_disable_unref(api->timer);
	sd_event_source_disable_unref(api->turn);
	json_exporter_free(api->host.exporter);
	api_tls_clear(&api->tls);
	explicit_bzero(&api->host.token, sizeof(api->host.token));
	sd_event_unref(api->loop);
	free(api);
}

u16 api_port(const struct api *api)
{
	for (size_t i = 0; i < api->listener_count; i++)
		if (!listen_address_is_unix(&api->listeners[i].listener.address))
			return listen_address_port(&api->listeners[i].listener.address);
	return 0;
}
