/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_export_accept.c - which format an Accept field gets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "export_accept.h"

#define PROTOBUF                                                                                   \
	"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"                 \
	"encoding=delimited"

static const struct {
	const char *accept;
	enum export_format format;
} cases[] = {
	{ NULL, EXPORT_TEXT },
	{ "", EXPORT_TEXT },
	{ "*/*", EXPORT_TEXT },
	{ "text/*", EXPORT_TEXT },
	{ "text/html,application/xhtml+xml,*/*;q=0.8", EXPORT_TEXT },
	{ "image/png", EXPORT_TEXT },
	/* Prometheus 2.42, without and with native histograms. */
	{ "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;"
	  "q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
	  EXPORT_OPENMETRICS },
	{ PROTOBUF ",application/openmetrics-text;version=1.0.0;q=0.8,application/"
		   "openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
	  EXPORT_PROTOBUF },
	/* Prometheus 3, which escapes names. */
	{ "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/"
	  "openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;"
	  "q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
	  EXPORT_OPENMETRICS },
	{ "text/plain;version=1.0.0;q=0.9,application/openmetrics-text;q=0.1", EXPORT_OPENMETRICS },
	{ "application/openmetrics-text; version=0.0.1", EXPORT_OPENMETRICS_0_0_1 },
	{ "application/openmetrics-text; version=0.0.1, text/plain", EXPORT_OPENMETRICS_0_0_1 },
	{ "application/openmetrics-text; version=2.0.0, text/plain", EXPORT_TEXT },
	{ "application/openmetrics-text", EXPORT_OPENMETRICS },
	{ "APPLICATION/OpenMetrics-Text ; VERSION=\"1.0.0\" ; Q=0.3 , text/plain ; q=0.2",
	  EXPORT_OPENMETRICS },
	/* Of equals the first; better ones later win. */
	{ "text/plain,application/openmetrics-text", EXPORT_TEXT },
	{ "text/plain;q=0.5,application/openmetrics-text;q=0.501", EXPORT_OPENMETRICS },
	{ "text/plain;q=0.5,application/openmetrics-text;q=0.50", EXPORT_TEXT },
	/* 0 is: not at all. */
	{ "application/openmetrics-text;q=0,text/plain;q=0.1", EXPORT_TEXT },
	{ "application/openmetrics-text;q=0.000", EXPORT_TEXT },
	/* What is no q makes an element nothing. */
	{ "application/openmetrics-text;q=2", EXPORT_TEXT },
	{ "application/openmetrics-text;q=1.001", EXPORT_TEXT },
	{ "application/openmetrics-text;q=-1", EXPORT_TEXT },
	{ "application/openmetrics-text;q=", EXPORT_TEXT },
	{ "application/openmetrics-text;q=0.1234", EXPORT_TEXT },
	{ "application/openmetrics-text;q=0x1", EXPORT_TEXT },
	/* Protobuf is only this message, in this encoding. */
	{ "application/vnd.google.protobuf", EXPORT_TEXT },
	{ "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text",
	  EXPORT_TEXT },
	{ "application/vnd.google.protobuf;proto=other;encoding=delimited", EXPORT_TEXT },
	{ ",,;,;;=,q=1,application/openmetrics-text;;q=1;=;", EXPORT_OPENMETRICS },
	{ "text", EXPORT_TEXT },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (export_accept(cases[i].accept) != cases[i].format)
			fail_msg("%s: format %d", cases[i].accept, export_accept(cases[i].accept));
}

/* Flush against the end of its memory, each beginning of each field is read and no more. */
static void test_every_beginning(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t length = cases[i].accept ? strlen(cases[i].accept) : 0;

		for (size_t cut = 0; cut < length; cut++) {
			char *text = strndup(cases[i].accept, cut);

			assert_non_null(text);
			assert_in_range(export_accept(text), 0, EXPORT_FORMATS - 1);
			free(text);
		}
	}
}

static void test_content_types(void **state)
{
	(void)state;
	assert_string_equal(export_content_type(EXPORT_TEXT),
			    "text/plain; version=0.0.4; charset=utf-8");
	assert_string_equal(export_content_type(EXPORT_OPENMETRICS),
			    "application/openmetrics-text; version=1.0.0; charset=utf-8");
	/* What is sent is what it would be chosen by. */
	for (unsigned i = 0; i < EXPORT_FORMATS; i++)
		assert_int_equal(export_accept(export_content_type(i)), i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_every_beginning),
		cmocka_unit_test(test_content_types),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
