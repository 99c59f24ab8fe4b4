/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* live_array.c - an array map of the kernel, mapped as far as it is in use. */
#include "live_array.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void live_array_open(struct live_array *array, int fd, size_t bytes)
{
	*array = (struct live_array){ .fd = fd, .bytes = bytes };
}

void live_array_close(struct live_array *array)
{
	if (array->memory)
		munmap(array->memory, array->mapped_bytes);
	memset(array, 0, sizeof(*array));
}

static size_t page_round(size_t bytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (bytes + page - 1) / page * page;
}

const void *live_array_reach(struct live_array *array, size_t bytes)
{
	size_t wanted = bytes + bytes / 4; /* not anew for each service that comes */
	void *memory;

	if (bytes > array->bytes) {
		errno = EINVAL;
		return NULL;
	}
	if (bytes <= array->mapped_bytes)
		return array->memory;
	wanted = page_round(wanted < array->bytes ? wanted : array->bytes);
	memory = mmap(NULL, wanted, PROT_READ, MAP_SHARED, array->fd, 0);
	if (memory == MAP_FAILED)
		return NULL;
	if (array->memory)
		munmap(array->memory, array->mapped_bytes);
	array->memory = memory;
	array->mapped_bytes = wanted;
	return memory;
}
