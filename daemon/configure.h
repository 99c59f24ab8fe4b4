/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* configure.h - what the core is told of the options, the same live and in a replay. */
#ifndef NETLAT_CONFIGURE_H
#define NETLAT_CONFIGURE_H

#include "budget.h"
#include "options.h"

/* Set what follows from the options alone, and the flight recorder's part of the budget. */
void configure_core(struct nl_config *config, const struct options *options,
		    const struct budget *budget);

/* Whether a line is wanted for each transaction, on standard output or in a file. */
bool configure_wants_lines(const struct options *options);

/* NL_RECORDS_*: of which transactions the options need records. */
u32 configure_records(const struct options *options);

/* Whether records are of some transactions only, whatever these may be. */
bool configure_records_are_sampled(const struct options *options);

/* Megabytes of flight recorder that the options ask for; 0: none is needed. */
u32 configure_recorder_mb(const struct options *options);

#endif
