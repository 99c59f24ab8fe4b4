/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_record_writer.c - every line is written or counted, whatever the sink does. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "record_writer.h"

#define LINE_BYTES 1000

static int pipe_ends[2];
static struct record_writer *writer;
static volatile sig_atomic_t stop;
/* What the sink is to do, and did; changed while the writer is at rest. */
static int sink_error;
static size_t sink_takes; /* bytes before it fails */
static unsigned reopened;

static int append(void *userdata, const char *lines, size_t bytes, size_t *ret_bytes)
{
	size_t done = 0;

	(void)userdata;
	if (sink_error && bytes > sink_takes)
		bytes = sink_takes;
	while (done < bytes) {
		ssize_t n = write(pipe_ends[1], lines + done, bytes - done);

		if (n < 0) {
			*ret_bytes = done;
			return -errno;
		}
		done += (size_t)n;
	}
	*ret_bytes = done;
	return sink_error;
}

static int reopen(void *userdata)
{
	(void)userdata;
	reopened++;
	return -EACCES;
}

static void begin(bool waits)
{
	const struct record_writer_settings settings = {
		.sink = { .append = append, .reopen = reopen, .in_pieces = true },
		.waits = waits,
		.stop = &stop,
	};

	stop = 0;
	sink_error = 0;
	sink_takes = 0;
	assert_int_equal(pipe(pipe_ends), 0);
	writer = record_writer_new(&settings);
	assert_non_null(writer);
}

static void end(void)
{
	record_writer_free(writer);
	close(pipe_ends[0]);
	close(pipe_ends[1]);
}

/* Lines of LINE_BYTES, numbered from `first` on. How many found room. */
static unsigned put_lines(unsigned first, unsigned count)
{
	unsigned put = 0;

	for (unsigned i = first; i < first + count; i++) {
		char *room = record_writer_room(writer, LINE_BYTES);

		if (!room)
			continue;
		memset(room, '.', LINE_BYTES);
		room[snprintf(room, LINE_BYTES, "%08u", i)] = '.';
		room[LINE_BYTES - 1] = '\n';
		record_writer_put(writer, LINE_BYTES);
		put++;
	}
	return put;
}

/* What the pipe has until it is closed. */
struct reader {
	pthread_t thread;
	unsigned lines, out_of_order, cut;
	u64 bytes;
};

static void *read_all(void *userdata)
{
	struct reader *reader = userdata;
	unsigned expected = 0;
	char line[LINE_BYTES + 1];
	FILE *in = fdopen(dup(pipe_ends[0]), "r");

	while (fgets(line, sizeof(line), in)) {
		reader->bytes += strlen(line);
		reader->cut += strlen(line) != LINE_BYTES;
		reader->out_of_order += (unsigned)atoi(line) < expected;
		expected = (unsigned)atoi(line) + 1;
		reader->lines++;
	}
	fclose(in);
	return NULL;
}

static void close_and_read(struct reader *reader)
{
	close(pipe_ends[1]);
	pipe_ends[1] = dup(pipe_ends[0]); /* so that end() has something to close */
	pthread_join(reader->thread, NULL);
}

static struct record_writer_counts counts(void)
{
	struct record_writer_counts found;

	record_writer_count(writer, &found);
	return found;
}

static void test_all_are_written_in_order(void **state)
{
	struct reader reader = { 0 };

	(void)state;
	begin(true);
	pthread_create(&reader.thread, NULL, read_all, &reader);
	/* Far more than there is room for: it waits. */
	assert_int_equal(put_lines(0, 160000), 160000);
	assert_true(record_writer_stop(writer));
	close_and_read(&reader);
	assert_int_equal(counts().written, 160000);
	assert_int_equal(counts().dropped_full + counts().dropped_failed, 0);
	assert_int_equal(reader.lines, 160000);
	assert_int_equal(reader.out_of_order + reader.cut, 0);
	end();
}

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Nobody reads: putting never waits, all is counted, and the end comes within seconds. */
static void test_stuck_reader(void **state)
{
	struct reader reader = { 0 };
	double begun_s = now_s();
	unsigned put;

	(void)state;
	begin(false);
	put = put_lines(0, 80000);
	assert_true(now_s() - begun_s < 1.5);
	assert_true((u64)put * LINE_BYTES <= RECORD_WRITER_BYTES);
	assert_true((u64)put * LINE_BYTES > RECORD_WRITER_BYTES - 1000000);
	assert_int_equal(counts().dropped_full, 80000 - put);
	begun_s = now_s();
	assert_true(record_writer_stop(writer));
	assert_true(now_s() - begun_s < 5);
	assert_int_equal(counts().written + counts().dropped_full + counts().dropped_failed, 80000);
	/* To the line, although the last write() was ended in the middle of one. */
	pthread_create(&reader.thread, NULL, read_all, &reader);
	close_and_read(&reader);
	assert_int_equal(reader.bytes / LINE_BYTES, counts().written);
	assert_in_range(counts().written, 1, 65536 / LINE_BYTES);
	assert_int_equal(counts().append_error, 0);
	end();
}

/* A reader that had a pause: what found room comes, the rest is counted. */
static void test_reader_comes_back(void **state)
{
	struct reader reader = { 0 };
	unsigned put;

	(void)state;
	begin(false);
	put = put_lines(0, 80000);
	pthread_create(&reader.thread, NULL, read_all, &reader);
	while (counts().written == 0)
		usleep(1000);
	usleep(300000);
	put += put_lines(80000, 1000);
	assert_true(record_writer_stop(writer));
	close_and_read(&reader);
	assert_int_equal(reader.lines, put);
	assert_int_equal(reader.out_of_order + reader.cut, 0);
	assert_int_equal(counts().written, put);
	assert_int_equal(counts().written + counts().dropped_full, 81000);
	assert_int_equal(counts().dropped_failed, 0);
	end();
}

/* Slow, but not stuck: it has longer than one that takes nothing. */
static void *read_slowly(void *userdata)
{
	static char bytes[20000];

	while (read(pipe_ends[0], bytes, sizeof(bytes)) > 0)
		usleep(100000);
	return userdata;
}

static void test_slow_reader(void **state)
{
	struct reader reader = { 0 };

	(void)state;
	begin(false);
	put_lines(0, 800); /* 4 s of reading */
	pthread_create(&reader.thread, NULL, read_slowly, NULL);
	assert_true(record_writer_stop(writer));
	assert_int_equal(counts().written, 800);
	close_and_read(&reader);
	end();
}

static void test_failing_sink(void **state)
{
	(void)state;
	begin(false);
	sink_error = -ENOSPC;
	sink_takes = 2 * LINE_BYTES + 10;
	assert_int_equal(put_lines(0, 10), 10);
	record_writer_put(writer, 0); /* a line that could not be made */
	record_writer_flush(writer);
	while (counts().written == 0)
		usleep(1000);
	assert_int_equal(counts().written, 2);
	assert_int_equal(counts().dropped_failed, 8 + 1);
	assert_int_equal(counts().append_error, -ENOSPC);
	sink_error = 0;
	put_lines(10, 1);
	record_writer_reopen(writer);
	assert_true(record_writer_stop(writer));
	assert_int_equal(counts().written, 3);
	assert_int_equal(counts().append_error, 0);
	assert_int_equal(reopened, 1);
	end();
}

/* A replay waits for its reader, until somebody says that it shall not. */
static void test_stopped_while_waiting(void **state)
{
	(void)state;
	begin(true);
	alarm(30);
	put_lines(0, 700);
	stop = 1;
	put_lines(700, 8000);
	assert_true(counts().dropped_full > 0);
	assert_true(record_writer_stop(writer));
	assert_int_equal(counts().written + counts().dropped_full + counts().dropped_failed, 8700);
	alarm(0);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_are_written_in_order),
		cmocka_unit_test(test_stuck_reader),
		cmocka_unit_test(test_reader_comes_back),
		cmocka_unit_test(test_slow_reader),
		cmocka_unit_test(test_failing_sink),
		cmocka_unit_test(test_stopped_while_waiting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
