/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* slow_directory.c - a pcapng file for each slow or failed transaction, in one directory. */
#include "slow_directory.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "private_file.h"
#include "slow_kept.h"
#include "slow_name.h"
#include "slow_temporary.h"

#define MEGABYTE 1000000ULL
#define SAME_NAME_MAX 10000 /* files of one name but for their number */

struct slow_directory {
	const char *path; /* of the options */
	int path_length;  /* without slashes at its end */
	int fd;
	u64 keep_files, keep_bytes;
	struct slow_kept kept;
	struct slow_counters *counters;
	bool is_removal_said;
};

/* is_there: it is a directory, so that ENOENT is of a file system that takes no files, as /proc. */
static bool refuse_path(const char *path, int error, bool is_there)
{
	if (error == ENOENT && is_there)
		log_error("%s: no files can be made there (name another directory with -w)", path);
	else if (error == ENOENT)
		log_error("%s: cannot be made: the directory it is to be in is not there "
			  "(make that first)",
			  path);
	else
		log_error("%s: nothing can be written there: %s (name another directory with -w)",
			  path, strerror(error));
	return false;
}

/*
 * A link is followed, as people keep such files on another disk. But whoever may write to a
 * directory above shall not have this process write, and remove, in a place of their choice.
 */
static bool is_link_of_another(const struct slow_directory *directory)
{
	char path[PATH_MAX];
	struct stat status;

	/* With a slash at its end it would be the directory. */
	if (snprintf(path, sizeof(path), "%.*s", directory->path_length, directory->path) >=
	    (int)sizeof(path))
		return false; /* opening it fails, too */
	return lstat(path, &status) == 0 && S_ISLNK(status.st_mode) && status.st_uid != 0 &&
	       status.st_uid != geteuid();
}

/* The directory, made if it is not there, and known to take files. */
static bool open_path(struct slow_directory *directory)
{
	const char *path = directory->path;
	int r = private_directory_create(path);
	struct slow_temporary temporary;

	if (r < 0 && r != -EEXIST)
		return refuse_path(path, -r, false);
	if (is_link_of_another(directory)) {
		log_error("%s: is a symbolic link that another user made (name the directory "
			  "itself)",
			  path);
		return false;
	}
	directory->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (directory->fd < 0 && errno == ENOTDIR) {
		log_error("%s: is a file, not a directory (name a directory, or a new file that "
			  "ends in .pcapng)",
			  path);
		return false;
	}
	if (directory->fd < 0 && errno == ENOENT && r == -EEXIST) {
		log_error("%s: is a symbolic link to what is not there (make that first)", path);
		return false;
	}
	if (directory->fd < 0)
		return refuse_path(path, errno, false);
	r = slow_temporary_create(&temporary, directory->fd);
	if (r < 0)
		return refuse_path(path, -r, true);
	slow_temporary_discard(&temporary);
	return true;
}

static void say_not_removed(struct slow_directory *directory, const char *name, int error)
{
	directory->counters->not_removed++;
	if (directory->is_removal_said)
		return;
	directory->is_removal_said = true;
	log_error("%s/%s: cannot be removed: %s (--keep-files and --keep-mb no longer count it; "
		  "further ones are only counted)",
		  directory->path, name, strerror(error));
}

/* Remove what goes first while there is too much; `newest` stays in any case. */
static void remove_surplus(struct slow_directory *directory, const struct slow_kept_file *newest)
{
	struct slow_kept *kept = &directory->kept;

	while (kept->files > directory->keep_files || kept->bytes > directory->keep_bytes) {
		struct slow_kept_file *file = slow_kept_take(kept, newest);

		if (!file)
			return;
		if (unlinkat(directory->fd, file->name, 0) == 0)
			directory->counters->rotated_out++;
		else if (errno != ENOENT) /* someone else may remove them too */
			say_not_removed(directory, file->name, errno);
		free(file);
	}
}

struct slow_directory *slow_directory_open(const struct options *options,
					   struct slow_counters *counters)
{
	struct slow_directory *directory = calloc(1, sizeof(*directory));
	const char *path = options->write_path;
	size_t length = strlen(path);
	int r;

	if (!directory) {
		log_error("out of memory");
		return NULL;
	}
	while (length > 1 && path[length - 1] == '/')
		length--;
	*directory = (struct slow_directory){ .path = path,
					      .path_length = (int)length,
					      .fd = -1,
					      .keep_files = options->keep_files,
					      .keep_bytes = options->keep_mb * MEGABYTE,
					      .counters = counters };
	if (!open_path(directory)) {
		slow_directory_close(directory);
		return NULL;
	}
	counters->leftovers_removed += slow_temporary_remove_left(directory->fd);
	r = slow_kept_scan(&directory->kept, directory->fd);
	if (r < 0) {
		log_error("%s: its files cannot be listed: %s", path, strerror(-r));
		slow_directory_close(directory);
		return NULL;
	}
	remove_surplus(directory, NULL);
	if (counters->rotated_out)
		log_info("%s: removed %llu files of earlier runs (--keep-files, --keep-mb)", path,
			 (unsigned long long)counters->rotated_out);
	return directory;
}

static int fill(FILE *out, const struct snippet *snippet)
{
	struct snippet_writer *writer;
	int r, r_close;

	errno = 0;
	writer = snippet_writer_new(out);
	if (!writer)
		return errno ? -errno : -ENOMEM;
	r = snippet_writer_add(writer, snippet);
	r_close = snippet_writer_close(writer, 0);
	if (r == 0)
		r = r_close;
	/* A stream remembers that a write failed, not why: have it try what is left. */
	errno = 0;
	if (r < 0 && ferror(out) && fflush(out) != 0 && errno)
		r = -errno;
	return r;
}

/* Give it the first of its names that is free. */
static int name_it(struct slow_temporary *temporary, const struct snippet *snippet,
		   char name[SLOW_NAME_BYTES])
{
	int r = -EEXIST;

	for (unsigned number = 1; number <= SAME_NAME_MAX && r == -EEXIST; number++) {
		slow_name_format(name, snippet->record, snippet->epoch_offset_ns, number);
		r = slow_temporary_rename(temporary, name);
	}
	return r;
}

/*
 * The directory was removed, by hand or by what cleans up: use the one that is in its place, or
 * make it as at the start. False if there can be none.
 */
static bool take_up_anew(struct slow_directory *directory)
{
	int r = private_directory_create(directory->path), fd;

	if ((r < 0 && r != -EEXIST) || is_link_of_another(directory))
		return false;
	fd = open(directory->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return false;
	close(directory->fd);
	directory->fd = fd;
	slow_kept_clear(&directory->kept);
	slow_kept_scan(&directory->kept, fd);
	log_info("%s: was removed; files go to the directory that is there now", directory->path);
	return true;
}

/* 0 or -errno. */
static int begin_file(struct slow_directory *directory, struct slow_temporary *temporary)
{
	int r = slow_temporary_create(temporary, directory->fd);

	if (r != -ENOENT || !take_up_anew(directory))
		return r;
	return slow_temporary_create(temporary, directory->fd);
}

int slow_directory_write(struct slow_directory *directory, const struct snippet *snippet,
			 char *ret_path, size_t size)
{
	const struct slow_kept_file *newest;
	struct slow_temporary temporary;
	char name[SLOW_NAME_BYTES];
	u64 bytes = 0;
	int r;

	r = begin_file(directory, &temporary);
	if (r < 0)
		return r;
	r = fill(temporary.out, snippet);
	if (r == 0)
		r = slow_temporary_finish(&temporary, &bytes);
	if (r == 0)
		r = name_it(&temporary, snippet, name);
	slow_temporary_discard(&temporary);
	if (r < 0)
		return r;
	directory->counters->written_bytes += bytes;
	newest = slow_kept_add(&directory->kept, name, bytes);
	if (!newest) /* it is there, but this run will not remove it */
		say_not_removed(directory, name, errno);
	remove_surplus(directory, newest);
	snprintf(ret_path, size, "%.*s/%s", directory->path_length, directory->path, name);
	return 0;
}

void slow_directory_close(struct slow_directory *directory)
{
	if (!directory)
		return;
	slow_kept_clear(&directory->kept);
	if (directory->fd >= 0)
		close(directory->fd);
	free(directory);
}
