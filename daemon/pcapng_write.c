/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* pcapng_write.c - a pcapng file of Ethernet frames, block by block. */
#include "pcapng_write.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "pcapng_blocks.h"
#include "utf8.h"
#include "version.h"

#define LINK_TYPE_ETHERNET 1
#define TIME_DIGITS 9 /* nanoseconds */
#define SECTION_BYTES_UNKNOWN (~0ULL)
#define IPV4_OFFSET 12 /* of an IPv4 address in union nl_addr */

struct pcapng_writer {
	FILE *out;
	u8 *block; /* the one at hand */
	size_t block_bytes, block_capacity;
	int block_error;
	int file_error; /* of a failed write */
};

/* Room for so many bytes more; NULL: none, which the block remembers. */
static u8 *make_room(struct pcapng_writer *w, size_t bytes)
{
	size_t wanted = w->block_bytes + bytes;
	u8 *grown;

	if (w->block_error)
		return NULL;
	if (wanted > w->block_capacity) {
		wanted = wanted < 4096 ? 4096 : wanted * 2;
		grown = realloc(w->block, wanted);
		if (!grown) {
			w->block_error = -ENOMEM;
			return NULL;
		}
		w->block = grown;
		w->block_capacity = wanted;
	}
	return w->block + w->block_bytes;
}

static void put(struct pcapng_writer *w, const void *bytes, size_t count)
{
	u8 *to = make_room(w, count);

	if (!to || count == 0)
		return;
	memcpy(to, bytes, count);
	w->block_bytes += count;
}

static void put_u16(struct pcapng_writer *w, u16 value)
{
	put(w, &value, sizeof(value));
}

static void put_u32(struct pcapng_writer *w, u32 value)
{
	put(w, &value, sizeof(value));
}

static void put_u64(struct pcapng_writer *w, u64 value)
{
	put(w, &value, sizeof(value));
}

/* A time has its high half first, in any byte order. */
static void put_time(struct pcapng_writer *w, u64 epoch_ns)
{
	put_u32(w, (u32)(epoch_ns >> 32));
	put_u32(w, (u32)epoch_ns);
}

/* To the next multiple of 4. */
static void pad(struct pcapng_writer *w)
{
	put(w, "\0\0\0", (4 - w->block_bytes % 4) % 4);
}

/* An option or a record of names: both have a code and a length of 16 bits. */
static void put_option(struct pcapng_writer *w, u16 code, const void *bytes, size_t count)
{
	if (count > UINT16_MAX) {
		w->block_error = -EMSGSIZE;
		return;
	}
	put_u16(w, code);
	put_u16(w, (u16)count);
	put(w, bytes, count);
	pad(w);
}

/* Text of an option is UTF-8, and not terminated. */
static void put_text(struct pcapng_writer *w, u16 code, const char *text)
{
	size_t length = strlen(text), begin = w->block_bytes, used;
	u8 *to;

	if (utf8_is_valid(text, length)) {
		put_option(w, code, text, length);
		return;
	}
	to = make_room(w, 4 + length * UTF8_REPAIR_FACTOR + 4);
	if (!to)
		return;
	used = utf8_repair((char *)to + 4, length * UTF8_REPAIR_FACTOR, text, length);
	if (used > UINT16_MAX) {
		w->block_error = -EMSGSIZE;
		return;
	}
	put_u16(w, code);
	put_u16(w, (u16)used);
	w->block_bytes = begin + 4 + used;
	pad(w);
}

static void block_begin(struct pcapng_writer *w, u32 type)
{
	w->block_bytes = 0;
	w->block_error = 0;
	put_u32(w, type);
	put_u32(w, 0); /* its length, once that is known */
}

static int block_end(struct pcapng_writer *w)
{
	u32 bytes;

	put_option(w, PCAPNG_OPTION_END, NULL, 0);
	bytes = (u32)w->block_bytes + 4;
	put_u32(w, bytes);
	if (w->file_error)
		return w->file_error;
	if (w->block_error)
		return w->block_error;
	memcpy(w->block + 4, &bytes, sizeof(bytes));
	errno = 0;
	if (fwrite(w->block, 1, bytes, w->out) != bytes)
		w->file_error = errno ? -errno : -EIO;
	return w->file_error;
}

static int write_section(struct pcapng_writer *w)
{
	block_begin(w, PCAPNG_BLOCK_SECTION);
	put_u32(w, PCAPNG_BYTE_ORDER_MAGIC);
	put_u16(w, 1); /* version of the format: 1.0 */
	put_u16(w, 0);
	put_u64(w, SECTION_BYTES_UNKNOWN);
	put_text(w, PCAPNG_SECTION_USERAPPL, "netlat " NETLAT_VERSION);
	return block_end(w);
}

struct pcapng_writer *pcapng_writer_new(FILE *out)
{
	struct pcapng_writer *w = calloc(1, sizeof(*w));
	int error;

	if (!w)
		return NULL;
	w->out = out;
	error = write_section(w);
	if (error) {
		pcapng_writer_free(w);
		errno = -error;
		return NULL;
	}
	return w;
}

void pcapng_writer_free(struct pcapng_writer *w)
{
	if (!w)
		return;
	free(w->block);
	free(w);
}

int pcapng_write_interface(struct pcapng_writer *w, const char *name, const char *description)
{
	static const u8 digits = TIME_DIGITS;

	block_begin(w, PCAPNG_BLOCK_INTERFACE);
	put_u16(w, LINK_TYPE_ETHERNET);
	put_u16(w, 0);
	put_u32(w, PCAPNG_SNAP_BYTES);
	if (name)
		put_text(w, PCAPNG_INTERFACE_NAME, name);
	if (description)
		put_text(w, PCAPNG_INTERFACE_DESCRIPTION, description);
	put_option(w, PCAPNG_INTERFACE_TSRESOL, &digits, sizeof(digits));
	return block_end(w);
}

int pcapng_write_packet(struct pcapng_writer *w, const struct pcapng_frame *frame)
{
	u32 flags = frame->direction & PCAPNG_DIRECTION_MASK;

	block_begin(w, PCAPNG_BLOCK_ENHANCED_PACKET);
	if (frame->captured > PCAPNG_SNAP_BYTES)
		w->block_error = -EMSGSIZE;
	put_u32(w, frame->interface);
	put_time(w, frame->epoch_ns);
	put_u32(w, frame->captured);
	put_u32(w, frame->wire_bytes);
	put(w, frame->bytes, frame->captured);
	pad(w);
	for (u32 i = 0; i < PCAPNG_COMMENTS_MAX && frame->comments[i]; i++)
		put_text(w, PCAPNG_OPTION_COMMENT, frame->comments[i]);
	put_option(w, PCAPNG_PACKET_FLAGS, &flags, sizeof(flags));
	return block_end(w);
}

int pcapng_write_name(struct pcapng_writer *w, const union nl_addr *address, const char *name)
{
	bool is_ipv4 = address_is_ipv4(address);
	u32 offset = is_ipv4 ? IPV4_OFFSET : 0, bytes = sizeof(*address) - offset;
	size_t count = bytes + strlen(name) + 1;

	block_begin(w, PCAPNG_BLOCK_NAMES);
	if (count > UINT16_MAX)
		w->block_error = -EMSGSIZE;
	put_u16(w, is_ipv4 ? PCAPNG_NAMES_IPV4 : PCAPNG_NAMES_IPV6);
	put_u16(w, (u16)count);
	put(w, address->bytes + offset, bytes);
	put(w, name, count - bytes);
	pad(w);
	put_option(w, PCAPNG_NAMES_END, NULL, 0);
	return block_end(w);
}

int pcapng_write_statistics(struct pcapng_writer *w, u32 interface, u64 epoch_ns, u64 received,
			    u64 dropped, const char *comment)
{
	block_begin(w, PCAPNG_BLOCK_STATISTICS);
	put_u32(w, interface);
	put_time(w, epoch_ns);
	if (comment)
		put_text(w, PCAPNG_OPTION_COMMENT, comment);
	put_option(w, PCAPNG_STATISTICS_IFRECV, &received, sizeof(received));
	put_option(w, PCAPNG_STATISTICS_IFDROP, &dropped, sizeof(dropped));
	return block_end(w);
}
