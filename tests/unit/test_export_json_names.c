/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_export_json_names.c - the containers of a transaction's ends in its line of JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "exported.h"

static struct container client, server;
static bool has_client, has_server;

/* Knows both ends of exported_sample(), as far as they are there. */
static const struct container *find(const void *userdata, const union nl_addr *address)
{
	const struct nl_record *record = userdata;

	if (memcmp(address, &record->client_addr, sizeof(*address)) == 0)
		return has_client ? &client : NULL;
	assert_memory_equal(address, &record->server_addr, sizeof(*address));
	return has_server ? &server : NULL;
}

static void export_named(const struct nl_record *record)
{
	const struct name_source source = { find, record };

	json_exporter_name(exporter, &source);
	export_record(record);
	json_exporter_name(exporter, NULL);
}

static void check_names(const char *end, const char *name, const char *service, const char *image)
{
	char field[32];

	snprintf(field, sizeof(field), "%s_name", end);
	check_string(field, name);
	snprintf(field, sizeof(field), "%s_service", end);
	check_string(field, service);
	snprintf(field, sizeof(field), "%s_image", end);
	check_string(field, image);
}

static void test_names_of_both(void **state)
{
	struct nl_record record = exported_sample();

	(void)state;
	client = (struct container){ "shop-cart-1", "cart", "shop/cart:7" };
	server = (struct container){ "shop-db-1", "db", "postgres" };
	has_client = has_server = true;
	export_named(&record);
	check_names("client", "shop-cart-1", "cart", "shop/cart:7");
	check_names("server", "shop-db-1", "db", "postgres");
	export_record(&record);
	check_names("client", NULL, NULL, NULL);
	check_names("server", NULL, NULL, NULL);
}

static void test_names_of_one(void **state)
{
	struct nl_record record = exported_sample();

	(void)state;
	client = (struct container){ .name = "curl" }; /* of no service of Compose */
	has_client = true;
	has_server = false;
	export_named(&record);
	check_names("client", "curl", NULL, NULL);
	check_names("server", NULL, NULL, NULL);
	has_client = false;
	has_server = true;
	export_named(&record);
	check_names("client", NULL, NULL, NULL);
	check_names("server", "shop-db-1", "db", "postgres");
}

static void fill(char *text, size_t size)
{
	memset(text, '"', size - 1);
	text[size - 1] = '\0';
}

/* The longest names, each byte of which becomes two, with the longest head of six for one. */
static void test_longest_names(void **state)
{
	struct nl_record record = exported_sample();

	(void)state;
	fill(client.name, sizeof(client.name));
	fill(client.service, sizeof(client.service));
	fill(client.image, sizeof(client.image));
	server = client;
	has_client = has_server = true;
	memset(record.head, 1, sizeof(record.head));
	memcpy(record.head, "GET /", 5);
	record.head_bytes = NL_HEAD_BYTES_MAX;
	record.grade = 0xffff;
	export_named(&record);
	check_names("client", client.name, client.service, client.image);
	check_names("server", client.name, client.service, client.image);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_of_both),
		cmocka_unit_test(test_names_of_one),
		cmocka_unit_test(test_longest_names),
	};

	return cmocka_run_group_tests(tests, exported_set_up, exported_tear_down);
}
