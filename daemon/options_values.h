/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* options_values.h - values of options from their text, within what options_table.c allows. */
#ifndef NETLAT_OPTIONS_VALUES_H
#define NETLAT_OPTIONS_VALUES_H

#include <stdbool.h>

#include "abi.h"
#include "options_table.h"

/* Decimal, whole string, within the option's range; no sign, hexadecimal, NaN or infinity. */
bool option_parse_number(const struct option_spec *spec, const char *text, double *ret_number);

/* The same of digits only. */
bool option_parse_integer(const struct option_spec *spec, const char *text, u32 *ret_number);

/* Number of a choice, or -1. */
int option_parse_choice(const struct option_spec *spec, const char *text);

#endif
