#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The hard cases on real connections (cases/): each transaction's record, one by one, field
# by field, sizes to the byte and times within what the two ends' clocks allow; on the
# bridge, on the bridge and both its ports, on the two ports alone (port and uplink),
# and once more from a capture taken beside.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=cases.sh
. "$(dirname "$0")/cases.sh"
testbed_isolate "$@"
require_netlat
testbed_up
cases_hosts
ports=("$(host_port client)" "$(host_port server)")
# A capture of the client's port beside the first.
: >"$TESTBED_DIR/tcpdump"
spawn - "$TESTBED_DIR/tcpdump" tcpdump -i "${ports[0]}" --time-stamp-precision=nano -B 32768 -s 0 -U \
	-w "$TESTBED_DIR/capture.pcap" tcp
capture_pid=$SPAWNED_PID
wait_until 10 grep -q 'listening on' "$TESTBED_DIR/tcpdump" || testbed_die "tcpdump does not start"
cases_observe bridge cases 4 -i "$BRIDGE"
# What is left in its buffer is lost if tcpdump is ended with it.
wait_until 20 file_rests "$TESTBED_DIR/capture.pcap" || testbed_die "the capture keeps growing"
pid_stop "$capture_pid" || not_ok "tcpdump ends cleanly" "exit status $?"
check_contains "the capture is whole" '^0 packets dropped by kernel' "$TESTBED_DIR/tcpdump"
check_between "super-packets passed, of more than 30,000 bytes" 10 1000 \
	"$(tcpdump -nr "$TESTBED_DIR/capture.pcap" 'greater 30000' 2>"$TESTBED_DIR/tcpdump-read" | wc -l)"
"$NETLAT" -r "$TESTBED_DIR/capture.pcap" -o json -v --strict --show-sensitive >"$(netlat_out replay)" 2>"$(netlat_err replay)" ||
	not_ok "replay: ends cleanly" "exit status $?"
cases_check replay "$(cases_expected bridge)" "$(netlat_out replay)" replay
cases_check_counters replay "$(cases_expected bridge)"

cases_observe both cases 6 -i "$BRIDGE" -i "${ports[0]}" -i "${ports[1]}"
cases_observe uplink cases 4 -i "${ports[0]}" -i "${ports[1]}"
cases_observe timeouts timeouts 4 -i "$BRIDGE" --timeout 2
checks_end
