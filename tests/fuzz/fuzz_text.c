/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * fuzz_text.c - what the daemon makes of bytes: parts of a request head, well-formed
 * UTF-8, a line of JSON, addresses and networks, Accept fields.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "export_accept.h"
#include "packets.h"
#include "request_head.h"
#include "trace_parent.h"
#include "utf8.h"
#include "verify.h"

#define TEXT_BYTES_MAX 2048

static void verify_span(struct byte_span span, const u8 *bytes, size_t count)
{
	if (!span.begin) {
		VERIFY(span.length == 0, "%zu bytes of nothing", span.length);
		return;
	}
	VERIFY(span.begin >= bytes && span.length <= count &&
		       span.begin + span.length <= bytes + count,
	       "beyond the head");
	VERIFY(!memchr(span.begin, '\n', span.length), "more than one line");
}

/* A trace-id is 32 digits, not all 0, and stands in the head. */
static void try_trace_parent(const u8 *bytes, size_t count)
{
	char id[TRACE_ID_BYTES + 1];

	if (!trace_parent_read(id, bytes, count))
		return;
	VERIFY(strspn(id, "0123456789abcdef") == TRACE_ID_BYTES, "%s", id);
	VERIFY(strspn(id, "0") < TRACE_ID_BYTES, "%s", id);
	VERIFY(memmem(bytes, count, id, TRACE_ID_BYTES), "%s is not in the head", id);
}

static void try_head(const u8 *bytes, size_t count)
{
	struct request_head head;

	bytes = guarded_copy(bytes, count);
	request_head_read(&head, bytes, count);
	verify_span(head.method, bytes, count);
	verify_span(head.target, bytes, count);
	verify_span(head.host, bytes, count);
	try_trace_parent(bytes, count);
}

/* jansson is the judge of what is well-formed. */
static void try_utf8(const u8 *bytes, size_t count)
{
	static char text[TEXT_BYTES_MAX * UTF8_REPAIR_FACTOR];
	const char *from = (const char *)guarded_copy(bytes, count);
	json_t *string = json_stringn(from, count);
	size_t length;

	VERIFY(utf8_is_valid(from, count) == (string != NULL), "%zu bytes", count);
	json_decref(string);
	length = utf8_repair(text, sizeof(text), from, count);
	VERIFY(length <= count * UTF8_REPAIR_FACTOR, "%zu of %zu", length, count);
	VERIFY(utf8_is_valid(text, length), "repaired into nothing well-formed");
	VERIFY(!string || (length == count && memcmp(text, bytes, count) == 0), "changed");
	/* Never half a character where room is short. */
	length = utf8_repair(text, count / 2, from, count);
	VERIFY(length <= count / 2 && utf8_is_valid(text, length), "cut in a character");
}

/* A record of which every byte is the input's, as it may come from a broken ring. */
static void try_record(const u8 *bytes, size_t count)
{
	struct nl_record record = { 0 };

	memcpy(&record, bytes, count < sizeof(record) ? count : sizeof(record));
	record.head_bytes %= NL_HEAD_BYTES_MAX + 1;
	record.outcome %= NL_OUTCOME_IN_FLIGHT + 1;
	record.method %= NL_METHOD_PATCH + 1;
	/* Times of a clock: JSON's integers end at 2^63, a year has four digits. */
	record.request_first_ns %= 1ULL << 62;
	record.request_bytes %= 1ULL << 62;
	record.response_bytes %= 1ULL << 62;
	record.request_last_ns %= 1ULL << 62;
	record.response_first_ns %= 1ULL << 62;
	record.response_last_ns %= 1ULL << 62;
	record.end_ns %= 1ULL << 62;
	record.idle_ns %= 1ULL << 62;
	record.connect_ns %= 1ULL << 62;
	for (u32 i = 0; i < NL_PART_COUNT; i++)
		record.part_ns[i] %= 1ULL << 62; /* so that the sum of two is below 2^63 */
	if (record.response_last_ns < record.request_first_ns)
		record.response_last_ns = record.request_first_ns;
	verify_json(&record);
}

/* Whatever is accepted, there is a format for it. */
static void try_accept(const char *text)
{
	enum export_format format = export_accept(text);

	VERIFY(format < EXPORT_FORMATS, "%d", (int)format);
	VERIFY(format == EXPORT_TEXT ||
		       strcasestr(text,
				  format == EXPORT_PROTOBUF ? "MetricFamily" : "openmetrics-text"),
	       "%s: format %d", text, (int)format);
}

/* What is taken for a network is one, and so is its text. */
static void try_net(const u8 *bytes, size_t count)
{
	static char text[TEXT_BYTES_MAX + 1];
	char again[ADDRESS_TEXT_MAX + 8];
	struct nl_filter_net net, other;
	unsigned length;

	memcpy(text, bytes, count);
	text[count] = 0;
	try_accept((const char *)guarded_copy(text, strlen(text) + 1));
	if (!net_parse((const char *)guarded_copy(text, strlen(text) + 1), &net))
		return;
	for (u32 i = 0; i < 2; i++)
		VERIFY((net.addr.words[i] & ~net.mask.words[i]) == 0, "host bits of %s", text);
	length = address_format(again, &net.addr);
	VERIFY(length < ADDRESS_TEXT_MAX && strlen(again) == length, "%u", length);
	VERIFY(net_parse(again, &other), "%s is %s", text, again);
	VERIFY(memcmp(&net.addr, &other.addr, sizeof(net.addr)) == 0, "%s is %s", text, again);
}

int LLVMFuzzerTestOneInput(const u8 *bytes, size_t count);

int LLVMFuzzerTestOneInput(const u8 *bytes, size_t count)
{
	u8 kind = count ? bytes[0] % 4 : 0;

	if (!count || count > TEXT_BYTES_MAX)
		return 0;
	bytes++;
	count--;
	switch (kind) {
	case 0:
		try_head(bytes, count);
		break;
	case 1:
		try_utf8(bytes, count);
		break;
	case 2:
		try_record(bytes, count);
		break;
	default:
		try_net(bytes, count);
	}
	return 0;
}
