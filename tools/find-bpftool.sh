#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# find-bpftool.sh - path of a bpftool that runs. Ubuntu's /usr/sbin/bpftool is a
# script that fails unless the tools of the very kernel that runs are installed,
# while those of any kernel can make a skeleton.
set -euo pipefail

PATH=$PATH:/usr/sbin:/sbin
for candidate in "$(command -v bpftool || echo /nonexistent)" \
	/usr/lib/linux-tools/*/bpftool /usr/lib/linux-tools-*/bpftool; do
	if [ -x "$candidate" ] && "$candidate" version >/dev/null 2>&1; then
		printf '%s\n' "$candidate"
		exit 0
	fi
done
echo "find-bpftool.sh: no working bpftool (way out: tools/install-deps.sh build)" >&2
exit 1
