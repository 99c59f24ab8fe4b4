/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* record_file.c - a file of lines that rotates, and is opened anew when it was moved. */
#include "record_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "private_file.h"

#define NAME_BYTES 256
/* No line is longer: so much of the end of a file has to be read to find one. */
#define LINE_BYTES_MAX 65536
#define CREATE_TRIES 5
#define HEADER_BYTES_MAX 4096

struct record_file {
	struct record_file_settings settings;
	int directory;
	int fd;
	const char *name; /* in the directory */
	int rotate_error;
	bool is_cut; /* the file ends with a part of a line, behind whole_bytes */
	off_t whole_bytes;
};

static int write_all(int fd, const char *bytes, size_t length, size_t *ret_done)
{
	size_t done = 0;
	int r = 0;

	while (done < length) {
		ssize_t n = write(fd, bytes + done, length - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			r = n < 0 ? -errno : -EIO;
			break;
		}
		done += (size_t)n;
	}
	*ret_done = done;
	return r;
}

/* Remove what an earlier netlat that was killed left of a line. -ENODATA: there is no whole one. */
static int remove_cut_line(int fd, off_t size)
{
	char end[LINE_BYTES_MAX];
	off_t begin = size > LINE_BYTES_MAX ? size - LINE_BYTES_MAX : 0;
	ssize_t length;
	const char *feed;

	if (size == 0)
		return 0;
	length = pread(fd, end, (size_t)(size - begin), begin);
	if (length < 0)
		return -errno;
	feed = memrchr(end, '\n', (size_t)length);
	if (!feed)
		return -ENODATA;
	if (begin + (feed + 1 - end) == size)
		return 0;
	return ftruncate(fd, begin + (feed + 1 - end)) < 0 ? -errno : 0;
}

/* Lines of another kind, or somebody's text: nothing is appended to these. 0 or negative errno. */
static int check_begin(int fd, const char *begin)
{
	char found[HEADER_BYTES_MAX];
	size_t bytes = strlen(begin);
	ssize_t length = pread(fd, found, bytes < sizeof(found) ? bytes : sizeof(found), 0);

	if (length < 0)
		return -errno;
	return length == 0 || memcmp(found, begin, (size_t)length) == 0 ? 0 : -EBADMSG;
}

/* Whether what is open can be written to, and by nobody else. 0 or negative errno. */
static int check_open(int fd, const char *begin)
{
	struct stat status;
	int r;

	if (fstat(fd, &status) < 0)
		return -errno;
	if (!S_ISREG(status.st_mode))
		return S_ISDIR(status.st_mode) ? -EISDIR : -ENOTSUP;
	if (status.st_nlink > 1)
		return -EMLINK;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? -EBUSY : -errno;
	/* One that was just made cannot be read. */
	r = begin && status.st_size ? check_begin(fd, begin) : 0;
	return r < 0 ? r : remove_cut_line(fd, status.st_size);
}

/* The file of that name, there or not yet. Its descriptor, or negative errno. */
static int open_name(const struct record_file *file)
{
	int directory = file->directory;
	const char *name = file->name;
	int fd = -EEXIST, r;

	/* Somebody may make or remove it meanwhile, but not for ever. */
	for (unsigned i = 0; fd == -EEXIST && i < CREATE_TRIES; i++) {
		/* Not a FIFO without reader, for which one would wait; nor through a link. */
		fd = openat(directory, name,
			    O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
		if (fd >= 0 || errno != ENOENT) {
			fd = fd < 0 ? -errno : fd;
			break;
		}
		fd = private_file_create(directory, name);
		if (fd >= 0 && fcntl(fd, F_SETFL, O_APPEND) < 0) {
			r = -errno;
			close(fd);
			return r;
		}
	}
	if (fd < 0)
		return fd;
	r = check_open(fd, file->settings.begin);
	if (r < 0) {
		close(fd);
		return r;
	}
	return fd;
}

static void refuse(const char *path, int error)
{
	static const struct {
		int error;
		const char *cause, *way_out;
	} known[] = {
		{ ELOOP, "is a symbolic link, which is not followed", "name what it points to" },
		{ EISDIR, "is a directory", "name a file in it" },
		{ ENOTSUP, "is no regular file", "name another, or - for standard output" },
		{ ENXIO, "is no regular file", "name another, or - for standard output" },
		{ EMLINK, "has other names, which may be of something else", "name another" },
		{ EBUSY, "another netlat writes to it", "name another" },
		{ ENODATA, "does not end in a line, so it is no file of records", "name another" },
		{ EBADMSG, "begins otherwise than records of this format", "name another" },
		{ ENOENT, "the directory it is to be in is not there", "make that first" },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (known[i].error == error) {
			log_error("%s: %s (%s)", path, known[i].cause, known[i].way_out);
			return;
		}
	}
	log_error("%s: cannot be written: %s (name another file with --log)", path,
		  strerror(error));
}

/* The directory stays the same one, whatever happens to its name. 0 or negative errno. */
static int open_directory(struct record_file *file)
{
	const char *slash = strrchr(file->settings.path, '/');
	char *directory;

	file->name = slash ? slash + 1 : file->settings.path;
	if (!*file->name)
		return -EISDIR;
	/* Room for `.1000` */
	if (strlen(file->name) > NAME_BYTES - 10)
		return -ENAMETOOLONG;
	directory = slash ? strndup(file->settings.path,
				    slash == file->settings.path
					    ? 1
					    : (size_t)(slash - file->settings.path))
			  : strdup(".");
	if (!directory)
		return -ENOMEM;
	file->directory = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	free(directory);
	return file->directory < 0 ? -errno : 0;
}

struct record_file *record_file_open(const struct record_file_settings *settings)
{
	struct record_file *file = calloc(1, sizeof(*file));
	int r;

	if (!file) {
		log_error("out of memory");
		return NULL;
	}
	file->settings = *settings;
	file->fd = file->directory = -1;
	r = open_directory(file);
	if (r == 0)
		r = file->fd = open_name(file);
	if (r >= 0)
		return file;
	refuse(settings->path, -r);
	record_file_close(file);
	return NULL;
}

void record_file_close(struct record_file *file)
{
	if (!file)
		return;
	if (file->fd >= 0)
		close(file->fd);
	if (file->directory >= 0)
		close(file->directory);
	free(file);
}

static void replace(struct record_file *file, int fd)
{
	close(file->fd);
	file->fd = fd;
	file->is_cut = false;
}

/* Whether the name still is that of the open file. */
static bool is_ours(const struct record_file *file, const struct stat *open_status)
{
	struct stat status;

	return fstatat(file->directory, file->name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
	       status.st_dev == open_status->st_dev && status.st_ino == open_status->st_ino;
}

int record_file_reopen(struct record_file *file)
{
	struct stat status;
	int fd;

	/* It would find itself locked. */
	if (fstat(file->fd, &status) == 0 && is_ours(file, &status))
		return 0;
	fd = open_name(file);
	if (fd < 0)
		return fd;
	replace(file, fd);
	return 0;
}

/* FILE.1 is the latest. */
static void format_name(char name[NAME_BYTES], const struct record_file *file, u32 number)
{
	if (number == 0)
		snprintf(name, NAME_BYTES, "%s", file->name);
	else
		snprintf(name, NAME_BYTES, "%s.%u", file->name, number);
}

static int rename_file(const struct record_file *file, u32 from, u32 to)
{
	char old[NAME_BYTES], new[NAME_BYTES];

	format_name(old, file, from);
	format_name(new, file, to);
	return renameat(file->directory, old, file->directory, new) < 0 ? -errno : 0;
}

/* Each takes the name of the next older one; the oldest goes. 0 or negative errno. */
static int move_along(const struct record_file *file)
{
	for (u32 number = file->settings.files; number-- > 0;) {
		int r = rename_file(file, number, number + 1);

		if (r < 0 && (r != -ENOENT || number == 0))
			return r;
	}
	return 0;
}

static int rotate(struct record_file *file)
{
	int r, fd;

	if (file->settings.files == 0)
		return ftruncate(file->fd, 0) < 0 ? -errno : 0;
	r = move_along(file);
	if (r < 0)
		return r;
	fd = open_name(file);
	if (fd < 0) {
		rename_file(file, 1, 0); /* it goes on where it was */
		return fd;
	}
	replace(file, fd);
	return 0;
}

/* Take back what was written behind whole lines. */
static int heal(struct record_file *file)
{
	if (!file->is_cut)
		return 0;
	if (ftruncate(file->fd, file->whole_bytes) < 0)
		return -errno;
	file->is_cut = false;
	return 0;
}

/* The file that is to be written to, and its size. 0 or negative errno. */
static int prepare(struct record_file *file, size_t bytes, off_t *ret_size)
{
	struct stat status;
	int r = heal(file);

	if (r < 0)
		return r;
	if (fstat(file->fd, &status) < 0)
		return -errno;
	/* Removed, or moved before a SIGHUP that never came: nobody would find what is written. */
	if (status.st_nlink == 0) {
		r = record_file_reopen(file);
		if (r < 0)
			return r;
		if (fstat(file->fd, &status) < 0)
			return -errno;
	}
	if (file->settings.bytes_max && status.st_size > 0 &&
	    (u64)status.st_size + bytes > file->settings.bytes_max) {
		/* Moved by somebody else: not ours to rotate */
		file->rotate_error =
			is_ours(file, &status) ? rotate(file) : record_file_reopen(file);
		if (fstat(file->fd, &status) < 0)
			return -errno;
	}
	*ret_size = status.st_size;
	return 0;
}

/* Whole lines at `size`, or nothing of what is not whole. */
static int append(struct record_file *file, off_t size, const char *lines, size_t bytes,
		  size_t *ret_bytes)
{
	size_t done;
	int r = write_all(file->fd, lines, bytes, &done), healed;
	const char *feed;

	if (r < 0 && done > 0) {
		feed = memrchr(lines, '\n', done);
		file->is_cut = true;
		done = feed ? (size_t)(feed + 1 - lines) : 0;
		file->whole_bytes = size + (off_t)done;
		healed = heal(file);
		if (healed < 0)
			r = healed;
	}
	*ret_bytes = done;
	return r;
}

int record_file_append(struct record_file *file, const char *lines, size_t bytes, size_t *ret_bytes)
{
	const char *header = file->settings.header;
	size_t header_bytes = header ? strlen(header) : 0, done;
	off_t size = 0;
	int r = prepare(file, bytes + header_bytes, &size);

	*ret_bytes = 0;
	if (r == 0 && header_bytes && size == 0) {
		r = append(file, size, header, header_bytes, &done);
		size += (off_t)done;
	}
	return r == 0 ? append(file, size, lines, bytes, ret_bytes) : r;
}

int record_file_rotate_error(const struct record_file *file)
{
	return file->rotate_error;
}
