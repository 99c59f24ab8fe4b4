/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * request_head.h - method, target and host from the excerpt of a request head, as they are. What is
 * told of them to anybody comes from redact.h.
 */
#ifndef NETLAT_REQUEST_HEAD_H
#define NETLAT_REQUEST_HEAD_H

#include <stdbool.h>
#include <stddef.h>

#include "abi.h"

/* Bytes within the excerpt; begin NULL where there are none. */
struct byte_span {
	const u8 *begin;
	size_t length;
};

struct request_head {
	struct byte_span method;
	struct byte_span target; /* as far as the excerpt goes */
	bool is_target_whole;
	struct byte_span host; /* only if whole */
};

/*
 * Read the first `length` bytes of a request head (RFC 9112, 3). `host` is the
 * authority of a target in absolute form, else the Host field (RFC 9112, 3.2.2).
 */
void request_head_read(struct request_head *ret_head, const u8 *bytes, size_t length);

#endif
