/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* slow_growing.c - all slow and failed transactions in one pcapng file, each appended whole. */
#include "slow_growing.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "private_file.h"

#define MEGABYTE 1000000ULL

struct slow_growing {
	const char *path; /* of the options */
	int fd;
	u64 bytes, bytes_max;
	/* What is to be appended next is put together in memory. */
	FILE *pending;
	char *pending_bytes;
	size_t pending_length;
	struct snippet_writer *writer; /* of the section under way; NULL: begin one */
	u64 dropped;		       /* packets of what could not be written */
	struct slow_counters *counters;
	bool is_full;
	bool has_some; /* transactions */
};

/* Take back what is pending, and with it what the writer believes to have written. */
static void discard_section(struct slow_growing *growing)
{
	if (growing->writer)
		snippet_writer_close(growing->writer, 0);
	growing->writer = NULL;
	rewind(growing->pending);
}

static int begin_section(struct slow_growing *growing)
{
	if (growing->writer)
		return 0;
	errno = 0;
	growing->writer = snippet_writer_new(growing->pending);
	if (!growing->writer)
		return errno ? -errno : -ENOMEM;
	return 0;
}

/* Append what is pending; on failure the file is as before. */
static int append_pending(struct slow_growing *growing)
{
	size_t done = 0;
	int r = 0;

	while (done < growing->pending_length) {
		ssize_t n = pwrite(growing->fd, growing->pending_bytes + done,
				   growing->pending_length - done, (off_t)(growing->bytes + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			r = n < 0 ? -errno : -EIO;
			break;
		}
		done += (size_t)n;
	}
	if (r == 0) {
		growing->bytes += done;
		rewind(growing->pending);
		return 0;
	}
	if (ftruncate(growing->fd, (off_t)growing->bytes) < 0)
		log_error("%s: ends with an incomplete block: %s", growing->path, strerror(errno));
	return r;
}

/* Bring what is pending into pending_bytes. */
static int flush_pending(struct slow_growing *growing)
{
	errno = 0;
	if (fflush(growing->pending) != 0 || ferror(growing->pending))
		return errno ? -errno : -EIO;
	return 0;
}

static void refuse_path(const char *path, int error)
{
	struct stat status;

	if (error == EEXIST && stat(path, &status) == 0 && S_ISDIR(status.st_mode))
		log_error("%s: is a directory, and a name that ends in .pcapng is taken for a file "
			  "(name another)",
			  path);
	else if (error == EEXIST)
		log_error("%s: is there already, and is not overwritten (remove it, or name "
			  "another)",
			  path);
	else if (error == ENOENT)
		log_error("%s: cannot be made: the directory it is to be in is not there "
			  "(make that first)",
			  path);
	else
		log_error("%s: cannot be made: %s (name another file with -w)", path,
			  strerror(error));
}

/* The file as it is before the first transaction. */
static int begin_file(struct slow_growing *growing)
{
	int r;

	growing->pending = open_memstream(&growing->pending_bytes, &growing->pending_length);
	if (!growing->pending)
		return -errno;
	r = begin_section(growing);
	if (r == 0)
		r = flush_pending(growing);
	if (r == 0)
		r = append_pending(growing);
	return r;
}

static void release(struct slow_growing *growing)
{
	if (growing->pending)
		fclose(growing->pending);
	free(growing->pending_bytes);
	free(growing);
}

struct slow_growing *slow_growing_open(const struct options *options,
				       struct slow_counters *counters)
{
	struct slow_growing *growing = calloc(1, sizeof(*growing));
	int r;

	if (!growing) {
		log_error("out of memory");
		return NULL;
	}
	*growing = (struct slow_growing){ .path = options->write_path,
					  .bytes_max = options->keep_mb * MEGABYTE,
					  .counters = counters };
	growing->fd = private_file_create(AT_FDCWD, growing->path);
	if (growing->fd < 0) {
		refuse_path(growing->path, -growing->fd);
		release(growing);
		return NULL;
	}
	r = begin_file(growing);
	if (r == 0)
		return growing;
	refuse_path(growing->path, -r);
	unlink(growing->path);
	close(growing->fd);
	if (growing->writer)
		discard_section(growing);
	release(growing);
	return NULL;
}

static int refuse_for_size(struct slow_growing *growing)
{
	if (!growing->is_full)
		log_error("%s: has reached --keep-mb, nothing more is appended (further "
			  "transactions are only counted)",
			  growing->path);
	growing->is_full = true;
	growing->counters->dropped_by_size++;
	return -EFBIG;
}

/* Whether it has no name any more: what is written to it is lost. */
static bool is_removed(const struct slow_growing *growing)
{
	struct stat status;

	return fstat(growing->fd, &status) == 0 && status.st_nlink == 0;
}

int slow_growing_write(struct slow_growing *growing, const struct snippet *snippet)
{
	u64 before = growing->bytes;
	int r;

	if (growing->is_full)
		return refuse_for_size(growing);
	if (is_removed(growing))
		return -ENOENT;
	r = begin_section(growing);
	if (r == 0)
		r = snippet_writer_add(growing->writer, snippet);
	if (r == 0)
		r = flush_pending(growing);
	if (r == 0 && growing->bytes + growing->pending_length > growing->bytes_max)
		r = refuse_for_size(growing);
	else if (r == 0)
		r = append_pending(growing);
	if (r < 0) {
		growing->dropped += snippet->packets->count;
		discard_section(growing);
		return r;
	}
	growing->has_some = true;
	growing->counters->written_bytes += growing->bytes - before;
	return 0;
}

/* What ends the section counts what is missing. A file that is full has no room for that. */
static int end_section(struct slow_growing *growing)
{
	int r;

	if (!growing->writer)
		return 0;
	r = snippet_writer_close(growing->writer, growing->dropped);
	growing->writer = NULL;
	if (r == 0)
		r = flush_pending(growing);
	if (r == 0)
		r = append_pending(growing);
	return r;
}

/* Unless something else has its name by now. */
static int remove_file(const struct slow_growing *growing)
{
	struct stat ours, there;

	if (fstat(growing->fd, &ours) < 0)
		return -errno;
	if (lstat(growing->path, &there) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (ours.st_dev != there.st_dev || ours.st_ino != there.st_ino)
		return 0;
	return unlink(growing->path) < 0 ? -errno : 0;
}

/* Nothing is in it but that it is a pcapng file: the next run may have its name. */
static int end_without_any(struct slow_growing *growing)
{
	discard_section(growing);
	return remove_file(growing);
}

int slow_growing_close(struct slow_growing *growing)
{
	int r = growing->has_some ? end_section(growing) : end_without_any(growing);

	if (close(growing->fd) < 0 && r == 0)
		r = -errno;
	release(growing);
	return r;
}
