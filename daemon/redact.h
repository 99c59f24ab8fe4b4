/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * redact.h - what of a request may be told: who it was and what it was about, not with which
 * values.
 *
 * Secret are, of a URL: the userinfo (RFC 3986, 3.2.1), what stands behind `=` in the query
 * (3.4) and in parameters of the path (3.3), and a fragment, which no request should have. The
 * names before `=` stay. A part of a query is secret as a whole where it is not sure that it
 * begins with a name: without `=`, with a name of other than common characters (`;`, `%3D`, not
 * ASCII) or of more than 64, and where nothing follows `=` and it may be a token with padding.
 */
#ifndef NETLAT_REDACT_H
#define NETLAT_REDACT_H

#include <stdbool.h>

#include "request_head.h"

/* In text this stands for each secret, as OpenTelemetry has it (`url.query`, `url.full`). */
#define REDACTED "REDACTED"

/* A target in text is at most this long: of each two bytes one may be secret. */
#define REDACT_TARGET_BYTES_MAX (5 * NL_HEAD_BYTES_MAX)

/* --show-sensitive: redact_request() leaves nothing out from now on. */
void redact_set_off(bool is_off);

/*
 * Set `mark` in the marks of all bytes that are secret, in a target of any form (RFC 9112,
 * 3.2) or the URL of a field. Where it is not whole, what may be userinfo is secret.
 */
void redact_mark_url(const u8 *url, size_t length, bool is_whole, u8 mark, u8 *marks);

/* What every sink of text tells of a request. */
struct shown_request {
	struct byte_span method, target, host; /* begin NULL where it is not known */
	u8 text[REDACT_TARGET_BYTES_MAX];      /* where the target lies, if it had secrets */
};

/* Read it from the record's excerpt, which has to be there as long as the result. */
void redact_request(struct shown_request *ret_shown, const struct nl_record *record);

#endif
