/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* curl_loop.h - transfers by libcurl in the event loop, without threads and without waiting. */
#ifndef NETLAT_CURL_LOOP_H
#define NETLAT_CURL_LOOP_H

#include <stdbool.h>

#include <curl/curl.h>
#include <systemd/sd-event.h>

struct curl_loop;

/* The caller's, who keeps it in place while it runs. */
struct curl_transfer {
	CURL *easy; /* set up by the caller, but for CURLOPT_PRIVATE */
	/* It is over, and may be started again. Not called after curl_loop_stop(). */
	void (*done)(void *userdata, CURLcode result);
	void *userdata;
	bool is_running;
};

/*
 * Everything else in the loop goes before these transfers. Host names must not have to be
 * resolved: libcurl would start a thread. NULL and errno on failure.
 */
struct curl_loop *curl_loop_new(sd_event *loop);
/* Transfers have to be stopped before. */
void curl_loop_free(struct curl_loop *curl_loop);

/* 0 or negative errno. It goes on from the loop, never from within the call. */
int curl_loop_start(struct curl_loop *curl_loop, struct curl_transfer *transfer);
/* Not from within a callback of libcurl. Does nothing to a transfer that does not run. */
void curl_loop_stop(struct curl_loop *curl_loop, struct curl_transfer *transfer);

#endif
