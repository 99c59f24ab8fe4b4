/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* container_socket.c - where the container engine of this machine listens. */
#include "container_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char scheme[] = "unix://";
#define DOCKER_PATH "/var/run/docker.sock"
#define PODMAN_PATH "/run/podman/podman.sock"
static const char *const standard_paths[] = { DOCKER_PATH, PODMAN_PATH };

/* 0, or negative errno; -ENOENT also where a directory is missing. */
static int check_path(const char *path)
{
	if (faccessat(AT_FDCWD, path, R_OK | W_OK, AT_EACCESS) == 0)
		return 0;
	return errno == ENOTDIR ? -ENOENT : -errno;
}

static int find_named(const char *docker_host, const char **ret_path)
{
	const char *path = docker_host + strlen(scheme);
	int r;

	if (strncmp(docker_host, scheme, strlen(scheme)) != 0 || path[0] == '\0')
		return -EPROTONOSUPPORT;
	if (strlen(path) >= CONTAINER_SOCKET_PATH_MAX)
		return -ENAMETOOLONG;
	r = check_path(path);
	if (r != -ENOENT)
		*ret_path = path;
	return r;
}

int container_socket_find(const char *docker_host, const char **ret_path)
{
	int result = -ENOENT;

	if (docker_host && docker_host[0] != '\0')
		return find_named(docker_host, ret_path);
	for (unsigned i = 0; i < sizeof(standard_paths) / sizeof(standard_paths[0]); i++) {
		int r = check_path(standard_paths[i]);

		if (r == 0 || (r != -ENOENT && result == -ENOENT)) {
			*ret_path = standard_paths[i];
			result = r;
		}
		if (r == 0)
			break;
	}
	return result;
}

void container_socket_describe(char *text, size_t size, const char *docker_host, const char *path,
			       int error)
{
	bool is_named = docker_host && docker_host[0] != '\0';

	if (error == -ENOENT && is_named)
		snprintf(text, size, "DOCKER_HOST %s: not there", docker_host);
	else if (error == -ENOENT)
		snprintf(text, size,
			 "no container engine here (neither " DOCKER_PATH " nor " PODMAN_PATH
			 "; DOCKER_HOST=unix://PATH names another)");
	else if (error == -EPROTONOSUPPORT)
		snprintf(text, size, "DOCKER_HOST %s: not a socket of this machine (unix://PATH)",
			 docker_host);
	else
		snprintf(text, size, "%s: %s", path ? path : docker_host, strerror(-error));
}
