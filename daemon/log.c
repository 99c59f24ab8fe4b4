/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* log.c - messages to a person, one line each, on stderr. */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LOG_PREFIX "netlat: "
#define LOG_CUT "..."

static bool is_verbose;
static bool is_quiet;
static const char *said_of = ""; /* log_set_origin() */

void log_set_verbose(bool verbose)
{
	is_verbose = verbose;
}

bool log_is_verbose(void)
{
	return is_verbose;
}

void log_set_quiet(bool quiet)
{
	is_quiet = quiet;
}

void log_set_origin(const char *origin)
{
	said_of = origin;
}

/*
 * stderr is unbuffered: a line is put together first, so that it reaches a
 * terminal or a journal in one piece. Messages quote arguments and names that
 * others chose, so control characters are not passed on to the terminal.
 */
static void log_line(const char *format, va_list arguments)
{
	char line[4096];
	const size_t prefix = strlen(LOG_PREFIX) + strnlen(said_of, sizeof(line) / 2);
	const size_t room = sizeof(line) - prefix - 1; /* the newline */
	int length = vsnprintf(line + prefix, room, format, arguments);
	size_t end;

	if (length < 0)
		return;
	memcpy(line, LOG_PREFIX, strlen(LOG_PREFIX));
	memcpy(line + strlen(LOG_PREFIX), said_of, prefix - strlen(LOG_PREFIX));
	end = prefix + (size_t)length;
	if ((size_t)length >= room) {
		end = prefix + room - 1;
		memcpy(line + end - strlen(LOG_CUT), LOG_CUT, strlen(LOG_CUT));
	}
	for (size_t i = 0; i < end; i++) {
		unsigned char c = (unsigned char)line[i];

		if ((c < ' ' && c != '\n' && c != '\t') || c == 0x7f)
			line[i] = '?';
	}
	line[end++] = '\n';
	fwrite(line, 1, end, stderr);
}

void log_error(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	log_line(format, arguments);
	va_end(arguments);
}

void log_info(const char *format, ...)
{
	va_list arguments;

	if (is_quiet)
		return;
	va_start(arguments, format);
	log_line(format, arguments);
	va_end(arguments);
}

void log_verbose(const char *format, ...)
{
	va_list arguments;

	if (!is_verbose)
		return;
	va_start(arguments, format);
	log_line(format, arguments);
	va_end(arguments);
}
