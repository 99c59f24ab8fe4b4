#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# kernels.sh [TREE [KERNEL...]] - boots kernels of distributions in emulated machines and
# runs kernels/guest.sh in each, with the netlat built in TREE (default: this
# one). Without names: all. Downloads them once, to build/kernels (or $CACHE), and
# installs none. Needs a build of netlat and of the tests, and no root.
#
#     testbed/kernels.sh                  # make kernels
#     testbed/kernels.sh . 6.1            # one
#     testbed/kernels.sh ../other 6.1 6.12
#     QUICK=1 testbed/kernels.sh . 6.1    # without the hard cases, in half the time
#
# Prints each machine's checks and a line for each kernel, and at the end
# `N passed, N failed, N skipped`, in kernels.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=roots.sh
. "$TESTBED_SOURCE/roots.sh"
# shellcheck source-path=SCRIPTDIR source=kernels/fetch.sh
. "$TESTBED_SOURCE/kernels/fetch.sh"
# shellcheck source-path=SCRIPTDIR source=kernels/pack.sh
. "$TESTBED_SOURCE/kernels/pack.sh"

# Name, suite, package that stands for the suite's present kernel.
KERNELS="5.10 bullseye linux-image-cloud-amd64
5.15 jammy-updates linux-image-virtual
6.1 bookworm linux-image-cloud-amd64
6.8 noble-updates linux-image-virtual
6.12 trixie linux-image-cloud-amd64"

GUEST_LIMIT_S=${GUEST_LIMIT_S:-600}

# Emulated, as virtual machines seldom have KVM. Kernels from 6.12 on would stop at
# cmpxchg16b as QEMU 7.2 emulates it.
guest_run() { # KERNEL LOG
	timeout "$GUEST_LIMIT_S" qemu-system-x86_64 -accel tcg -cpu max,-cx16 -smp 2 -m 1024 \
		-kernel "$CACHE/$1/vmlinuz" -initrd "$SCRATCH/initrd" -no-reboot -nodefaults -display none \
		-serial "file:$2" -append "console=ttyS0 panic=-1 quiet loglevel=3" </dev/null
}

kernel_check() { # NAME SUITE PACKAGE
	local log=$SCRATCH/$1.log status=0 line started=$SECONDS
	if ! kernel_fetch "$@"; then
		not_ok "$1" "$3 of $2 could not be fetched"
		return
	fi
	guest_modules_pack "$1" "$SCRATCH/modules"
	cat "$SCRATCH/root.cpio" "$SCRATCH/modules" >"$SCRATCH/initrd"
	printf '# %s (%s)\n' "$(cat "$CACHE/$1/release")" "$2"
	guest_run "$1" "$log" || status=$?
	# The serial line ends lines with CR LF.
	tr -d '\r' <"$log" >"$log.text"
	grep -aE '^( |ok |not ok |skip |[0-9]+ passed,|netlat|testbed)' "$log.text" || echo "  nothing was said"
	line=$(awk '/^[0-9]+ passed, [0-9]+ failed/ { line = $0 } END { print line }' "$log.text")
	if [ "$status" -eq 0 ] && [[ $line =~ ^[1-9][0-9]*\ passed,\ 0\ failed ]] &&
		! grep -aq '^not ok' "$log.text" && grep -aq '^guest: exit status 0$' "$log.text"; then
		ok "$1: $(cat "$CACHE/$1/release"), $((SECONDS - started)) s"
	else
		not_ok "$1" "$(cat "$CACHE/$1/release"): qemu's exit status $status, ${line:-$(tail -n 3 "$log.text" | tr '\n' '|')}"
	fi
}

main() {
	local tree=${1:-$TESTBED_SOURCE/..} wanted name suite package
	[ $# -eq 0 ] || shift
	wanted=" ${*:-$(awk '{ print $1 }' <<<"$KERNELS" | tr '\n' ' ')} "
	CACHE=${CACHE:-$TESTBED_SOURCE/../build/kernels}
	command -v qemu-system-x86_64 >/dev/null ||
		testbed_die "qemu-system-x86_64 is missing (way out: sudo tools/install-deps.sh kernels)"
	SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/netlat-kernels.XXXXXX")
	trap 'rm -rf -- "$SCRATCH"' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	busybox_fetch || testbed_die "busybox could not be fetched"
	guest_root_make "$SCRATCH/root" "$tree"
	guest_pack "$SCRATCH/root" "$SCRATCH/root.cpio"
	while read -r name suite package; do
		case $wanted in *" $name "*) kernel_check "$name" "$suite" "$package" ;; esac
	done <<<"$KERNELS"
	checks_end
}

main "$@"
