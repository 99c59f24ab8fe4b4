/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* scraped.h - a snapshot, and what a scraper gets of it; part of several tests. */
#ifndef NETLAT_TESTS_SCRAPED_H
#define NETLAT_TESTS_SCRAPED_H

#include "export_metrics.h"

#define SCRAPED_SERIES_MAX 3

struct scraped {
	struct snapshot snapshot;
	struct metrics_exporter *exporter;
	struct export_buffer out; /* the latest answer */
};

extern struct scraped scraped;

/* For each test: an empty snapshot, and a container "web" at 10.0.0.2. */
int scraped_make(u64 expire_ns);
int scraped_drop(void **state);

void scraped_as(enum export_format format);
/* The same as a string. */
char *scraped_text(enum export_format format);

/* The value of a sample in a text, which must be there. */
double scraped_value(const char *text, const char *sample);

#endif
