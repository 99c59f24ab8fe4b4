# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# pack.sh - the file system of the virtual machines: the testbed, what is to be tested, and
# the machine's own bash, python3 and iproute2 with their libraries; kernels.sh sources
# it, and lib.sh before it.

# Programs of which busybox has none, or less, and those that start others: busybox would take
# its own for these.
GUEST_PROGRAMS="bash env setpriv setsid unshare mount umount mountpoint ip ss tc readlink"

# Everything but the modules: the same for all kernels. TREE has build/netlat in it.
guest_root_make() { # ROOT TREE
	local root=$1 build=$2/build program
	mkdir -p "$root"/{bin/busybox.d,usr/bin,proc,sys,dev,tmp,run,etc,modules,build/tests/replay,bpf}
	cp "$CACHE/busybox" "$root/bin/busybox"
	cp "$TESTBED_SOURCE/kernels/init" "$root/init"
	chmod 755 "$root/init"
	for program in $GUEST_PROGRAMS; do
		program_copy "$root" "$(PATH=$PATH:/usr/sbin:/sbin command -v "$program")" "$root/bin/$program"
	done
	python_copy "$root"
	for program in netlat tests/replay/test_replay; do
		program_copy "$root" "$build/$program" "$root/build/$program"
	done
	cp "$2/bpf/reasons.h" "$root/bpf/"
	# The oldest kernel that netlat promises to run on, as MAJOR MINOR.
	awk '/^#define KERNEL_M(AJ|IN)OR_MIN / { printf "%s ", $3 } END { print "" }' \
		"$2/daemon/privileges.c" >"$root/build/oldest"
	[ -z "${QUICK:-}" ] || : >"$root/build/quick"
	mkdir "$root/testbed"
	cp -r "$TESTBED_SOURCE"/*.sh "$TESTBED_SOURCE"/*.py "$TESTBED_SOURCE"/{cases,kernels} "$root/testbed/"
}

program_copy() { # ROOT PROGRAM TARGET
	cp -L "$2" "$3"
	libraries_copy "$1" "$2"
}

guest_pack() { # ROOT ARCHIVE
	(cd "$1" && find . | "$CACHE/busybox" cpio -o -H newc 2>/dev/null) | gzip -1 >"$2"
}

# The modules of one kernel, as a second archive: the kernel unpacks both, one after the other.
guest_modules_pack() { # KERNEL ARCHIVE
	local at
	at=$(mktemp -d -p "$SCRATCH")
	cp -r "$CACHE/$1/modules" "$at/modules"
	guest_pack "$at" "$2"
	rm -r "$at"
}
