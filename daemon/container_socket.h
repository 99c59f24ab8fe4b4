/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* container_socket.h - where the container engine of this machine listens. */
#ifndef NETLAT_CONTAINER_SOCKET_H
#define NETLAT_CONTAINER_SOCKET_H

#include <stddef.h>

/* The longest path that a UNIX socket can have, and its NUL. */
#define CONTAINER_SOCKET_PATH_MAX 108

/*
 * The path in `docker_host` (the variable DOCKER_HOST, may be NULL), else the first of
 * Docker's and Podman's that can be used. 0 or negative errno: -ENOENT, there is none;
 * -EPROTONOSUPPORT, DOCKER_HOST is not unix://PATH; -ENAMETOOLONG, its path cannot be that
 * of a socket; else it is there and cannot be used, and *ret_path is set, too.
 */
int container_socket_find(const char *docker_host, const char **ret_path);

/* Why there is none, for a person: with what the other was given, set and returned. */
void container_socket_describe(char *text, size_t size, const char *docker_host, const char *path,
			       int error);

#endif
