/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* scraped.c - a snapshot, and what a scraper gets of it. */
#include "scraped.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sample_snapshot.h"

struct scraped scraped;
static const struct export_coverage coverage = {
	.hooks = 7,
	.observed = 2,
	.not_observed = 1,
	.kernel_bytes = 4096,
	.written = 5,
	.not_written = 6,
	.files = { .written = 8, .dropped_by_limit = 9, .failed = 10 },
};
static const struct container web = { .name = "web" };

static const struct container *find_name(const void *userdata, const union nl_addr *address)
{
	(void)userdata;
	return address->bytes[15] == 2 ? &web : NULL; /* that of number 1 */
}

static const struct name_source names = { .find = find_name };

int scraped_make(u64 expire_ns)
{
	scraped.exporter = metrics_exporter_new(SCRAPED_SERIES_MAX, expire_ns, &names);
	return sample_init(&scraped.snapshot) && scraped.exporter ? 0 : -1;
}

int scraped_drop(void **state)
{
	(void)state;
	metrics_exporter_free(scraped.exporter);
	snapshot_clear(&scraped.snapshot);
	export_buffer_free(&scraped.out);
	return 0;
}

void scraped_as(enum export_format format)
{
	assert_int_equal(metrics_exporter_write(scraped.exporter, &scraped.snapshot, &coverage,
						format, &scraped.out),
			 0);
}

char *scraped_text(enum export_format format)
{
	scraped_as(format);
	export_buffer_add(&scraped.out, "", 1);
	scraped.out.used--;
	return scraped.out.bytes;
}

double scraped_value(const char *text, const char *sample)
{
	char line[520];
	const char *found;

	snprintf(line, sizeof(line), "\n%s ", sample);
	found = strstr(text, line);
	if (!found)
		fail_msg("%s is not in\n%s", sample, text);
	return strtod(found + strlen(line), NULL);
}
