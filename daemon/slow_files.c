/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* slow_files.c - where slow and failed transactions are written to. */
#include "slow_files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "rate_limit.h"
#include "slow_directory.h"
#include "slow_growing.h"

#define FILE_SUFFIX ".pcapng"

/* One of the two. */
struct slow_files {
	const char *path; /* of the options */
	struct slow_directory *directory;
	struct slow_growing *growing;
	struct rate_limit limit;
	struct slow_counters counters;
	bool is_failure_said;
};

static bool is_one_file(const char *path)
{
	size_t length = strlen(path), suffix = strlen(FILE_SUFFIX);

	return length >= suffix && strcmp(path + length - suffix, FILE_SUFFIX) == 0;
}

struct slow_files *slow_files_open(const struct options *options)
{
	struct slow_files *files = calloc(1, sizeof(*files));

	if (!files) {
		log_error("out of memory");
		return NULL;
	}
	files->path = options->write_path;
	rate_limit_init(&files->limit, options->max_per_minute);
	if (is_one_file(files->path))
		files->growing = slow_growing_open(options, &files->counters);
	else
		files->directory = slow_directory_open(options, &files->counters);
	if (!files->growing && !files->directory) {
		free(files);
		return NULL;
	}
	return files;
}

bool slow_files_admit(struct slow_files *files, u64 now_ns)
{
	if (rate_limit_take(&files->limit, now_ns))
		return true;
	files->counters.dropped_by_limit++;
	return false;
}

static const char *cause_of(int error)
{
	if (error == ENODATA) /* snippet_writer_add() */
		return "there is no copy of its packets: all were overwritten (--recorder-mb), or "
		       "a capture has them in a link layer that is not copied";
	return strerror(error);
}

static void note_failure(struct slow_files *files, int error)
{
	files->counters.failed_to_write++;
	files->counters.last_error = error;
	if (files->is_failure_said)
		return;
	files->is_failure_said = true;
	log_error("%s: a transaction could not be written: %s (further ones are only counted)",
		  files->path, cause_of(error));
}

int slow_files_write(struct slow_files *files, const struct snippet *snippet, char *ret_path,
		     size_t size)
{
	u64 dropped_before = files->counters.dropped_by_size;
	int r;

	if (files->growing)
		r = slow_growing_write(files->growing, snippet);
	else
		r = slow_directory_write(files->directory, snippet, ret_path, size);
	if (r == 0) {
		files->counters.written++;
		if (files->growing)
			snprintf(ret_path, size, "%s", files->path);
	} else if (files->counters.dropped_by_size == dropped_before) {
		note_failure(files, -r);
	}
	return r;
}

bool slow_files_is_empty_file(const struct slow_files *files)
{
	return files->growing && files->counters.written == 0;
}

const struct slow_counters *slow_files_counters(const struct slow_files *files)
{
	return &files->counters;
}

int slow_files_close(struct slow_files *files)
{
	int r = 0;

	if (!files)
		return 0;
	if (files->growing) {
		r = slow_growing_close(files->growing);
		if (r < 0)
			log_error("%s: its end could not be written: %s", files->path,
				  strerror(-r));
	}
	slow_directory_close(files->directory);
	free(files);
	return r;
}
