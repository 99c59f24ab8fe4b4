/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* snippet.c - slow and failed transactions as annotated pcapng: what is in the file. */
#include "snippet.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/cursor.h"
#include "packet_checksum.h"
#include "packet_mask.h"
#include "pcapng_write.h"
#include "snippet_comment.h"

#define ETHERNET_BYTES 14
#define INTERFACE_NAME_BYTES 64
#define NAMES_REMEMBERED 256

static const char overwritten_comment[] =
	"recorder=overwritten\n"
	"note=earlier packets of this connection are missing: the flight recorder had "
	"overwritten them";
static const char dropped_comment[] = "isb_ifdrop is the number of packets missing in this file, "
				      "of whatever interface";

/* An interface in the file; its number there is its index. */
struct interface {
	u32 ifindex;
	char name[INTERFACE_NAME_BYTES]; /* "": unknown */
	u64 packets;
};

struct snippet_writer {
	FILE *out;
	struct pcapng_writer *file;
	struct interface *interfaces;
	u32 interface_count;
	/* Addresses whose names are in the file; the oldest make room, and may be written again. */
	union nl_addr named[NAMES_REMEMBERED];
	u32 named_count;
	u64 last_epoch_ns;
	int error; /* of a failed fflush() */
};

/* Comments, and the packets at which they stand. */
struct notes {
	struct snippet_comment transaction, response_first, response_last;
	size_t transaction_at, response_first_at, response_last_at, overwritten_at;
	bool has_response, is_overwritten;
};

struct snippet_writer *snippet_writer_new(FILE *out)
{
	struct snippet_writer *writer = calloc(1, sizeof(*writer));

	if (!writer)
		return NULL;
	writer->out = out;
	writer->file = pcapng_writer_new(out);
	if (!writer->file) {
		int error = errno;

		free(writer);
		errno = error;
		return NULL;
	}
	return writer;
}

static int add_interface(struct snippet_writer *writer, u32 ifindex, const char *name)
{
	size_t bytes = (writer->interface_count + 1) * sizeof(*writer->interfaces);
	struct interface *grown = realloc(writer->interfaces, bytes), *added;
	char description[48];
	int error;

	if (!grown)
		return -ENOMEM;
	writer->interfaces = grown;
	added = &grown[writer->interface_count];
	*added = (struct interface){ .ifindex = ifindex };
	if (name)
		snprintf(added->name, sizeof(added->name), "%s", name);
	snprintf(description, sizeof(description), "interface number %u", ifindex);
	error = pcapng_write_interface(writer->file, name, name ? NULL : description);
	if (error == 0)
		writer->interface_count++;
	return error;
}

/* Its number in the file, into which it is written if it is new there. 0 or negative errno. */
static int find_interface(struct snippet_writer *writer, const struct snippet *snippet, u32 ifindex,
			  u32 *ret_number)
{
	const char *name = snippet->interface_name
				   ? snippet->interface_name(snippet->userdata, ifindex)
				   : NULL;
	int error;

	for (u32 i = writer->interface_count; i-- > 0;) {
		const struct interface *known = &writer->interfaces[i];

		/* One that went, and whose name is unknown by now, keeps the name it had. */
		if (known->ifindex == ifindex &&
		    (!name || strncmp(known->name, name, sizeof(known->name) - 1) == 0)) {
			*ret_number = i;
			return 0;
		}
	}
	error = add_interface(writer, ifindex, name);
	if (error == 0)
		*ret_number = writer->interface_count - 1;
	return error;
}

static int write_name(struct snippet_writer *writer, const struct snippet *snippet,
		      const union nl_addr *address)
{
	const char *name =
		snippet->address_name ? snippet->address_name(snippet->userdata, address) : NULL;
	u32 known = min_u32(writer->named_count, NAMES_REMEMBERED);

	if (!name)
		return 0;
	for (u32 i = 0; i < known; i++)
		if (memcmp(&writer->named[i], address, sizeof(*address)) == 0)
			return 0;
	writer->named[writer->named_count++ % NAMES_REMEMBERED] = *address;
	return pcapng_write_name(writer->file, address, name);
}

/* An Ethernet header without addresses, for what had no link header. */
static void put_ethernet(u8 *to, const struct packet *packet)
{
	bool is_ipv6 = packet->captured > 0 && packet->bytes[0] >> 4 == 6;
	u16 type = is_ipv6 ? NL_ETHERTYPE_IPV6 : NL_ETHERTYPE_IPV4;

	memset(to, 0, ETHERNET_BYTES);
	to[12] = (u8)(type >> 8);
	to[13] = (u8)type;
}

/* Copies that may be changed, all of them Ethernet frames. 0 or -ENOMEM. */
static int copy_list(struct packet_list *copy, const struct packet_list *list)
{
	size_t bytes = 1;
	u8 *at;

	for (size_t i = 0; i < list->count; i++)
		bytes += ETHERNET_BYTES + list->packets[i].captured;
	copy->packets = calloc(list->count, sizeof(*copy->packets));
	copy->bytes = malloc(bytes);
	if (!copy->packets || !copy->bytes)
		return -ENOMEM;
	copy->count = list->count;
	at = copy->bytes;
	for (size_t i = 0; i < list->count; i++) {
		const struct packet *from = &list->packets[i];
		u32 link_bytes = from->is_ip ? ETHERNET_BYTES : 0;
		u32 captured = min_u32(from->captured, PCAPNG_SNAP_BYTES - link_bytes);
		struct packet *to = &copy->packets[i];

		*to = *from;
		to->bytes = at;
		to->is_ip = false;
		to->captured = captured + link_bytes;
		to->wire_bytes = from->wire_bytes + link_bytes;
		to->payload_offset = min_u32(from->payload_offset, captured) + link_bytes;
		if (from->is_ip)
			put_ethernet(at, from);
		if (captured)
			memcpy(at + link_bytes, from->bytes, captured);
		at += to->captured;
	}
	return 0;
}

static u8 *bytes_of(const struct packet_list *copy, size_t index)
{
	return copy->bytes + (copy->packets[index].bytes - copy->bytes);
}

static void complete_checksums(struct packet_list *copy)
{
	struct packet_layout layout;

	for (size_t i = 0; i < copy->count; i++)
		if (packet_layout_find(&layout, &copy->packets[i]))
			packet_checksum_complete(bytes_of(copy, i), &copy->packets[i], &layout);
}

static void complete_lengths(struct packet_list *copy)
{
	struct packet_layout layout;

	for (size_t i = 0; i < copy->count; i++)
		if (packet_layout_find(&layout, &copy->packets[i]))
			packet_length_complete(bytes_of(copy, i), &layout);
}

static bool has_payload(const struct packet *packet)
{
	struct packet_layout layout;

	return packet_layout_find(&layout, packet) && layout.end > layout.payload;
}

/*
 * The packet that passed then, rather one with payload, as clocks of captures may be
 * coarse; else the next later one, else the first.
 */
static size_t find_packet(const struct packet_list *list, u64 time_ns, enum nl_role role,
			  bool is_last)
{
	size_t found = list->count, bare = list->count, later = list->count;

	for (size_t i = 0; i < list->count; i++) {
		const struct packet *packet = &list->packets[i];

		if (packet->time_ns == time_ns && packet->role == role) {
			if (!has_payload(packet))
				bare = i;
			else if (is_last || found == list->count)
				found = i;
		} else if (packet->time_ns >= time_ns &&
			   (later == list->count ||
			    packet->time_ns < list->packets[later].time_ns)) {
			later = i;
		}
	}
	if (found < list->count)
		return found;
	if (bare < list->count)
		return bare;
	return later < list->count ? later : 0;
}

static void make_notes(struct notes *notes, const struct snippet *snippet,
		       const struct packet_list *list)
{
	const struct nl_record *record = snippet->record;

	notes->is_overwritten = list->is_overwritten;
	/* What is missing lies behind the handshake, if that is there. */
	notes->overwritten_at = 0;
	while (notes->overwritten_at + 1 < list->count &&
	       list->packets[notes->overwritten_at].time_ns < record->request_first_ns)
		notes->overwritten_at++;
	snippet_comment_transaction(&notes->transaction, record, snippet->explanation,
				    &snippet->server_timing);
	notes->transaction_at = find_packet(list, record->request_first_ns, NL_CLIENT, false);
	notes->has_response = record->response_first_ns != 0;
	if (!notes->has_response)
		return;
	snippet_comment_response_first(&notes->response_first, record);
	notes->response_first_at = find_packet(list, record->response_first_ns, NL_SERVER, false);
	snippet_comment_response_last(&notes->response_last, record);
	notes->response_last_at = find_packet(list, record->response_last_ns, NL_SERVER, true);
}

static int write_packet(struct snippet_writer *writer, const struct snippet *snippet,
			const struct packet *packet, size_t index, const struct notes *notes)
{
	struct pcapng_frame frame = {
		.epoch_ns = packet->time_ns + snippet->epoch_offset_ns,
		.bytes = packet->bytes,
		.captured = packet->captured,
		.wire_bytes = packet->wire_bytes,
		.direction = packet->direction,
	};
	u32 comments = 0;
	int error = find_interface(writer, snippet, packet->ifindex, &frame.interface);

	if (error)
		return error;
	if (index == notes->overwritten_at && notes->is_overwritten)
		frame.comments[comments++] = overwritten_comment;
	if (index == notes->transaction_at)
		frame.comments[comments++] = notes->transaction.text;
	if (notes->has_response && index == notes->response_first_at)
		frame.comments[comments++] = notes->response_first.text;
	if (notes->has_response && index == notes->response_last_at)
		frame.comments[comments++] = notes->response_last.text;
	error = pcapng_write_packet(writer->file, &frame);
	if (error)
		return error;
	writer->interfaces[frame.interface].packets++;
	if (frame.epoch_ns > writer->last_epoch_ns)
		writer->last_epoch_ns = frame.epoch_ns;
	return 0;
}

/* What was lost here leaves a block cut: nothing may follow. */
static int flush(struct snippet_writer *writer)
{
	errno = 0;
	if (fflush(writer->out) != 0)
		writer->error = errno ? -errno : -EIO;
	return writer->error;
}

static int write_all(struct snippet_writer *writer, const struct snippet *snippet,
		     const struct packet_list *list, struct notes *notes)
{
	int error = write_name(writer, snippet, &snippet->record->client_addr);

	if (error == 0)
		error = write_name(writer, snippet, &snippet->record->server_addr);
	make_notes(notes, snippet, list);
	for (size_t i = 0; error == 0 && i < list->count; i++)
		error = write_packet(writer, snippet, &list->packets[i], i, notes);
	return error ? error : flush(writer);
}

int snippet_writer_add(struct snippet_writer *writer, const struct snippet *snippet)
{
	struct packet_list copy = { .is_overwritten = snippet->packets->is_overwritten };
	struct notes *notes;
	int error;

	if (writer->error)
		return writer->error;
	if (snippet->packets->count == 0)
		return -ENODATA;
	notes = calloc(1, sizeof(*notes));
	error = notes ? copy_list(&copy, snippet->packets) : -ENOMEM;
	if (error == 0) {
		complete_checksums(&copy);
		if (!snippet->show_sensitive)
			error = packet_mask(&copy);
	}
	complete_lengths(&copy);
	if (error == 0)
		error = write_all(writer, snippet, &copy, notes);
	packet_list_clear(&copy);
	free(notes);
	return error;
}

int snippet_writer_close(struct snippet_writer *writer, u64 dropped)
{
	int error = writer->error;

	/* Without an interface there is no place for the number, and tcpdump opens no file. */
	if (error == 0 && writer->interface_count == 0)
		error = add_interface(writer, 0, NULL);
	for (u32 i = 0; error == 0 && i < writer->interface_count; i++)
		error = pcapng_write_statistics(writer->file, i, writer->last_epoch_ns,
						writer->interfaces[i].packets, i ? 0 : dropped,
						i || !dropped ? NULL : dropped_comment);
	if (error == 0)
		error = flush(writer);
	pcapng_writer_free(writer->file);
	free(writer->interfaces);
	free(writer);
	return error;
}
