/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* private_file.c - files and directories for what was on the wire, which may be secret. */
#include "private_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"

#define FILE_MODE 0640
#define DIRECTORY_MODE 0750

/* A number that sudo puts into the environment. */
static bool read_sudo_id(const char *variable, unsigned *ret_id)
{
	const char *text = getenv(variable);
	unsigned long id;
	char *end;

	if (!text || text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	id = strtoul(text, &end, 10);
	if (errno || *end != '\0' || id >= (unsigned)-1) /* -1 is no one, to chown() */
		return false;
	*ret_id = (unsigned)id;
	return true;
}

/*
 * Owner, then mode. Not every file system has them, and a service may lack CAP_CHOWN: then it stays
 * with netlat's user, or as the mount has it, and is as private as that.
 */
static void settle(int fd, const char *name, mode_t mode)
{
	unsigned uid, gid;

	if (geteuid() == 0 && read_sudo_id("SUDO_UID", &uid) && read_sudo_id("SUDO_GID", &gid) &&
	    fchown(fd, uid, gid) < 0)
		log_verbose("%s: not given to user %u: %s", name, uid, strerror(errno));
	if (fchmod(fd, mode) < 0)
		log_verbose("%s: mode %o not set: %s", name, (unsigned)mode, strerror(errno));
}

int private_file_create(int directory, const char *name)
{
	/* O_EXCL does not follow a symbolic link that someone put there. */
	int fd = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return -errno;
	settle(fd, name, FILE_MODE);
	return fd;
}

int private_directory_create(const char *path)
{
	int fd;

	if (mkdir(path, 0700) < 0)
		return -errno;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	settle(fd, path, DIRECTORY_MODE);
	close(fd);
	return 0;
}
