/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* record_log.c - records as lines of JSON or CSV, on standard output or in a file. */
#include "record_log.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "export_csv.h"
#include "export_json.h"
#include "log.h"
#include "record_file.h"
#include "record_writer.h"

#define MEGABYTE 1000000ULL
#define CSV_LINE_BYTES_MAX CSV_LINE_BYTES(JSON_RECORD_BYTES_MAX)
_Static_assert(CSV_LINE_BYTES_MAX <= RECORD_WRITER_BLOCK_BYTES, "a line is in one block");
/* A disk that is full now and then is not talked about more often. */
#define SAY_INTERVAL_S 10
/* Beside errno's: more records came than could be written. */
#define TROUBLE_TOO_SLOW (-1)

struct record_log {
	const char *path;	  /* as messages have it */
	struct record_file *file; /* NULL: standard output */
	struct record_writer *writer;
	struct json_exporter *exporter;
	struct json_text text;		  /* where JSON is made of which CSV is made */
	struct record_writer_counts seen; /* when last looked at, and in the end */
	bool is_csv, is_replay, is_abandoned;
	/* What was last said: errno, TROUBLE_TOO_SLOW, or 0 for no trouble; and when. */
	int said_trouble, said_complaint;
	time_t said_s;
	u64 dropped_before; /* it began */
	char header[4096];  /* CSV: names of the fields */
};

static int append_output(void *userdata, const char *lines, size_t bytes, size_t *ret_bytes)
{
	struct pollfd output = { .fd = STDOUT_FILENO, .events = POLLOUT };
	size_t done = 0;
	int r = 0;

	(void)userdata;
	while (done < bytes && r == 0) {
		ssize_t n = write(STDOUT_FILENO, lines + done, bytes - done);

		if (n > 0)
			done += (size_t)n;
		else if (n < 0 && errno == EAGAIN) /* as whoever started netlat left it */
			r = poll(&output, 1, -1) < 0 ? -errno : 0;
		else
			r = n < 0 ? -errno : -EIO;
	}
	*ret_bytes = done;
	return r;
}

/* Whether somebody has to read what is written there: a pipe, a socket, a terminal. */
static bool may_be_stuck(int fd)
{
	struct stat status;

	return fstat(fd, &status) < 0 || S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode) ||
	       isatty(fd);
}

static int append_file(void *userdata, const char *lines, size_t bytes, size_t *ret_bytes)
{
	return record_file_append(userdata, lines, bytes, ret_bytes);
}

static int reopen_file(void *userdata)
{
	return record_file_reopen(userdata);
}

static int rotate_error(void *userdata)
{
	return record_file_rotate_error(userdata);
}

static bool make_header(struct record_log *log)
{
	static const struct nl_record any;
	size_t length;

	json_exporter_append(log->exporter, &log->text, &any, 0, NULL);
	length = csv_header(log->header, sizeof(log->header) - 1, log->text.begin,
			    (size_t)(log->text.at - log->text.begin));
	log->header[length] = '\0';
	return length > 0;
}

static struct record_log *new_log(const struct options *options, const char *path, bool is_csv)
{
	struct record_log *log = calloc(1, sizeof(*log));

	if (log) {
		log->path = path;
		log->is_csv = is_csv;
		log->is_replay = options->replay_file != NULL;
		log->said_s = -SAY_INTERVAL_S;
		log->exporter = json_exporter_new();
	}
	if (!log || !log->exporter || json_text_init(&log->text, JSON_LINE_BYTES_MAX) != 0 ||
	    (is_csv && !make_header(log))) {
		log_error("out of memory");
		record_log_free(log);
		return NULL;
	}
	return log;
}

static struct record_log *start(struct record_log *log, const struct record_sink *sink,
				const volatile sig_atomic_t *stop)
{
	const struct record_writer_settings settings = {
		.sink = *sink,
		.waits = log->is_replay,
		.stop = stop,
	};

	log->writer = record_writer_new(&settings);
	if (log->writer)
		return log;
	log_error("%s: no thread to write it: %s", log->path, strerror(errno));
	record_log_free(log);
	return NULL;
}

struct record_log *record_log_open_output(const struct options *options,
					  const volatile sig_atomic_t *stop)
{
	const struct record_sink sink = { .append = append_output,
					  .in_pieces = may_be_stuck(STDOUT_FILENO) };
	struct record_log *log = new_log(options, "standard output", options->output == OUTPUT_CSV);
	size_t done;
	int r;

	if (!log)
		return NULL;
	r = append_output(NULL, log->header, strlen(log->header), &done);
	if (r < 0) {
		log_error("%s: %s", log->path, strerror(-r));
		record_log_free(log);
		return NULL;
	}
	return start(log, &sink, stop);
}

struct record_log *record_log_open_file(const struct options *options,
					const volatile sig_atomic_t *stop)
{
	struct record_log *log = new_log(options, options->log_path, options->log_csv);
	struct record_file_settings settings = {
		.path = options->log_path,
		.bytes_max = options->log_mb * MEGABYTE,
		.files = options->log_files,
	};
	struct record_sink sink = {
		.append = append_file,
		.reopen = reopen_file,
		.complaint = rotate_error,
	};
	size_t done;
	int r;

	if (!log)
		return NULL;
	settings.header = log->is_csv ? log->header : NULL;
	settings.begin = log->is_csv ? log->header : "{";
	sink.userdata = log->file = record_file_open(&settings);
	if (!log->file) {
		record_log_free(log);
		return NULL;
	}
	r = record_file_append(log->file, "", 0, &done); /* the header */
	if (r < 0) {
		log_error("%s: cannot be written: %s (name another file with --log)", log->path,
			  strerror(-r));
		record_log_free(log);
		return NULL;
	}
	return start(log, &sink, stop);
}

void record_log_name(struct record_log *log, const struct name_source *names)
{
	json_exporter_name(log->exporter, names);
}

static size_t make_json(struct record_log *log, char *room, const struct nl_record *record,
			u64 epoch_offset_ns, const char *interface)
{
	struct json_text line = log->text; /* with its scratch memory */

	line.begin = line.at = room;
	line.end = room + JSON_LINE_BYTES_MAX;
	json_exporter_line(log->exporter, &line, record, epoch_offset_ns, interface);
	return line.error ? 0 : (size_t)(line.at - room);
}

static size_t make_csv(struct record_log *log, char *room, const struct nl_record *record,
		       u64 epoch_offset_ns, const char *interface)
{
	struct json_text *text = &log->text;

	json_text_reset(text);
	json_exporter_append(log->exporter, text, record, epoch_offset_ns, interface);
	return text->error ? 0
			   : csv_line(room, CSV_LINE_BYTES_MAX, text->begin,
				      (size_t)(text->at - text->begin));
}

void record_log_take(struct record_log *log, const struct nl_record *record, u64 epoch_offset_ns,
		     const char *interface)
{
	char *room = record_writer_room(log->writer,
					log->is_csv ? CSV_LINE_BYTES_MAX : JSON_LINE_BYTES_MAX);

	if (!room)
		return;
	record_writer_put(log->writer,
			  log->is_csv ? make_csv(log, room, record, epoch_offset_ns, interface)
				      : make_json(log, room, record, epoch_offset_ns, interface));
}

static u64 dropped(const struct record_writer_counts *counts)
{
	return counts->dropped_full + counts->dropped_failed;
}

static time_t monotonic_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

/* Trouble when it begins, and when it ends. */
static void say_trouble(struct record_log *log, int trouble)
{
	time_t now_s = monotonic_s();

	if (trouble == log->said_trouble || now_s - log->said_s < SAY_INTERVAL_S)
		return;
	if (trouble == TROUBLE_TOO_SLOW)
		log_error("%s: is not written as fast as records come: some are missing there, "
			  "and counted",
			  log->path);
	else if (trouble)
		log_error("%s: cannot be written: %s (until it can, records are missing there, "
			  "and counted)",
			  log->path, strerror(trouble));
	else
		log_info("%s: is written again; %" PRIu64 " records are missing there", log->path,
			 (uint64_t)(dropped(&log->seen) - log->dropped_before));
	if (!trouble)
		log->dropped_before = dropped(&log->seen);
	log->said_trouble = trouble;
	log->said_s = now_s;
}

/* What keeps the file from being moved, each once. */
static void say_complaint(struct record_log *log)
{
	int complaint = -log->seen.complaint;

	if (complaint && complaint != log->said_complaint)
		log_error("%s: cannot be rotated or opened anew: %s (it goes on as it is)",
			  log->path, strerror(complaint));
	log->said_complaint = complaint;
}

bool record_log_flush(struct record_log *log)
{
	u64 full_before = log->seen.dropped_full;
	int trouble;

	record_writer_flush(log->writer);
	record_writer_count(log->writer, &log->seen);
	trouble = -log->seen.append_error;
	/* A reader that has had enough (head) is no error to talk about. */
	if (!log->file && trouble) {
		if (trouble != EPIPE && trouble != log->said_trouble)
			log_error("%s: %s", log->path, strerror(trouble));
		log->said_trouble = trouble;
		return false;
	}
	if (!trouble && log->seen.dropped_full > full_before)
		trouble = TROUBLE_TOO_SLOW;
	say_trouble(log, trouble);
	say_complaint(log);
	return true;
}

void record_log_reopen(struct record_log *log)
{
	record_writer_reopen(log->writer);
}

static void look(const struct record_log *log, struct record_writer_counts *ret_counts)
{
	*ret_counts = (struct record_writer_counts){ 0 };
	if (log && log->writer)
		record_writer_count(log->writer, ret_counts);
	else if (log)
		*ret_counts = log->seen;
}

u64 record_log_written(const struct record_log *log)
{
	struct record_writer_counts counts;

	look(log, &counts);
	return counts.written;
}

u64 record_log_dropped(const struct record_log *log)
{
	struct record_writer_counts counts;

	look(log, &counts);
	return dropped(&counts);
}

/* End the thread; what it still uses, if it cannot be ended, is left to it. */
static void stop_writer(struct record_log *log)
{
	if (!log->writer)
		return;
	log->is_abandoned = !record_writer_stop(log->writer);
	record_writer_count(log->writer, &log->seen);
	if (!log->is_abandoned)
		record_writer_free(log->writer);
	log->writer = NULL;
}

void record_log_finish(struct record_log *log)
{
	record_log_flush(log);
	stop_writer(log);
	if (!log->file && log->seen.append_error && log->said_trouble == 0 &&
	    log->seen.append_error != -EPIPE)
		log_error("%s: %s", log->path, strerror(-log->seen.append_error));
	if (log->file)
		say_complaint(log);
}

bool record_log_failed(const struct record_log *log)
{
	if (log->file)
		return log->is_replay && log->seen.dropped_failed > 0;
	return log->seen.append_error && log->seen.append_error != -EPIPE;
}

void record_log_summary(const struct record_log *log, FILE *out)
{
	const struct record_writer_counts *counts = &log->seen;

	if (!log->file && dropped(counts) == 0)
		return;
	fprintf(out, "records in %s: %" PRIu64 " written", log->path, (uint64_t)counts->written);
	if (counts->dropped_full)
		fprintf(out, "; %" PRIu64 " not, as more came than could be written",
			(uint64_t)counts->dropped_full);
	if (counts->dropped_failed)
		fprintf(out, "; %" PRIu64 " not, as writing failed or took too long",
			(uint64_t)counts->dropped_failed);
	fputc('\n', out);
}

void record_log_free(struct record_log *log)
{
	if (!log)
		return;
	stop_writer(log);
	if (log->is_abandoned)
		return; /* it is written to, whenever the disk answers */
	record_file_close(log->file);
	json_exporter_free(log->exporter);
	json_text_free(&log->text);
	free(log);
}
