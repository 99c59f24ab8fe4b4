/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* listener.h - a socket to listen on, of TCP or a path, and its removal. */
#ifndef NETLAT_LISTENER_H
#define NETLAT_LISTENER_H

#include <sys/types.h>

#include "abi.h"
#include "listen_address.h"

struct listener {
	struct listen_address address;
	int fd;	   /* -1: closed */
	dev_t dev; /* of the file of a unix socket */
	ino_t ino;
};

/*
 * Listen, without blocking. The file of a unix socket is its owner's alone (0600). Where one is
 * left that nobody listens on any more it is replaced; where somebody does, that is -EADDRINUSE;
 * where a file of another kind is, -EEXIST. 0 or a negative errno; then *ret_listener is closed.
 */
int listener_open(struct listener *ret_listener, const struct listen_address *address);

/* Close it, and remove its file if that is still its own. */
void listener_close(struct listener *listener);

#endif
