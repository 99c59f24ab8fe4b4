/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_json.c - what the API's answers have in common as JSON. */
#include "api_json.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

#define SECOND_NS 1000000000ULL

void api_json_text(struct json_text *text, const char *string)
{
	json_text_string(text, string, string ? strlen(string) : 0);
}

void api_json_bool(struct json_text *text, bool value)
{
	if (value)
		json_text_literal(text, "true");
	else
		json_text_literal(text, "false");
}

void api_json_integer_if(struct json_text *text, bool is_given, u64 value)
{
	if (is_given)
		json_text_integer(text, value);
	else
		json_text_literal(text, "null");
}

void api_json_decimal_if(struct json_text *text, bool is_given, double value)
{
	char digits[API_JSON_DECIMAL_BYTES_MAX];
	int length;

	if (!is_given || !isfinite(value)) {
		json_text_literal(text, "null");
		return;
	}
	length = snprintf(digits, sizeof(digits), "%.3f", value);
	if (length < 0 || length >= (int)sizeof(digits))
		json_text_literal(text, "null");
	else
		json_text_append(text, digits, (size_t)length);
}

void api_json_time(struct json_text *text, u64 epoch_ns)
{
	time_t when = (time_t)(epoch_ns / SECOND_NS);
	char second[24], whole[sizeof(second) + 16];
	struct tm parts;

	if (!gmtime_r(&when, &parts) ||
	    strftime(second, sizeof(second), "%Y-%m-%dT%H:%M:%S", &parts) == 0) {
		text->error = -EOVERFLOW;
		return;
	}
	snprintf(whole, sizeof(whole), "%s.%09lluZ", second, epoch_ns % SECOND_NS);
	api_json_text(text, whole);
}

static u64 clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (u64)now.tv_sec * SECOND_NS + (u64)now.tv_nsec;
}

u64 api_epoch_offset_ns(void)
{
	return clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_MONOTONIC);
}

u64 api_now_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}
