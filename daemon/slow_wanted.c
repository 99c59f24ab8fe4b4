/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* slow_wanted.c - which transactions are slow or failed, and so written and listed. */
#include "slow_wanted.h"

#include "core/failed.h"
#include "record_view.h"

#define MILLISECOND_NS 1e6

bool slow_is_asked_for(const struct options *options)
{
	return options->write_path || options->why ||
	       (options->listen_count && (options->slow_ms >= 0 || options->failed));
}

bool slow_is_failed(const struct nl_record *record)
{
	return record_is_failed(record);
}

bool slow_is_wanted(const struct nl_record *record, const struct options *options)
{
	if (options->failed && slow_is_failed(record))
		return true;
	if (options->slow_ms < 0)
		return false;
	return record->connect_ns + record_whole_ns(record) >=
	       (u64)(options->slow_ms * MILLISECOND_NS);
}
