/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_listener.c - sockets that are listened on, and files of theirs. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "folder.h"
#include "listener.h"

static struct listen_address address_of(const char *text)
{
	struct listen_address address;

	assert_true(listen_address_parse(text, &address));
	return address;
}

static struct listen_address path_address(const char *name)
{
	char text[FOLDER_PATH_BYTES];

	snprintf(text, sizeof(text), "unix:%s", in_folder(name));
	return address_of(text);
}

static int try_connect(const struct listen_address *address)
{
	int r = 0, fd = socket(address->socket.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	if (connect(fd, &address->socket.any, address->length) < 0)
		r = -errno;
	close(fd);
	return r;
}

static void check_refused(const struct listen_address *address, int error)
{
	struct listener listener;

	assert_int_equal(listener_open(&listener, address), -error);
	assert_int_equal(listener.fd, -1);
}

static void test_tcp(void **state)
{
	static const char *const texts[] = { "127.0.0.1:0", "[::1]:0", "0.0.0.0:0", "[::]:0" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct listen_address address = address_of(texts[i]);
		struct listener listener;

		assert_int_equal(listener_open(&listener, &address), 0);
		assert_true(listen_address_port(&listener.address) > 0);
		assert_int_equal(try_connect(&listener.address), 0);
		check_refused(&listener.address, EADDRINUSE);
		listener_close(&listener);
		assert_int_equal(listener.fd, -1);
		assert_int_equal(try_connect(&listener.address), -ECONNREFUSED);
		listener_close(&listener); /* once more does nothing */
	}
}

/* All addresses of IPv6 and all of IPv4 are two things. */
static void test_families_are_apart(void **state)
{
	struct listen_address address = address_of("[::]:0");
	struct listener v6, v4;

	(void)state;
	assert_int_equal(listener_open(&v6, &address), 0);
	address = address_of("0.0.0.0:0");
	address.socket.v4.sin_port = v6.address.socket.v6.sin6_port;
	assert_int_equal(listener_open(&v4, &address), 0);
	assert_int_equal(listen_address_port(&v4.address), listen_address_port(&v6.address));
	listener_close(&v4);
	listener_close(&v6);
}

static void test_path(void **state)
{
	struct listen_address address = path_address("socket");
	struct listener listener;
	struct stat status;
	mode_t before = umask(0);

	(void)state;
	assert_int_equal(listener_open(&listener, &address), 0);
	assert_int_equal(umask(before), 0); /* as it was */
	assert_int_equal(listen_address_port(&listener.address), 0);
	assert_int_equal(lstat(in_folder("socket"), &status), 0);
	assert_true(S_ISSOCK(status.st_mode));
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_int_equal(try_connect(&address), 0);
	check_refused(&address, EADDRINUSE);
	assert_int_equal(try_connect(&address), 0); /* and it is not gone by that */
	listener_close(&listener);
	assert_false(folder_has("socket"));
}

static void test_dead_socket(void **state)
{
	struct listen_address address = path_address("socket");
	struct listener dead, listener;

	(void)state;
	assert_int_equal(listener_open(&dead, &address), 0);
	close(dead.fd); /* as a process that is killed leaves it */
	assert_true(folder_has("socket"));
	assert_int_equal(try_connect(&address), -ECONNREFUSED);
	assert_int_equal(listener_open(&listener, &address), 0);
	assert_int_equal(try_connect(&address), 0);
	listener_close(&listener);
}

static void test_other_files(void **state)
{
	struct listen_address address = path_address("taken");
	struct sockaddr_un *local = &address.socket.local;
	int fd;

	(void)state;
	folder_put("taken", "precious");
	check_refused(&address, EEXIST);
	assert_true(folder_has("taken"));
	unlink(local->sun_path);
	assert_int_equal(symlink("/nowhere", local->sun_path), 0);
	check_refused(&address, EEXIST);
	unlink(local->sun_path);
	assert_int_equal(mkdir(local->sun_path, 0700), 0);
	check_refused(&address, EEXIST);
	rmdir(local->sun_path);
	/* A socket of another kind. */
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, &address.socket.any, address.length), 0);
	check_refused(&address, EADDRINUSE);
	close(fd);
	address = path_address("nothing/socket");
	check_refused(&address, ENOENT);
}

/* Another has put its own there: that one stays. */
static void test_not_its_own_any_more(void **state)
{
	struct listen_address address = path_address("socket");
	struct listener first, second;

	(void)state;
	assert_int_equal(listener_open(&first, &address), 0);
	assert_int_equal(rename(in_folder("socket"), in_folder("moved")), 0);
	assert_int_equal(listener_open(&second, &address), 0);
	listener_close(&first);
	assert_true(folder_has("socket"));
	assert_int_equal(try_connect(&address), 0);
	listener_close(&second);
	assert_false(folder_has("socket"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_make, folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_tcp),		TEST(test_families_are_apart),
		TEST(test_path),	TEST(test_dead_socket),
		TEST(test_other_files), TEST(test_not_its_own_any_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
