#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The instrument before the measurement: servers, load and logs of the testbed
# agree with each other, and everything is removed whatever way a run ends.
# Needs no netlat.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

# A run of its own for the removal checks: sets all up, says so, then waits.
if [ "${1:-}" = --victim ]; then
	testbed_isolate "$@"
	testbed_up
	host_add web
	nginx_static_start web 80
	app_start web 8080
	echo "$TESTBED_DIR"
	[ "$2" != fail ] || false
	host_exec - sleep 60
	exit 0
fi

testbed_isolate "$@"
testbed_up
host_add web
host_add app
host_add proxy
host_add client

app_start app 8080
app_pid=$SPAWNED_PID
nginx_static_start web 80
web_pid=$SPAWNED_PID
nginx_proxy_start proxy 80 "$(host_ip4 app):8080"
proxy_pid=$SPAWNED_PID

statuses=$(fetch client "http://$(host_ip4 web)/1k" "http://[$(host_ip6 web)]/1m" \
	"http://$(host_ip4 web)/none" "http://$(host_ip4 proxy)/health" | tr '\n' ' ')
check_equal "static files and proxy answer over IPv4 and IPv6" "200 200 404 200 " "$statuses"

load_exact client "$TESTBED_DIR/proxy.load" 2000 8 "http://$(host_ip4 proxy)/"
load_exact client "$TESTBED_DIR/web.load" 20000 16 "http://$(host_ip4 web)/1k"
load_full client "$TESTBED_DIR/full.load" 1 32 "http://$(host_ip4 web)/1k"
for pid in "$proxy_pid" "$web_pid" "$app_pid"; do
	pid_stop "$pid" || not_ok "servers end cleanly" "exit status $?"
done

succeeded=$(load_status_count "$TESTBED_DIR/proxy.load" 2xx)
failed=$(load_status_count "$TESTBED_DIR/proxy.load" 5xx)
check_equal "the client of the proxy had all answers" 2000 $((succeeded + failed))
check_between "about 80 % of them are successes" 1500 1700 "$succeeded"
check_equal "the application logged each (and /health)" 2001 "$(wc -l <"$(app_log app)")"
check_equal "the proxy logged each (and /health)" 2001 "$(wc -l <"$(nginx_log proxy)")"
check_equal "both logs have the same failures" "$failed" \
	"$(awk '$5 == 500' "$(nginx_log proxy)" | wc -l)"
check_equal "the application logged the same failures" "$failed" \
	"$(awk '$5 == 500' "$(app_log app)" | wc -l)"
full=$(awk '/requests in/ { print $1 }' "$TESTBED_DIR/full.load")
check_between "the static server's log is complete at full speed" \
	$((20003 + full)) $((20003 + full + 32)) "$(wc -l <"$(nginx_log web)")"
printf '  full speed: %s requests/s\n' "$(load_requests_per_s "$TESTBED_DIR/full.load")"

# --- removal -------------------------------------------------------------------
# Not isolated (from this namespace), so that what is left would be seen here.

things_here() { # everything a run makes, by name
	ip -o link show | awk -F': ' '{ print $2 }'
	ip netns list
	find "${TMPDIR:-/tmp}" -maxdepth 1 -name 'netlat-testbed.*'
}

processes_with() { # VARIABLE=VALUE
	local directory
	for directory in /proc/[0-9]*; do
		# Others come and go meanwhile.
		if tr '\0' '\n' 2>/dev/null <"$directory/environ" | grep -qxF "$1" 2>/dev/null; then
			tr '\0' ' ' <"$directory/cmdline"
		fi
	done 2>/dev/null
}

remove_case() { # NAME SIGNAL EXPECTED_STATUS
	local name=$1 signal=$2 status=0 output=$TESTBED_DIR/victim.$2 before after pid
	before=$(things_here)
	# Its processes are told from all others by a variable that they inherit.
	TESTBED_VICTIM=$$-$signal TESTBED_ISOLATE=0 env --default-signal=INT bash "$0" --victim "$signal" >"$output" 2>&1 &
	pid=$!
	TESTBED_PIDS+=("$pid")
	wait_until 10 test -s "$output" || testbed_die "no victim came up"
	[ "$signal" = fail ] || kill -"$signal" "$pid"
	pid_wait "$pid" || status=$?
	check_equal "exit status after $name" "$3" "$status" "$(tail -n 1 "$output")"
	after=$(things_here)
	check_equal "nothing is left after $name" "$before" "$after"
	check_equal "no process is left after $name" "" \
		"$(processes_with "TESTBED_VICTIM=$$-$signal")"
}

remove_case "SIGTERM" TERM 143
remove_case "Ctrl-C" INT 130
remove_case "an error halfway" fail 1
checks_end
