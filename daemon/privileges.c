/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* privileges.c - whether this process and this kernel can load and attach programs. */
#include "privileges.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "log.h"

/* The oldest kernel whose verifier takes the program; 5.15 has all that it uses, but walks
 * more than a million instructions. */
#define KERNEL_MAJOR_MIN 6
#define KERNEL_MINOR_MIN 1

static const struct {
	int number;
	const char *name;
} needed[] = {
	{ CAP_NET_ADMIN, "CAP_NET_ADMIN" }, /* attach to interfaces */
	{ CAP_BPF, "CAP_BPF" },		    /* load programs, make maps */
	{ CAP_PERFMON, "CAP_PERFMON" },	    /* let the verifier compute with pointers */
};

/* Bit mask of the effective capabilities; 0 if they cannot be read. */
static unsigned long long effective_capabilities(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {};

	if (syscall(SYS_capget, &header, data) < 0)
		return 0;
	return data[0].effective | (unsigned long long)data[1].effective << 32;
}

bool privileges_check(void)
{
	unsigned long long have = effective_capabilities();
	char missing[128] = "";

	/* CAP_SYS_ADMIN stands for the two that were split off it in 5.8. */
	if (have & 1ULL << CAP_SYS_ADMIN)
		have |= 1ULL << CAP_BPF | 1ULL << CAP_PERFMON;
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (!(have & 1ULL << needed[i].number)) {
			size_t used = strlen(missing);

			snprintf(missing + used, sizeof(missing) - used, "%s%s", used ? ", " : "",
				 needed[i].name);
		}
	if (!missing[0])
		return true;
	log_error("not permitted to observe interfaces: missing %s "
		  "(run it with sudo; reading a capture with -r needs no privileges)",
		  missing);
	return false;
}

static bool kernel_too_old(struct utsname *uts)
{
	int major = 0, minor = 0;

	if (uname(uts) < 0 || sscanf(uts->release, "%d.%d", &major, &minor) != 2)
		return false;
	return major < KERNEL_MAJOR_MIN || (major == KERNEL_MAJOR_MIN && minor < KERNEL_MINOR_MIN);
}

void privileges_explain_load_failure(int error)
{
	struct utsname uts = {};

	if (error == ENOSYS) {
		log_error("this kernel was built without BPF (CONFIG_BPF_SYSCALL)");
	} else if (kernel_too_old(&uts)) {
		log_error("kernel %s is too old: BPF atomic exchange and global functions with "
			  "pointers to memory are needed (Linux %d.%d or later)",
			  uts.release, KERNEL_MAJOR_MIN, KERNEL_MINOR_MIN);
	} else if (error == EPERM) {
		log_error("the kernel refuses to load BPF programs: %s (lockdown, or a container "
			  "without its privileges?)",
			  strerror(error));
	} else if (error == ENOMEM) {
		log_error("no kernel memory for the maps (try a smaller --max-flows)");
	} else if (error == EMFILE || error == ENFILE) {
		log_error("the program and its maps cannot be opened: %s (raise ulimit -n)",
			  strerror(error));
	} else {
		log_error("the verifier of kernel %s did not take the program: %s "
			  "(-v shows its words; please report)",
			  uts.release, strerror(error));
	}
}
