/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* copies.c - lists of packet copies put together for tests. */
#include "copies.h"

#include <stdlib.h>
#include <string.h>

#define CHECKSUM_OFFSET 16

void copies_begin(struct copies *c, bool ipv6, bool is_ip)
{
	struct frame *f = c->frame;

	memset(c, 0, sizeof(*c));
	c->list.packets = calloc(COPIES_MAX, sizeof(*c->list.packets));
	c->list.bytes = malloc(COPIES_BYTES);
	if (!c->list.packets || !c->list.bytes)
		abort();
	for (u32 role = 0; role < 2; role++) {
		u8 *client = role == NL_CLIENT ? f[role].source : f[role].destination;
		u8 *server = role == NL_CLIENT ? f[role].destination : f[role].source;

		f[role].ipv6 = ipv6;
		memcpy(client, ipv6 ? "\x20\x01\x0d\xb8" : "\xc0\x00\x02\x01", 4);
		memcpy(server, ipv6 ? "\x20\x01\x0d\xb8" : "\xc0\x00\x02\x02", 4);
		if (ipv6) {
			client[15] = 1;
			server[15] = 2;
		}
		f[role].source_port = role == NL_CLIENT ? 40000 : 8080;
		f[role].destination_port = role == NL_CLIENT ? 8080 : 40000;
		f[role].tcp_option_bytes = 12;
		c->isn[role] = 0xffffff00u + role; /* wraps soon */
		c->next_seq[role] = c->isn[role];
	}
	c->link_bytes = is_ip ? 0 : 14;
	c->now_ns = 5000000000ULL;
}

void copies_end(struct copies *c)
{
	packet_list_clear(&c->list);
}

static u64 add_words(u64 sum, const u8 *bytes, u32 count)
{
	for (u32 i = 0; i < count; i++)
		sum += i % 2 ? bytes[i] : (u64)bytes[i] << 8;
	return sum;
}

static u16 fold(u64 sum)
{
	while (sum > 0xffff)
		sum = (sum >> 16) + (sum & 0xffff);
	return (u16)sum;
}

static u32 ip_bytes(const struct copies *c)
{
	return c->frame[0].ipv6 ? 40 : 20;
}

static u64 pseudo_sum(const struct copies *c, const u8 *ip, u32 segment_bytes)
{
	u64 sum = c->frame[0].ipv6 ? add_words(0, ip + 8, 32) : add_words(0, ip + 12, 8);

	return sum + NL_IPPROTO_TCP + segment_bytes;
}

u16 copies_sum(const struct copies *c, const struct packet *packet)
{
	const u8 *ip = packet->bytes + (packet->is_ip ? 0 : 14), *tcp = ip + ip_bytes(c);
	u32 segment_bytes = packet->wire_bytes - (u32)(tcp - packet->bytes);

	return fold(add_words(pseudo_sum(c, ip, segment_bytes), tcp, segment_bytes));
}

static void put_be16(u8 *to, u16 value)
{
	to[0] = (u8)(value >> 8);
	to[1] = (u8)value;
}

/* Both checksums of a whole packet. */
static void seal(const struct copies *c, u8 *ip, u32 segment_bytes)
{
	u8 *tcp = ip + ip_bytes(c);
	u64 pseudo = pseudo_sum(c, ip, segment_bytes);

	if (!c->frame[0].ipv6)
		put_be16(ip + 10, (u16)~fold(add_words(0, ip, 20)));
	if (c->checksum == CHECKSUM_PARTIAL)
		put_be16(tcp + CHECKSUM_OFFSET, fold(pseudo));
	else
		put_be16(tcp + CHECKSUM_OFFSET, (u16)(~fold(add_words(pseudo, tcp, segment_bytes)) +
						      (c->checksum == CHECKSUM_BAD ? 1 : 0)));
}

struct packet *copies_add(struct copies *c, u32 role, u8 tcp_flags, s64 position, const void *bytes,
			  u32 count)
{
	static u8 frame[FRAME_HEADERS_MAX + (1u << 17)];
	struct packet *packet = &c->list.packets[c->list.count++];
	struct frame f = c->frame[role];
	struct frame_layout layout;
	u8 *to = c->list.bytes + c->used_bytes;
	u32 skip = 14 - c->link_bytes;

	f.seq = c->isn[role] + (u32)position;
	f.tcp_flags = tcp_flags;
	f.ack = tcp_flags & NL_TCP_ACK ? c->next_seq[role ^ 1] : 0;
	c->next_seq[role] = f.seq + count + !!(tcp_flags & NL_TCP_SYN);
	f.payload = bytes;
	f.payload_bytes = count;
	layout = frame_build(frame, &f);
	seal(c, frame + layout.ip, layout.end - layout.tcp);
	if (c->list.count > COPIES_MAX || c->used_bytes + layout.end > COPIES_BYTES)
		abort();
	memcpy(to, frame + skip, layout.end - skip);
	c->used_bytes += layout.end - skip;
	*packet = (struct packet){
		.time_ns = c->now_ns,
		.bytes = to,
		.captured = layout.end - skip,
		.wire_bytes = layout.end - skip,
		.ifindex = 1 + role,
		.payload_offset = layout.payload - skip,
		.role = (u8)role,
		.is_ip = c->link_bytes == 0,
		.direction = role == NL_SERVER ? PACKET_OUTBOUND : PACKET_INBOUND,
	};
	c->now_ns += COPIES_STEP_NS;
	return packet;
}

void copies_cut(struct packet *packet, u32 payload_bytes)
{
	u32 captured = packet->payload_offset + payload_bytes;

	if (captured < packet->captured)
		packet->captured = captured;
}

/* How many bytes at `at` are a part of the secret, at most. */
static u32 leak_at(const u8 *at, u32 left, const char *secret)
{
	u32 longest = 0;

	for (const char *from = strchr(secret, *at); from; from = strchr(from + 1, *at)) {
		u32 same = 0;

		while (from[same] && same < left && at[same] == (u8)from[same])
			same++;
		longest = same > longest ? same : longest;
	}
	return longest;
}

u32 copies_leak(const struct packet_list *list, const char *secret)
{
	u32 longest = 0;

	for (size_t i = 0; i < list->count; i++) {
		const struct packet *p = &list->packets[i];

		for (u32 at = 0; at < p->captured; at++) {
			u32 found =
				p->bytes[at] ? leak_at(p->bytes + at, p->captured - at, secret) : 0;

			longest = found > longest ? found : longest;
		}
	}
	return longest;
}
