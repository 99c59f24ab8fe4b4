/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_json.c - what the API's answers have in common as JSON. */
#include "api_json.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

#include "address.h"
#include "clock.h"

#define DECIMAL_BYTES_MAX 32
#define SECOND_NS 1000000000ULL

void api_json_append(struct json_text *text, const char *string)
{
	json_text_append(text, string, strlen(string));
}

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

void api_json_decimal_if(struct json_text *text, bool is_given, double value, unsigned decimals)
{
	char digits[DECIMAL_BYTES_MAX];
	int length;

	if (!is_given || !isfinite(value)) {
		json_text_literal(text, "null");
		return;
	}
	length = snprintf(digits, sizeof(digits), "%.*f", (int)decimals, value);
	if (length < 0 || length >= (int)sizeof(digits))
		json_text_literal(text, "null");
	else
		json_text_append(text, digits, (size_t)length);
}

void api_json_address(struct json_text *text, const union nl_addr *addr)
{
	char name[ADDRESS_TEXT_MAX];

	json_text_string(text, name, address_format(name, addr));
}

void api_json_endpoint(struct json_text *text, const union nl_addr *addr, u16 port)
{
	char name[ENDPOINT_TEXT_MAX];

	json_text_string(text, name, endpoint_format(name, addr, port));
}

static void append_member(struct json_text *text, const char *role, const char *name,
			  const char *value)
{
	json_text_literal(text, ",\"");
	api_json_append(text, role);
	api_json_append(text, name);
	json_text_literal(text, "\":");
	api_json_text(text, value && value[0] ? value : NULL);
}

void api_json_container(struct json_text *text, const char *role, const struct container *container)
{
	append_member(text, role, "_name", container ? container->name : NULL);
	append_member(text, role, "_service", container ? container->service : NULL);
	append_member(text, role, "_image", container ? container->image : NULL);
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
