/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_record_log.c - records in a file: lines, counts, and what is said when it fails. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "exported.h"
#include "folder.h"
#include "record_log.h"
#include "said.h"

static struct record_log *record_log;
static struct options options;

static void open_log(bool is_csv)
{
	options =
		(struct options){ .log_path = in_folder("log"), .log_csv = is_csv, .log_files = 1 };
	record_log = record_log_open_file(&options, NULL);
	assert_non_null(record_log);
}

static void take(unsigned count)
{
	struct nl_record record = exported_sample();

	for (unsigned i = 0; i < count; i++)
		record_log_take(record_log, &record, EXPORTED_EPOCH_NS, "veth1");
	assert_true(record_log_flush(record_log));
}

/* Until so many records are dealt with. */
static void wait_for(u64 records)
{
	while (record_log_written(record_log) + record_log_dropped(record_log) < records)
		usleep(1000);
	assert_true(record_log_flush(record_log));
}

static void check_summary(const char *expected)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	char line[FOLDER_PATH_BYTES + 200] = "";

	record_log_summary(record_log, out);
	fclose(out);
	if (expected)
		snprintf(line, sizeof(line), "records in %s: %s\n", in_folder("log"), expected);
	assert_string_equal(text, line);
	free(text);
}

static void test_json(void **state)
{
	struct nl_record record = exported_sample();
	struct json_text text;
	size_t length;
	char *found;

	(void)state;
	open_log(false);
	take(3);
	record_log_finish(record_log);
	assert_int_equal(json_text_init(&text, JSON_LINE_BYTES_MAX), 0);
	json_exporter_line(exporter, &text, &record, EXPORTED_EPOCH_NS, "veth1");
	found = folder_get("log", &length);
	assert_int_equal(length, 3 * (size_t)(text.at - text.begin));
	assert_memory_equal(found, text.begin, length / 3);
	assert_memory_equal(found + length / 3, found, length / 3);
	free(found);
	json_text_free(&text);
	assert_int_equal(record_log_written(record_log), 3);
	assert_int_equal(record_log_dropped(record_log), 0);
	assert_false(record_log_failed(record_log));
	check_summary("3 written");
}

/* A header even if no record comes, and no second one where it goes on. */
static void test_csv(void **state)
{
	unsigned lines = 0;
	size_t length;
	char *found;

	(void)state;
	open_log(true);
	record_log_finish(record_log);
	record_log_free(record_log);
	found = folder_get("log", &length);
	assert_ptr_equal(strchr(found, '\n'), found + length - 1);
	free(found);
	open_log(true);
	take(2);
	record_log_finish(record_log);
	found = folder_get("log", &length);
	for (const char *at = found; (at = strstr(at, "\r\n")) != NULL; at += 2)
		lines++;
	assert_int_equal(lines, 3);
	free(found);
}

static void test_disk_that_is_full(void **state)
{
	char expected[FOLDER_PATH_BYTES + 200];
	struct rlimit before, limit;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	limit = (struct rlimit){ 4000, before.rlim_max };
	open_log(false);
	setrlimit(RLIMIT_FSIZE, &limit);
	said_begin();
	take(10);
	wait_for(10);
	take(5);
	wait_for(15);
	setrlimit(RLIMIT_FSIZE, &before);
	snprintf(expected, sizeof(expected),
		 "netlat: %s: cannot be written: File too large (until it can, records are missing "
		 "there, and counted)\n",
		 in_folder("log"));
	assert_string_equal(said_end(), expected); /* once */
	assert_true(record_log_written(record_log) > 0);
	take(1);
	record_log_finish(record_log);
	assert_int_equal(record_log_written(record_log) + record_log_dropped(record_log), 16);
	assert_false(record_log_failed(record_log)); /* live: it may come back */
}

static void test_summary_of_nothing(void **state)
{
	(void)state;
	assert_int_equal(record_log_written(NULL) + record_log_dropped(NULL), 0);
	open_log(false);
	record_log_finish(record_log);
	check_summary("0 written");
}

static void test_reopen(void **state)
{
	(void)state;
	open_log(false);
	take(1);
	wait_for(1);
	rename(in_folder("log"), in_folder("moved"));
	record_log_reopen(record_log);
	take(1);
	record_log_finish(record_log);
	assert_true(folder_has("moved") && folder_has("log"));
	check_summary("2 written");
}

static int end(void **state)
{
	record_log_free(record_log);
	record_log = NULL;
	said_reveal();
	return folder_remove(state);
}

static int forget(void **state)
{
	exported_tear_down(state);
	return said_forget(state);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(test_json),
		IN_FOLDER(test_csv),
		IN_FOLDER(test_disk_that_is_full),
		IN_FOLDER(test_summary_of_nothing),
		IN_FOLDER(test_reopen),
	};

	return cmocka_run_group_tests(tests, exported_set_up, forget);
}
