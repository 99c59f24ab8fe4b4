/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_query_values.c - what the API's query parameters have as values. */
#include "api_query_values.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "address.h"

#define DIGITS "0123456789"
#define MS_NS 1e6
#define SECOND_NS 1000000000ULL
#define DURATION_MS_MAX 1e9
#define FRACTION_DIGITS_MAX 9
#define SECONDS_DIGITS_MAX 10	 /* until 2286 */
#define NANOSECONDS_DIGITS 19	 /* from 2001 on, until 2262 */
#define SECONDS_MAX 9223372036LL /* what so many nanoseconds hold */

bool api_value_integer(const char *value, u64 min, u64 max, u64 *ret)
{
	size_t digits = strspn(value, DIGITS);
	u64 number;

	if (digits < 1 || digits > NANOSECONDS_DIGITS || value[digits] != '\0')
		return false;
	number = strtoull(value, NULL, 10);
	if (number < min || number > max)
		return false;
	*ret = number;
	return true;
}

/* 1*DIGIT [ "." *DIGIT ] */
bool api_value_milliseconds(const char *value, u64 *ret_ns)
{
	double duration_ms;
	char *end;

	if (strspn(value, DIGITS) == 0 || value[strspn(value, DIGITS ".")] != '\0')
		return false;
	duration_ms = strtod(value, &end);
	if (*end || duration_ms > DURATION_MS_MAX)
		return false;
	*ret_ns = (u64)(duration_ms * MS_NS);
	return true;
}

bool api_value_address(const char *value, union nl_addr *ret)
{
	struct nl_filter_net net;

	if (strchr(value, '/') || !net_parse(value, &net))
		return false;
	*ret = net.addr;
	return true;
}

bool api_value_endpoint(const char *value, struct api_endpoint *ret)
{
	struct api_endpoint endpoint = { .port = 0 };
	char text[ADDRESS_TEXT_MAX];
	bool has_bracket = value[0] == '[';
	const char *end = has_bracket ? strchr(value, ']') : strchr(value, ':');
	u64 port;

	if (has_bracket && !end)
		return false;
	if (!has_bracket && (!end || strchr(end + 1, ':'))) /* no port */
		return api_value_address(value, &ret->addr) && (ret->port = 0, true);
	value += has_bracket;
	if ((size_t)(end - value) >= sizeof(text))
		return false;
	memcpy(text, value, (size_t)(end - value));
	text[end - value] = '\0';
	/* Brackets are for IPv6 alone. */
	if (has_bracket != (strchr(text, ':') != NULL) || !api_value_address(text, &endpoint.addr))
		return false;
	end += has_bracket;
	if (*end) {
		if (*end != ':' || !api_value_integer(end + 1, 1, UINT16_MAX, &port))
			return false;
		endpoint.port = (u16)port;
	}
	*ret = endpoint;
	return true;
}

static void want_status(u64 statuses[API_STATUS_WORDS], unsigned first, unsigned count)
{
	for (unsigned status = first; status < first + count; status++)
		statuses[status / 64] |= 1ULL << status % 64;
}

/* One of the list, of so many bytes. */
static bool add_status(u64 statuses[API_STATUS_WORDS], const char *item, size_t length)
{
	unsigned status = 0;

	if (length == 4 && memcmp(item, "none", 4) == 0) {
		want_status(statuses, 0, 1);
		return true;
	}
	if (length != 3 || item[0] < '1' || item[0] > '5')
		return false;
	if (memcmp(item + 1, "xx", 2) == 0) {
		want_status(statuses, (unsigned)(item[0] - '0') * 100, 100);
		return true;
	}
	if (strspn(item, DIGITS) < 3)
		return false;
	for (unsigned i = 0; i < 3; i++)
		status = status * 10 + (unsigned)(item[i] - '0');
	want_status(statuses, status, 1);
	return true;
}

bool api_value_status(const char *value, u64 ret[API_STATUS_WORDS])
{
	u64 statuses[API_STATUS_WORDS] = { 0 };

	for (;;) {
		size_t length = strcspn(value, ",");

		if (!add_status(statuses, value, length))
			return false;
		if (!value[length])
			break;
		value += length + 1;
	}
	memcpy(ret, statuses, sizeof(statuses));
	return true;
}

/* What follows a point, at most nine digits; behind it in *end. */
static bool read_fraction(const char *text, const char **end, u64 *ret_ns)
{
	size_t digits = strspn(text, DIGITS);
	u64 fraction_ns = 0;

	if (digits < 1 || digits > FRACTION_DIGITS_MAX)
		return false;
	for (size_t i = 0; i < FRACTION_DIGITS_MAX; i++)
		fraction_ns = fraction_ns * 10 + (i < digits ? (u64)(text[i] - '0') : 0);
	*end = text + digits;
	*ret_ns = fraction_ns;
	return true;
}

/* Seconds or nanoseconds since 1970. */
static bool read_epoch(const char *value, u64 *ret_ns)
{
	size_t digits = strspn(value, DIGITS);
	u64 seconds = strtoull(value, NULL, 10), fraction_ns = 0;
	const char *end = value + digits;

	if (digits == NANOSECONDS_DIGITS && !*end) {
		*ret_ns = seconds;
		return true;
	}
	if (digits < 1 || digits > SECONDS_DIGITS_MAX || seconds >= SECONDS_MAX)
		return false;
	if (*end == '.' && !read_fraction(end + 1, &end, &fraction_ns))
		return false;
	if (*end)
		return false;
	*ret_ns = seconds * SECOND_NS + fraction_ns;
	return true;
}

/* `Z` or `+01:00`, in seconds. */
static bool read_offset(const char *text, long *ret_s)
{
	u64 hours, minutes;
	char hour[3], minute[3];

	if (strcmp(text, "Z") == 0 || strcmp(text, "z") == 0) {
		*ret_s = 0;
		return true;
	}
	if (strlen(text) != 6 || !strchr("+- ", text[0]) || text[3] != ':')
		return false;
	snprintf(hour, sizeof(hour), "%.2s", text + 1);
	snprintf(minute, sizeof(minute), "%.2s", text + 4);
	if (!api_value_integer(hour, 0, 23, &hours) || !api_value_integer(minute, 0, 59, &minutes))
		return false;
	*ret_s = (long)(hours * 3600 + minutes * 60) * (text[0] == '-' ? -1 : 1);
	return true;
}

/* Digits where `form` has a 0, and else what it has. */
static bool has_form(const char *text, const char *form)
{
	for (; *form; text++, form++)
		if (*form == '0' ? *text < '0' || *text > '9' : *text != *form)
			return false;
	return true;
}

/* RFC 3339, 5.6. A leap second is the one after it, as the clock has none. */
static bool read_calendar(const char *value, u64 *ret_ns)
{
	struct tm parts = { .tm_isdst = 0 }, normal;
	u64 fraction_ns = 0;
	long offset_s;
	time_t when;

	if (!has_form(value, "0000-00-00T00:00:00"))
		return false;
	if (sscanf(value, "%4d-%2d-%2dT%2d:%2d:%2d", &parts.tm_year, &parts.tm_mon, &parts.tm_mday,
		   &parts.tm_hour, &parts.tm_min, &parts.tm_sec) != 6)
		return false;
	value += strlen("0000-00-00T00:00:00");
	if (*value == '.' && !read_fraction(value + 1, &value, &fraction_ns))
		return false;
	if (parts.tm_hour > 23 || parts.tm_min > 59 || parts.tm_sec > 60 ||
	    !read_offset(value, &offset_s))
		return false;
	parts.tm_year -= 1900;
	parts.tm_mon--;
	normal = parts;
	when = timegm(&normal);
	/* A day that a month does not have is another one afterwards. */
	if (parts.tm_sec < 60 && (normal.tm_mday != parts.tm_mday || normal.tm_mon != parts.tm_mon))
		return false;
	when -= offset_s;
	if (when < 0 || when >= SECONDS_MAX)
		return false;
	*ret_ns = (u64)when * SECOND_NS + fraction_ns;
	return true;
}

bool api_value_time(const char *value, u64 *ret_ns)
{
	return strchr(value, 'T') ? read_calendar(value, ret_ns) : read_epoch(value, ret_ns);
}
