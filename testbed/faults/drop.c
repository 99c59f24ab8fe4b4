/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * drop.c - attach drop.bpf.c to the egress of an interface, until SIGTERM or SIGINT; then say
 * what it dropped, a line for each rule: PORT DIRECTION DROPPED SUPER-PACKETS.
 *
 * usage: drop OBJECT INTERFACE PORT:to|from:BYTE|syn[:MS]...
 *        of each connection to PORT the segment to (from) its server with this byte, once,
 *        or each time that it is sent in so many milliseconds
 */
#include <errno.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "attach.h"
#include "drop.h"

static int usage(void)
{
	fprintf(stderr, "usage: drop OBJECT INTERFACE PORT:to|from:BYTE|syn[:MS]...\n");
	return 2;
}

static int rule_parse(const char *text, struct drop_key *key, struct drop_rule *rule)
{
	char direction[5], byte[11];
	unsigned int port, for_ms = 0;
	int fields = sscanf(text, "%5u:%4[a-z]:%10[a-z0-9]:%u", &port, direction, byte, &for_ms);
	char *end;

	if (fields < 3 || port > 65535 ||
	    (strcmp(direction, "to") != 0 && strcmp(direction, "from") != 0))
		return -EINVAL;
	*key = (struct drop_key){ .server_port = (__u16)port,
				  .from_server = strcmp(direction, "from") == 0 };
	*rule = (struct drop_rule){ .byte = DROP_SYN, .for_ms = for_ms };
	if (strcmp(byte, "syn") == 0)
		return 0;
	rule->byte = (__u32)strtoul(byte, &end, 10);
	return *end ? -EINVAL : 0;
}

static int rules_set(int map_fd, char **texts, int count)
{
	for (int i = 0; i < count; i++) {
		struct drop_key key;
		struct drop_rule rule;

		if (rule_parse(texts[i], &key, &rule) < 0) {
			fprintf(stderr, "drop: %s: not a rule\n", texts[i]);
			return -EINVAL;
		}
		if (bpf_map_update_elem(map_fd, &key, &rule, BPF_NOEXIST) < 0) {
			fprintf(stderr, "drop: %s: %s\n", texts[i], strerror(errno));
			return -errno;
		}
	}
	return 0;
}

static int rules_print(int map_fd, char **texts, int count)
{
	for (int i = 0; i < count; i++) {
		struct drop_key key;
		struct drop_rule rule;

		if (rule_parse(texts[i], &key, &rule) < 0 ||
		    bpf_map_lookup_elem(map_fd, &key, &rule) < 0)
			return -EINVAL;
		printf("%u %s %llu %llu\n", key.server_port, key.from_server ? "from" : "to",
		       rule.dropped, rule.super);
	}
	return fflush(stdout) == 0 ? 0 : -errno;
}

int main(int argc, char **argv)
{
	struct attach_point point = { .direction = ATTACH_EGRESS }, failed;
	struct bpf_program *program;
	struct bpf_object *object;
	struct attacher *attacher;
	int map_fd, signal_number, result;
	sigset_t ends;

	if (argc < 4)
		return usage();
	/* Before anything is attached: nothing may be left behind. */
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	sigprocmask(SIG_BLOCK, &ends, NULL);
	object = bpf_object__open(argv[1]);
	if (!object || bpf_object__load(object) < 0) {
		fprintf(stderr, "drop: cannot load %s\n", argv[1]);
		return 1;
	}
	map_fd = bpf_object__find_map_fd_by_name(object, "rules");
	program = bpf_object__find_program_by_name(object, "drop");
	if (map_fd < 0 || !program || rules_set(map_fd, argv + 3, argc - 3) < 0)
		return 1;
	/* Not TCX, which cannot drop without telling the sender. */
	point.ifindex = (int)if_nametoindex(argv[2]);
	attacher = attacher_new(bpf_program__fd(program), ATTACH_CLSACT);
	if (!point.ifindex || !attacher || attacher_set(attacher, &point, 1, &failed) < 0) {
		fprintf(stderr, "drop: cannot attach to %s\n", argv[2]);
		return 1;
	}
	printf("ready\n");
	fflush(stdout);
	result = sigwait(&ends, &signal_number);
	attacher_free(attacher);
	if (result == 0)
		result = rules_print(map_fd, argv + 3, argc - 3);
	bpf_object__close(object);
	return result == 0 ? 0 : 1;
}
