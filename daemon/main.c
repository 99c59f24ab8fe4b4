/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* main.c - options in, an engine, and what it finds out: table or records. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "log.h"
#include "options.h"
#include "redact.h"
#include "session.h"

int main(int argc, char **argv)
{
	static struct options options;
	int status = EXIT_SUCCESS;

	switch (options_parse(&options, argc, argv)) {
	case OPTIONS_EXIT_OK:
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
