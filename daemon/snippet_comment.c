/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* snippet_comment.c - lines of key=value about a transaction. */
#include "snippet_comment.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "address.h"
#include "explain.h"
#include "record_view.h"
#include "redact.h"
#include "utf8.h"

#define EXPLANATION_BYTES_MAX (3 * EXPLAIN_BYTES_MAX)
#define VALUE_BYTES_MAX REDACT_TARGET_BYTES_MAX /* of the wire; NL_HEAD_BYTES_MAX is less */
_Static_assert(NL_HEAD_BYTES_MAX <= VALUE_BYTES_MAX && EXPLANATION_BYTES_MAX <= VALUE_BYTES_MAX,
	       "no value is cut");

static const char *const part_keys[] = {
#define X(number, name, help) [number] = #name "_ns",
	NL_PARTS(X)
#undef X
};

/* Bits of the parts of which a frame tells. */
#define PARTS_OF_WAIT (1u << NL_PART_server | 1u << NL_PART_network)
#define PARTS_OF_RESPONSE                                                                          \
	(1u << NL_PART_download | 1u << NL_PART_zero_window | 1u << NL_PART_timer_retransmit |     \
	 1u << NL_PART_fast_retransmit)
#define PARTS_ALL ((1u << NL_PART_COUNT) - 1)

/* A line, or nothing if it does not fit whole. */
__attribute__((format(printf, 2, 3))) static void put_line(struct snippet_comment *comment,
							   const char *format, ...)
{
	size_t begin = comment->length ? comment->length + 1 : 0;
	size_t room = sizeof(comment->text) - begin;
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(comment->text + begin, room, format, arguments);
	va_end(arguments);
	if (length < 0 || (size_t)length >= room) {
		comment->text[comment->length] = '\0';
		return;
	}
	if (begin > 0)
		comment->text[begin - 1] = '\n';
	comment->length = begin + (size_t)length;
}

static void put_integer(struct snippet_comment *comment, const char *key, u64 value)
{
	put_line(comment, "%s=%llu", key, (unsigned long long)value);
}

static void put_integer_if(struct snippet_comment *comment, bool is_given, const char *key,
			   u64 value)
{
	if (is_given)
		put_integer(comment, key, value);
}

static void put_name(struct snippet_comment *comment, const char *key, const char *name)
{
	if (name)
		put_line(comment, "%s=%s", key, name);
}

/* A control character: C0, DEL, or C1 as UTF-8 has it. */
static bool is_control(const u8 *bytes, size_t at, size_t length)
{
	if (bytes[at] == 0xc2)
		return at + 1 < length && bytes[at + 1] >= 0x80 && bytes[at + 1] < 0xa0;
	return bytes[at] < 0x20 || bytes[at] == 0x7f;
}

/* Bytes of the wire; U+FFFD for what is no character to be shown. */
static void put_bytes(struct snippet_comment *comment, const char *key, const u8 *bytes,
		      size_t length)
{
	char shown[VALUE_BYTES_MAX], text[VALUE_BYTES_MAX * UTF8_REPAIR_FACTOR + 1];

	if (!bytes)
		return;
	if (length > sizeof(shown))
		length = sizeof(shown);
	for (size_t i = 0; i < length; i++)
		shown[i] = is_control(bytes, i, length) ? (char)0xff : (char)bytes[i];
	text[utf8_repair(text, sizeof(text) - 1, shown, length)] = '\0';
	put_line(comment, "%s=%s", key, text);
}

static void put_head(struct snippet_comment *comment, const struct nl_record *record)
{
	struct shown_request shown;

	redact_request(&shown, record);
	put_bytes(comment, "method", shown.method.begin, shown.method.length);
	put_bytes(comment, "target", shown.target.begin, shown.target.length);
	put_bytes(comment, "host", shown.host.begin, shown.host.length);
}

static void put_result(struct snippet_comment *comment, const struct nl_record *record)
{
	bool is_ok = record->outcome == NL_OUTCOME_OK;

	put_integer_if(comment, record->status != 0, "status", record->status);
	put_name(comment, "outcome", record_outcome_name(record->outcome));
	put_name(comment, "reason", is_ok ? NULL : record_reason_name(record->reason));
	if (record->cause != NL_CAUSE_none && record->cause < NL_CAUSE_COUNT)
		put_name(comment, "cause", record_cause_name(record->cause));
}

static void put_difference(struct snippet_comment *comment, const char *key, u64 from_ns, u64 to_ns)
{
	if (from_ns && to_ns)
		put_integer(comment, key, to_ns < from_ns ? 0 : to_ns - from_ns);
}

static void put_wait(struct snippet_comment *comment, const struct nl_record *record)
{
	u64 wait_ns;

	if (record_wait_ns(record, &wait_ns))
		put_integer(comment, "wait_ns", wait_ns);
}

static void put_response(struct snippet_comment *comment, const struct nl_record *record)
{
	put_difference(comment, "response_ns", record->response_first_ns, record->response_last_ns);
}

static void put_times(struct snippet_comment *comment, const struct nl_record *record)
{
	u64 time_ns;

	if (record_duration_ns(record, &time_ns))
		put_integer(comment, "duration_ns", time_ns);
	put_difference(comment, "request_ns", record->request_first_ns, record->request_last_ns);
	put_wait(comment, record);
	put_response(comment, record);
	put_integer_if(comment, record->connect_ns != 0, "connect_ns", record->connect_ns);
	put_integer_if(comment, record->idle_ns != 0, "idle_ns", record->idle_ns);
	if (record_waited_ns(record, &time_ns))
		put_integer(comment, "waited_ns", time_ns);
}

/* Those of the set; none if the transaction was not taken apart, as then all are 0. */
static void put_parts(struct snippet_comment *comment, const struct nl_record *record,
		      unsigned parts)
{
	u64 sum_ns = 0;

	for (unsigned i = 0; i < NL_PART_COUNT; i++)
		sum_ns += record->part_ns[i];
	for (unsigned i = 0; sum_ns > 0 && i < NL_PART_COUNT; i++)
		put_integer_if(comment, parts >> i & 1, part_keys[i], record->part_ns[i]);
}

static void put_losses(struct snippet_comment *comment, const struct nl_record *record)
{
	put_integer(comment, "retransmits", record->retransmits);
	put_integer_if(comment, record->longest_stall_ns != 0, "longest_stall_ns",
		       record->longest_stall_ns);
	put_integer_if(comment, record->syn_retransmits != 0, "syn_retransmits",
		       record->syn_retransmits);
	put_integer_if(comment, record->synack_retransmits != 0, "synack_retransmits",
		       record->synack_retransmits);
	put_integer_if(comment, record->server_rtt_ns != 0, "server_rtt_ns", record->server_rtt_ns);
	put_integer_if(comment, record->client_rtt_ns != 0, "client_rtt_ns", record->client_rtt_ns);
}

static void put_grade(struct snippet_comment *comment, const struct nl_record *record)
{
	char names[256] = "";
	size_t used = 0;

	for (unsigned bits = record->grade, i = 0; bits; bits >>= 1, i++) {
		const char *name = record_grade_name(i);

		if ((bits & 1) && name && used + strlen(name) + 2 < sizeof(names))
			used += (size_t)sprintf(names + used, "%s%s", used ? "," : "", name);
	}
	put_name(comment, "grade", used ? names : NULL);
}

static void put_ends(struct snippet_comment *comment, const struct nl_record *record)
{
	char name[ADDRESS_TEXT_MAX];

	address_format(name, &record->client_addr);
	put_name(comment, "client_address", name);
	put_integer(comment, "client_port", record->client_port);
	address_format(name, &record->server_addr);
	put_name(comment, "server_address", name);
	put_integer(comment, "server_port", record->server_port);
}

static void begin(struct snippet_comment *comment, const char *what)
{
	comment->length = 0;
	put_name(comment, "netlat", what);
}

void snippet_comment_transaction(struct snippet_comment *comment, const struct nl_record *record,
				 const char *explanation, const struct server_timing *timing)
{
	begin(comment, "transaction");
	put_head(comment, record);
	put_result(comment, record);
	put_bytes(comment, "explanation", (const u8 *)explanation,
		  explanation ? strnlen(explanation, EXPLANATION_BYTES_MAX) : 0);
	put_times(comment, record);
	put_parts(comment, record, PARTS_ALL);
	put_integer_if(comment, timing->field != SERVER_TIMING_NONE, "server_stated_ns",
		       timing->duration_ns);
	put_name(comment, "server_stated_by", server_timing_field_name(timing->field));
	put_losses(comment, record);
	put_grade(comment, record);
	put_integer(comment, "request_bytes", record->request_bytes);
	put_integer_if(comment, record->response_first_ns != 0, "response_bytes",
		       record->response_bytes);
	put_ends(comment, record);
}

void snippet_comment_response_first(struct snippet_comment *comment, const struct nl_record *record)
{
	begin(comment, "response_first");
	put_integer_if(comment, record->status != 0, "status", record->status);
	put_wait(comment, record);
	put_parts(comment, record, PARTS_OF_WAIT);
}

void snippet_comment_response_last(struct snippet_comment *comment, const struct nl_record *record)
{
	begin(comment, "response_last");
	put_response(comment, record);
	put_integer(comment, "response_bytes", record->response_bytes);
	put_parts(comment, record, PARTS_OF_RESPONSE);
	put_integer(comment, "retransmits", record->retransmits);
}
