/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* curl_loop.c - libcurl's multi interface, its sockets and its timer as sources of sd-event. */
#include "curl_loop.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>

#define TIMER_ACCURACY_US 1000

struct curl_loop {
	sd_event *loop;
	CURLM *multi;
	sd_event_source *timer;
};

/* Tell those whose transfer is over. They may start it again at once. */
static void finish_transfers(struct curl_loop *curl_loop)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(curl_loop->multi, &left))) {
		struct curl_transfer *transfer = NULL;
		CURLcode result = message->data.result;

		if (message->msg != CURLMSG_DONE ||
		    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer) !=
			    CURLE_OK ||
		    !transfer)
			continue;
		curl_loop_stop(curl_loop, transfer);
		transfer->done(transfer->userdata, result);
	}
}

static void run(struct curl_loop *curl_loop, curl_socket_t fd, int what)
{
	int running;

	/* What goes wrong with all of them is the result of each. */
	curl_multi_socket_action(curl_loop->multi, fd, what, &running);
	finish_transfers(curl_loop);
}

static int handle_io(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	int what = 0;

	(void)source;
	if (events & (EPOLLIN | EPOLLHUP))
		what |= CURL_CSELECT_IN;
	if (events & EPOLLOUT)
		what |= CURL_CSELECT_OUT;
	if (events & EPOLLERR)
		what |= CURL_CSELECT_ERR;
	run(userdata, fd, what);
	return 0;
}

static int handle_timer(sd_event_source *source, uint64_t now_us, void *userdata)
{
	(void)source;
	(void)now_us;
	run(userdata, CURL_SOCKET_TIMEOUT, 0);
	return 0;
}

static int watch(struct curl_loop *curl_loop, curl_socket_t fd, uint32_t events,
		 sd_event_source *source)
{
	int r;

	if (source) {
		r = sd_event_source_set_io_events(source, events);
		return r < 0 ? r : sd_event_source_set_enabled(source, SD_EVENT_ON);
	}
	r = sd_event_add_io(curl_loop->loop, &source, fd, events, handle_io, curl_loop);
	if (r < 0)
		return r;
	r = sd_event_source_set_priority(source, SD_EVENT_PRIORITY_IDLE);
	if (r < 0 || curl_multi_assign(curl_loop->multi, fd, source) != CURLM_OK) {
		sd_event_source_disable_unref(source);
		return r < 0 ? r : -EIO;
	}
	return 0;
}

/* libcurl wants a socket watched, or no longer, before it closes it. -1 ends all transfers. */
static int handle_wish(CURL *easy, curl_socket_t fd, int what, void *userdata, void *source)
{
	struct curl_loop *curl_loop = userdata;
	uint32_t events = 0;

	(void)easy;
	if (what == CURL_POLL_REMOVE || what == CURL_POLL_NONE) {
		/* Also without a wish for events epoll would report that the peer has gone. */
		sd_event_source_disable_unref(source);
		curl_multi_assign(curl_loop->multi, fd, NULL);
		return 0;
	}
	if (what & CURL_POLL_IN)
		events |= EPOLLIN;
	if (what & CURL_POLL_OUT)
		events |= EPOLLOUT;
	return watch(curl_loop, fd, events, source) < 0 ? -1 : 0;
}

/* libcurl must not be called from here, so even what is due at once waits for the loop. */
static int handle_timer_wish(CURLM *multi, long timeout_ms, void *userdata)
{
	struct curl_loop *curl_loop = userdata;
	int r;

	(void)multi;
	if (timeout_ms < 0)
		return sd_event_source_set_enabled(curl_loop->timer, SD_EVENT_OFF) < 0 ? -1 : 0;
	r = sd_event_source_set_time_relative(curl_loop->timer, (uint64_t)timeout_ms * 1000);
	if (r >= 0)
		r = sd_event_source_set_enabled(curl_loop->timer, SD_EVENT_ONESHOT);
	return r < 0 ? -1 : 0;
}

static int set_up(struct curl_loop *curl_loop)
{
	int r;

	curl_loop->multi = curl_multi_init();
	if (!curl_loop->multi)
		return -ENOMEM;
	if (curl_multi_setopt(curl_loop->multi, CURLMOPT_SOCKETFUNCTION, handle_wish) ||
	    curl_multi_setopt(curl_loop->multi, CURLMOPT_SOCKETDATA, curl_loop) ||
	    curl_multi_setopt(curl_loop->multi, CURLMOPT_TIMERFUNCTION, handle_timer_wish) ||
	    curl_multi_setopt(curl_loop->multi, CURLMOPT_TIMERDATA, curl_loop))
		return -ENOTSUP;
	r = sd_event_add_time_relative(curl_loop->loop, &curl_loop->timer, CLOCK_MONOTONIC, 0,
				       TIMER_ACCURACY_US, handle_timer, curl_loop);
	if (r >= 0)
		r = sd_event_source_set_enabled(curl_loop->timer, SD_EVENT_OFF);
	if (r >= 0)
		r = sd_event_source_set_priority(curl_loop->timer, SD_EVENT_PRIORITY_IDLE);
	return r;
}

struct curl_loop *curl_loop_new(sd_event *loop)
{
	struct curl_loop *curl_loop = calloc(1, sizeof(*curl_loop));
	int r;

	if (!curl_loop)
		return NULL;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		free(curl_loop);
		errno = ENOMEM;
		return NULL;
	}
	curl_loop->loop = sd_event_ref(loop);
	r = set_up(curl_loop);
	if (r >= 0)
		return curl_loop;
	curl_loop_free(curl_loop);
	errno = -r;
	return NULL;
}

void curl_loop_free(struct curl_loop *curl_loop)
{
	if (!curl_loop)
		return;
	/* Closes connections, and asks for their sources to be removed. */
	curl_multi_cleanup(curl_loop->multi);
	sd_event_source_disable_unref(curl_loop->timer);
	sd_event_unref(curl_loop->loop);
	free(curl_loop);
	curl_global_cleanup();
}

int curl_loop_start(struct curl_loop *curl_loop, struct curl_transfer *transfer)
{
	if (curl_easy_setopt(transfer->easy, CURLOPT_PRIVATE, transfer) != CURLE_OK)
		return -ENOMEM;
	if (curl_multi_add_handle(curl_loop->multi, transfer->easy) != CURLM_OK)
		return -ENOMEM;
	transfer->is_running = true;
	return 0;
}

void curl_loop_stop(struct curl_loop *curl_loop, struct curl_transfer *transfer)
{
	if (!transfer->is_running)
		return;
	transfer->is_running = false;
	curl_multi_remove_handle(curl_loop->multi, transfer->easy);
}
