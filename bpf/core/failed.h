/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* failed.h - which transactions have failed, in the kernel's choice of records and in the daemon's.
 */
#ifndef NETLAT_CORE_FAILED_H
#define NETLAT_CORE_FAILED_H

#include "../abi.h"
#include "bytes.h"

/*
 * A 5xx, complete or not, or no complete response. Of what was evicted or is still under way
 * without one it is not known.
 */
NL_CORE bool record_is_failed(const struct nl_record *record)
{
	if (record->status >= 500 && record->status < 600)
		return true;
	return record->outcome == NL_OUTCOME_UNANSWERED || record->outcome == NL_OUTCOME_ABORTED;
}

#endif
