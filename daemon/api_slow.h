/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_slow.h - slow and failed transactions for the API: their list as JSON, and their files. */
#ifndef NETLAT_API_SLOW_H
#define NETLAT_API_SLOW_H

#include "api_reply.h"

#define API_SLOW_PATH "/api/v1/slow"
#define API_SLOW_SUFFIX ".pcapng"

/* Handlers of the list, and of /api/v1/slow/{id}.pcapng. */
enum MHD_Result api_answer_slow(const struct api_request *request);
enum MHD_Result api_answer_slow_file(const struct api_request *request);

/*
 * The answer to GET /api/v1/slow: transactions that are asked for, newest first, as
 * *ret_text, which may have an error in it. 0, or -ENOMEM without a text.
 */
int api_slow_list(const struct api_source *source, struct json_exporter *exporter,
		  const struct api_query *query, u64 now_ns, struct json_text *ret_text);

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
