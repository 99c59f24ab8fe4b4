#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Whether every slow transaction has a complete file: wrk asks one nginx for as much as
# two cores give, and each 1,000th request is one that takes SLOW_MS. `make bench-recorder`
# calls it, and `make bench` behind bench.sh.
#
#   LENGTH=S        of the load (default 12); slow ones are asked until a second before its end
#   SLOW_MS=MS      what a slow one takes, at the least (default 200)
#   CONNECTIONS=N   of wrk (default 64)
#   RECORDER_MB=MB  netlat's recorder (default: its own, 64)
#   SAMPLE=N        files that tshark reads too, as it takes so long (default 20)
#   NETLAT          the binary
#
# Slow and fast ones share connections. The sleep is behind nginx on a UNIX socket, so the
# bridge sees each slow one once, and nginx's own log says which they are. complete.py
# compares and reports; the exit status is 1 if something could not be measured, not if a goal is missed.
set -euo pipefail
LENGTH=${LENGTH:-12} SLOW_MS=${SLOW_MS:-200} CONNECTIONS=${CONNECTIONS:-64} SAMPLE=${SAMPLE:-20}
RECORDER_MB=${RECORDER_MB:-64}
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/../lib.sh"
testbed_isolate "$@"
require_netlat
BENCH=$(cd "$(dirname "$0")" && pwd)
# What netlat is to call slow; what takes between the two is a fast one that the machine held up.
WANTED_MS=$((SLOW_MS * 3 / 4))

say() { printf 'bench: %s\n' "$*" >&2; }

require_all() {
	local tool
	[[ $LENGTH =~ ^[1-9][0-9]*$ && $LENGTH -ge 4 ]] || testbed_die "LENGTH=$LENGTH: must be a whole number from 4"
	[[ $SLOW_MS =~ ^[1-9][0-9]*$ && $SLOW_MS -ge 20 && $SLOW_MS -le 1000 ]] ||
		testbed_die "SLOW_MS=$SLOW_MS: must be a whole number from 20 to 1000"
	[[ $CONNECTIONS =~ ^[1-9][0-9]*$ ]] || testbed_die "CONNECTIONS=$CONNECTIONS: must be a whole number from 1"
	[[ $SAMPLE =~ ^[1-9][0-9]*$ ]] || testbed_die "SAMPLE=$SAMPLE: must be a whole number from 1"
	for tool in nginx wrk tcpdump tshark; do
		command -v "$tool" >/dev/null || testbed_die "$tool is missing (way out: make deps-test)"
	done
}

web_start() {
	local dir socket=$TESTBED_DIR/sleeper.socket
	dir=$(nginx_dir web)
	spawn - "$TESTBED_DIR/sleeper" "$PYTHON" "$BENCH/sleeper.py" "$socket" "$SLOW_MS"
	wait_until 5 test -S "$socket" || testbed_die "sleeper.py is not ready: $(cat "$TESTBED_DIR/sleeper")"
	nginx_prepare web
	head -c 1024 /dev/zero | tr '\0' n >"$dir/documents/1k"
	{
		# In one segment a response is sent quicker.
		NGINX_ACCESS_LOG=off NGINX_SENDFILE=off nginx_common_config 1
		cat <<-END
			log_format slow '\$remote_port \$status \$request_length \$bytes_sent \$request_time \$request_uri';
			upstream sleeper { server unix:$socket; keepalive $CONNECTIONS; keepalive_requests 1000000000; }
		END
		nginx_server_config 80
		cat <<-END
			location = /slow {
				access_log logs/access.log slow;
				proxy_pass http://sleeper; proxy_http_version 1.1; proxy_set_header Connection "";
				proxy_next_upstream off;
			}
			root documents; } }
		END
	} >"$dir/nginx.conf"
	nginx_start web 80
	WEB_PID=$SPAWNED_PID
}

cpu_ns() { # PID
	awk '{ sum += $1 } END { printf "%.0f", sum }' "/proc/$1/task/"*/schedstat
}

peak_kb() { # PID
	sed -n 's/^VmHWM:[[:space:]]*\([0-9]*\) kB$/\1/p' "/proc/$1/status"
}

require_all
testbed_up
host_add web
host_add client
web_start
files=$TESTBED_DIR/files
load=$TESTBED_DIR/load
netlat_start complete -i "$BRIDGE" -o json --min-latency "$WANTED_MS" -v --recorder-mb "$RECORDER_MB" \
	-w "$files" --slow "$WANTED_MS" --max-per-minute 0 --keep-files 100000 --keep-mb 100000
say "completeness: $LENGTH s of load"
cpu=$(cpu_ns "$NETLAT_PID")
host_exec client wrk -t1 -d"$LENGTH" -c"$CONNECTIONS" -s "$BENCH/slow.lua" "http://$(host_ip4 web)/1k" -- \
	$((LENGTH - 1)) >"$load" 2>&1 || testbed_die "wrk failed: $(tail -n 3 "$load")"
cpu=$(($(cpu_ns "$NETLAT_PID") - cpu))
peak=$(peak_kb "$NETLAT_PID")
netlat_stop complete
[ "$CHECKS_FAILED" -eq 0 ] || testbed_die "netlat did not end well"
pid_stop "$WEB_PID" || testbed_die "nginx did not end well: $(tail -n 3 "$(nginx_dir web)/logs/error.log")"
say "completeness: reading $(find "$files" -name '*.pcapng' | wc -l) files"
# Beside this shell, which only so hears of a signal at once.
host_exec - "$PYTHON" -B "$BENCH/complete.py" "$NETLAT" "$files" "$(netlat_out complete)" \
	"$(netlat_err complete)" "$(nginx_log web)" "$load" "length_s=$LENGTH" "slow_ms=$SLOW_MS" \
	"wanted_ms=$WANTED_MS" "connections=$CONNECTIONS" "recorder_mb=$RECORDER_MB" "cpu_ns=$cpu" "peak_kb=$peak" "sample=$SAMPLE"
