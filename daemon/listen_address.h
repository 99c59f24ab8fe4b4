/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* listen_address.h - the ADDR:PORT or unix:PATH of --listen. */
#ifndef NETLAT_LISTEN_ADDRESS_H
#define NETLAT_LISTEN_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "abi.h"

/* What is taken, for errors and --help. */
#define LISTEN_ADDRESS_FORM                                                                        \
	"an address and a port, as 127.0.0.1:9464 or [::1]:9464, or unix:PATH of 107 bytes at "    \
	"most, or none"

/* Where a live run listens if nothing is said. */
#define LISTEN_ADDRESS_STANDARD "127.0.0.1:9464"

struct listen_address {
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
		struct sockaddr_un local;
	} socket;
	socklen_t length;
	bool is_loopback; /* a loopback address: what runs on this host reaches it, and browsers */
};

/*
 * `127.0.0.1:9464` or `[::1]:9464`: an address as digits, and a port from 0 (any that is free) to
 * 65535; or `unix:` and a path that fits into a socket's address. Nothing else is looked at, no
 * file either. The output is untouched unless it is true.
 */
bool listen_address_parse(const char *text, struct listen_address *ret_address);

/* The port of TCP, 0 of a path. */
u16 listen_address_port(const struct listen_address *address);

bool listen_address_is_unix(const struct listen_address *address);

/* Whether more than this host reaches it: neither loopback nor a path. */
bool listen_address_is_open(const struct listen_address *address);

/*
 * Whether the Host field of a request names this host alone: a loopback address as digits, or
 * localhost, with or without a port; or is missing (NULL). Any other name may be that of a web page
 * whose owner has it resolve to a loopback address, to have a browser here read what is not his.
 */
bool listen_address_is_own_host(const char *host);

#endif
