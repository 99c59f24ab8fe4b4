/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_source.h - what the API serves. */
#ifndef NETLAT_API_SOURCE_H
#define NETLAT_API_SOURCE_H

#include "engine.h"
#include "name_source.h"
#include "record_log.h"
#include "slow_list.h"
#include "slow_run.h"
#include "snapshot_cache.h"
#include "transaction_list.h"

struct api_metrics;

/* Pointers stay the caller's and must outlive the API. */
struct api_source {
	const char *service; /* "netlat" */
	const char *version;
	struct engine *const *engine; /* may be opened later, but before anybody asks */
	struct snapshot_cache *snapshots;
	struct api_metrics *metrics; /* NULL: none are served */
	const struct transaction_list *transactions;
	bool records_are_sampled;	 /* in that list, and so not all */
	const struct slow_list *slow;	 /* NULL: there is none */
	const struct slow_run *slow_run; /* that it is of; may be NULL */
	const struct name_source *names; /* of containers; may be NULL */
	/* Records as lines; may be NULL. */
	const struct record_log *output, *log;
};

#endif
