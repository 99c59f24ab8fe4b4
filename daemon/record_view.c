/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* record_view.c - what a record says: names and differences of times. */
#include "record_view.h"

#define NAME_OF(names, number)                                                                     \
	((number) < sizeof(names) / sizeof((names)[0]) ? (names)[number] : NULL)

static const char *const method_names[] = {
#define X(number, name, text) [number] = text,
	NL_METHODS(X)
#undef X
};

static const char *const outcome_names[] = {
	[NL_OUTCOME_OK] = "ok",
	[NL_OUTCOME_UNANSWERED] = "unanswered",
	[NL_OUTCOME_ABORTED] = "aborted",
	[NL_OUTCOME_EVICTED] = "evicted",
	[NL_OUTCOME_IN_FLIGHT] = "in_flight",
};

static const char *const reason_names[] = {
#define X(number, name, help) [number] = #name,
	NL_END_REASONS(X)
#undef X
};

static const char *const grade_names[] = {
#define X(number, name, help) [number] = #name,
	NL_GRADES(X)
#undef X
};

static const char *const cause_names[] = {
#define X(number, name, help) [number] = #name,
	NL_CAUSES(X)
#undef X
};

static const char *const part_names[] = {
#define X(number, name, help) [number] = #name,
	NL_PARTS(X)
#undef X
};

const char *record_cause_name(unsigned cause)
{
	return NAME_OF(cause_names, cause);
}

const char *record_part_name(unsigned part)
{
	return NAME_OF(part_names, part);
}

const char *record_method_name(unsigned method)
{
	return NAME_OF(method_names, method);
}

const char *record_outcome_name(unsigned outcome)
{
	return NAME_OF(outcome_names, outcome);
}

const char *record_reason_name(unsigned reason)
{
	return NAME_OF(reason_names, reason);
}

const char *record_grade_name(unsigned bit)
{
	return NAME_OF(grade_names, bit);
}

static u64 difference(u64 from_ns, u64 to_ns)
{
	return to_ns < from_ns ? 0 : to_ns - from_ns;
}

bool record_wait_ns(const struct nl_record *record, u64 *ret_ns)
{
	bool is_early = record->grade & NL_GRADE_early;

	if (!record->response_first_ns || (!record->request_last_ns && !is_early))
		return false;
	*ret_ns = is_early ? 0 : difference(record->request_last_ns, record->response_first_ns);
	return true;
}

bool record_duration_ns(const struct nl_record *record, u64 *ret_ns)
{
	if (record->outcome != NL_OUTCOME_OK || !record->response_last_ns)
		return false;
	*ret_ns = difference(record->request_first_ns, record->response_last_ns);
	return true;
}

bool record_waited_ns(const struct nl_record *record, u64 *ret_ns)
{
	if (record->outcome == NL_OUTCOME_OK || !record->request_last_ns)
		return false;
	*ret_ns = difference(record->request_last_ns, record->end_ns);
	return true;
}

u64 record_whole_ns(const struct nl_record *record)
{
	bool is_ok = record->outcome == NL_OUTCOME_OK && record->response_last_ns;

	return difference(record->request_first_ns,
			  is_ok ? record->response_last_ns : record->end_ns);
}
