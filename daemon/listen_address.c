/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* listen_address.c - the ADDR:PORT or unix:PATH of --listen. */
#include "listen_address.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "address.h"

#define PORT_DIGITS_MAX 5
#define UNIX_PREFIX "unix:"

static bool parse_port(const char *text, u16 *ret_port)
{
	size_t length = strspn(text, "0123456789");
	unsigned long port;

	if (length == 0 || length > PORT_DIGITS_MAX || text[length] != '\0')
		return false;
	port = strtoul(text, NULL, 10);
	if (port > 65535)
		return false;
	*ret_port = (u16)port;
	return true;
}

/* An IPv6 address stands in brackets, as in a URL (RFC 3986, 3.2.2). */
static bool parse_address(const char *begin, size_t length, union nl_addr *ret_address)
{
	bool has_brackets = length >= 2 && begin[0] == '[' && begin[length - 1] == ']';
	struct nl_filter_net net;
	char name[ADDRESS_TEXT_MAX];

	if (has_brackets) {
		begin++;
		length -= 2;
	}
	if (length >= sizeof(name))
		return false;
	memcpy(name, begin, length);
	name[length] = '\0';
	if (strchr(name, '/') || has_brackets != (strchr(name, ':') != NULL) ||
	    !net_parse(name, &net))
		return false;
	*ret_address = net.addr;
	return true;
}

static bool is_loopback(const union nl_addr *address)
{
	static const union nl_addr loopback = { .bytes = { [15] = 1 } };

	if (address_is_ipv4(address))
		return address->bytes[12] == 127;
	return memcmp(address, &loopback, sizeof(loopback)) == 0;
}

static bool parse_path(const char *path, struct listen_address *ret_address)
{
	struct sockaddr_un local = { .sun_family = AF_UNIX };
	size_t length = strlen(path);

	if (length == 0 || length >= sizeof(local.sun_path))
		return false;
	memcpy(local.sun_path, path, length);
	memset(ret_address, 0, sizeof(*ret_address));
	ret_address->socket.local = local;
	ret_address->length = sizeof(local);
	return true;
}

static bool parse_tcp(const char *text, struct listen_address *ret_address)
{
	const char *colon = strrchr(text, ':');
	union nl_addr address;
	u16 port;

	if (!colon || !parse_port(colon + 1, &port) ||
	    !parse_address(text, (size_t)(colon - text), &address))
		return false;
	memset(ret_address, 0, sizeof(*ret_address));
	ret_address->is_loopback = is_loopback(&address);
	if (address_is_ipv4(&address)) {
		struct sockaddr_in *v4 = &ret_address->socket.v4;

		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		memcpy(&v4->sin_addr, address.bytes + 12, sizeof(v4->sin_addr));
		ret_address->length = sizeof(*v4);
	} else {
		struct sockaddr_in6 *v6 = &ret_address->socket.v6;

		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(port);
		memcpy(&v6->sin6_addr, address.bytes, sizeof(v6->sin6_addr));
		ret_address->length = sizeof(*v6);
	}
	return true;
}

bool listen_address_parse(const char *text, struct listen_address *ret_address)
{
	if (strncmp(text, UNIX_PREFIX, strlen(UNIX_PREFIX)) == 0)
		return parse_path(text + strlen(UNIX_PREFIX), ret_address);
	return parse_tcp(text, ret_address);
}

u16 listen_address_port(const struct listen_address *address)
{
	switch (address->socket.any.sa_family) {
	case AF_INET:
		return ntohs(address->socket.v4.sin_port);
	case AF_INET6:
		return ntohs(address->socket.v6.sin6_port);
	default:
		return 0;
	}
}

bool listen_address_is_unix(const struct listen_address *address)
{
	return address->socket.any.sa_family == AF_UNIX;
}

bool listen_address_is_open(const struct listen_address *address)
{
	return !listen_address_is_unix(address) && !address->is_loopback;
}

bool listen_address_is_own_host(const char *host)
{
	static const char local[] = "localhost";
	const char *colon, *bracket;
	union nl_addr address;
	size_t length;
	u16 port;

	if (!host)
		return true;
	colon = strrchr(host, ':');
	bracket = strrchr(host, ']');
	if (colon && colon > bracket && !parse_port(colon + 1, &port))
		return false;
	length = colon && colon > bracket ? (size_t)(colon - host) : strlen(host);
	if (length == sizeof(local) - 1 && strncasecmp(host, local, length) == 0)
		return true;
	return parse_address(host, length, &address) && is_loopback(&address);
}
