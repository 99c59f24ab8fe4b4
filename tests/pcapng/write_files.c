/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * write_files.c - pcapng files of transactions as the flight recorder may have them, for
 * test_pcapng.py, which knows what has to be in them:
 *
 *   write_files DIRECTORY    DIRECTORY/NAME.pcapng; the directory exists
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "copies.h"
#include "snippet.h"

#define EPOCH_OFFSET_NS 1767225600000000789ULL /* 2026-01-01 and 789 ns */
#define SECRET "SECRETsecret0123456789"
#define BODY_BYTES 40000
#define HUGE_BODY_BYTES 100000 /* of which all but 1000 are in one packet */

static const char request[] = "GET /slow?a=1 HTTP/1.1\r\nHost: shop.example\r\nCookie: id=" SECRET
			      "\r\nAuthorization: Basic " SECRET "\r\n\r\n";
static const char response[] =
	"HTTP/1.1 200 OK\r\nContent-Length: 40000\r\nSet-Cookie: id=" SECRET "\r\n\r\n";
#define REQUEST_BYTES ((u32)sizeof(request) - 1)
#define RESPONSE_BYTES ((u32)sizeof(response) - 1)

static u8 body[HUGE_BODY_BYTES];
static u32 body_bytes;
static struct copies copies;
static struct nl_record record;

static void die(const char *name, int error)
{
	fprintf(stderr, "write_files: %s: %s\n", name, strerror(-error));
	exit(EXIT_FAILURE);
}

static const char *interface_name(void *userdata, u32 ifindex)
{
	(void)userdata;
	return ifindex == 1 ? "veth-client" : ifindex == 2 ? "veth-server" : NULL;
}

static const char *address_name(void *userdata, const union nl_addr *address)
{
	(void)userdata;
	return address->bytes[15] == 1 ? "client.example" : NULL;
}

static void add(u32 role, u8 flags, s64 position, const void *bytes, u32 count)
{
	copies_add(&copies, role, flags, position, bytes, count);
}

/* Handshake, request in two segments, response in three, the last of them by itself later. */
static void talk(void)
{
	const struct packet *p = copies.list.packets;

	add(NL_CLIENT, NL_TCP_SYN, -1, NULL, 0);
	add(NL_SERVER, NL_TCP_SYN | NL_TCP_ACK, -1, NULL, 0);
	add(NL_CLIENT, NL_TCP_ACK, 0, NULL, 0);
	add(NL_CLIENT, NL_TCP_ACK, 0, request, REQUEST_BYTES - 30);
	add(NL_CLIENT, NL_TCP_ACK, REQUEST_BYTES - 30, request + REQUEST_BYTES - 30, 30);
	add(NL_SERVER, NL_TCP_ACK, 0, response, RESPONSE_BYTES);
	add(NL_SERVER, NL_TCP_ACK, RESPONSE_BYTES, body, 1000);
	add(NL_SERVER, NL_TCP_ACK, RESPONSE_BYTES + 1000, body, body_bytes - 1000);
	add(NL_CLIENT, NL_TCP_ACK, REQUEST_BYTES, NULL, 0);
	record = (struct nl_record){
		.request_first_ns = p[3].time_ns,
		.request_last_ns = p[4].time_ns,
		.response_first_ns = p[5].time_ns,
		.response_last_ns = p[7].time_ns,
		.end_ns = p[7].time_ns,
		.request_bytes = REQUEST_BYTES,
		.response_bytes = RESPONSE_BYTES + body_bytes,
		.client_port = 40000,
		.server_port = 8080,
		.ifindex = 1,
		.status = 200,
		.method = NL_METHOD_GET,
		.request_version = 0x11,
		.head_bytes = (u16)min_u32(REQUEST_BYTES, NL_HEAD_BYTES_MAX),
		.part_ns = { [NL_PART_upload] = p[4].time_ns - p[3].time_ns,
			     [NL_PART_server] = p[5].time_ns - p[4].time_ns,
			     [NL_PART_download] = p[7].time_ns - p[5].time_ns },
		.connect_ns = p[2].time_ns - p[0].time_ns,
		.cause = NL_CAUSE_server,
	};
	memcpy(record.head, request, record.head_bytes);
}

static void set_ends(bool ipv6)
{
	const struct frame *f = &copies.frame[NL_CLIENT];

	memset(&record.client_addr, 0, 16);
	memset(&record.server_addr, 0, 16);
	if (ipv6) {
		memcpy(&record.client_addr, f->source, 16);
		memcpy(&record.server_addr, f->destination, 16);
		return;
	}
	memset(record.client_addr.bytes + 10, 0xff, 2);
	memset(record.server_addr.bytes + 10, 0xff, 2);
	memcpy(record.client_addr.bytes + 12, f->source, 4);
	memcpy(record.server_addr.bytes + 12, f->destination, 4);
}

static void append(struct snippet_writer *writer, const char *name, bool show_sensitive)
{
	const struct snippet snippet = {
		.record = &record,
		.packets = &copies.list,
		.epoch_offset_ns = EPOCH_OFFSET_NS,
		.explanation = "most of 5.0ms went to the server",
		.interface_name = interface_name,
		.address_name = address_name,
		.show_sensitive = show_sensitive,
	};
	int error = snippet_writer_add(writer, &snippet);

	if (error)
		die(name, error);
}

/* What is done to the packets before they are written. */
typedef void (*change_fn)(void);

static void change_nothing(void)
{
}

/* Each copy holds at most 20 bytes of payload. */
static void change_cut(void)
{
	for (size_t i = 0; i < copies.list.count; i++)
		copies_cut(&copies.list.packets[i], 20);
}

/* The recorder has lost what was before the response. */
static void change_overwritten(void)
{
	copies.list.is_overwritten = true;
	copies.list.count -= 5;
	memmove(copies.list.packets, copies.list.packets + 5,
		copies.list.count * sizeof(*copies.list.packets));
}

/* As super-packets beyond 64 KB have it: no length in the IP header. */
static void change_no_length(void)
{
	for (size_t i = 0; i < copies.list.count; i++) {
		u8 *ip =
			copies.list.bytes + (copies.list.packets[i].bytes - copies.list.bytes) + 14;

		if (copies.list.packets[i].wire_bytes < BODY_BYTES / 2)
			continue;
		if (copies.frame[0].ipv6) {
			memset(ip + 4, 0, 2);
		} else {
			u32 sum = load_be16(ip + 10) + load_be16(ip + 2);

			sum = (sum & 0xffff) + (sum >> 16);
			memset(ip + 2, 0, 2);
			ip[10] = (u8)(sum >> 8);
			ip[11] = (u8)sum;
		}
	}
}

static void change_no_length_cut(void)
{
	change_no_length();
	change_cut();
}

static void write_file(const char *directory, const char *name, bool ipv6, bool is_ip,
		       enum checksum checksum, change_fn change, bool show_sensitive)
{
	char path[4096];
	struct snippet_writer *writer;
	FILE *out;
	int error;

	snprintf(path, sizeof(path), "%s/%s.pcapng", directory, name);
	out = fopen(path, "wb");
	writer = out ? snippet_writer_new(out) : NULL;
	if (!writer)
		die(path, -errno);
	copies_begin(&copies, ipv6, is_ip);
	copies.checksum = checksum;
	copies.frame[NL_CLIENT].tcp_option_bytes = 0;
	copies.frame[NL_SERVER].tcp_option_bytes = 0;
	body_bytes = strncmp(name, "huge", 4) == 0 ? HUGE_BODY_BYTES : BODY_BYTES;
	talk();
	set_ends(ipv6);
	change();
	append(writer, path, show_sensitive);
	if (strcmp(name, "two") == 0) /* and another, on an interface of which no name is known */ {
		for (size_t i = 0; i < copies.list.count; i++)
			copies.list.packets[i].ifindex = 7;
		append(writer, path, show_sensitive);
	}
	error = snippet_writer_close(writer, 5);
	if (error || fclose(out) != 0)
		die(path, error ? error : -errno);
	copies_end(&copies);
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: write_files DIRECTORY\n");
		return 2;
	}
	for (u32 i = 0; i < sizeof(body); i++)
		body[i] = (u8)('a' + i % 26);
	write_file(argv[1], "ipv4", false, false, CHECKSUM_GOOD, change_nothing, false);
	write_file(argv[1], "ipv6", true, false, CHECKSUM_PARTIAL, change_nothing, false);
	write_file(argv[1], "offload", false, false, CHECKSUM_PARTIAL, change_nothing, false);
	write_file(argv[1], "bad", false, false, CHECKSUM_BAD, change_nothing, false);
	write_file(argv[1], "ip_only", false, true, CHECKSUM_GOOD, change_nothing, false);
	write_file(argv[1], "ip6_only", true, true, CHECKSUM_GOOD, change_nothing, false);
	write_file(argv[1], "cut", false, false, CHECKSUM_PARTIAL, change_cut, false);
	write_file(argv[1], "overwritten", false, false, CHECKSUM_GOOD, change_overwritten, false);
	write_file(argv[1], "big_ipv4", false, false, CHECKSUM_PARTIAL, change_no_length, false);
	write_file(argv[1], "big_ipv6", true, false, CHECKSUM_PARTIAL, change_no_length, false);
	write_file(argv[1], "huge_ipv4", false, false, CHECKSUM_PARTIAL, change_no_length, false);
	write_file(argv[1], "huge_cut_ipv4", false, false, CHECKSUM_PARTIAL, change_no_length_cut,
		   false);
	write_file(argv[1], "huge_cut_ipv6", true, false, CHECKSUM_PARTIAL, change_no_length_cut,
		   false);
	write_file(argv[1], "shown", false, false, CHECKSUM_GOOD, change_nothing, true);
	write_file(argv[1], "two", false, false, CHECKSUM_GOOD, change_nothing, false);
	return EXIT_SUCCESS;
}
