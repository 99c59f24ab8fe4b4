/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* units.h - quantities as short text for a person. */
#ifndef NETLAT_UNITS_H
#define NETLAT_UNITS_H

#include <stddef.h>

#include "abi.h"

#define UNIT_TEXT_MAX 32

/* `812us`, `6.4ms`, `1.25s`: five columns at most, up to a thousand hours. */
void format_duration(char text[UNIT_TEXT_MAX], u64 duration_ns);

/*
 * `80.1%`. Only all is `100%` and only nothing is `0%`: what would be rounded
 * to either is `>99.9%` or `<0.1%`. `-` of nothing.
 */
void format_percent(char text[UNIT_TEXT_MAX], u64 part, u64 whole);

/* `12.3`, `90123`, `1.25M`. */
void format_rate(char text[UNIT_TEXT_MAX], double per_second);

/* `812B`, `1.2MB`: decimal prefixes. */
void format_bytes(char text[UNIT_TEXT_MAX], u64 bytes);

/* `4.2Mbit/s`. */
void format_bit_rate(char text[UNIT_TEXT_MAX], double bits_per_second);

/* `4.2s`, `2m05s`, `3h01m`. */
void format_elapsed(char text[UNIT_TEXT_MAX], u64 elapsed_ns);

#endif
