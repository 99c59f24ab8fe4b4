/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_body.h - bodies of answers, and the memory that they hold until clients took them. */
#ifndef NETLAT_API_BODY_H
#define NETLAT_API_BODY_H

#include <microhttpd.h>
#include <stddef.h>

/*
 * Beyond this nobody is answered at length any more until clients have taken what is theirs, and
 * beyond half of it not who has that half. So the memory is bounded by this and one answer.
 */
#define API_BODY_BYTES_MAX (16u * 1024 * 1024)

/*
 * A response with `text`, which is of malloc() and now its own. Its length counts in *body_bytes,
 * which must outlive it, until it is destroyed. NULL on lack of memory; the text is freed then.
 */
struct MHD_Response *api_body_response(size_t *body_bytes, char *text, size_t length);

#endif
