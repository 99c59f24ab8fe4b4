/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * session_signals.h - signals of a live run: SIGINT and SIGTERM end it; SIGHUP reloads, or ends
 * it if its terminal is gone.
 */
#ifndef NETLAT_SESSION_SIGNALS_H
#define NETLAT_SESSION_SIGNALS_H

#include <stdbool.h>

#include <systemd/sd-event.h>

struct session_signals {
	bool had_terminal;
	sd_event_source *hangup_timer; /* NULL: no SIGHUP is being thought about */
	void (*reload)(void *userdata);
	void *userdata;
};

/* Handle them in the loop, which is not entered yet. 0 or negative errno. */
int session_signals_start(struct session_signals *signals, sd_event *loop,
			  void (*reload)(void *userdata), void *userdata);

void session_signals_stop(struct session_signals *signals);

#endif
