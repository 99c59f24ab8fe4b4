/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_query.c - the query parameters of the API. */
#include "api_query.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "api_query_values.h"
#include "record_view.h"

#define SHOWN_BYTES_MAX 40 /* of what was given, in an error */
#define FORM_BYTES_MAX 128

void api_query_init(struct api_query *query, const struct api_query_form *form)
{
	*query = (struct api_query){ .form = form, .limit = form->limit_default };
}

static bool set_limit(struct api_query *query, const char *value)
{
	u64 limit;

	if (!api_value_integer(value, 1, query->form->limit_max, &limit))
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
		query->cause = i;
		return true;
	}
	return false;
}

static bool set_min_duration(struct api_query *query, const char *value)
{
	return api_value_milliseconds(value, &query->min_duration_ns);
}

static bool set_service(struct api_query *query, const char *value)
{
	return api_value_endpoint(value, &query->service);
}

static bool set_client(struct api_query *query, const char *value)
{
	return api_value_address(value, &query->client);
}

static bool set_status(struct api_query *query, const char *value)
{
	return api_value_status(value, query->status);
}

static bool set_since(struct api_query *query, const char *value)
{
	return api_value_time(value, &query->since_ns);
}

static bool set_after_id(struct api_query *query, const char *value)
{
	return api_value_integer(value, 1, INT64_MAX, &query->after_id);
}

static bool set_after_service(struct api_query *query, const char *value)
{
	struct api_endpoint endpoint;

	if (!api_value_endpoint(value, &endpoint) || !endpoint.port)
		return false;
	query->after = endpoint;
	return true;
}

static bool set_after_client(struct api_query *query, const char *value)
{
	return api_value_address(value, &query->after.addr);
}

static const struct {
	enum api_parameter parameter;
	const char *name;
	const char *form; /* NULL: of the limit */
	bool (*set)(struct api_query *query, const char *value);
} parameters[] = {
	{ API_SERVICE, "service", "ADDR, ADDR:PORT or [ADDR]:PORT", set_service },
	{ API_CLIENT, "client", "an address", set_client },
	{ API_STATUS, "status", "503, 5xx, none, or a list of these with commas", set_status },
	{ API_LIMIT, "limit", NULL, set_limit },
	{ API_CAUSE, "cause", "none, server, network, client, connect, loss, upload or download",
	  set_cause },
	{ API_MIN_DURATION, "min_duration_ms", "0 to 1000000000, with or without a decimal point",
	  set_min_duration },
	{ API_SINCE, "since",
	  "2026-01-31T12:00:00Z, seconds since 1970, or nanoseconds of 19 digits", set_since },
	{ API_AFTER_ID, "after", "an id", set_after_id },
	{ API_AFTER_SERVICE, "after", "ADDR:PORT or [ADDR]:PORT", set_after_service },
	{ API_AFTER_CLIENT, "after", "an address", set_after_client },
};

#define PARAMETER_COUNT (sizeof(parameters) / sizeof(parameters[0]))

static void tell_unknown(const struct api_query_form *form, const char *name,
			 char error[API_ERROR_BYTES_MAX])
{
	int used = snprintf(error, API_ERROR_BYTES_MAX, "%.*s: no such parameter (",
			    SHOWN_BYTES_MAX, name);
	const char *separator = "";

	for (size_t i = 0; i < PARAMETER_COUNT; i++) {
		if (!(form->parameters & parameters[i].parameter))
			continue;
		used += snprintf(error + used, API_ERROR_BYTES_MAX - (size_t)used, "%s%s",
				 separator, parameters[i].name);
		separator = ", ";
	}
	snprintf(error + used, API_ERROR_BYTES_MAX - (size_t)used, "%s)",
		 *separator ? "" : "there are none here");
}

static void tell_bad(const struct api_query_form *form, size_t index, const char *value,
		     char error[API_ERROR_BYTES_MAX])
{
	char limits[FORM_BYTES_MAX];

	snprintf(limits, sizeof(limits), "1 to %zu", form->limit_max);
	snprintf(error, API_ERROR_BYTES_MAX, "%s=%.*s: not a value of it (%s)",
		 parameters[index].name, SHOWN_BYTES_MAX, value ? value : "",
		 parameters[index].form ? parameters[index].form : limits);
}

bool api_query_set(struct api_query *query, const char *name, size_t name_length, const char *value,
		   size_t value_length, char error[API_ERROR_BYTES_MAX])
{
	const struct api_query_form *form = query->form;
	size_t i = 0;

	while (i < PARAMETER_COUNT && (!(form->parameters & parameters[i].parameter) ||
				       strlen(parameters[i].name) != name_length ||
				       memcmp(parameters[i].name, name, name_length) != 0))
		i++;
	if (i == PARAMETER_COUNT) {
		tell_unknown(form, name, error);
		return false;
	}
	if (query->given & parameters[i].parameter) {
		snprintf(error, API_ERROR_BYTES_MAX, "%s: given more than once (once will do)",
			 parameters[i].name);
		return false;
	}
	if (!value || strlen(value) != value_length || value_length > API_VALUE_BYTES_MAX ||
	    !parameters[i].set(query, value)) {
		tell_bad(form, i, value, error);
		return false;
	}
	query->given |= parameters[i].parameter;
	return true;
}

bool api_query_wants_status(const struct api_query *query, unsigned status)
{
	return !api_query_has(query, API_STATUS) ||
	       (status <= API_STATUS_MAX && query->status[status / 64] >> status % 64 & 1);
}

bool api_query_wants_service(const struct api_query *query, const union nl_addr *addr, u16 port)
{
	return !api_query_has(query, API_SERVICE) ||
	       (memcmp(&query->service.addr, addr, sizeof(*addr)) == 0 &&
		(!query->service.port || query->service.port == port));
}

bool api_query_wants_client(const struct api_query *query, const union nl_addr *addr)
{
	return !api_query_has(query, API_CLIENT) ||
	       memcmp(&query->client, addr, sizeof(*addr)) == 0;
}
