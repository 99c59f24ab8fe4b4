/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* packets.c - frames and TCP conversations put together for tests. */
#include "packets.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define GUARDED_BYTES (128u << 10)

static void list_insert(struct packets *list, size_t index, struct sent_packet packet)
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

static struct sent_packet list_remove(struct packets *list, size_t index)
{
	struct sent_packet packet = list->packets[index];

	list->count--;
	memmove(&list->packets[index], &list->packets[index + 1],
		(list->count - index) * sizeof(packet));
	return packet;
}

static struct sent_packet packet_copy(const struct sent_packet *packet)
{
	struct sent_packet copy = *packet;

	copy.bytes = malloc(packet->captured);
	if (!copy.bytes)
		abort();
	memcpy(copy.bytes, packet->bytes, packet->captured);
	return copy;
}

void packet_list_add(struct packets *list, const struct sent_packet *packet)
{
	list_insert(list, list->count, packet_copy(packet));
}

void packet_list_drop(struct packets *list, size_t index)
{
	free(list_remove(list, index).bytes);
}

void packet_list_move(struct packets *list, size_t from, size_t to)
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

void packet_list_duplicate(struct packets *list, size_t index)
{
	list_insert(list, index + 1, packet_copy(&list->packets[index]));
}

void packet_list_second_interface(struct packets *list, u32 ifindex, u64 delay_ns)
{
	for (size_t i = 0; i < list->count; i += 2) {
		packet_list_duplicate(list, i);
		list->packets[i + 1].ifindex = ifindex;
		list->packets[i + 1].now_ns += delay_ns;
	}
}

void packet_list_free(struct packets *list)
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
	struct sent_packet packet = { .now_ns = c->now_ns, .ifindex = 1 };
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
