/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * empty.c - attach empty.bpf.c to the hooks where netlat would be, until stdin closes.
 * usage: empty OBJECT BRIDGE
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "attach.h"
#include "ports.h"
#include "targets.h"

int main(int argc, char **argv)
{
	struct attach_point *points = NULL, failed;
	struct bpf_program *program;
	const struct port *bridge;
	struct bpf_object *object;
	struct attacher *attacher;
	struct ports *ports;
	size_t count = 0;
	char byte;

	if (argc != 3) {
		fprintf(stderr, "usage: empty OBJECT BRIDGE\n");
		return 2;
	}
	object = bpf_object__open(argv[1]);
	ports = ports_open();
	if (!object || !ports || bpf_object__load(object) < 0) {
		fprintf(stderr, "empty: cannot load %s\n", argv[1]);
		return 1;
	}
	bridge = ports_by_name(ports, argv[2]);
	program = bpf_object__find_program_by_name(object, "empty");
	attacher = attacher_new(bpf_program__fd(program), ATTACH_AUTO);
	if (!bridge || !attacher || targets_add(ports, bridge, &points, &count) < 0 ||
	    attacher_set(attacher, points, count, &failed) < 0) {
		fprintf(stderr, "empty: cannot attach to %s\n", argv[2]);
		return 1;
	}
	printf("ready\n");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	attacher_free(attacher);
	free(points);
	ports_close(ports);
	bpf_object__close(object);
	return 0;
}
