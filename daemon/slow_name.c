/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* slow_name.c - names of the files of slow and failed transactions. */
#include "slow_name.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "address.h"
#include "record_view.h"
#include "request_head.h"
#include "slow_wanted.h"

#define SECOND_NS 1000000000ULL
#define MILLISECOND_NS 1000000ULL
#define METHOD_CHARACTERS_MAX 16
#define TIME_TEXT_BYTES 64
#define SUFFIX ".pcapng"

#define DIGITS "0123456789"
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

/* Where there is no status, or it says too little. */
static const char *const result_names[] = {
	[NL_OUTCOME_OK] = "ok", /* a status line without a status */
	[NL_OUTCOME_UNANSWERED] = "unanswered",
	[NL_OUTCOME_ABORTED] = "aborted",
	[NL_OUTCOME_EVICTED] = "evicted",
	[NL_OUTCOME_IN_FLIGHT] = "in-flight",
};
#define RESULT_NAMES (sizeof(result_names) / sizeof(result_names[0]))

static const char *const method_names[] = {
#define X(number, name, text) [number] = text,
	NL_METHODS(X)
#undef X
};

static void format_time(char text[TIME_TEXT_BYTES], u64 epoch_ns)
{
	time_t seconds = (time_t)(epoch_ns / SECOND_NS);
	struct tm parts = { 0 };
	size_t used;

	gmtime_r(&seconds, &parts); /* cannot fail before the year 2554, where 64 bits end */
	used = strftime(text, TIME_TEXT_BYTES, "%Y-%m-%dT%H-%M-%S", &parts);
	snprintf(text + used, TIME_TEXT_BYTES - used, ".%03uZ",
		 (unsigned)(epoch_ns % SECOND_NS / MILLISECOND_NS));
}

static void format_end(char text[ENDPOINT_TEXT_MAX], const union nl_addr *address, u16 port)
{
	char name[ADDRESS_TEXT_MAX];

	address_format(name, address);
	for (char *at = name; *at; at++)
		if (*at == ':')
			*at = '-';
	snprintf(text, ENDPOINT_TEXT_MAX, "%s-%u", name, port);
}

/* The client chose it: nothing but letters, digits and `-` goes into a name. */
static void format_method(char text[METHOD_CHARACTERS_MAX + 1], const struct nl_record *record)
{
	size_t head_bytes = min_u32(record->head_bytes, NL_HEAD_BYTES_MAX), used = 0;
	struct request_head head;

	request_head_read(&head, record->head, head_bytes);
	if (head.method.begin && head.method.length) {
		for (; used < head.method.length && used < METHOD_CHARACTERS_MAX; used++) {
			char c = (char)head.method.begin[used];

			text[used] = (char)(c && strchr(LETTERS DIGITS, c) ? c : '-');
		}
	} else {
		unsigned method = record->method;
		const char *name = method < sizeof(method_names) / sizeof(method_names[0])
					   ? method_names[method]
					   : method_names[NL_METHOD_OTHER];

		name += *name == '_'; /* `_` stands between the parts */
		used = strnlen(name, METHOD_CHARACTERS_MAX);
		memcpy(text, name, used);
	}
	text[used] = '\0';
}

static void format_result(char text[16], const struct nl_record *record)
{
	bool is_incomplete =
		record->outcome == NL_OUTCOME_UNANSWERED || record->outcome == NL_OUTCOME_ABORTED;

	if (record->status && !is_incomplete)
		snprintf(text, 16, "%u", record->status);
	else
		snprintf(text, 16, "%s",
			 result_names[record->outcome < RESULT_NAMES ? record->outcome : 0]);
}

void slow_name_format(char name[SLOW_NAME_BYTES], const struct nl_record *record,
		      u64 epoch_offset_ns, unsigned number)
{
	char time_text[TIME_TEXT_BYTES], client[ENDPOINT_TEXT_MAX], server[ENDPOINT_TEXT_MAX];
	char method[METHOD_CHARACTERS_MAX + 1], result[16], suffix[16] = "";

	format_time(time_text, record->request_first_ns + epoch_offset_ns);
	format_end(client, &record->client_addr, record->client_port);
	format_end(server, &record->server_addr, record->server_port);
	format_method(method, record);
	format_result(result, record);
	if (number > 1)
		snprintf(suffix, sizeof(suffix), "-%u", number);
	snprintf(name, SLOW_NAME_BYTES, "%s_%s_%s_%s_%s_%llums%s" SUFFIX, time_text, client, server,
		 method, result, (unsigned long long)(record_whole_ns(record) / MILLISECOND_NS),
		 suffix);
}

/* Past `form`, in which 0 is any digit; NULL if the text is not so. */
static const char *skip_form(const char *text, const char *form)
{
	for (; text && *form; form++, text++) {
		bool fits = *form == '0' ? *text >= '0' && *text <= '9' : *text == *form;

		if (!fits)
			return NULL;
	}
	return text;
}

/* Past one or more of these characters; NULL if there is none. */
static const char *skip_some(const char *text, const char *characters)
{
	size_t length = text ? strspn(text, characters) : 0;

	return length ? text + length : NULL;
}

/* An address, `-`, a port. */
static const char *skip_end(const char *text)
{
	const char *end = skip_some(text, DIGITS "abcdef.-"), *port = end;

	while (port && port > text && port[-1] >= '0' && port[-1] <= '9')
		port--;
	return end && port < end && port > text + 1 && port[-1] == '-' ? end : NULL;
}

static const char *skip_result(const char *text, bool *ret_failed)
{
	size_t length = text ? strcspn(text, "_") : 0;

	if (length == 0)
		return NULL;
	*ret_failed = length == 3 && text[0] == '5';
	if (strspn(text, DIGITS) == length)
		return text + length;
	for (unsigned i = 0; i < RESULT_NAMES; i++) {
		if (strlen(result_names[i]) != length || memcmp(text, result_names[i], length) != 0)
			continue;
		*ret_failed = i == NL_OUTCOME_UNANSWERED || i == NL_OUTCOME_ABORTED;
		return text + length;
	}
	return NULL;
}

bool slow_name_read(const char *name, bool *ret_failed)
{
	bool is_failed = false;
	const char *at = skip_form(name, "0000-00-00T00-00-00.000Z_");

	at = skip_form(skip_end(at), "_");
	at = skip_form(skip_end(at), "_");
	at = skip_form(skip_some(at, LETTERS DIGITS "-"), "_");
	at = skip_form(skip_result(at, &is_failed), "_");
	at = skip_form(skip_some(at, DIGITS), "ms");
	if (at && *at == '-')
		at = skip_some(at + 1, DIGITS);
	if (!at || strcmp(at, SUFFIX) != 0)
		return false;
	*ret_failed = is_failed;
	return true;
}
