/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* packets.c - frames and TCP conversations put together for tests. */
#include "packets.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define GUARDED_BYTES (128u << 10)

static void put_be16(u8 *to, u32 value)
{
	to[0] = (u8)(value >> 8);
	to[1] = (u8)value;
}

static void put_be32(u8 *to, u32 value)
{
	put_be16(to, value >> 16);
	put_be16(to + 2, value);
}

static u32 build_ipv4(u8 *ip, const struct frame *f, u32 segment_bytes)
{
	u32 header_bytes = 20 + f->ip_option_bytes;

	ip[0] = (u8)(0x40 | header_bytes / 4);
	put_be16(ip + 2, header_bytes + segment_bytes);
	put_be16(ip + 6, f->fragment);
	ip[8] = 64;
	ip[9] = f->protocol ? f->protocol : NL_IPPROTO_TCP;
	memcpy(ip + 12, f->source, 4);
	memcpy(ip + 16, f->destination, 4);
	memset(ip + 20, 1, f->ip_option_bytes); /* no operation */
	return header_bytes;
}

static u32 build_ipv6(u8 *ip, const struct frame *f, u32 segment_bytes)
{
	u32 header_bytes = 40;
	u8 *next = ip + 6;

	ip[0] = 0x60;
	ip[7] = 64;
	memcpy(ip + 8, f->source, 16);
	memcpy(ip + 24, f->destination, 16);
	for (u32 i = 0; i < f->extensions; i++) {
		u32 bytes = f->extension_bytes[i];

		*next = f->extension_type[i];
		next = ip + header_bytes;
		memset(next, 0, bytes);
		if (f->extension_type[i] == NL_IPPROTO_AH)
			next[1] = (u8)(bytes / 4 - 2);
		else if (f->extension_type[i] != NL_IPPROTO_FRAGMENT)
			next[1] = (u8)(bytes / 8 - 1);
		header_bytes += bytes;
	}
	*next = f->protocol ? f->protocol : NL_IPPROTO_TCP;
	put_be16(ip + 4, header_bytes - 40 + segment_bytes);
	return header_bytes;
}

static void build_tcp(u8 *tcp, const struct frame *f)
{
	memset(tcp, 0, 20);
	put_be16(tcp, f->source_port);
	put_be16(tcp + 2, f->destination_port);
	put_be32(tcp + 4, f->seq);
	put_be32(tcp + 8, f->ack);
	tcp[12] = (u8)((20 + f->tcp_option_bytes) / 4 << 4);
	tcp[13] = f->tcp_flags;
	put_be16(tcp + 14, 0xffff);
	memset(tcp + 20, 1, f->tcp_option_bytes); /* no operation */
}

/* Ethernet with its tags. Returns how many bytes that is. */
static u32 build_ethernet(u8 *to, const struct frame *f)
{
	u32 at = 12;

	to[5] = 2;
	to[11] = 1;
	for (u32 i = 0; i < f->tags; i++) {
		put_be16(to + at, f->tag_type[i]);
		put_be16(to + at + 2, f->tag[i]);
		at += 4;
	}
	put_be16(to + at, f->ethertype ? f->ethertype
			  : f->ipv6    ? NL_ETHERTYPE_IPV6
				       : NL_ETHERTYPE_IPV4);
	return at + 2;
}

struct frame_layout frame_build(u8 *to, const struct frame *f)
{
	u32 tcp_bytes = 20 + f->tcp_option_bytes, at = 0;
	struct frame_layout layout;

	memset(to, 0, FRAME_HEADERS_MAX);
	if (f->tunnel) {
		at = f->tunnel->bytes;
		memcpy(to, f->tunnel->headers, at);
	}
	if (!f->tunnel || f->tunnel->inner == INNER_ETHERNET)
		at += build_ethernet(to + at, f);
	layout.ip = at;
	layout.tcp = layout.ip + (f->ipv6 ? build_ipv6 : build_ipv4)(to + layout.ip, f,
								     tcp_bytes + f->payload_bytes);
	build_tcp(to + layout.tcp, f);
	layout.payload = layout.tcp + tcp_bytes;
	layout.end = layout.payload;
	if (f->payload) {
		memcpy(to + layout.payload, f->payload, f->payload_bytes);
		layout.end += f->payload_bytes;
	}
	if (layout.end < f->pad_to) {
		memset(to + layout.end, 0, f->pad_to - layout.end);
		layout.end = f->pad_to;
	}
	if (f->tunnel)
		tunnel_set_lengths(to, f->tunnel, layout.payload + f->payload_bytes);
	return layout;
}

static void list_insert(struct packet_list *list, size_t index, struct packet packet)
{
	if (list->count == list->capacity) {
		list->capacity = list->capacity ? list->capacity * 2 : 64;
		list->packets = realloc(list->packets, list->capacity * sizeof(packet));
		if (!list->packets)
			abort();
	}
	memmove(&list->packets[index + 1], &list->packets[index],
		(list->count - index) * sizeof(packet));
	list->packets[index] = packet;
	list->count++;
}

static struct packet list_remove(struct packet_list *list, size_t index)
{
	struct packet packet = list->packets[index];

	list->count--;
	memmove(&list->packets[index], &list->packets[index + 1],
		(list->count - index) * sizeof(packet));
	return packet;
}

static struct packet packet_copy(const struct packet *packet)
{
	struct packet copy = *packet;

	copy.bytes = malloc(packet->captured);
	if (!copy.bytes)
		abort();
	memcpy(copy.bytes, packet->bytes, packet->captured);
	return copy;
}

void packet_list_add(struct packet_list *list, const struct packet *packet)
{
	list_insert(list, list->count, packet_copy(packet));
}

void packet_list_drop(struct packet_list *list, size_t index)
{
	free(list_remove(list, index).bytes);
}

void packet_list_move(struct packet_list *list, size_t from, size_t to)
{
	size_t low = from < to ? from : to, high = from < to ? to : from;
	u64 times[64];

	if (high - low >= 64)
		abort();
	for (size_t i = low; i <= high; i++)
		times[i - low] = list->packets[i].now_ns;
	list_insert(list, to, list_remove(list, from));
	for (size_t i = low; i <= high; i++)
		list->packets[i].now_ns = times[i - low];
}

void packet_list_duplicate(struct packet_list *list, size_t index)
{
	list_insert(list, index + 1, packet_copy(&list->packets[index]));
}

void packet_list_second_interface(struct packet_list *list, u32 ifindex, u64 delay_ns)
{
	for (size_t i = 0; i < list->count; i += 2) {
		packet_list_duplicate(list, i);
		list->packets[i + 1].ifindex = ifindex;
		list->packets[i + 1].now_ns += delay_ns;
	}
}

void packet_list_free(struct packet_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->packets[i].bytes);
	free(list->packets);
	memset(list, 0, sizeof(*list));
}

void conversation_handshake(struct conversation *c, u32 client_isn, u32 server_isn)
{
	c->next_seq[NL_CLIENT] = client_isn;
	c->next_seq[NL_SERVER] = server_isn;
	conversation_segment(c, NL_CLIENT, NL_TCP_SYN, 0, NULL, 0);
	c->next_seq[NL_CLIENT]++;
	conversation_segment(c, NL_SERVER, NL_TCP_SYN | NL_TCP_ACK, 0, NULL, 0);
	c->next_seq[NL_SERVER]++;
	conversation_ack(c, NL_CLIENT);
}

void conversation_begin(struct conversation *c, u32 number)
{
	struct frame *to_server = &c->frame[NL_CLIENT], *to_client = &c->frame[NL_SERVER];
	const u8 client[4] = { 10, 0, (u8)(number >> 8), (u8)number };
	const u8 server[4] = { 10, 1, 0, 1 };

	memset(c, 0, sizeof(*c));
	memcpy(to_server->source, client, 4);
	memcpy(to_server->destination, server, 4);
	memcpy(to_client->source, server, 4);
	memcpy(to_client->destination, client, 4);
	to_server->source_port = to_client->destination_port = (u16)(40000 + number % 20000);
	to_server->destination_port = to_client->source_port = 8080;
	to_server->tcp_option_bytes = to_client->tcp_option_bytes = 12; /* as with timestamps */
	c->now_ns = 1000000000ULL;
	c->step_ns = 1000;
	c->segment_bytes = 1448;
	conversation_handshake(c, 1000 * number + 77, 500000 * number + 99);
}

void conversation_end(struct conversation *c)
{
	packet_list_free(&c->packets);
}

void conversation_segment(struct conversation *c, u32 role, u8 tcp_flags, u32 back,
			  const void *bytes, size_t count)
{
	struct frame f = c->frame[role];
	struct packet packet = { .now_ns = c->now_ns, .ifindex = 1 };
	struct frame_layout layout;

	packet.bytes = malloc(FRAME_HEADERS_MAX + count);
	if (!packet.bytes)
		abort();
	f.seq = c->next_seq[role] - back;
	f.ack = tcp_flags & NL_TCP_ACK ? c->next_seq[role ^ 1] : 0;
	f.tcp_flags = tcp_flags;
	f.payload = bytes;
	f.payload_bytes = (u32)count;
	layout = frame_build(packet.bytes, &f);
	packet.captured = layout.end;
	packet.wire_bytes = layout.end > layout.payload + f.payload_bytes
				    ? layout.end
				    : layout.payload + f.payload_bytes;
	packet_list_add(&c->packets, &packet);
	free(packet.bytes);
	c->now_ns += c->step_ns;
}

void conversation_sends(struct conversation *c, u32 role, const void *bytes, size_t count)
{
	const u8 *from = bytes;

	while (count) {
		size_t part = count < c->segment_bytes ? count : c->segment_bytes;

		if (c->cut_at > c->sent_bytes && c->cut_at - c->sent_bytes < part)
			part = c->cut_at - c->sent_bytes;
		if (c->random) {
			size_t cut = 1 + random_next(&c->random) % 40;

			part = cut < part ? cut : part;
		}
		conversation_segment(c, role, NL_TCP_ACK | TCP_PSH, 0, from, part);
		c->next_seq[role] += (u32)part;
		c->sent_bytes += part;
		from += part;
		count -= part;
	}
}

void client_says(struct conversation *c, const char *text)
{
	conversation_sends(c, NL_CLIENT, text, strlen(text));
}

void server_says(struct conversation *c, const char *text)
{
	conversation_sends(c, NL_SERVER, text, strlen(text));
}

void conversation_fin(struct conversation *c, u32 role)
{
	conversation_segment(c, role, NL_TCP_FIN | NL_TCP_ACK, 0, NULL, 0);
	c->next_seq[role]++;
}

void conversation_rst(struct conversation *c, u32 role)
{
	conversation_segment(c, role, NL_TCP_RST | NL_TCP_ACK, 0, NULL, 0);
}

void conversation_ack(struct conversation *c, u32 role)
{
	conversation_segment(c, role, NL_TCP_ACK, 0, NULL, 0);
}

void conversation_loses(struct conversation *c, u32 role, u32 count)
{
	c->next_seq[role] += count;
	c->now_ns += c->step_ns;
}

u32 random_next(u32 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

u32 frame_mutate(u8 *frame, u32 bytes, u32 *random)
{
	u32 changes = 1 + random_next(random) % 4;

	for (u32 i = 0; i < changes && bytes > 1; i++) {
		u32 kind = random_next(random) % 8, range = kind < 2 ? 70 : kind < 4 ? 160 : bytes;
		u32 at = random_next(random) % (range < bytes ? range : bytes);

		if (kind == 7)
			bytes = 1 + random_next(random) % bytes;
		else if (kind & 1)
			frame[at] ^= (u8)(1u << random_next(random) % 8);
		else
			frame[at] = (u8)random_next(random);
	}
	return bytes;
}

const u8 *guarded_copy(const void *bytes, size_t count)
{
	static u8 *area;

	if (!area) {
		area = mmap(NULL, GUARDED_BYTES + 4096, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (area == MAP_FAILED || mprotect(area + GUARDED_BYTES, 4096, PROT_NONE))
			abort();
	}
	if (count > GUARDED_BYTES)
		abort();
	if (count)
		memcpy(area + GUARDED_BYTES - count, bytes, count);
	return area + GUARDED_BYTES - count;
}
