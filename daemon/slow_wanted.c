/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* slow_wanted.c - which transactions are slow or failed, and so written and listed. */
#include "slow_wanted.h"

#include "core/finish.h"

#define MILLISECOND_NS 1e6

u64 slow_duration_ns(const struct nl_record *record)
{
	if (record->outcome == NL_OUTCOME_OK)
		return record_duration_ns(record);
	return time_between_ns(record->request_first_ns, record->end_ns);
}

bool slow_is_asked_for(const struct options *options)
{
	return options->write_path || options->why ||
	       (options->listen_count && (options->slow_ms >= 0 || options->failed));
}

bool slow_is_failed(const struct nl_record *record)
{
	return record->outcome == NL_OUTCOME_UNANSWERED || record->outcome == NL_OUTCOME_ABORTED ||
	       (record->status >= 500 && record->status <= 599);
}

bool slow_is_wanted(const struct nl_record *record, const struct options *options)
{
	if (options->failed && slow_is_failed(record))
		return true;
	if (options->slow_ms < 0)
		return false;
	return record->connect_ns + slow_duration_ns(record) >=
	       (u64)(options->slow_ms * MILLISECOND_NS);
}
