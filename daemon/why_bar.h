/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* why_bar.h - the parts of a transaction's time as a bar of letters. */
#ifndef NETLAT_WHY_BAR_H
#define NETLAT_WHY_BAR_H

#include <stdbool.h>
#include <stdio.h>

#include "abi.h"

#define WHY_BAR_CELLS 20

/* The parts, and before them the handshake. */
#define WHY_BAR_KINDS (1 + NL_PART_COUNT)

/*
 * One letter a cell, each part as many as its share of the time: the cells are always
 * all taken, so what is too little for one has none. The handshake is part of it where it is
 * the cause. Dots where no time is known.
 */
void why_bar_format(char text[WHY_BAR_CELLS + 1], const struct nl_record *record);

/* Write what why_bar_format() made. */
void why_bar_write(FILE *out, const char *text, bool color);

/*
 * Write a line that says what the letters mean, of those in `seen`, as far as `columns`
 * (0: any number) has room for. Nothing where there are none.
 */
void why_bar_write_legend(FILE *out, unsigned columns, bool color, const bool seen[WHY_BAR_KINDS]);

/* Mark the letters of a bar in `seen`. */
void why_bar_mark(const char *text, bool seen[WHY_BAR_KINDS]);

#endif
