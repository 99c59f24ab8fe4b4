/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* named.c - names of containers from a fake engine on a socket. */
#include "named.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "address.h"
#include "folder.h"
#include "log.h"
#include "said.h"

#define PATIENCE_US 20000000

sd_event *named_loop;
struct container_names *named;

const char *named_name_of(const char *address)
{
	const struct container *container;
	struct nl_filter_net net;

	assert_true(net_parse(address, &net));
	container = container_names_find(named, &net.addr);
	return container ? container->name : NULL;
}

u64 named_now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (u64)now.tv_sec * 1000000 + (u64)now.tv_nsec / 1000;
}

bool named_has(const char *address, const char *name)
{
	const char *found = named_name_of(address);

	return name ? found && strcmp(found, name) == 0 : !found;
}

bool named_has_said(const char *address, const char *words)
{
	(void)address;
	return strstr(said_so_far(), words) != NULL;
}

bool named_has_listed(const char *address, const char *times)
{
	(void)address;
	return fake_engine_lists() >= (unsigned)atoi(times);
}

void named_run_until(bool (*is_so)(const char *, const char *), const char *address,
		     const char *what)
{
	u64 end_us = named_now_us() + PATIENCE_US;

	while (!is_so(address, what)) {
		assert_true(sd_event_run(named_loop, 50000) >= 0);
		if (named_now_us() > end_us)
			fail_msg("waited in vain for %s %s", address ? address : "", what);
	}
}

void named_run_for(u64 duration_us)
{
	u64 end_us = named_now_us() + duration_us;

	while (named_now_us() < end_us)
		assert_true(sd_event_run(named_loop, 10000) >= 0);
}

static void named_name_engine(const char *path)
{
	char text[256];

	snprintf(text, sizeof(text), "unix://%s", path);
	assert_int_equal(setenv("DOCKER_HOST", text, 1), 0);
}

void named_start_engine(const char *list, enum fake_answer answer)
{
	folder_put("list", list);
	fake_engine_start(in_folder("socket"), in_folder("list"), answer);
}

void named_start(void)
{
	named_name_engine(in_folder("socket"));
	named = container_names_new(named_loop);
	assert_non_null(named);
}

int named_set_up(void **state)
{
	log_set_verbose(true);
	said_begin();
	return folder_make(state) < 0 ? -1 : sd_event_new(&named_loop) < 0 ? -1 : 0;
}

int named_tear_down(void **state)
{
	said_reveal();
	container_names_free(named);
	named = NULL;
	named_loop = sd_event_unref(named_loop);
	fake_engine_stop();
	return folder_remove(state);
}
