/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* sweep_run.c - have the kernel's sweep program go over the flow table. */
#include "sweep_run.h"

#include <errno.h>

#include <bpf/bpf.h>
#include <linux/bpf.h>

int sweep_run(int program_fd, u32 first_set, u32 sets, enum nl_sweep how, u32 counters_index,
	      u32 number, u64 now_ns)
{
	/* The kernel wants a frame; the program does not look at it. */
	static const u8 frame[64];
	struct __sk_buff context = {
		.tstamp = now_ns,
		.cb = { first_set, sets, how, counters_index, number },
	};
	DECLARE_LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frame, .data_size_in = sizeof(frame),
			    .ctx_in = &context, .ctx_size_in = sizeof(context), .repeat = 1);

	return bpf_prog_test_run_opts(program_fd, &run) < 0 ? -errno : 0;
}
