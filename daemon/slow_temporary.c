/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* slow_temporary.c - a file that has its name only when it is whole. */
#include "slow_temporary.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "private_file.h"

#define PREFIX ".netlat-"
#define SUFFIX ".pcapng.part"
#define DIGITS "0123456789"
#define TRIES_MAX 100

/*
 * Lock a new file. False if another netlat, which starts just now, takes it for a leftover: it may
 * have found it before it was locked. Where a file system has no locks, nobody removes leftovers.
 */
static bool lock_new(int fd)
{
	struct stat status;

	if (flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK)
		return false;
	return fstat(fd, &status) == 0 && status.st_nlink > 0;
}

int slow_temporary_create(struct slow_temporary *temporary, int directory)
{
	static unsigned number;
	int fd = -EEXIST, r;

	for (unsigned i = 0; i < TRIES_MAX && fd == -EEXIST; i++) {
		snprintf(temporary->name, sizeof(temporary->name), PREFIX "%d-%u" SUFFIX,
			 (int)getpid(), ++number);
		fd = private_file_create(directory, temporary->name);
		if (fd >= 0 && !lock_new(fd)) {
			close(fd);
			fd = -EEXIST;
		}
	}
	if (fd < 0)
		return fd;
	temporary->directory = directory;
	temporary->is_renamed = false;
	temporary->lock = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	temporary->out = temporary->lock < 0 ? NULL : fdopen(fd, "w");
	if (temporary->out)
		return 0;
	r = -errno;
	close(fd);
	slow_temporary_discard(temporary);
	return r;
}

int slow_temporary_finish(struct slow_temporary *temporary, u64 *ret_bytes)
{
	FILE *out = temporary->out;
	struct stat status;
	int r = 0;

	temporary->out = NULL;
	errno = 0;
	if (ferror(out))
		r = -EIO;
	if (fclose(out) != 0) /* tells what could not be flushed */
		r = errno ? -errno : -EIO;
	if (r == 0 && fstat(temporary->lock, &status) < 0)
		r = -errno;
	if (r == 0)
		*ret_bytes = (u64)status.st_size;
	return r;
}

int slow_temporary_rename(struct slow_temporary *temporary, const char *name)
{
	int directory = temporary->directory;

	if (renameat2(directory, temporary->name, directory, name, RENAME_NOREPLACE) == 0) {
		temporary->is_renamed = true;
		return 0;
	}
	if (errno != EINVAL)
		return -errno;
	/* A file system without RENAME_NOREPLACE, as NFS: a second name, and discard drops the
	 * first. */
	return linkat(directory, temporary->name, directory, name, 0) < 0 ? -errno : 0;
}

void slow_temporary_discard(struct slow_temporary *temporary)
{
	if (!temporary->is_renamed)
		unlinkat(temporary->directory, temporary->name, 0);
	if (temporary->out)
		fclose(temporary->out);
	if (temporary->lock >= 0)
		close(temporary->lock);
}

/* `PREFIX`, digits, `-`, digits, `SUFFIX`. */
static bool is_ours(const char *name)
{
	size_t length;

	if (strncmp(name, PREFIX, strlen(PREFIX)) != 0)
		return false;
	name += strlen(PREFIX);
	length = strspn(name, DIGITS);
	if (length == 0 || name[length] != '-')
		return false;
	name += length + 1;
	length = strspn(name, DIGITS);
	return length > 0 && strcmp(name + length, SUFFIX) == 0;
}

static bool remove_if_left(int directory, const char *name)
{
	/* Not to wait for the other end of a FIFO of that name. */
	int fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat status;
	bool is_removed;

	if (fd < 0)
		return false;
	is_removed = fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
		     flock(fd, LOCK_EX | LOCK_NB) == 0 && unlinkat(directory, name, 0) == 0;
	close(fd);
	return is_removed;
}

unsigned slow_temporary_remove_left(int directory)
{
	int again = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = again < 0 ? NULL : fdopendir(again);
	const struct dirent *entry;
	unsigned removed = 0;

	if (!stream) {
		if (again >= 0)
			close(again);
		return 0;
	}
	while ((entry = readdir(stream)))
		if (is_ours(entry->d_name) && remove_if_left(directory, entry->d_name))
			removed++;
	closedir(stream);
	return removed;
}
