/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* capture_pcapng.c - blocks of pcapng: sections, interfaces and packets; others are passed over. */
#include "capture_pcapng.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "pcapng_blocks.h"

/* What a block that is read may have: a packet of libpcap's largest snap length, and room. */
#define BLOCK_BYTES_MAX (16u << 20)
#define INTERFACES_MAX 65536

struct pcapng_interface {
	u32 link_type;
	u32 snap_bytes; /* 0: no limit */
	u64 ticks;	/* of its clock a second */
	s64 offset_s;	/* added to its times */
};

struct pcapng {
	FILE *file;
	bool swapped; /* the section's byte order is not ours */
	struct pcapng_interface *interfaces;
	u32 interface_count, interface_capacity;
	u64 blocks; /* read so far */
	u64 last_time_ns;
	u8 *body; /* of the block at hand */
	u32 body_bytes, body_capacity;
};

struct pcapng *pcapng_new(FILE *file)
{
	struct pcapng *p = calloc(1, sizeof(*p));

	if (p)
		p->file = file;
	return p;
}

void pcapng_free(struct pcapng *p)
{
	if (!p)
		return;
	free(p->interfaces);
	free(p->body);
	free(p);
}

static u16 get_u16(const struct pcapng *p, u32 offset)
{
	u16 v = load_u16(p->body + offset);

	return p->swapped ? __builtin_bswap16(v) : v;
}

static u32 swap_u32(const struct pcapng *p, u32 v)
{
	return p->swapped ? __builtin_bswap32(v) : v;
}

static u32 get_u32(const struct pcapng *p, u32 offset)
{
	return swap_u32(p, load_u32(p->body + offset));
}

static u64 get_u64(const struct pcapng *p, u32 offset)
{
	u64 v = load_u64(p->body + offset);

	return p->swapped ? __builtin_bswap64(v) : v;
}

__attribute__((format(printf, 3, 4))) static int fail(const struct pcapng *p, char *error,
						      const char *format, ...)
{
	int used = snprintf(error, CAPTURE_ERROR_BYTES, "pcapng block %" PRIu64 ": ",
			    (uint64_t)p->blocks);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(error + used, CAPTURE_ERROR_BYTES - (size_t)used, format, arguments);
	va_end(arguments);
	return -1;
}

static bool read_all(struct pcapng *p, void *to, size_t size)
{
	return fread(to, 1, size, p->file) == size;
}

/* Read over what no one wants, of any length, as from a pipe. */
static bool skip(struct pcapng *p, u32 count)
{
	u8 sink[4096];

	while (count) {
		u32 part = count < sizeof(sink) ? count : (u32)sizeof(sink);

		if (!read_all(p, sink, part))
			return false;
		count -= part;
	}
	return true;
}

static bool make_room(struct pcapng *p, u32 bytes)
{
	u8 *grown;

	if (bytes <= p->body_capacity)
		return true;
	bytes = bytes < 4096 ? 4096 : bytes * 2;
	grown = realloc(p->body, bytes);
	if (!grown)
		return false;
	p->body = grown;
	p->body_capacity = bytes;
	return true;
}

static bool is_wanted(u32 type)
{
	return type == PCAPNG_BLOCK_SECTION || type == PCAPNG_BLOCK_INTERFACE ||
	       type == PCAPNG_BLOCK_PACKET || type == PCAPNG_BLOCK_SIMPLE_PACKET ||
	       type == PCAPNG_BLOCK_ENHANCED_PACKET;
}

/* A section's byte order has to be known before its length is. */
static bool read_byte_order(struct pcapng *p, u32 *ret_magic)
{
	if (!read_all(p, ret_magic, 4))
		return false;
	p->swapped = *ret_magic != PCAPNG_BYTE_ORDER_MAGIC;
	return true;
}

/*
 * Read the next block. 1: a wanted one, in body, without its type and lengths; 0: the
 * end; -1: an error. Of a section only what is behind the byte order is in body.
 */
static int read_block(struct pcapng *p, u32 *ret_type, char *error)
{
	u32 head[2], magic = PCAPNG_BYTE_ORDER_MAGIC, bytes, before = 12, trailer;
	size_t got = fread(head, 1, sizeof(head), p->file);

	if (got == 0 && !ferror(p->file))
		return 0;
	p->blocks++;
	if (got != sizeof(head))
		return fail(p, error, "the file is cut off");
	if (head[0] == PCAPNG_BLOCK_SECTION) {
		if (!read_byte_order(p, &magic))
			return fail(p, error, "the file is cut off");
		if (magic != PCAPNG_BYTE_ORDER_MAGIC &&
		    magic != __builtin_bswap32(PCAPNG_BYTE_ORDER_MAGIC))
			return fail(p, error, "no byte order known (0x%08x)", magic);
		before = 16;
	}
	*ret_type = swap_u32(p, head[0]);
	bytes = swap_u32(p, head[1]);
	if (bytes < before || bytes % 4)
		return fail(p, error, "a length that cannot be (%u)", bytes);
	if (!is_wanted(*ret_type)) {
		if (!skip(p, bytes - 8))
			return fail(p, error, "the file is cut off");
		return 1;
	}
	if (bytes > BLOCK_BYTES_MAX)
		return fail(p, error, "a length that cannot be (%u)", bytes);
	p->body_bytes = bytes - before;
	if (!make_room(p, p->body_bytes))
		return fail(p, error, "out of memory");
	if (!read_all(p, p->body, p->body_bytes) || !read_all(p, &trailer, 4))
		return fail(p, error, "the file is cut off");
	if (swap_u32(p, trailer) != bytes)
		return fail(p, error, "two lengths that differ (%u and %u)", bytes,
			    swap_u32(p, trailer));
	return 1;
}

/* Ticks a second: a power of ten, or of two with the highest bit set; 0: beyond 64 bits. */
static u64 ticks_of(u8 resolution)
{
	u64 ticks = 1;

	if (resolution & 0x80)
		return (resolution & 0x7f) < 64 ? 1ULL << (resolution & 0x7f) : 0;
	if (resolution > 19)
		return 0;
	while (resolution--)
		ticks *= 10;
	return ticks;
}

static void read_interface_options(struct pcapng *p, struct pcapng_interface *interface)
{
	u32 at = 8;

	while (p->body_bytes - at >= 4) {
		u32 code = get_u16(p, at), length = get_u16(p, at + 2);

		at += 4;
		if (code == PCAPNG_OPTION_END || length > p->body_bytes - at)
			return;
		if (code == PCAPNG_INTERFACE_TSRESOL && length == 1)
			interface->ticks = ticks_of(p->body[at]);
		else if (code == PCAPNG_INTERFACE_TSOFFSET && length == 8)
			interface->offset_s = (s64)get_u64(p, at);
		length = (length + 3) & ~3u;
		if (length > p->body_bytes - at)
			return;
		at += length;
	}
}

static int add_interface(struct pcapng *p, char *error)
{
	struct pcapng_interface *interface;

	if (p->body_bytes < 8)
		return fail(p, error, "an interface without link type");
	if (p->interface_count == INTERFACES_MAX)
		return fail(p, error, "more than %u interfaces", INTERFACES_MAX);
	if (p->interface_count == p->interface_capacity) {
		u32 capacity = p->interface_capacity ? p->interface_capacity * 2 : 4;
		void *grown = realloc(p->interfaces, capacity * sizeof(*interface));

		if (!grown)
			return fail(p, error, "out of memory");
		p->interfaces = grown;
		p->interface_capacity = capacity;
	}
	interface = &p->interfaces[p->interface_count++];
	*interface = (struct pcapng_interface){ .link_type = get_u16(p, 0),
						.snap_bytes = get_u32(p, 4),
						.ticks = 1000000 };
	read_interface_options(p, interface);
	if (!interface->ticks)
		return fail(p, error, "a clock of interface %u that is finer than 64 bits hold",
			    p->interface_count - 1);
	return 0;
}

/* Ticks of an interface's clock as nanoseconds since 1970; before 1970 there is nothing. */
static u64 time_of(const struct pcapng_interface *interface, u64 ticks)
{
	__extension__ typedef __int128 wide;
	wide ns = (wide)(ticks / interface->ticks) * 1000000000 +
		  (wide)(ticks % interface->ticks) * 1000000000 / interface->ticks +
		  (wide)interface->offset_s * 1000000000;

	if (ns < 0)
		return 0;
	return ns > UINT64_MAX ? UINT64_MAX : (u64)ns;
}

/* The packet in body, whose bytes begin at `at`. */
static int give_packet(struct pcapng *p, u32 number, u32 at, u32 captured,
		       struct capture_packet *packet, char *error)
{
	if (number >= p->interface_count)
		return fail(p, error, "a packet of interface %u, of which nothing was said",
			    number);
	if (captured > p->body_bytes - at)
		return fail(p, error, "a packet of %u bytes, longer than its block", captured);
	packet->bytes = p->body + at;
	packet->captured = captured;
	packet->link_type = p->interfaces[number].link_type;
	packet->ifindex = number + 1;
	return 1;
}

static int read_packet(struct pcapng *p, u32 type, struct capture_packet *packet, char *error)
{
	u32 number, snap_bytes;
	int r;

	if (p->body_bytes < (type == PCAPNG_BLOCK_SIMPLE_PACKET ? 4 : 20))
		return fail(p, error, "a packet without its header");
	if (type == PCAPNG_BLOCK_SIMPLE_PACKET) { /* of the first interface, and without time */
		packet->wire_bytes = get_u32(p, 0);
		snap_bytes = p->interface_count ? p->interfaces[0].snap_bytes : 0;
		packet->time_ns = p->last_time_ns;
		return give_packet(p, 0, 4,
				   snap_bytes && snap_bytes < packet->wire_bytes
					   ? snap_bytes
					   : packet->wire_bytes,
				   packet, error);
	}
	number = type == PCAPNG_BLOCK_PACKET ? get_u16(p, 0) : get_u32(p, 0);
	packet->wire_bytes = get_u32(p, 16);
	r = give_packet(p, number, 20, get_u32(p, 12), packet, error);
	if (r == 1)
		packet->time_ns = p->last_time_ns =
			time_of(&p->interfaces[number], (u64)get_u32(p, 4) << 32 | get_u32(p, 8));
	return r;
}

int pcapng_next(struct pcapng *p, struct capture_packet *ret_packet, char *error)
{
	u32 type = 0;
	int r;

	while ((r = read_block(p, &type, error)) == 1) {
		switch (type) {
		case PCAPNG_BLOCK_SECTION:
			p->interface_count = 0;
			break;
		case PCAPNG_BLOCK_INTERFACE:
			if (add_interface(p, error) < 0)
				return -1;
			break;
		case PCAPNG_BLOCK_PACKET:
		case PCAPNG_BLOCK_SIMPLE_PACKET:
		case PCAPNG_BLOCK_ENHANCED_PACKET:
			return read_packet(p, type, ret_packet, error);
		default:
			break;
		}
	}
	return r;
}
