/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_container_socket.c - which socket DOCKER_HOST names. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "container_socket.h"
#include "folder.h"

static const char *path;

static int find(const char *docker_host)
{
	path = NULL;
	return container_socket_find(docker_host, &path);
}

static void test_named(void **state)
{
	char host[FOLDER_PATH_BYTES + 64];

	(void)state;
	snprintf(host, sizeof(host), "unix://%s/socket", folder);
	assert_int_equal(find(host), -ENOENT);
	assert_null(path);
	folder_put("socket", "");
	assert_int_equal(find(host), 0);
	assert_string_equal(path, in_folder("socket"));
	snprintf(host, sizeof(host), "unix://%s/socket/below", folder);
	assert_int_equal(find(host), -ENOENT);
}

static void test_what_is_no_path(void **state)
{
	char host[256] = "unix://";

	(void)state;
	assert_int_equal(find("tcp://127.0.0.1:2375"), -EPROTONOSUPPORT);
	assert_int_equal(find("ssh://host"), -EPROTONOSUPPORT);
	assert_int_equal(find("/var/run/docker.sock"), -EPROTONOSUPPORT);
	assert_int_equal(find("unix://"), -EPROTONOSUPPORT);
	assert_int_equal(find("unix:"), -EPROTONOSUPPORT);
	memset(host + 7, '/', CONTAINER_SOCKET_PATH_MAX);
	assert_int_equal(find(host), -ENAMETOOLONG);
	assert_null(path);
}

/* Whatever this machine has: a socket and no error, or one of them with a reason. */
static void test_standard(void **state)
{
	static const char *const hosts[] = { NULL, "" };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		int r = find(hosts[i]);

		assert_int_equal(r == -ENOENT, path == NULL);
		if (access("/var/run/docker.sock", R_OK | W_OK) == 0)
			assert_string_equal(path, "/var/run/docker.sock");
	}
}

static void check_words(const char *docker_host, const char *used, int error, const char *words)
{
	char text[256];

	container_socket_describe(text, sizeof(text), docker_host, used, error);
	assert_string_equal(text, words);
}

static void test_words(void **state)
{
	(void)state;
	check_words(NULL, NULL, -ENOENT,
		    "no container engine here (neither /var/run/docker.sock nor "
		    "/run/podman/podman.sock; DOCKER_HOST=unix://PATH names another)");
	check_words("unix:///a", NULL, -ENOENT, "DOCKER_HOST unix:///a: not there");
	check_words("tcp://a", NULL, -EPROTONOSUPPORT,
		    "DOCKER_HOST tcp://a: not a socket of this machine (unix://PATH)");
	check_words("unix:///a", NULL, -ENAMETOOLONG, "unix:///a: File name too long");
	check_words(NULL, "/var/run/docker.sock", -EACCES,
		    "/var/run/docker.sock: Permission denied");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_named, folder_make, folder_remove),
		cmocka_unit_test(test_what_is_no_path),
		cmocka_unit_test(test_standard),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
