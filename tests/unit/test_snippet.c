/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_snippet.c - which comment stands at which packet; what is left of them; a growing file. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "copies.h"
#include "pcapng_blocks.h"
#include "snippet.h"

#define SECRET "qjxzvkwpbfgmyucq"
#define BLOCKS_MAX 64
#define OFFSET_NS 1000000000000000000ULL

static const char request[] = "GET /a HTTP/1.1\r\nCookie: " SECRET "\r\n\r\n";

struct block {
	u32 type, length;
	const u8 *body;
	char comments[512]; /* the first line of each, with a space behind it */
};

static struct copies copies;
static struct nl_record record;
static char *file_bytes;
static size_t file_length;
static struct block blocks[BLOCKS_MAX];
static u32 block_count;
static const char *names[16];

static const char *interface_name(void *userdata, u32 ifindex)
{
	assert_ptr_equal(userdata, &copies);
	return names[ifindex];
}

static const char *address_name(void *userdata, const union nl_addr *address)
{
	assert_ptr_equal(userdata, &copies);
	return address->bytes[15] == 2 ? "server.example" : NULL;
}

static struct snippet snippet;

static void setup(void)
{
	copies_begin(&copies, false, false);
	copies_add(&copies, NL_CLIENT, NL_TCP_ACK, 0, NULL, 0);
	copies_add(&copies, NL_CLIENT, NL_TCP_ACK, 0, request, sizeof(request) - 1);
	copies_add(&copies, NL_SERVER, NL_TCP_ACK, 0, "HTTP/1.1 200 OK\r\n", 17);
	copies_add(&copies, NL_SERVER, NL_TCP_ACK, 17, "Content-Length: 0\r\n\r\n", 21);
	copies_add(&copies, NL_CLIENT, NL_TCP_ACK, sizeof(request) - 1, NULL, 0);
	record = (struct nl_record){
		.request_first_ns = copies.list.packets[1].time_ns,
		.request_last_ns = copies.list.packets[1].time_ns,
		.response_first_ns = copies.list.packets[2].time_ns,
		.response_last_ns = copies.list.packets[3].time_ns,
		.client_addr = { .bytes = { [10] = 0xff, 0xff, 192, 0, 2, 1 } },
		.server_addr = { .bytes = { [10] = 0xff, 0xff, 192, 0, 2, 2 } },
	};
	snippet = (struct snippet){
		.record = &record,
		.packets = &copies.list,
		.epoch_offset_ns = OFFSET_NS,
		.interface_name = interface_name,
		.address_name = address_name,
		.userdata = &copies,
	};
	memset(names, 0, sizeof(names));
	names[1] = "one";
	names[2] = "two";
}

static void teardown(void)
{
	copies_end(&copies);
	free(file_bytes);
	file_bytes = NULL;
}

static void read_comments(struct block *block, u32 at)
{
	while (at + 4 <= block->length - 4) {
		const char *text = (const char *)block->body + at + 4 - 8;
		u32 code = load_u16(block->body + at - 8), length = load_u16(block->body + at - 6);

		if (code == PCAPNG_OPTION_COMMENT) {
			const char *end = memchr(text, '\n', length);

			strncat(block->comments, text, end ? (size_t)(end - text) : length);
			strcat(block->comments, " ");
		}
		at += 4 + ((length + 3) & ~3u);
	}
}

static void read_blocks(void)
{
	block_count = 0;
	memset(blocks, 0, sizeof(blocks));
	for (size_t at = 0; at < file_length; at += blocks[block_count++].length) {
		struct block *block = &blocks[block_count];

		assert_true(block_count < BLOCKS_MAX && at + 12 <= file_length);
		block->type = load_u32((u8 *)file_bytes + at);
		block->length = load_u32((u8 *)file_bytes + at + 4);
		block->body = (u8 *)file_bytes + at + 8;
		assert_true(at + block->length <= file_length);
		if (block->type == PCAPNG_BLOCK_ENHANCED_PACKET)
			read_comments(block, 28 + ((load_u32(block->body + 12) + 3) & ~3u));
		else if (block->type == PCAPNG_BLOCK_STATISTICS)
			read_comments(block, 20);
	}
}

/* The snippet `times` times, and the file's end. */
static void write_file(u32 times, u64 dropped)
{
	FILE *out;
	struct snippet_writer *writer;

	free(file_bytes);
	out = open_memstream(&file_bytes, &file_length);
	writer = snippet_writer_new(out);
	assert_non_null(writer);
	for (u32 i = 0; i < times; i++)
		assert_int_equal(snippet_writer_add(writer, &snippet), 0);
	assert_int_equal(snippet_writer_close(writer, dropped), 0);
	assert_int_equal(fclose(out), 0);
	read_blocks();
}

static const struct block *packet_block(u32 index)
{
	for (u32 i = 0; i < block_count; i++)
		if (blocks[i].type == PCAPNG_BLOCK_ENHANCED_PACKET && index-- == 0)
			return &blocks[i];
	fail();
	return NULL;
}

static u32 count_blocks(u32 type)
{
	u32 count = 0;

	for (u32 i = 0; i < block_count; i++)
		count += blocks[i].type == type;
	return count;
}

static void check_comments(const char *const expected[], u32 count)
{
	write_file(1, 0);
	assert_int_equal(count_blocks(PCAPNG_BLOCK_ENHANCED_PACKET), count);
	for (u32 i = 0; i < count; i++)
		assert_string_equal(packet_block(i)->comments, expected[i]);
}

static void test_places(void **state)
{
	(void)state;
	setup();
	check_comments((const char *const[]){ "", "netlat=transaction ", "netlat=response_first ",
					      "netlat=response_last ", "" },
		       5);
	/* A coarse clock: those with payload, and of the right sender */
	for (u32 i = 0; i < 5; i++)
		copies.list.packets[i].time_ns = 7;
	record.request_first_ns = record.response_first_ns = record.response_last_ns = 7;
	check_comments((const char *const[]){ "", "netlat=transaction ", "netlat=response_first ",
					      "netlat=response_last ", "" },
		       5);
	teardown();
}

/* A response in one packet, and one that did not come. */
static void test_together(void **state)
{
	(void)state;
	setup();
	record.response_last_ns = record.response_first_ns;
	check_comments((const char *const[]){ "", "netlat=transaction ",
					      "netlat=response_first netlat=response_last ", "",
					      "" },
		       5);
	record.response_first_ns = record.response_last_ns = 0;
	record.outcome = NL_OUTCOME_UNANSWERED;
	check_comments((const char *const[]){ "", "netlat=transaction ", "", "", "" }, 5);
	teardown();
}

/* The packet is missing: the next later one, or the first of all. */
static void test_missing(void **state)
{
	(void)state;
	setup();
	record.request_first_ns--;
	record.response_first_ns++;
	record.response_last_ns = copies.list.packets[4].time_ns + 1;
	copies.list.is_overwritten = true;
	/* What is missing lies behind the handshake. */
	check_comments((const char *const[]){ "netlat=response_last ",
					      "recorder=overwritten netlat=transaction ", "",
					      "netlat=response_first ", "" },
		       5);
	copies.list.packets += 3;
	copies.list.count = 1;
	check_comments((const char *const[]){ "recorder=overwritten netlat=transaction "
					      "netlat=response_first netlat=response_last " },
		       1);
	copies.list.packets -= 3;
	teardown();
}

static bool file_has(const char *text)
{
	return memmem(file_bytes, file_length, text, strlen(text)) != NULL;
}

/* The list itself is never changed. */
static void test_masked(void **state)
{
	(void)state;
	setup();
	write_file(1, 0);
	assert_false(file_has("jxzvkw"));
	assert_true(file_has("Cookie: ****************\r\n"));
	assert_int_equal(copies_leak(&copies.list, SECRET), strlen(SECRET));
	snippet.show_sensitive = true;
	write_file(1, 0);
	assert_true(file_has(SECRET));
	teardown();
}

static void test_packet_fields(void **state)
{
	const u8 *body;
	u64 time_ns;

	(void)state;
	setup();
	copies_cut(&copies.list.packets[1], 4);
	write_file(1, 0);
	body = packet_block(1)->body;
	time_ns = (u64)load_u32(body + 4) << 32 | load_u32(body + 8);
	assert_int_equal(time_ns, copies.list.packets[1].time_ns + OFFSET_NS);
	assert_int_equal(load_u32(body + 12), copies.list.packets[1].captured);
	assert_int_equal(load_u32(body + 16), copies.list.packets[1].wire_bytes);
	teardown();
}

/* Interfaces and names once in a file, where they are first met. */
static void test_growing(void **state)
{
	FILE *out;
	struct snippet_writer *writer;

	(void)state;
	setup();
	write_file(2, 0);
	assert_int_equal(count_blocks(PCAPNG_BLOCK_INTERFACE), 2);
	assert_int_equal(count_blocks(PCAPNG_BLOCK_NAMES), 1);
	assert_int_equal(count_blocks(PCAPNG_BLOCK_ENHANCED_PACKET), 10);

	free(file_bytes);
	out = open_memstream(&file_bytes, &file_length);
	writer = snippet_writer_new(out);
	assert_int_equal(snippet_writer_add(writer, &snippet), 0);
	names[1] = NULL; /* gone meanwhile: it keeps its name */
	assert_int_equal(snippet_writer_add(writer, &snippet), 0);
	read_blocks(); /* all of it is there already */
	assert_int_equal(count_blocks(PCAPNG_BLOCK_INTERFACE), 2);
	assert_int_equal(count_blocks(PCAPNG_BLOCK_ENHANCED_PACKET), 10);
	names[1] = "other";
	assert_int_equal(snippet_writer_add(writer, &snippet), 0);
	assert_int_equal(snippet_writer_close(writer, 0), 0);
	fclose(out);
	read_blocks();
	assert_int_equal(count_blocks(PCAPNG_BLOCK_INTERFACE), 3);
	assert_int_equal(load_u32(packet_block(10)->body), 2);
	assert_int_equal(load_u32(packet_block(5)->body), 0);
	teardown();
}

static void test_without_names(void **state)
{
	(void)state;
	setup();
	snippet.interface_name = NULL;
	snippet.address_name = NULL;
	write_file(1, 0);
	assert_int_equal(count_blocks(PCAPNG_BLOCK_NAMES), 0);
	assert_int_equal(count_blocks(PCAPNG_BLOCK_INTERFACE), 2);
	assert_true(file_has("interface number 2"));
	teardown();
}

/* Missing packets are counted once, also in a file that has none at all. */
static void test_dropped(void **state)
{
	(void)state;
	setup();
	write_file(1, 258);
	assert_int_equal(count_blocks(PCAPNG_BLOCK_STATISTICS), 2);
	assert_string_equal(blocks[block_count - 1].comments, "");
	assert_non_null(strstr(blocks[block_count - 2].comments, "isb_ifdrop"));
	assert_memory_equal(blocks[block_count - 2].body + blocks[block_count - 2].length - 24,
			    "\2\1\0\0\0\0\0\0", 8);
	assert_memory_equal(blocks[block_count - 1].body + blocks[block_count - 1].length - 24,
			    "\0\0\0\0\0\0\0\0", 8);
	write_file(0, 1);
	assert_int_equal(count_blocks(PCAPNG_BLOCK_INTERFACE), 1);
	assert_int_equal(count_blocks(PCAPNG_BLOCK_STATISTICS), 1);
	teardown();
}

static void test_no_packets(void **state)
{
	FILE *out;
	struct snippet_writer *writer;
	size_t before;

	(void)state;
	setup();
	out = open_memstream(&file_bytes, &file_length);
	writer = snippet_writer_new(out);
	fflush(out);
	before = file_length;
	copies.list.count = 0;
	assert_int_equal(snippet_writer_add(writer, &snippet), -ENODATA);
	fflush(out);
	assert_int_equal(file_length, before);
	assert_int_equal(snippet_writer_close(writer, 0), 0);
	fclose(out);
	teardown();
}

/* The disk is full: said at the transaction, and again at the end. */
static void test_disk_full(void **state)
{
	FILE *out = fopen("/dev/full", "w");
	struct snippet_writer *writer;

	(void)state;
	setup();
	assert_non_null(out);
	writer = snippet_writer_new(out); /* buffered still */
	assert_non_null(writer);
	assert_int_equal(snippet_writer_add(writer, &snippet), -ENOSPC);
	assert_int_equal(snippet_writer_add(writer, &snippet), -ENOSPC);
	assert_int_equal(snippet_writer_close(writer, 0), -ENOSPC);
	fclose(out);
	teardown();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places),	      cmocka_unit_test(test_together),
		cmocka_unit_test(test_missing),	      cmocka_unit_test(test_masked),
		cmocka_unit_test(test_packet_fields), cmocka_unit_test(test_growing),
		cmocka_unit_test(test_without_names), cmocka_unit_test(test_dropped),
		cmocka_unit_test(test_no_packets),    cmocka_unit_test(test_disk_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
