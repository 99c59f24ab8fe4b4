/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* listener.c - a socket to listen on, of TCP or a path, and its removal. */
#include "listener.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#define BACKLOG 128

/*
 * What the kernel may keep for each connection of what its client does not read: connections
 * inherit it. The kernel doubles it for its own needs (socket(7)).
 */
#define SEND_BUFFER_BYTES (128 * 1024)

static const char *path_of(const struct listener *listener)
{
	return listener->address.socket.local.sun_path;
}

/* Whether the file of a socket may be replaced: 0, or a negative errno. */
static int probe_socket(const struct listen_address *address)
{
	int r, fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	r = connect(fd, &address->socket.any, address->length) < 0 ? -errno : 0;
	close(fd);
	return r == -ECONNREFUSED ? 0 : r == -ENOENT ? 0 : -EADDRINUSE;
}

/* Make room for a path: 0, or a negative errno. */
static int remove_dead(const struct listener *listener)
{
	struct stat found;
	int r;

	if (lstat(path_of(listener), &found) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(found.st_mode))
		return -EEXIST;
	r = probe_socket(&listener->address);
	if (r < 0)
		return r;
	return unlink(path_of(listener)) < 0 && errno != ENOENT ? -errno : 0;
}

static int bind_path(struct listener *listener)
{
	struct stat made;
	mode_t before;
	int r = remove_dead(listener);

	if (r < 0)
		return r;
	/* The file is made with its mode: at no moment can others connect. */
	before = umask(0177);
	r = bind(listener->fd, &listener->address.socket.any, listener->address.length) < 0 ? -errno
											    : 0;
	umask(before);
	if (r < 0)
		return r;
	if (lstat(path_of(listener), &made) < 0)
		return -errno;
	listener->dev = made.st_dev;
	listener->ino = made.st_ino;
	return 0;
}

static int bind_tcp(struct listener *listener)
{
	struct listen_address *address = &listener->address;
	const int on = 1;

	if (setsockopt(listener->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0)
		return -errno;
	/* [::] is the addresses of IPv6, 0.0.0.0 those of IPv4: both can be asked for. */
	if (address->socket.any.sa_family == AF_INET6 &&
	    setsockopt(listener->fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) < 0)
		return -errno;
	if (bind(listener->fd, &address->socket.any, address->length) < 0)
		return -errno;
	return getsockname(listener->fd, &address->socket.any, &address->length) < 0 ? -errno : 0;
}

int listener_open(struct listener *ret_listener, const struct listen_address *address)
{
	const int send_buffer_bytes = SEND_BUFFER_BYTES;
	int r;

	*ret_listener = (struct listener){ .address = *address };
	ret_listener->fd = socket(address->socket.any.sa_family,
				  SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (ret_listener->fd < 0)
		return -errno;
	r = setsockopt(ret_listener->fd, SOL_SOCKET, SO_SNDBUF, &send_buffer_bytes,
		       sizeof(send_buffer_bytes)) < 0
		    ? -errno
		    : 0;
	if (r == 0)
		r = listen_address_is_unix(address) ? bind_path(ret_listener)
						    : bind_tcp(ret_listener);
	if (r == 0 && listen(ret_listener->fd, BACKLOG) < 0)
		r = -errno;
	if (r < 0)
		listener_close(ret_listener);
	return r;
}

void listener_close(struct listener *listener)
{
	struct stat found;

	if (listener->fd < 0)
		return;
	/* Before it is closed, as else another may find it dead and put its own there. */
	if (listener->ino && lstat(path_of(listener), &found) == 0 &&
	    found.st_dev == listener->dev && found.st_ino == listener->ino)
		unlink(path_of(listener));
	close(listener->fd);
	listener->fd = -1;
}
