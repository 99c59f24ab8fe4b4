/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* address.c - addresses and networks as text, and back. */
#include "address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAPPED_PREFIX_BITS 96 /* ::ffff:0:0/96 */

static const u8 mapped_prefix[MAPPED_PREFIX_BITS / 8] = { [10] = 0xff, [11] = 0xff };

bool address_is_ipv4(const union nl_addr *address)
{
	return memcmp(address->bytes, mapped_prefix, sizeof(mapped_prefix)) == 0;
}

static char *format_decimal(char *at, unsigned value)
{
	if (value >= 100)
		*at++ = (char)('0' + value / 100);
	if (value >= 10)
		*at++ = (char)('0' + value / 10 % 10);
	*at++ = (char)('0' + value % 10);
	return at;
}

unsigned address_format(char text[ADDRESS_TEXT_MAX], const union nl_addr *address)
{
	char *at = text;

	if (!address_is_ipv4(address)) {
		inet_ntop(AF_INET6, address->bytes, text, ADDRESS_TEXT_MAX);
		return (unsigned)strlen(text);
	}
	/* By hand: done per record, and inet_ntop() goes through sprintf(). */
	for (size_t i = sizeof(mapped_prefix); i < sizeof(address->bytes); i++) {
		at = format_decimal(at, address->bytes[i]);
		*at++ = '.';
	}
	*--at = '\0';
	return (unsigned)(at - text);
}

unsigned endpoint_format(char text[ENDPOINT_TEXT_MAX], const union nl_addr *address, u16 port)
{
	char name[ADDRESS_TEXT_MAX];
	const char *format = address_is_ipv4(address) ? "%s:%u" : "[%s]:%u";

	address_format(name, address);
	return (unsigned)snprintf(text, ENDPOINT_TEXT_MAX, format, name, port);
}

/* Digits only, at most three of them; -1 for anything else. */
static int parse_prefix_bits(const char *text)
{
	size_t length = strspn(text, "0123456789");

	if (length == 0 || length > 3 || text[length] != '\0')
		return -1;
	return atoi(text);
}

static void set_mask(struct nl_filter_net *net, unsigned bits)
{
	for (unsigned i = 0; i < sizeof(net->mask.bytes); i++) {
		unsigned ones = bits > 8 * i ? bits - 8 * i : 0;

		net->mask.bytes[i] = ones >= 8 ? 0xff : (u8)(0xff00 >> ones);
		net->addr.bytes[i] &= net->mask.bytes[i];
	}
}

bool net_parse(const char *text, struct nl_filter_net *ret_net)
{
	const char *slash = strchr(text, '/');
	size_t length = slash ? (size_t)(slash - text) : strlen(text);
	struct nl_filter_net net = { 0 };
	char name[ADDRESS_TEXT_MAX];
	int bits, bits_max, bits_before;

	if (length >= sizeof(name))
		return false;
	memcpy(name, text, length);
	name[length] = '\0';
	if (inet_pton(AF_INET, name, net.addr.bytes + sizeof(mapped_prefix)) == 1) {
		memcpy(net.addr.bytes, mapped_prefix, sizeof(mapped_prefix));
		bits_max = 32;
		bits_before = MAPPED_PREFIX_BITS;
	} else if (inet_pton(AF_INET6, name, net.addr.bytes) == 1) {
		bits_max = 128;
		bits_before = 0;
	} else {
		return false;
	}
	bits = slash ? parse_prefix_bits(slash + 1) : bits_max;
	if (bits < 0 || bits > bits_max)
		return false;
	set_mask(&net, (unsigned)(bits_before + bits));
	*ret_net = net;
	return true;
}
