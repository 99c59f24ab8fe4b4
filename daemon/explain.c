/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * explain.c - why a transaction took as long as it did, in words.
 *
 * It says no more than the record proves. All of it is ASCII, and none of it is taken
 * from the wire.
 */
#include "explain.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

#include "core/flow.h"
#include "record_view.h"
#include "units.h"

/* What ended it; NULL where the beginning of the sentence says so. */
static const char *const ends[] = {
	[NL_END_none] = NULL,
	[NL_END_client_reset] = "the client reset the connection",
	[NL_END_server_reset] = "the server reset the connection",
	[NL_END_server_closed] = "the server closed the connection",
	[NL_END_client_closed] = "the client closed the connection",
	[NL_END_timeout] = NULL,
	[NL_END_connection_reused] = "a new connection took its place",
	[NL_END_gap] = "its response was not seen whole, a later one was",
	[NL_END_after_server_fin] = "it was sent after the server's FIN (keep-alive race)",
	[NL_END_evicted] = "its connection was evicted from the full flow table",
	[NL_END_observation_over] = "the observation ended",
};

struct sentence {
	char *text;
	size_t size, used; /* used < size */
};

/* 0 where a clock goes backwards. */
static u64 between_ns(u64 from_ns, u64 to_ns)
{
	return to_ns > from_ns ? to_ns - from_ns : 0;
}

static u64 add_ns(u64 a_ns, u64 b_ns)
{
	return a_ns + b_ns < a_ns ? ~0ULL : a_ns + b_ns;
}

/* When the divided time ends. */
static u64 end_of(const struct nl_record *record)
{
	bool is_ok = record->outcome == NL_OUTCOME_OK && record->response_last_ns;

	return is_ok ? record->response_last_ns : record->end_ns;
}

u64 explain_whole_ns(const struct nl_record *record)
{
	u64 whole_ns = record_whole_ns(record);

	return record->cause == NL_CAUSE_connect ? add_ns(record->connect_ns, whole_ns) : whole_ns;
}

/* Cut where there is no more room. */
__attribute__((format(printf, 2, 3))) static void say(struct sentence *s, const char *format, ...)
{
	size_t room = s->size - s->used;
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(s->text + s->used, room, format, arguments);
	va_end(arguments);
	if (length > 0)
		s->used += (size_t)length < room ? (size_t)length : room - 1;
}

static void say_duration(struct sentence *s, u64 duration_ns)
{
	char text[UNIT_TEXT_MAX];

	format_duration(text, duration_ns);
	say(s, "%s", text);
}

/* More than twice `b_ns`: then most of `a_ns` cannot have passed within it. */
static bool is_mostly_outside(u64 a_ns, u64 b_ns)
{
	return a_ns / 2 > b_ns;
}

/* The server's part may lie in any of request, wait and response. */
static void say_server(struct sentence *s, const struct nl_record *record)
{
	u64 part_ns = record->part_ns[NL_PART_server];
	u64 asked_ns = record->request_last_ns, began_ns = record->response_first_ns;
	u64 end_ns = end_of(record), request_ns, wait_ns, response_ns;

	if (!asked_ns) /* the request was not over when the transaction was */
		asked_ns = began_ns ? began_ns : end_ns;
	if (!began_ns)
		began_ns = end_ns;
	request_ns = between_ns(record->request_first_ns, asked_ns);
	wait_ns = between_ns(asked_ns, began_ns);
	response_ns = between_ns(began_ns, end_ns);
	if (is_mostly_outside(part_ns, add_ns(request_ns, response_ns)))
		say(s, record->response_first_ns ? " the server took to answer"
						 : " waiting for the server");
	else if (is_mostly_outside(part_ns, add_ns(request_ns, wait_ns)))
		say(s, " the server paused in its response");
	else if (is_mostly_outside(part_ns, add_ns(wait_ns, response_ns)))
		say(s, " the server did not take more of the request");
	else
		say(s, " spent by the server");
}

static void say_network(struct sentence *s, const struct nl_record *record)
{
	say(s, " on the way to the server and back");
	if (!record->server_rtt_ns)
		return;
	say(s, " (round trip ");
	say_duration(s, record->server_rtt_ns);
	say(s, ")");
}

static void say_client(struct sentence *s, const struct nl_record *record)
{
	if (record->part_ns[NL_PART_zero_window] > record->part_ns[NL_PART_client])
		say(s, " the client would not take more (zero window)");
	else
		say(s, " the client sent nothing");
}

/* "the SYN was sent twice, the SYN-ACK 3 times" */
static void say_connect(struct sentence *s, const struct nl_record *record)
{
	const char *const names[] = { "SYN", "SYN-ACK" };
	const unsigned repeats[] = { record->syn_retransmits, record->synack_retransmits };
	const char *before = ": ", *verb = " was sent";

	say(s, " for the handshake");
	for (unsigned i = 0; i < 2; i++) {
		if (!repeats[i])
			continue;
		if (repeats[i] == 1)
			say(s, "%sthe %s%s twice", before, names[i], verb);
		else
			say(s, "%sthe %s%s %u times", before, names[i], verb, repeats[i] + 1);
		before = ", ";
		verb = "";
	}
}

/* Which segment it was that was missed for longest. */
static void say_lost_segment(struct sentence *s, const struct nl_record *record)
{
	bool is_client = record->stall_role == NL_CLIENT;

	if (!record->stall_offset)
		say(s, "the %s's first segment", is_client ? "client" : "server");
	else
		say(s, "the segment at byte %u of the %s", record->stall_offset,
		    is_client ? "request" : "response");
}

static void say_loss(struct sentence *s, const struct nl_record *record)
{
	u64 timer_ns = record->part_ns[NL_PART_timer_retransmit];
	u64 fast_ns = record->part_ns[NL_PART_fast_retransmit];
	u64 longest_ns = record->longest_stall_ns;
	bool is_one = longest_ns && longest_ns >= add_ns(timer_ns, fast_ns);

	say(s, " waiting for %s", is_one ? "one retransmission" : "retransmissions");
	if (timer_ns && fast_ns) {
		say(s, " (");
		say_duration(s, timer_ns);
		say(s, " by timer, ");
		say_duration(s, fast_ns);
		say(s, " fast)");
	} else {
		say(s, fast_ns ? " (fast)" : " (by timer)");
	}
	if (!longest_ns)
		return;
	say(s, ": ");
	if (is_one) {
		say_lost_segment(s, record);
		say(s, " was lost");
		return;
	}
	say(s, "the longest, ");
	say_duration(s, longest_ns);
	say(s, ", for ");
	say_lost_segment(s, record);
}

/* "2.30s receiving 1.2MB of response (4.2Mbit/s)" */
static void say_transfer(struct sentence *s, const char *what, u64 bytes, const char *message,
			 u64 part_ns)
{
	char size[UNIT_TEXT_MAX], rate[UNIT_TEXT_MAX];

	format_bytes(size, bytes);
	format_bit_rate(rate, (double)bytes * 8 / ((double)part_ns / 1e9));
	say(s, " %s %s of %s (%s)", what, size, message, rate);
}

/* The time that the cause took, and how. */
static void say_cause(struct sentence *s, const struct nl_record *record, u64 part_ns)
{
	say_duration(s, part_ns);
	if (record->outcome != NL_OUTCOME_OK)
		say(s, " of it");
	switch ((enum nl_cause)record->cause) {
	case NL_CAUSE_server:
		return say_server(s, record);
	case NL_CAUSE_network:
		return say_network(s, record);
	case NL_CAUSE_client:
		return say_client(s, record);
	case NL_CAUSE_connect:
		return say_connect(s, record);
	case NL_CAUSE_loss:
		return say_loss(s, record);
	case NL_CAUSE_upload:
		return say_transfer(s, "sending", record->request_bytes, "request", part_ns);
	case NL_CAUSE_download:
		return say_transfer(s, "receiving", record->response_bytes, "response", part_ns);
	case NL_CAUSE_none:
		return;
	}
}

/* What the cause took; 0 where there is none. */
static u64 cause_ns(const struct nl_record *record)
{
	const u64 *part_ns = record->part_ns;

	switch ((enum nl_cause)record->cause) {
	case NL_CAUSE_server:
		return part_ns[NL_PART_server];
	case NL_CAUSE_network:
		return part_ns[NL_PART_network];
	case NL_CAUSE_client:
		return part_ns[NL_PART_zero_window] > part_ns[NL_PART_client]
			       ? part_ns[NL_PART_zero_window]
			       : part_ns[NL_PART_client];
	case NL_CAUSE_connect:
		return record->connect_ns;
	case NL_CAUSE_loss:
		return add_ns(part_ns[NL_PART_timer_retransmit], part_ns[NL_PART_fast_retransmit]);
	case NL_CAUSE_upload:
		return part_ns[NL_PART_upload];
	case NL_CAUSE_download:
		return part_ns[NL_PART_download];
	case NL_CAUSE_none:
		break;
	}
	return 0;
}

/* How one ended that did not complete. */
static void say_failure(struct sentence *s, const struct nl_record *record)
{
	bool is_timeout = record->reason == NL_END_timeout;
	const char *end =
		record->reason < sizeof(ends) / sizeof(ends[0]) ? ends[record->reason] : NULL;
	char size[UNIT_TEXT_MAX];

	if (record->outcome == NL_OUTCOME_UNANSWERED)
		say(s, is_timeout ? "no answer within " : "no answer after ");
	else if (record->outcome == NL_OUTCOME_ABORTED)
		say(s, "response not complete after ");
	else
		say(s, "not seen to end within ");
	say_duration(s, explain_whole_ns(record));
	if (record->response_first_ns) {
		format_bytes(size, record->response_bytes);
		say(s, " and %s", size);
	}
	if (record->outcome == NL_OUTCOME_ABORTED && is_timeout)
		say(s, ": nothing more came");
	if (end)
		say(s, ": %s", end);
	if (record->reason == NL_END_after_server_fin && record->idle_ns) {
		say(s, ", on a connection idle for ");
		say_duration(s, record->idle_ns);
	}
}

/* Whether a failure's cause says more than how it ended. */
static bool is_cause_telling(const struct nl_record *record)
{
	/* That nothing came is all that is known of the server; that it was done with
	 * the connection all there is to say. */
	return record->reason != NL_END_after_server_fin &&
	       !(record->reason == NL_END_timeout && record->cause == NL_CAUSE_server);
}

size_t explain_sentence(char *text, size_t size, const struct nl_record *record)
{
	struct sentence s = { text, size, 0 };
	bool is_ok = record->outcome == NL_OUTCOME_OK;
	u64 part_ns = cause_ns(record);

	if (size == 0)
		return 0;
	text[0] = '\0';
	if (is_ok)
		say_duration(&s, explain_whole_ns(record));
	else
		say_failure(&s, record);
	if (!is_ok && !is_cause_telling(record))
		part_ns = 0;
	if (part_ns) {
		say(&s, is_ok ? ", of which " : "; ");
		say_cause(&s, record, part_ns);
	}
	return s.used;
}

size_t explain_with_timing(char *text, size_t size, const struct nl_record *record,
			   const struct server_timing *timing)
{
	struct sentence s = { text, size, explain_sentence(text, size, record) };

	if (size == 0 || timing->field == SERVER_TIMING_NONE)
		return s.used;
	say(&s, "; the server says it took ");
	say_duration(&s, timing->duration_ns);
	say(&s, " (%s)", server_timing_field_name(timing->field));
	return s.used;
}
