/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * api_json.h - what the API's answers have in common as JSON. A number or text that does not apply
 * is null, never 0 or "".
 */
#ifndef NETLAT_API_JSON_H
#define NETLAT_API_JSON_H

#include "container_table.h"
#include "json_text.h"

/* `,"name":` */
#define API_JSON_KEY(text, name) json_text_literal(text, ",\"" name "\":")

/* A C string as it is. */
void api_json_append(struct json_text *text, const char *string);

/* A string; NULL gives null. */
void api_json_text(struct json_text *text, const char *string);

void api_json_bool(struct json_text *text, bool value);

/* null if it is not given. */
void api_json_integer_if(struct json_text *text, bool is_given, u64 value);

/* With so many decimals; null if it is not given, or no number that JSON has. */
void api_json_decimal_if(struct json_text *text, bool is_given, double value, unsigned decimals);

/* `192.0.2.1`, and `192.0.2.1:80` or `[2001:db8::1]:80`. */
void api_json_address(struct json_text *text, const union nl_addr *addr);
void api_json_endpoint(struct json_text *text, const union nl_addr *addr, u16 port);

/*
 * `,"server_name":...,"server_service":...,"server_image":...` of the container that has the
 * address, or the same of a client; null where it is not known.
 */
void api_json_container(struct json_text *text, const char *role,
			const struct container *container);
#define API_JSON_CONTAINER_BYTES_MAX (6 * sizeof(struct container) + 128)

/* RFC 3339 in UTC with nanoseconds, as `time` in records. */
void api_json_time(struct json_text *text, u64 epoch_ns);

#endif
