/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* slow_wanted.h - which transactions are slow or failed, and so written and listed. */
#ifndef NETLAT_SLOW_WANTED_H
#define NETLAT_SLOW_WANTED_H

#include <stdbool.h>

#include "options.h"

/*
 * Whether the options ask for slow or failed transactions: to write or list them, or to serve those
 * of --slow and --failed where it is said to listen. To listen alone is no reason to record
 * packets.
 */
bool slow_is_asked_for(const struct options *options);

/* As the kernel decides it: core/failed.h. */
bool slow_is_failed(const struct nl_record *record);

/* By --slow and --failed. With the first request of a connection goes the time to connect. */
bool slow_is_wanted(const struct nl_record *record, const struct options *options);

#endif
