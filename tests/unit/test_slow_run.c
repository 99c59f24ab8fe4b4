/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_slow_run.c - what becomes of slow and failed transactions: files, list, summary. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "folder.h"
#include "said.h"
#include "slow_queue.h"
#include "slow_run.h"
#include "slow_sample.h"

#define EPOCH_NS SLOW_SAMPLE_EPOCH_NS
#define NO_TIMING "HTTP/1.1 200 OK\r\nServer: a\r\n\r\n"

static struct options options;
static struct slow_run *run;

/* An engine that has the packets a test gives it. */
static struct packet packets[4];
static size_t packet_count;
static bool packets_overwritten;
static int packets_error;
static int asked; /* how often for packets */
static u16 offered_grade;

static int fake_packets(struct engine *engine, const struct nl_record *record,
			struct packet_list *ret_list)
{
	(void)engine;
	(void)record;
	asked++;
	if (packets_error)
		return packets_error;
	*ret_list = (struct packet_list){ .packets = calloc(4, sizeof(packets[0])),
					  .count = packet_count,
					  .is_overwritten = packets_overwritten };
	assert_non_null(ret_list->packets);
	memcpy(ret_list->packets, packets, sizeof(packets));
	return 0;
}

static const struct engine_ops ops = { .packets = fake_packets };
static struct engine engine = { .ops = &ops };

static int set_up(void **state)
{
	fake_padding = 0;
	fake_new_error = fake_add_error = 0;
	packet_count = 0;
	packets_overwritten = false;
	packets_error = asked = 0;
	offered_grade = 0;
	memset(packets, 0, sizeof(packets));
	options = (struct options){ .slow_ms = 5, .failed = true, .keep_files = 10, .keep_mb = 10 };
	return folder_make(state);
}

static int tear_down(void **state)
{
	slow_run_free(run);
	run = NULL;
	said_reveal();
	assert_int_equal(fake_writers, 0);
	return folder_remove(state);
}

static void begin(const char *path)
{
	static char kept_path[FOLDER_PATH_BYTES];

	if (path) {
		snprintf(kept_path, sizeof(kept_path), "%s", path);
		options.write_path = kept_path;
	}
	run = slow_run_new(&options);
	assert_non_null(run);
}

/* The n-th takes 5 ms, just slow; its response begins when it ends. */
static void offer(unsigned n, unsigned status, u64 took_ns)
{
	struct nl_record record = *slow_sample(n, status, "")->record;

	record.response_last_ns = record.request_first_ns + took_ns;
	record.response_first_ns = record.end_ns = record.response_last_ns;
	record.grade = offered_grade;
	slow_run_offer(run, &record, EPOCH_NS + n);
}

static void due(u64 now_ns)
{
	slow_run_due(run, &engine, now_ns);
}

/* Newest first. */
static size_t listed(const struct slow_entry **entries)
{
	return slow_list_get(slow_run_list(run), 0, SLOW_NEWEST_FIRST, entries, SLOW_LIST_ENTRIES);
}

static const char *summary(void)
{
	static char text[1024];
	FILE *out = fmemopen(text, sizeof(text), "w");

	memset(text, 0, sizeof(text));
	assert_non_null(out);
	slow_run_summary(run, out);
	fclose(out);
	return text;
}

/* What is neither slow nor failed is let go; the others are written and listed, when they are due.
 */
static void test_written_and_listed(void **state)
{
	const struct slow_entry *entries[SLOW_LIST_ENTRIES];
	const u64 due_ns = 5000000 + SLOW_QUEUE_WAIT_NS;

	(void)state;
	begin(in_folder("slow"));
	offer(1, 200, 5000000);
	offer(2, 200, 4999999);
	offer(3, 503, 10);
	due(due_ns - 2000000);
	assert_int_equal(asked, 0);
	assert_int_equal(listed(entries), 0);
	due(SLOW_QUEUE_ALL);
	assert_int_equal(asked, 2);
	assert_int_equal(listed(entries), 2);
	assert_int_equal(folder_count("slow"), 2);
	for (size_t i = 0; i < 2; i++) {
		size_t length;
		char *file;

		assert_true(strncmp(entries[i]->path, in_folder("slow"),
				    strlen(in_folder("slow"))) == 0);
		/* As it was when the record came: what else shows it says the same time. */
		assert_int_equal(entries[i]->epoch_offset_ns,
				 EPOCH_NS + (entries[i]->record.status == 200 ? 1 : 3));
		file = folder_get(entries[i]->path + strlen(in_folder("")), &length);
		/* The sentence of the list is that of the file. */
		assert_non_null(strstr(file, entries[i]->explanation));
		assert_true(entries[i]->explanation[0] != 0);
		free(file);
	}
	assert_int_equal(entries[0]->record.status + entries[1]->record.status, 703);
	assert_non_null(strstr(summary(), "slow: 2 written\n"));
}

static void test_list_alone(void **state)
{
	const struct slow_entry *entries[SLOW_LIST_ENTRIES];

	(void)state;
	options.why = true;
	begin(NULL);
	offer(1, 500, 0);
	due(SLOW_QUEUE_ALL);
	assert_int_equal(listed(entries), 1);
	assert_string_equal(entries[0]->path, "");
	assert_string_equal(summary(), "");
}

static struct packet *add_packet(u64 time_ns, u8 role, const char *payload)
{
	struct packet *packet = &packets[packet_count++];
	static u8 bytes[4][512];
	u8 *to = bytes[packet - packets];

	snprintf((char *)to + 54, sizeof(bytes[0]) - 54, "%s", payload);
	*packet = (struct packet){ .time_ns = time_ns,
				   .bytes = to,
				   .captured = 54 + (u32)strlen(payload),
				   .wire_bytes = 54 + (u32)strlen(payload),
				   .payload_offset = 54,
				   .role = role,
				   .has_payload = payload[0] != '\0' };
	return packet;
}

static const struct server_timing *timing(void)
{
	const struct slow_entry *entries[SLOW_LIST_ENTRIES];

	offer(1, 200, 5000000); /* its response begins at 6 ms */
	due(SLOW_QUEUE_ALL);
	assert_true(listed(entries) > 0);
	return &entries[0]->server_timing;
}

/* The first bytes of the response that were copied say it; neither the client nor an earlier one.
 */
static void test_server_timing(void **state)
{
	(void)state;
	options.why = true;
	begin(NULL);
	assert_int_equal(timing()->field, SERVER_TIMING_NONE);

	add_packet(1000000, NL_CLIENT, "GET / HTTP/1.1\r\nX-Runtime: 1.0\r\n\r\n");
	add_packet(2000000, NL_SERVER, "HTTP/1.1 103 Early\r\nX-Runtime: 2.0\r\n\r\n");
	add_packet(6000000, NL_SERVER, ""); /* an ACK */
	add_packet(6000000, NL_SERVER, "HTTP/1.1 200 OK\r\nX-Runtime: 0.004\r\n\r\n");
	assert_int_equal(timing()->field, SERVER_TIMING_RUNTIME);
	assert_int_equal(timing()->duration_ns, 4000000);

	packets[2].captured = 60; /* the ACK is padded */
	assert_int_equal(timing()->field, SERVER_TIMING_RUNTIME);

	packets[3].captured = 54 + 30; /* within the line */
	assert_int_equal(timing()->field, SERVER_TIMING_NONE);

	packet_count = 2; /* the head was not copied, or overwritten */
	assert_int_equal(timing()->field, SERVER_TIMING_NONE);

	packet_count = 0;
	add_packet(6000000, NL_SERVER, NO_TIMING);
	add_packet(7000000, NL_SERVER, "X-Runtime: 3.0\r\n\r\n"); /* of the body */
	assert_int_equal(timing()->field, SERVER_TIMING_NONE);

	packet_count = 0; /* the first was overwritten: this is body */
	add_packet(7000000, NL_SERVER, "HTTP/1.1 200 OK\r\nX-Runtime: 3.0\r\n\r\n");
	assert_int_equal(timing()->field, SERVER_TIMING_NONE);
}

/* Two responses in one packet: the first says nothing of the second's time. */
static void test_server_timing_pipelined(void **state)
{
	(void)state;
	options.why = true;
	begin(NULL);
	add_packet(6000000, NL_SERVER,
		   "HTTP/1.1 204 None\r\nX-Runtime: 0.004\r\n\r\n"
		   "HTTP/1.1 200 OK\r\nX-Runtime: 2.0\r\n\r\n");
	assert_int_equal(timing()->field, SERVER_TIMING_RUNTIME);
	offered_grade = NL_GRADE_pipelined;
	assert_int_equal(timing()->field, SERVER_TIMING_NONE);
}

/* Of a record without an excerpt the head is that of its first packet; an ACK has none. */
static void test_head(void **state)
{
	static const char head[] = "GET /a HTTP/1.1\r\n\r\n";
	const struct slow_entry *entries[SLOW_LIST_ENTRIES];

	(void)state;
	options.why = true;
	begin(NULL);
	add_packet(1000000, NL_CLIENT, "")->captured = 60; /* padded */
	add_packet(1000000, NL_CLIENT, head);
	offer(1, 500, 0);
	due(SLOW_QUEUE_ALL);
	assert_int_equal(listed(entries), 1);
	assert_int_equal(entries[0]->record.head_bytes, strlen(head));
	assert_memory_equal(entries[0]->record.head, head, strlen(head));
}

/* No packets: it is listed all the same, and why it is not written is said. */
static void test_no_packets(void **state)
{
	const struct slow_entry *entries[SLOW_LIST_ENTRIES];

	(void)state;
	begin(in_folder("slow"));
	packets_error = -ENOMEM;
	offer(1, 500, 0);
	said_begin();
	due(SLOW_QUEUE_ALL);
	assert_non_null(strstr(said_end(), "packets cannot be collected: Cannot allocate memory"));
	assert_int_equal(listed(entries), 1);
	assert_string_equal(entries[0]->path, "");
	assert_int_equal(folder_count("slow"), 0);
}

static void check_totals(u64 written, u64 limited, u64 failed)
{
	struct slow_totals totals = slow_run_totals(run);

	assert_int_equal(totals.written, written);
	assert_int_equal(totals.dropped_by_limit, limited);
	assert_int_equal(totals.failed, failed);
	assert_int_equal(totals.dropped_by_size + totals.dropped_by_queue, 0);
}

/* What cannot be written, and what may not, has no path. */
static void test_not_written(void **state)
{
	const struct slow_entry *entries[SLOW_LIST_ENTRIES];

	(void)state;
	options.max_per_minute = 2;
	begin(in_folder("slow"));
	fake_add_error = ENOSPC;
	offer(1, 500, 0);
	said_begin();
	due(SLOW_QUEUE_ALL);
	assert_non_null(strstr(said_end(), "No space left on device"));
	fake_add_error = 0;
	for (unsigned n = 2; n < 7; n++)
		offer(n, 500, 0);
	due(SLOW_QUEUE_ALL);
	assert_int_equal(listed(entries), 6);
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(entries[i]->path[0] != '\0', i == 4);
	assert_int_equal(folder_count("slow"), 1);
	assert_int_equal(asked, 6); /* of all, as servers may say how long they took */
	assert_non_null(strstr(summary(),
			       "slow: 1 written; 4 transactions beyond --max-per-minute; "
			       "1 transactions that an error kept from being written\n"));
	check_totals(1, 4, 1);
}

static void test_overwritten(void **state)
{
	(void)state;
	begin(in_folder("slow"));
	offer(1, 500, 0);
	due(SLOW_QUEUE_ALL);
	packets_overwritten = true;
	offer(2, 500, 0);
	due(SLOW_QUEUE_ALL);
	assert_non_null(strstr(summary(), "slow: 2 written, 1 of them in part (--recorder-mb)\n"));
}

/* More at once than wait: said, with files or without. */
static void test_overflow(void **state)
{
	(void)state;
	options.why = true;
	begin(NULL);
	for (unsigned n = 0; n < SLOW_QUEUE_RECORDS_MAX; n++)
		offer(n, 500, 0);
	assert_string_equal(summary(), "");
	for (unsigned n = 0; n < 3; n++)
		offer(n, 500, 0);
	offer(1, 200, 0); /* neither slow nor failed */
	due(SLOW_QUEUE_ALL);
	assert_int_equal(asked, SLOW_QUEUE_RECORDS_MAX);
	assert_string_equal(summary(), "slow or failed, but too many at once to be kept: 3\n");
}

static void test_no_place(void **state)
{
	(void)state;
	options.write_path = "/proc/nowhere/slow";
	said_begin();
	assert_null(slow_run_new(&options));
	assert_non_null(strstr(said_end(), "/proc/nowhere"));
	slow_run_free(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_written_and_listed),
		TEST(test_list_alone),
		TEST(test_server_timing),
		TEST(test_server_timing_pipelined),
		TEST(test_head),
		TEST(test_no_packets),
		TEST(test_not_written),
		TEST(test_overwritten),
		TEST(test_overflow),
		TEST(test_no_place),
	};

	return cmocka_run_group_tests(tests, NULL, said_forget);
}
