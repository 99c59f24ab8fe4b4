/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* session_signals.c - signals of a live run, and whether its terminal is gone. */
#include "session_signals.h"

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

/* The kernel sends SIGHUP for a terminal before it takes it away. */
#define HANGUP_WAIT_US 100000

/* Whether this process has a controlling terminal, tty(4). */
static bool has_terminal(void)
{
	int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* The hooks must go with the terminal that they were asked for on. */
static int handle_hangup_timer(sd_event_source *source, uint64_t now_us, void *userdata)
{
	struct session_signals *signals = userdata;

	(void)now_us;
	if (!has_terminal())
		return sd_event_exit(sd_event_source_get_event(source), 0);
	signals->hangup_timer = sd_event_source_disable_unref(signals->hangup_timer);
	signals->reload(signals->userdata);
	return 0;
}

static int handle_hangup(sd_event_source *source, const struct signalfd_siginfo *info,
			 void *userdata)
{
	struct session_signals *signals = userdata;

	(void)info;
	if (!signals->had_terminal) {
		signals->reload(signals->userdata);
		return 0;
	}
	if (signals->hangup_timer)
		return 0;
	return sd_event_add_time_relative(sd_event_source_get_event(source), &signals->hangup_timer,
					  CLOCK_MONOTONIC, HANGUP_WAIT_US, 1000,
					  handle_hangup_timer, signals);
}

int session_signals_start(struct session_signals *signals, sd_event *loop,
			  void (*reload)(void *userdata), void *userdata)
{
	sigset_t set;
	int r;

	*signals = (struct session_signals){
		.had_terminal = has_terminal(),
		.reload = reload,
		.userdata = userdata,
	};
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	r = sd_event_add_signal(loop, NULL, SIGINT, NULL, NULL);
	if (r >= 0)
		r = sd_event_add_signal(loop, NULL, SIGTERM, NULL, NULL);
	if (r >= 0)
		r = sd_event_add_signal(loop, NULL, SIGHUP, handle_hangup, signals);
	return r < 0 ? r : 0;
}

void session_signals_stop(struct session_signals *signals)
{
	signals->hangup_timer = sd_event_source_disable_unref(signals->hangup_timer);
}
