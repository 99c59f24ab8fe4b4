/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* session_replay.c - a capture from its beginning to the final summary. */
#include "session.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>

#include "session_common.h"

/* How long a pipe is still listened to after a signal to stop. */
#define STOPPED_WAIT_MS 200

/* SIGINT, SIGTERM and SIGHUP while a capture is read. */
static volatile sig_atomic_t replay_stop;

static void handle_stop(int number)
{
	(void)number;
	replay_stop = 1;
}

/* Without SA_RESTART, so that waiting ends; a second signal kills. */
static void catch_stop(void)
{
	struct sigaction action = { .sa_handler = handle_stop, .sa_flags = SA_RESETHAND };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
}

/* A capture_wait_fn: records that are there are shown before waiting for more. */
static bool wait_for_input(int fd, void *userdata)
{
	struct pollfd input = { .fd = fd, .events = POLLIN };

	if (!session_flush(userdata))
		return false;
	while (!replay_stop) {
		if (poll(&input, 1, -1) > 0)
			return true;
		if (errno != EINTR)
			return false;
	}
	/* Ctrl-C reaches who writes too, which may have something left to say. */
	return poll(&input, 1, STOPPED_WAIT_MS) > 0;
}

/* The time of the packet at hand: what is due by then is dealt with. */
static void pass_time(u64 now_ns, void *userdata)
{
	session_deal_with_slow(userdata, now_ns);
}

int session_replay(const struct options *options)
{
	static const struct replay_control control = { wait_for_input, &replay_stop, pass_time };
	struct session session = { .options = options, .stop = &replay_stop };
	bool sound;
	int result;

	if (!session_prepare(&session)) {
		session_release(&session);
		return EXIT_FAILURE;
	}
	signal(SIGPIPE, SIG_IGN);
	session.engine = engine_replay_open(options);
	if (!session.engine) {
		session_release(&session);
		return EXIT_FAILURE;
	}
	catch_stop();
	result = engine_replay_run(session.engine, &control, session_take_record, &session);
	sound = session_finish(&session);
	session_release(&session);
	return result || !sound || session_output_failed(&session) ? EXIT_FAILURE : EXIT_SUCCESS;
}
