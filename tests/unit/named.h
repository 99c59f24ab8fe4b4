/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* named.h - names of containers from a fake engine on a socket; part of several tests. */
#ifndef NETLAT_TESTS_NAMED_H
#define NETLAT_TESTS_NAMED_H

#include "abi.h"
#include "container_names.h"
#include "fake_engine.h"

#define CONTAINER(name, address)                                                                   \
	"{\"Id\":\"1\",\"Names\":[\"/" name "\"],\"Image\":\"shop/" name ":1\",\"Labels\":"        \
	"{\"com.docker.compose.service\":\"" name "-service\"},\"State\":\"running\","             \
	"\"NetworkSettings\":{\"Networks\":{\"shop\":{\"IPAddress\":\"" address                    \
	"\",\"GlobalIPv6Address\":\"\"}}}}"
#define START "{\"Type\":\"container\",\"Action\":\"start\",\"Actor\":{\"ID\":\"1\"}}\n"

extern sd_event *named_loop;
extern struct container_names *named;

/* For each test. What is said is for it to take. */
int named_set_up(void **state);
int named_tear_down(void **state);

/* An engine with such a listing; and who asks it for names. */
void named_start_engine(const char *list, enum fake_answer answer);
void named_start(void);

/* NULL: there is none. */
const char *named_name_of(const char *address);

u64 named_now_us(void);
void named_run_for(u64 duration_us);

/* Run the loop until is_so(address, what), one of these. */
void named_run_until(bool (*is_so)(const char *, const char *), const char *address,
		     const char *what);
bool named_has(const char *address, const char *name);
bool named_has_said(const char *address, const char *words);
bool named_has_listed(const char *address, const char *times);

#endif
