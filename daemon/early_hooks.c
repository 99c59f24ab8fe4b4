/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* early_hooks.c - hooks taken while the program is still being loaded. */
#include "early_hooks.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <linux/pkt_cls.h>

struct early_hooks {
	pthread_t thread;
	struct attacher *attacher;
	struct attach_point *points;
	size_t count;
	int program_fd; /* of the empty program */
};

/* return TC_ACT_UNSPEC; */
static int load_empty_program(void)
{
	const struct bpf_insn instructions[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = TC_ACT_UNSPEC },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "netlat_early", "Dual BSD/GPL", instructions,
			     sizeof(instructions) / sizeof(instructions[0]), NULL);
}

/* What fails is tried again, and said, with the program itself. */
static void *take_hooks(void *userdata)
{
	struct early_hooks *hooks = userdata;
	struct attach_point failed;

	attacher_set(hooks->attacher, hooks->points, hooks->count, &failed);
	return NULL;
}

static void free_hooks(struct early_hooks *hooks)
{
	attacher_free(hooks->attacher);
	if (hooks->program_fd >= 0)
		close(hooks->program_fd);
	free(hooks->points);
	free(hooks);
}

struct early_hooks *early_hooks_begin(enum attach_mode mode, const struct attach_point *points,
				      size_t count)
{
	struct early_hooks *hooks;

	if (mode == ATTACH_CLSACT || count == 0)
		return NULL;
	hooks = calloc(1, sizeof(*hooks));
	if (!hooks)
		return NULL;
	hooks->program_fd = load_empty_program();
	/* Where there is no TCX, this takes nothing. */
	hooks->attacher = attacher_new(hooks->program_fd, ATTACH_TCX);
	hooks->points = calloc(count, sizeof(*points));
	hooks->count = count;
	if (hooks->program_fd >= 0 && hooks->attacher && hooks->points) {
		memcpy(hooks->points, points, count * sizeof(*points));
		if (pthread_create(&hooks->thread, NULL, take_hooks, hooks) == 0)
			return hooks;
	}
	free_hooks(hooks);
	return NULL;
}

struct attacher *early_hooks_end(struct early_hooks *hooks, int program_fd, enum attach_mode mode)
{
	struct attacher *attacher = NULL;

	if (hooks) {
		pthread_join(hooks->thread, NULL);
		if (program_fd >= 0) {
			attacher_use_program(hooks->attacher, program_fd);
			if (attacher_count(hooks->attacher)) {
				attacher = hooks->attacher;
				hooks->attacher = NULL;
			}
		}
		free_hooks(hooks);
	}
	return attacher || program_fd < 0 ? attacher : attacher_new(program_fd, mode);
}
