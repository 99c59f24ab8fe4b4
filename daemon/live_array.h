/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * live_array.h - an array map of the kernel, mapped as far as it is in use.
 *
 * The kernel fills in the pages of a mapping at once, and they count as memory of this
 * process: of a table for thousands of services only the part with services in it is mapped.
 */
#ifndef NETLAT_LIVE_ARRAY_H
#define NETLAT_LIVE_ARRAY_H

#include <stddef.h>

#include "abi.h"

struct live_array {
	int fd;
	size_t bytes; /* of the map */
	void *memory; /* its first mapped_bytes, to be read; NULL: none yet */
	size_t mapped_bytes;
};

/* Nothing is mapped yet. live_array_close() undoes it, and may be called on a zeroed one. */
void live_array_open(struct live_array *array, int fd, size_t bytes);
void live_array_close(struct live_array *array);

/*
 * Its first `bytes` bytes, valid until the next call for more. NULL and errno on failure:
 * EINVAL beyond the map's end.
 */
const void *live_array_reach(struct live_array *array, size_t bytes);

#endif
