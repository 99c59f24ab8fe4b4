/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* options_values.c - values of options from their text, within what options_table.c allows. */
#include "options_values.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

bool option_parse_number(const struct option_spec *spec, const char *text, double *ret_number)
{
	char *end;
	double number;

	if (text[0] == '\0' || text[strspn(text, "0123456789.eE+-")] != '\0')
		return false;
	if (strspn(text, "0123456789.") == 0) /* begins with a sign or an exponent */
		return false;
	errno = 0;
	number = strtod(text, &end);
	if (end == text || *end != '\0' || errno == ERANGE || !isfinite(number))
		return false;
	if (number < spec->min || number > spec->max)
		return false;
	*ret_number = number;
	return true;
}

bool option_parse_integer(const struct option_spec *spec, const char *text, u32 *ret_number)
{
	double number;

	if (text[strspn(text, "0123456789")] != '\0' || !option_parse_number(spec, text, &number))
		return false;
	*ret_number = (u32)number;
	return true;
}

int option_parse_choice(const struct option_spec *spec, const char *text)
{
	for (int i = 0; i < OPTION_CHOICES_MAX && spec->choices[i]; i++) {
		if (strcmp(text, spec->choices[i]) == 0)
			return i;
	}
	return -1;
}
