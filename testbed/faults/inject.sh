#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Slow transactions with known causes, without netlat: to look at them by hand.
#
#   faults/inject.sh [KIND...]     all kinds, if none is named; prints a JSON object a try
#   TRIES=N                        of each (default 5)
#   CAPTURE=FILE                   what passes the vantage point, the ingress of all ports
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/../lib.sh"
# shellcheck source-path=SCRIPTDIR source=../faults.sh
. "$(dirname "$0")/../faults.sh"
testbed_isolate "$@"
testbed_up
faults_hosts
kinds=("$@")
[ ${#kinds[@]} -gt 0 ] || read -ra kinds < <(faults_kinds)
if [ -n "${CAPTURE:-}" ]; then
	: >"$TESTBED_DIR/tcpdump"
	spawn - "$TESTBED_DIR/tcpdump" tcpdump -i any -Q in -B 32768 -s 128 -U -w "$CAPTURE" tcp
	capture_pid=$SPAWNED_PID
	wait_until 10 grep -q 'listening on' "$TESTBED_DIR/tcpdump" || testbed_die "tcpdump does not start"
fi
faults_hold "${TRIES:-5}" "$TESTBED_DIR/tries" "${kinds[@]}"
if [ -n "${CAPTURE:-}" ]; then
	wait_until 20 file_rests "$CAPTURE" || testbed_die "the capture keeps growing"
	pid_stop "$capture_pid"
fi
cat "$TESTBED_DIR/tries"
faults_drops >&2
