/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * talks.h - conversations in order and without loss, with the records they must
 * give however they are cut into segments.
 */
#ifndef NETLAT_TESTS_TALKS_H
#define NETLAT_TESTS_TALKS_H

#include "observed.h"

#define TALK_RECORDS_MAX 24

struct talk {
	const char *name;
	void (*speak)(struct conversation *c);
	struct expected records[TALK_RECORDS_MAX]; /* ends where there is no target */
	struct {
		u32 counter; /* 0: no more */
		u64 value;
	} counts[5];
};

extern const struct talk talks[];
extern const size_t talk_count;

size_t talk_records(const struct talk *talk);
void check_talk(const struct talk *talk, const struct observed *observed);

#endif
