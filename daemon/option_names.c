/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* option_names.c - options by their long names, and what someone may have meant. */
#include "option_names.h"

#include <string.h>

#include "abi.h"

#define NAME_MAX_BYTES 31
/* Letters that are wrong, missing or too many; in short names half of them. */
#define SLIPS_MAX 2

bool option_find(const char *name, enum option_id *ret_id)
{
	for (unsigned id = 0; id < OPTION_COUNT; id++) {
		if (strcmp(option_table[id].name, name) == 0) {
			*ret_id = id;
			return true;
		}
	}
	return false;
}

/* Levenshtein's distance, row by row; both at most NAME_MAX_BYTES long. */
static size_t distance(const char *a, const char *b)
{
	size_t row[NAME_MAX_BYTES + 1], length = strlen(b);

	for (size_t j = 0; j <= length; j++)
		row[j] = j;
	for (size_t i = 0; a[i] != '\0'; i++) {
		size_t diagonal = row[0];

		row[0] = i + 1;
		for (size_t j = 0; j < length; j++) {
			size_t changed = diagonal + (a[i] != b[j]);
			size_t shorter = row[j] + 1, longer = row[j + 1] + 1;

			diagonal = row[j + 1];
			row[j + 1] = changed < shorter ? changed : shorter;
			if (longer < row[j + 1])
				row[j + 1] = longer;
		}
	}
	return row[length];
}

const char *option_nearest(const char *name)
{
	size_t least = SLIPS_MAX + 1;
	const char *nearest = NULL;

	if (strlen(name) > NAME_MAX_BYTES)
		return NULL;
	for (unsigned id = 0; id < OPTION_COUNT; id++) {
		const struct option_spec *spec = &option_table[id];
		size_t slips, length = strlen(spec->name);

		if (spec->only_typed || length > NAME_MAX_BYTES)
			continue;
		slips = distance(name, spec->name);
		if (slips < least && slips <= length / 2) {
			least = slips;
			nearest = spec->name;
		}
	}
	return nearest;
}
