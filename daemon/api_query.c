/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_query.c - the query parameters of GET /api/v1/slow. */
#include "api_query.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record_view.h"

#define MS_NS 1e6
#define DURATION_MS_MAX 1e9
#define SHOWN_BYTES_MAX 40 /* of what was given, in an error */

void api_query_init(struct api_query *query)
{
	*query = (struct api_query){ .limit = API_LIMIT_DEFAULT, .cause = -1 };
}

static bool set_limit(struct api_query *query, const char *value)
{
	unsigned long limit;

	if (!*value || strlen(value) > 4 || value[strspn(value, "0123456789")] != '\0')
		return false;
	limit = strtoul(value, NULL, 10);
	if (limit < 1 || limit > API_LIMIT_MAX)
		return false;
	query->limit = limit;
	return true;
}

static bool set_cause(struct api_query *query, const char *value)
{
	const char *name;

	for (unsigned i = 0; (name = record_cause_name(i)); i++) {
		if (strcmp(name, value) != 0)
			continue;
		query->cause = (int)i;
		return true;
	}
	return false;
}

/* 1*DIGIT [ "." *DIGIT ] */
static bool set_min_duration(struct api_query *query, const char *value)
{
	size_t digits = strspn(value, "0123456789");
	double duration_ms;
	char *end;

	if (digits == 0 || value[strspn(value, "0123456789.")] != '\0')
		return false;
	duration_ms = strtod(value, &end);
	if (*end || duration_ms > DURATION_MS_MAX)
		return false;
	query->min_duration_ns = (u64)(duration_ms * MS_NS);
	return true;
}

static const struct {
	const char *name;
	const char *form;
	bool (*set)(struct api_query *query, const char *value);
} parameters[] = {
	{ "limit", "1 to 256", set_limit },
	{ "cause", "none, server, network, client, connect, loss, upload or download", set_cause },
	{ "min_duration_ms", "0 to 1000000000, with or without a decimal point", set_min_duration },
};

#define PARAMETER_COUNT (sizeof(parameters) / sizeof(parameters[0]))

bool api_query_set(struct api_query *query, const char *name, size_t name_length, const char *value,
		   size_t value_length, char error[API_ERROR_BYTES_MAX])
{
	for (size_t i = 0; i < PARAMETER_COUNT; i++) {
		if (strlen(parameters[i].name) != name_length ||
		    memcmp(parameters[i].name, name, name_length) != 0)
			continue;
		if (value && strlen(value) == value_length && parameters[i].set(query, value))
			return true;
		snprintf(error, API_ERROR_BYTES_MAX, "%s=%.*s: not a value of it (%s)",
			 parameters[i].name, SHOWN_BYTES_MAX, value ? value : "",
			 parameters[i].form);
		return false;
	}
	snprintf(error, API_ERROR_BYTES_MAX,
		 "%.*s: no such parameter (limit, cause, min_duration_ms)", SHOWN_BYTES_MAX, name);
	return false;
}
