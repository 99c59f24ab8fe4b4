#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Time is right: the waits that netlat saw are the delays that the application
# server injected and really took, and less than 1 ms more for 99 % of them.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
testbed_isolate "$@"
require_netlat
testbed_up
host_add app
host_add client
requests=8000
connections=8

app_start app 8080
# Each connection sends each of these once, so port and target name a request.
for ((id = 0; id < requests / connections; id++)); do
	printf 'http://%s:8080/item?id=%d\n' "$(host_ip4 app)" "$id"
done >"$TESTBED_DIR/targets"

netlat_start time -i "$BRIDGE" -o json -v --show-sensitive
load_exact client "$TESTBED_DIR/load" "$requests" "$connections" --input-file="$TESTBED_DIR/targets"
netlat_stop time
pid_stop "$SPAWNED_PID" || not_ok "the application ends cleanly" "exit status $?"

succeeded=$(load_status_count "$TESTBED_DIR/load" 2xx)
failed=$(load_status_count "$TESTBED_DIR/load" 5xx)
check_equal "the client had all answers" "$requests" $((succeeded + failed))
check_equal "successes are the client's" "$succeeded" "$(netlat_records time status=200)"
check_equal "failures are the client's" "$failed" "$(netlat_records time status=500)"
"$PYTHON" "$TESTBED_SOURCE/records.py" valid "$(netlat_out time)" >"$TESTBED_DIR/checks"
"$PYTHON" "$TESTBED_SOURCE/records.py" time "$(netlat_out time)" "$(app_log app)" 8080 \
	>>"$TESTBED_DIR/checks"
checks_from "$TESTBED_DIR/checks"
checks_end
