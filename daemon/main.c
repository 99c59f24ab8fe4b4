/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* main.c - options in, an engine, and what it finds out: table or records. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine.h"
#include "log.h"
#include "options.h"
#include "redact.h"
#include "session.h"

/*
 * Who starts netlat may have closed standard input, output or error. The next file that is opened,
 * as that of --log, would be one of these, and have the table or messages in it. What takes the
 * place is the wrong way round, so that to use it is an error, as it was.
 */
static bool hold_standard_files(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
			continue;
		if (open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
			return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	static struct options options;
	int status = EXIT_SUCCESS;

	if (!hold_standard_files())
		return EXIT_FAILURE;
	switch (options_parse(&options, argc, argv)) {
	case OPTIONS_EXIT_OK:
		/* What was asked for may not have been written: a full disk. */
		if (fflush(stdout) != 0 || ferror(stdout)) {
			log_error("standard output: %s", strerror(errno));
			status = EXIT_FAILURE;
		}
		break;
	case OPTIONS_EXIT_USAGE:
		status = 2;
		break;
	case OPTIONS_RUN:
		log_set_verbose(options.verbose);
		log_set_quiet(options.quiet);
		redact_set_off(options.show_sensitive);
		status = options.replay_file ? session_replay(&options) : session_live(&options);
		break;
	}
	options_free(&options);
	return status;
}
