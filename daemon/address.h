/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* address.h - addresses and networks as text, and back. */
#ifndef NETLAT_ADDRESS_H
#define NETLAT_ADDRESS_H

#include <stdbool.h>

#include "abi.h"

#define ADDRESS_TEXT_MAX 46  /* the longest IPv6 address and its NUL */
#define ENDPOINT_TEXT_MAX 54 /* "[", address, "]:65535" and NUL */

/* True for an IPv4 address, which is kept mapped (::ffff:a.b.c.d). */
bool address_is_ipv4(const union nl_addr *address);

/* `192.0.2.1` or `2001:db8::1` (RFC 5952). Returns the length. */
unsigned address_format(char text[ADDRESS_TEXT_MAX], const union nl_addr *address);

/* `192.0.2.1:80` or `[2001:db8::1]:80`. Returns the length. */
unsigned endpoint_format(char text[ENDPOINT_TEXT_MAX], const union nl_addr *address, u16 port);

/*
 * An IPv4 or IPv6 address with or without /PREFIX; without, the address alone.
 * Host bits are cleared. False, and *ret_net untouched, for anything else.
 */
bool net_parse(const char *text, struct nl_filter_net *ret_net);

#endif
