/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* secret_file.c - small files that somebody wrote for netlat to read: a token, a key. */
#include "secret_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"

static int check(const char *option, const char *path, const struct stat *status, bool is_secret,
		 size_t bytes_max)
{
	if (!S_ISREG(status->st_mode)) {
		log_error("%s %s: not a regular file (name one)", option, path);
		return -EINVAL;
	}
	if (is_secret && (status->st_mode & (S_IROTH | S_IWOTH | S_IWGRP))) {
		log_error("%s %s: others can read or change it (chmod 600 %s)", option, path, path);
		return -EPERM;
	}
	if (status->st_size == 0) {
		log_error("%s %s: empty (write something into it)", option, path);
		return -EINVAL;
	}
	if ((unsigned long long)status->st_size > bytes_max) {
		log_error("%s %s: too long (at most %zu bytes)", option, path, bytes_max);
		return -EFBIG;
	}
	return 0;
}

/* As many bytes as there are now, whatever the file does meanwhile; or a negative errno. */
static ssize_t read_whole(int fd, char *text, size_t bytes)
{
	size_t done = 0;
	ssize_t n;

	while (done < bytes) {
		n = read(fd, text + done, bytes - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

static char *read_file(const char *option, const char *path, int fd, size_t size, size_t *ret_bytes)
{
	char *text = calloc(1, size + 1);
	ssize_t bytes = text ? read_whole(fd, text, size) : -ENOMEM;

	if (bytes > 0) {
		*ret_bytes = (size_t)bytes;
		return text;
	}
	log_error("%s %s: %s", option, path, bytes < 0 ? strerror((int)-bytes) : "empty");
	secret_file_free(text);
	errno = bytes < 0 ? (int)-bytes : EINVAL;
	return NULL;
}

char *secret_file_read(const char *option, const char *path, bool is_secret, size_t bytes_max,
		       size_t *ret_bytes)
{
	/* Not to wait for the other end of a FIFO. */
	int r, fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat status = { .st_size = 0 };
	char *text = NULL;

	r = fd < 0 || fstat(fd, &status) < 0 ? -errno : 0;
	if (r < 0)
		log_error("%s %s: %s (name a file that can be read)", option, path, strerror(-r));
	else
		r = check(option, path, &status, is_secret, bytes_max);
	if (r == 0) {
		text = read_file(option, path, fd, (size_t)status.st_size, ret_bytes);
		r = text ? 0 : -errno;
	}
	if (fd >= 0)
		close(fd);
	if (r < 0)
		errno = -r;
	return text;
}

void secret_file_free(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}
