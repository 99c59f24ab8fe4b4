/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * choices.h - the fuzzer's input as a sequence of decisions. At its end every
 * decision is 0, so that any input means something and a shorter one less.
 */
#ifndef NETLAT_TESTS_CHOICES_H
#define NETLAT_TESTS_CHOICES_H

#include <stddef.h>

#include "core/bytes.h"

struct choices {
	const u8 *at;
	size_t left;
};

/* A number from 0 to below - 1; below is 1 to 2^24. */
static inline u32 choose(struct choices *choices, u32 below)
{
	u32 bytes = below <= 0x100 ? 1 : below <= 0x10000 ? 2 : 3, value = 0;

	if (below <= 1)
		return 0;
	while (bytes-- && choices->left) {
		value = value << 8 | *choices->at++;
		choices->left--;
	}
	return value % below;
}

/* True in one of `of` cases. */
static inline bool choose_rarely(struct choices *choices, u32 of)
{
	return choose(choices, of) == of - 1;
}

/* A length: mostly short, sometimes up to `most`. */
static inline u32 choose_length(struct choices *choices, u32 most)
{
	static const u32 ranges[] = { 8, 100, 1500, 1u << 20 };
	u32 range = ranges[choose(choices, 4)];

	return choose(choices, range < most ? range : most);
}

#endif
