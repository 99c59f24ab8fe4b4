/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_slow.h - slow and failed transactions for the API: their list as JSON, and their files. */
#ifndef NETLAT_API_SLOW_H
#define NETLAT_API_SLOW_H

#include "api_query.h"
#include "export_json.h"
#include "slow_list.h"

#define API_SLOW_PATH "/api/v1/slow"
#define API_SLOW_SUFFIX ".pcapng"

/* What the API serves. Pointers stay the caller's and must outlive it. */
struct api_source {
	const struct slow_list *slow;
	const char *service; /* "netlat" */
	const char *version;
	/* What is observed; may be NULL. */
	const char *(*title)(void *userdata);
	/* Name of an interface number, NULL if unknown; may be NULL. */
	const char *(*interface_name)(void *userdata, u32 ifindex);
	void *userdata;
	const struct name_source *names; /* of containers; may be NULL */
};

/*
 * The answer to GET /api/v1/slow: transactions that are asked for, newest first, as
 * *ret_json, of *ret_length bytes, for free(). 0 or a negative errno.
 */
int api_slow_list(const struct api_source *source, struct json_exporter *exporter,
		  const struct api_query *query, u64 now_ns, char **ret_json, size_t *ret_length);

/* The id in `/api/v1/slow/<id>.pcapng`; 0 for any other path. */
u64 api_slow_id(const char *path);

/*
 * Open the file of an entry for reading, if it is still there and a regular file. Returns
 * its descriptor and its size in *ret_bytes, or a negative errno.
 */
int api_slow_open(const struct slow_entry *entry, u64 *ret_bytes);

/* The name of an entry's file without its folder; "" for none. */
const char *api_slow_file_name(const struct slow_entry *entry);

#endif
