/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* folder.c - a directory of a test's own, and what is in it. */
#include "folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

char folder[FOLDER_PATH_BYTES];

int folder_make(void **state)
{
	const char *parent = getenv("TMPDIR");

	(void)state;
	snprintf(folder, sizeof(folder), "%s/netlat-test-XXXXXX", parent ? parent : "/tmp");
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status;
	(void)type;
	(void)walk;
	return remove(path);
}

int folder_remove(void **state)
{
	(void)state;
	return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

const char *in_folder(const char *name)
{
	static char paths[4][2 * FOLDER_PATH_BYTES];
	static unsigned next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
	return path;
}

void folder_put(const char *name, const char *text)
{
	FILE *out = fopen(in_folder(name), "w");

	assert_non_null(out);
	assert_int_equal(fwrite(text, 1, strlen(text), out), strlen(text));
	assert_int_equal(fclose(out), 0);
}

void folder_put_old(const char *name, const char *text, unsigned age_s)
{
	struct timespec times[2];

	folder_put(name, text);
	clock_gettime(CLOCK_REALTIME, &times[0]);
	times[0].tv_sec -= age_s;
	times[1] = times[0];
	assert_int_equal(utimensat(AT_FDCWD, in_folder(name), times, 0), 0);
}

bool folder_has(const char *name)
{
	struct stat status;

	return lstat(in_folder(name), &status) == 0;
}

char *folder_get(const char *name, size_t *ret_length)
{
	FILE *in = fopen(in_folder(name), "r");
	char *text = NULL;
	size_t room = 0;
	ssize_t length;

	if (!in)
		fail_msg("%s is not there", name);
	length = getdelim(&text, &room, EOF, in);
	fclose(in);
	if (length < 0) { /* nothing in it */
		free(text);
		text = strdup("");
		length = 0;
	}
	if (ret_length)
		*ret_length = (size_t)length;
	return text;
}

unsigned folder_count(const char *name)
{
	DIR *stream = opendir(name ? in_folder(name) : folder);
	const struct dirent *entry;
	unsigned count = 0;

	assert_non_null(stream);
	while ((entry = readdir(stream)))
		count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
	closedir(stream);
	return count;
}
