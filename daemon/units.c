/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* units.c - quantities as short text for a person. */
#include "units.h"

#include <stdio.h>

/* Two digits while they are needed, then whole numbers; true if it fits below 1000. */
static bool format_below_1000(char *text, double value, const char *unit)
{
	if (value < 9.95)
		snprintf(text, UNIT_TEXT_MAX, "%.1f%s", value, unit);
	else if (value < 999.5)
		snprintf(text, UNIT_TEXT_MAX, "%.0f%s", value, unit);
	else
		return false;
	return true;
}

void format_duration(char text[UNIT_TEXT_MAX], u64 duration_ns)
{
	double ns = (double)duration_ns, seconds = ns / 1e9;

	if (duration_ns < 1000)
		snprintf(text, UNIT_TEXT_MAX, "%uns", (unsigned)duration_ns);
	else if (format_below_1000(text, ns / 1e3, "us") || format_below_1000(text, ns / 1e6, "ms"))
		return;
	else if (seconds < 9.995)
		snprintf(text, UNIT_TEXT_MAX, "%.2fs", seconds);
	else if (seconds < 99.95)
		snprintf(text, UNIT_TEXT_MAX, "%.1fs", seconds);
	else if (seconds < 9999.5)
		snprintf(text, UNIT_TEXT_MAX, "%.0fs", seconds);
	else
		snprintf(text, UNIT_TEXT_MAX, seconds < 99.95 * 3600 ? "%.1fh" : "%.0fh",
			 seconds / 3600);
}

void format_percent(char text[UNIT_TEXT_MAX], u64 part, u64 whole)
{
	double percent = whole ? 100.0 * (double)part / (double)whole : 0;

	if (whole == 0)
		snprintf(text, UNIT_TEXT_MAX, "-");
	else if (part == 0)
		snprintf(text, UNIT_TEXT_MAX, "0%%");
	else if (part >= whole)
		snprintf(text, UNIT_TEXT_MAX, "100%%");
	else if (percent < 0.1)
		snprintf(text, UNIT_TEXT_MAX, "<0.1%%");
	else if (percent > 99.9)
		snprintf(text, UNIT_TEXT_MAX, ">99.9%%");
	else
		snprintf(text, UNIT_TEXT_MAX, "%.1f%%", percent);
}

void format_rate(char text[UNIT_TEXT_MAX], double per_second)
{
	if (!(per_second > 0))
		snprintf(text, UNIT_TEXT_MAX, "0");
	else if (per_second < 0.05)
		snprintf(text, UNIT_TEXT_MAX, "<0.1");
	else if (per_second < 99.95)
		snprintf(text, UNIT_TEXT_MAX, "%.1f", per_second);
	else if (per_second < 999999.5)
		snprintf(text, UNIT_TEXT_MAX, "%.0f", per_second);
	else
		snprintf(text, UNIT_TEXT_MAX, "%.2fM", per_second / 1e6);
}

/* The first prefix with which it fits. */
static void format_prefixed(char *text, double value, const char *unit)
{
	static const char *const prefixes[] = { "", "k", "M", "G", "T", "P", "E" };
	const unsigned last = sizeof(prefixes) / sizeof(prefixes[0]) - 1;
	char prefixed[16];

	for (unsigned i = 0; i < last; i++, value /= 1000) {
		snprintf(prefixed, sizeof(prefixed), "%s%s", prefixes[i], unit);
		if (format_below_1000(text, value, prefixed))
			return;
	}
	snprintf(text, UNIT_TEXT_MAX, "%.0f%s%s", value, prefixes[last], unit);
}

void format_bytes(char text[UNIT_TEXT_MAX], u64 bytes)
{
	if (bytes < 1000)
		snprintf(text, UNIT_TEXT_MAX, "%uB", (unsigned)bytes);
	else
		format_prefixed(text, (double)bytes, "B");
}

void format_bit_rate(char text[UNIT_TEXT_MAX], double bits_per_second)
{
	format_prefixed(text, bits_per_second > 0 ? bits_per_second : 0, "bit/s");
}

void format_elapsed(char text[UNIT_TEXT_MAX], u64 elapsed_ns)
{
	u64 seconds = elapsed_ns / 1000000000, tenths = elapsed_ns / 100000000;

	if (seconds < 60)
		snprintf(text, UNIT_TEXT_MAX, "%llu.%llus", tenths / 10, tenths % 10);
	else if (seconds < 3600)
		snprintf(text, UNIT_TEXT_MAX, "%um%02us", (unsigned)(seconds / 60),
			 (unsigned)(seconds % 60));
	else
		snprintf(text, UNIT_TEXT_MAX, "%lluh%02um", seconds / 3600,
			 (unsigned)(seconds / 60 % 60));
}
