/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* damage.h - what is done to segments on their way, besides cutting. */
#ifndef NETLAT_TESTS_DAMAGE_H
#define NETLAT_TESTS_DAMAGE_H

#include "segments.h"

enum damage {
	DAMAGE_NONE,
	DAMAGE_AGAIN,	/* parts of what has passed pass again */
	DAMAGE_REORDER, /* inside a body */
	DAMAGE_DROP,	/* inside a body */
	DAMAGE_ANY,	/* anything */
	DAMAGES,
};

/* Do it to the segments of a dialog. */
void damage_do(enum damage damage, struct segments *s, const struct dialog *dialog,
	       struct choices *choices);

#endif
