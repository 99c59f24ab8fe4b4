/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* listen_address.h - the ADDR:PORT of --listen. */
#ifndef NETLAT_LISTEN_ADDRESS_H
#define NETLAT_LISTEN_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

/* What is taken, for errors and --help. */
#define LISTEN_ADDRESS_FORM "a loopback address and a port, as 127.0.0.1:9100 or [::1]:9100"

enum listen_result {
	LISTEN_OK,
	LISTEN_MALFORMED,    /* not ADDR:PORT */
	LISTEN_NOT_LOOPBACK, /* an address that others can reach */
};

/*
 * `127.0.0.1:9100` or `[::1]:9100`: an address as digits, and a port from 0 (any that is
 * free) to 65535. The outputs are untouched unless LISTEN_OK.
 */
enum listen_result listen_address_parse(const char *text, struct sockaddr_storage *ret_address,
					socklen_t *ret_length);

/*
 * Whether the Host field of a request names this host alone: a loopback address as digits, or
 * localhost, with or without a port; or is missing (NULL). Any other name may be that of a web page
 * whose owner has it resolve to a loopback address, to have a browser here read what is not his.
 */
bool listen_address_is_own_host(const char *host);

#endif
