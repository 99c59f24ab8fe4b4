#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Counts are exact: what netlat paired on a bridge is what nginx's access log
# says it answered, at full speed, with netlat stopped for 5 seconds in the
# middle, with connections that come and go, and with bodies of many segments.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
testbed_isolate "$@"
require_netlat
testbed_up
host_add web
host_add client
url="http://$(host_ip4 web)"

# Complete responses in the access log. wrk cuts off what is under way when its
# time is up; nginx then logs fewer bytes than the whole response has.
logged_complete() {
	awk '$5 == 200 { if ($6 > whole) { whole = $6; n = 0 } n += $6 == whole } END { print n + 0 }' \
		"$(nginx_log web)"
}

web_start() {
	nginx_static_start web 80
	web_pid=$SPAWNED_PID
}

web_stop() {
	pid_stop "$web_pid" || not_ok "nginx ends cleanly" "exit status $?"
}

# --- at full speed, as a table ---------------------------------------------------
NGINX_SENDFILE=off web_start # one segment a response: the most requests
netlat_start table -i "$BRIDGE" -v
load_full client "$TESTBED_DIR/load" 8 32 "$url/1k"
netlat_stop table
web_stop
printf '  full speed: %s requests/s\n' "$(load_requests_per_s "$TESTBED_DIR/load")"
check_equal "table: paired = nginx's complete answers" "$(logged_complete)" \
	"$(netlat_counter table paired)" "of $(wc -l <"$(nginx_log web)") lines"
check_ledger table
check_equal "table: no redraw into a file" 0 "$(count_lines $'\033' "$(netlat_out table)")" "escapes"

# --- the same as JSON, with netlat stopped in the middle --------------------------
NGINX_SENDFILE=on web_start # head and body apart: the most segments
netlat_start stopped -i "$BRIDGE" -o json -v
load_full_spawn client "$TESTBED_DIR/load" 8 32 "$url/1k"
load_pid=$SPAWNED_PID
sleep 1.5
kill -STOP "$NETLAT_PID"
sleep 5
kill -CONT "$NETLAT_PID"
pid_wait "$load_pid" || testbed_die "wrk failed: $(tail -n 3 "$TESTBED_DIR/load")"
netlat_stop stopped
web_stop
printf '  full speed: %s requests/s; records lost while stopped: %d\n' \
	"$(load_requests_per_s "$TESTBED_DIR/load")" "$(netlat_counter stopped record_ring_full)"
check_equal "stopped: paired = nginx's complete answers" "$(logged_complete)" \
	"$(netlat_counter stopped paired)" "of $(wc -l <"$(nginx_log web)") lines"
check_ledger stopped
check_equal "stopped: every record is a line, or counted as lost" \
	$(($(netlat_counter stopped records) - $(netlat_counter stopped record_ring_full))) \
	"$(wc -l <"$(netlat_out stopped)")"
rm -f "$(netlat_out stopped)" # hundreds of megabytes

# --- connections that nginx closes after 100 requests each ------------------------
NGINX_KEEPALIVE_REQUESTS=100 web_start
netlat_start churn -i "$BRIDGE" -o none -v
load_exact client "$TESTBED_DIR/load" 40000 16 "$url/1k"
netlat_stop churn
web_stop
answered=$(load_status_count "$TESTBED_DIR/load" 2xx)
check_equal "churn: the client had all answers" 40000 "$answered"
check_equal "churn: paired = the client's answers" "$answered" "$(netlat_counter churn paired)"
check_equal "churn: nothing unanswered or aborted" "0 0" \
	"$(netlat_counter churn unanswered) $(netlat_counter churn aborted)"
check_between "churn: every connection was noticed" 400 500 "$(netlat_counter churn flows)"

# --- bodies of many segments, which two CPUs put out of order ---------------------
web_start
netlat_start large -i "$BRIDGE" -o json -v
load_exact client "$TESTBED_DIR/load" 3000 8 "$url/1m"
netlat_stop large
web_stop
check_equal "large: paired = the client's answers" "$(load_status_count "$TESTBED_DIR/load" 2xx)" \
	"$(netlat_counter large paired)"
check_equal "large: one record each, all complete" 3000 "$(netlat_records large outcome=ok)"
check_equal "large: as many response bytes as nginx sent" \
	"$(awk '{ n += $6 } END { printf "%.0f", n }' "$(nginx_log web)")" \
	"$("$PYTHON" "$TESTBED_SOURCE/records.py" sum "$(netlat_out large)" response_bytes)"
checks_end
