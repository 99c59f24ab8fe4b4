/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * noise.h - bytes that are nearly HTTP/1.x: whole messages and parts of them in any
 * order, well-formed or not, between bytes of the input itself.
 */
#ifndef NETLAT_TESTS_NOISE_H
#define NETLAT_TESTS_NOISE_H

#include "choices.h"

/* Write at most `size` bytes to `to`. Returns how many. */
u32 noise_make(u8 *to, u32 size, struct choices *choices);

#endif
