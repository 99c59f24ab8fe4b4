/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * export_json.c - a record as one line of JSON.
 *
 * Fields and their order are the same in every sink. A field that does not
 * apply is null, never 0 or "".
 */
#include "export_json.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "address.h"
#include "explain.h"
#include "record_view.h"
#include "redact.h"

#define INTERFACE_BYTES_MAX 256
#define SECOND_NS 1000000000ULL
#define SECOND_TEXT "2025-01-01T00:00:00"
#define TIME_TEXT SECOND_TEXT ".000000000Z"
#define DOT_INDEX (sizeof(SECOND_TEXT) - 1)
#define EPOCH_DIGITS 10 /* of seconds from 2001 to 2286 */

struct json_exporter {
	const struct name_source *names; /* NULL: none */
	/* Of the last record: most records of a second share all of `time` but the fraction. */
	u64 time_s;
	char time_text[sizeof(TIME_TEXT)];
	u64 epoch_s; /* the same of times in nanoseconds: the digits before the last nine */
	char epoch_text[EPOCH_DIGITS + 1];
};

/* `,"name":` */
#define KEY(text, name) json_text_literal(text, ",\"" #name "\":")

struct json_exporter *json_exporter_new(void)
{
	struct json_exporter *exporter = calloc(1, sizeof(*exporter));

	if (!exporter)
		return NULL;
	memcpy(exporter->time_text, TIME_TEXT, sizeof(TIME_TEXT));
	exporter->time_s = ~0ULL;
	return exporter;
}

void json_exporter_free(struct json_exporter *exporter)
{
	free(exporter);
}

void json_exporter_name(struct json_exporter *exporter, const struct name_source *names)
{
	exporter->names = names;
}

/* One of our own names: nothing in it needs escaping. */
static void append_name(struct json_text *text, const char *name)
{
	if (!name) {
		json_text_literal(text, "null");
		return;
	}
	json_text_literal(text, "\"");
	json_text_append(text, name, strlen(name));
	json_text_literal(text, "\"");
}

static void append_span(struct json_text *text, struct byte_span span)
{
	json_text_string(text, (const char *)span.begin, span.length);
}

static void append_integer_if(struct json_text *text, bool is_given, u64 value)
{
	if (is_given)
		json_text_integer(text, value);
	else
		json_text_literal(text, "null");
}

static void append_address(struct json_text *text, const union nl_addr *address)
{
	char name[ADDRESS_TEXT_MAX];

	json_text_string(text, name, address_format(name, address));
}

/* RFC 3339 in UTC with nine digits. The calendar is consulted once a second. */
static void append_wall_time(struct json_exporter *exporter, struct json_text *text, u64 epoch_ns)
{
	u64 seconds = epoch_ns / SECOND_NS, rest_ns = epoch_ns % SECOND_NS;
	char *time_text = exporter->time_text;

	if (seconds != exporter->time_s) {
		time_t when = (time_t)seconds;
		char second_text[sizeof(SECOND_TEXT)];
		struct tm parts;

		if (!gmtime_r(&when, &parts) ||
		    strftime(second_text, sizeof(second_text), "%Y-%m-%dT%H:%M:%S", &parts) !=
			    DOT_INDEX) {
			text->error = -EOVERFLOW;
			return;
		}
		memcpy(time_text, second_text, DOT_INDEX);
		exporter->time_s = seconds;
	}
	json_text_literal(text, "\"");
	json_text_append(text, time_text, DOT_INDEX + 1);
	json_text_nine_digits(text, (u32)rest_ns);
	json_text_literal(text, "Z\"");
}

static void append_ends(struct json_text *text, const struct nl_record *record)
{
	KEY(text, client_address);
	append_address(text, &record->client_addr);
	KEY(text, client_port);
	json_text_integer(text, record->client_port);
	KEY(text, server_address);
	append_address(text, &record->server_addr);
	KEY(text, server_port);
	json_text_integer(text, record->server_port);
}

static void append_protocol(struct json_text *text, u8 version)
{
	char name[] = "HTTP/1.1";

	name[5] = (char)('0' + (version >> 4) % 10);
	name[7] = (char)('0' + (version & 0xf) % 10);
	append_name(text, version ? name : NULL);
}

static void append_request(struct json_text *text, const struct nl_record *record)
{
	struct shown_request shown;

	redact_request(&shown, record);
	KEY(text, protocol);
	append_protocol(text, record->request_version);
	KEY(text, method);
	append_span(text, shown.method);
	KEY(text, target);
	append_span(text, shown.target);
	KEY(text, host);
	append_span(text, shown.host);
}

static void append_result(struct json_text *text, const struct nl_record *record)
{
	bool is_ok = record->outcome == NL_OUTCOME_OK;

	KEY(text, status);
	append_integer_if(text, record->status != 0, record->status);
	KEY(text, outcome);
	append_name(text, record_outcome_name(record->outcome));
	KEY(text, reason);
	append_name(text, is_ok ? NULL : record_reason_name(record->reason));
	KEY(text, request_bytes);
	json_text_integer(text, record->request_bytes);
	KEY(text, response_bytes);
	append_integer_if(text, record->response_first_ns != 0, record->response_bytes);
}

static void append_epoch(struct json_exporter *exporter, struct json_text *text, u64 epoch_ns)
{
	u64 seconds = epoch_ns / SECOND_NS;

	if (seconds < 1000000000 || seconds > 9999999999) {
		json_text_integer(text, epoch_ns);
		return;
	}
	if (seconds != exporter->epoch_s) {
		snprintf(exporter->epoch_text, sizeof(exporter->epoch_text), "%llu", seconds);
		exporter->epoch_s = seconds;
	}
	json_text_append(text, exporter->epoch_text, EPOCH_DIGITS);
	json_text_nine_digits(text, (u32)(epoch_ns % SECOND_NS));
}

static void append_time(struct json_exporter *exporter, struct json_text *text, u64 time_ns,
			u64 offset_ns)
{
	if (time_ns)
		append_epoch(exporter, text, time_ns + offset_ns);
	else
		json_text_literal(text, "null");
}

/* The four times, and the parts made of them: all differences are of the source's own clock. */
static void append_times(struct json_exporter *exporter, struct json_text *text,
			 const struct nl_record *record, u64 offset_ns)
{
	u64 wait_ns = 0, duration_ns = 0, waited_ns = 0;
	bool has_wait = record_wait_ns(record, &wait_ns);
	bool has_duration = record_duration_ns(record, &duration_ns);
	bool has_waited = record_waited_ns(record, &waited_ns);

	KEY(text, request_first_ns);
	append_epoch(exporter, text, record->request_first_ns + offset_ns);
	KEY(text, request_last_ns);
	append_time(exporter, text, record->request_last_ns, offset_ns);
	KEY(text, response_first_ns);
	append_time(exporter, text, record->response_first_ns, offset_ns);
	KEY(text, response_last_ns);
	append_time(exporter, text, record->response_last_ns, offset_ns);
	KEY(text, wait_ns);
	append_integer_if(text, has_wait, wait_ns);
	KEY(text, duration_ns);
	append_integer_if(text, has_duration, duration_ns);
	KEY(text, idle_ns);
	append_integer_if(text, record->idle_ns != 0, record->idle_ns);
	KEY(text, waited_ns);
	append_integer_if(text, has_waited, waited_ns);
}

/* From one time to a later one; null where one of them is not known. */
static void append_between(struct json_text *text, u64 from_ns, u64 to_ns)
{
	append_integer_if(text, from_ns && to_ns, to_ns < from_ns ? 0 : to_ns - from_ns);
}

/* Whom the time is charged to. Without the time of the request there is nothing to divide. */
static void append_parts(struct json_text *text, const struct nl_record *record)
{
	const u64 *part_ns = record->part_ns;
	bool is_known = record->request_first_ns != 0;
	bool is_shown[NL_PART_COUNT];

	for (unsigned i = 0; i < NL_PART_COUNT; i++)
		is_shown[i] = is_known;
	/* Without a round trip that was measured it is a part of the server's time. */
	if (!record->server_rtt_ns && !part_ns[NL_PART_network])
		is_shown[NL_PART_network] = false;
#define X(number, name, help)                                                                      \
	json_text_literal(text, ",\"" #name "_ns\":");                                             \
	append_integer_if(text, is_shown[number], part_ns[number]);
	NL_PARTS(X)
#undef X
	KEY(text, retransmit_ns);
	append_integer_if(text, is_known,
			  part_ns[NL_PART_timer_retransmit] + part_ns[NL_PART_fast_retransmit]);
}

static void append_why(struct json_text *text, const struct nl_record *record)
{
	KEY(text, cause);
	append_name(text, record->cause == NL_CAUSE_none ? NULL : record_cause_name(record->cause));
	KEY(text, connect_ns);
	append_integer_if(text, record->connect_ns != 0, record->connect_ns);
	KEY(text, request_ns);
	append_between(text, record->request_first_ns, record->request_last_ns);
	KEY(text, response_ns);
	append_between(text, record->response_first_ns, record->response_last_ns);
	append_parts(text, record);
	KEY(text, server_rtt_ns);
	append_integer_if(text, record->server_rtt_ns != 0, record->server_rtt_ns);
	KEY(text, client_rtt_ns);
	append_integer_if(text, record->client_rtt_ns != 0, record->client_rtt_ns);
	KEY(text, syn_retransmits);
	json_text_integer(text, record->syn_retransmits);
}

static void append_marks(struct json_text *text, const struct nl_record *record)
{
	unsigned interim = min_u32(record->interim_responses, NL_INTERIM_MAX);
	const char *separator = "";

	KEY(text, retransmits);
	json_text_integer(text, record->retransmits);
	KEY(text, interim);
	json_text_literal(text, "[");
	for (unsigned i = 0; i < interim; i++) {
		if (i > 0)
			json_text_literal(text, ",");
		json_text_integer(text, 100 + record->interim[i]);
	}
	json_text_literal(text, "]");
	KEY(text, grade);
	json_text_literal(text, "[");
	for (unsigned bits = record->grade, i = 0; bits; bits >>= 1, i++) {
		const char *name = record_grade_name(i);

		if (!(bits & 1) || !name)
			continue;
		json_text_append(text, separator, strlen(separator));
		append_name(text, name);
		separator = ",";
	}
	json_text_literal(text, "]");
}

/* Text of a container; NULL, or "": it has none. */
static void append_text_if(struct json_text *text, const char *value)
{
	if (value && value[0])
		json_text_string(text, value, strlen(value));
	else
		json_text_literal(text, "null");
}

/* Who has the addresses. */
static void append_containers(struct json_text *text, const struct nl_record *record,
			      const struct name_source *names)
{
	const struct container *client = name_source_find(names, &record->client_addr);
	const struct container *server = name_source_find(names, &record->server_addr);

	if (!client && !server) {
		json_text_literal(text, ",\"client_name\":null,\"client_service\":null,"
					"\"client_image\":null,\"server_name\":null,"
					"\"server_service\":null,\"server_image\":null");
		return;
	}
	KEY(text, client_name);
	append_text_if(text, client ? client->name : NULL);
	KEY(text, client_service);
	append_text_if(text, client ? client->service : NULL);
	KEY(text, client_image);
	append_text_if(text, client ? client->image : NULL);
	KEY(text, server_name);
	append_text_if(text, server ? server->name : NULL);
	KEY(text, server_service);
	append_text_if(text, server ? server->service : NULL);
	KEY(text, server_image);
	append_text_if(text, server ? server->image : NULL);
}

void json_exporter_append(struct json_exporter *exporter, struct json_text *text,
			  const struct nl_record *record, u64 epoch_offset_ns,
			  const char *interface)
{
	json_text_literal(text, "\"time\":");
	append_wall_time(exporter, text, record->request_first_ns + epoch_offset_ns);
	append_ends(text, record);
	append_request(text, record);
	append_result(text, record);
	append_times(exporter, text, record, epoch_offset_ns);
	append_why(text, record);
	append_marks(text, record);
	KEY(text, interface);
	json_text_string(text, interface, interface ? strnlen(interface, INTERFACE_BYTES_MAX) : 0);
	append_containers(text, record, exporter->names);
}

void json_exporter_line(struct json_exporter *exporter, struct json_text *text,
			const struct nl_record *record, u64 epoch_offset_ns, const char *interface)
{
	json_text_literal(text, "{");
	json_exporter_append(exporter, text, record, epoch_offset_ns, interface);
	json_text_literal(text, "}\n");
}
