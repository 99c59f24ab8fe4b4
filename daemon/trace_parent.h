/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* trace_parent.h - the trace that a request is part of (W3C Trace Context, 3.2). */
#ifndef NETLAT_TRACE_PARENT_H
#define NETLAT_TRACE_PARENT_H

#include <stdbool.h>
#include <stddef.h>

#include "abi.h"

#define TRACE_ID_BYTES 32 /* hexadecimal digits */

/*
 * The trace-id of the `traceparent` field in an excerpt of a request head, as text with its NUL.
 * False, and trace_id untouched, where there is none, more than one, one that is not whole, or one
 * that is not valid.
 */
bool trace_parent_read(char trace_id[TRACE_ID_BYTES + 1], const u8 *head, size_t length);

#endif
