/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* slow_kept.c - the files of slow and failed transactions that a directory has. */
#include "slow_kept.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "slow_name.h"

#define SECOND_NS 1000000000ULL

/* What is found before it is put in order. */
struct found {
	struct slow_kept_file **files;
	size_t count, room;
};

static struct slow_kept_file *new_file(const char *name, u64 bytes, bool is_failed)
{
	size_t length = strlen(name) + 1;
	struct slow_kept_file *file = malloc(sizeof(*file) + length);

	if (!file)
		return NULL;
	*file = (struct slow_kept_file){ .bytes = bytes, .is_failed = is_failed };
	memcpy(file->name, name, length);
	return file;
}

static void append(struct slow_kept *kept, struct slow_kept_file *file)
{
	struct slow_kept_queue *queue = file->is_failed ? &kept->failed : &kept->slow;

	if (queue->newest)
		queue->newest->next = file;
	else
		queue->oldest = file;
	queue->newest = file;
	kept->files++;
	kept->bytes += file->bytes;
}

static int remember(struct found *found, struct slow_kept_file *file)
{
	if (found->count == found->room) {
		size_t room = found->room ? 2 * found->room : 64;
		void *files = reallocarray(found->files, room, sizeof(*found->files));

		if (!files)
			return -ENOMEM;
		found->files = files;
		found->room = room;
	}
	found->files[found->count++] = file;
	return 0;
}

/* Take note of an entry if it is ours: a regular file with a name of slow_name.h. */
static int find_one(struct found *found, int directory, const char *name)
{
	struct slow_kept_file *file;
	struct stat status;
	bool is_failed;

	if (!slow_name_read(name, &is_failed))
		return 0;
	if (fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISREG(status.st_mode))
		return 0;
	file = new_file(name, (u64)status.st_size, is_failed);
	if (!file)
		return -ENOMEM;
	file->written_ns = (u64)status.st_mtim.tv_sec * SECOND_NS + (u64)status.st_mtim.tv_nsec;
	if (remember(found, file) != 0) {
		free(file);
		return -ENOMEM;
	}
	return 0;
}

static int find_all(struct found *found, int directory)
{
	int again = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;
	const struct dirent *entry;
	DIR *stream;

	if (again < 0)
		return -errno;
	stream = fdopendir(again);
	if (!stream) {
		r = -errno;
		close(again);
		return r;
	}
	while (r == 0) {
		errno = 0;
		entry = readdir(stream);
		if (!entry) {
			r = -errno;
			break;
		}
		r = find_one(found, directory, entry->d_name);
	}
	closedir(stream);
	return r;
}

/*
 * By the time of writing, not that in the name: the files of a replay have the capture's. Those
 * written within one tick of the kernel's clock are by name.
 */
static int compare_age(const void *one, const void *other)
{
	const struct slow_kept_file *a = *(struct slow_kept_file *const *)one;
	const struct slow_kept_file *b = *(struct slow_kept_file *const *)other;

	if (a->written_ns != b->written_ns)
		return a->written_ns < b->written_ns ? -1 : 1;
	return strcmp(a->name, b->name);
}

int slow_kept_scan(struct slow_kept *kept, int directory)
{
	struct found found = { 0 };
	int r = find_all(&found, directory);

	if (found.count)
		qsort(found.files, found.count, sizeof(found.files[0]), compare_age);
	for (size_t i = 0; i < found.count; i++) {
		if (r == 0)
			append(kept, found.files[i]);
		else
			free(found.files[i]);
	}
	free(found.files);
	return r;
}

const struct slow_kept_file *slow_kept_add(struct slow_kept *kept, const char *name, u64 bytes)
{
	struct slow_kept_file *file;
	bool is_failed = false;

	slow_name_read(name, &is_failed);
	file = new_file(name, bytes, is_failed);
	if (!file)
		return NULL;
	append(kept, file);
	return file;
}

struct slow_kept_file *slow_kept_take(struct slow_kept *kept, const struct slow_kept_file *newest)
{
	struct slow_kept_queue *queue = &kept->slow;
	struct slow_kept_file *file;

	if (!queue->oldest || queue->oldest == newest)
		queue = &kept->failed;
	file = queue->oldest;
	if (!file || file == newest)
		return NULL;
	queue->oldest = file->next;
	if (!queue->oldest)
		queue->newest = NULL;
	kept->files--;
	kept->bytes -= file->bytes;
	return file;
}

void slow_kept_clear(struct slow_kept *kept)
{
	struct slow_kept_file *file;

	while ((file = slow_kept_take(kept, NULL)))
		free(file);
}
