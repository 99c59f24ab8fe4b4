#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What --log costs the daemon: `make bench-log`. First records at a rate into a file, without a
# network (log.c); then netlat --log beside wrk and nginx at full speed.
#
#   RATE=N          records a second of the first part (default 90000)
#   LENGTH=S        of each part (default 10)
#   CONNECTIONS=N   of wrk (default 64)
#   NETLAT, LOG     the binaries
#
# Files are below TMPDIR (/tmp), so the disk is that of there. The exit status is 1 if
# something could not be measured, not if a goal is missed.
set -euo pipefail
RATE=${RATE:-90000} LENGTH=${LENGTH:-10} CONNECTIONS=${CONNECTIONS:-64}
LOG=$(realpath "${LOG:-build/log}")
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/../lib.sh"
testbed_isolate "$@"
require_netlat
for number in "$RATE" "$LENGTH" "$CONNECTIONS"; do
	[[ $number =~ ^[1-9][0-9]*$ ]] || testbed_die "$number: must be a whole number from 1"
done
testbed_up
host_add web
host_add client

# Seconds of CPU time of a process and its threads, so far.
cpu_s() { # PID
	awk -v hertz="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); print ($12 + $13) / hertz }' "/proc/$1/stat"
}

printf 'Records of 1.1 kB into a file, %s a second for %s s, without a network:\n' "$RATE" "$LENGTH"
for format in json csv; do
	status=0
	"$LOG" "$TESTBED_DIR/rate.$format" "$RATE" "$LENGTH" "$format" >"$TESTBED_DIR/rate" || status=$?
	[ -s "$TESTBED_DIR/rate" ] || testbed_die "log ended with $status"
	sed "s/^/  $format: /" "$TESTBED_DIR/rate"
done

nginx_static_start web 80
netlat_start log -i "$BRIDGE" -o none -v --listen none --log "$TESTBED_DIR/log" --log-files 1
load_full_spawn client "$TESTBED_DIR/load" "$LENGTH" "$CONNECTIONS" "http://$(host_ip4 web)/1k"
load_pid=$SPAWNED_PID
before=$(cpu_s "$NETLAT_PID")
pid_wait "$load_pid" || testbed_die "wrk failed: $(tail -n 3 "$TESTBED_DIR/load")"
after=$(cpu_s "$NETLAT_PID")
peak=$(awk '/^VmHWM/ { print int($2 / 1000) }' "/proc/$NETLAT_PID/status")
netlat_stop log
printf 'netlat --log beside wrk and nginx on all cores, %s s:\n' "$LENGTH"
printf '  %s requests/s; %s\n' "$(load_requests_per_s "$TESTBED_DIR/load")" \
	"$(grep '^records in ' "$(netlat_err log)" | sed 's/.*: //')"
printf '  lost in the ring: %s\n' "$(netlat_counter log record_ring_full)"
awk -v cpu="$(awk "BEGIN { print $after - $before }")" -v s="$LENGTH" -v n="$(netlat_counter log records)" \
	'BEGIN { printf "  %.1f %% of a core, %.0f ns a record, all included\n", cpu / s * 100, n ? cpu / n * 1e9 : 0 }'
printf '  peak memory: %s MB\n' "$peak"
printf 'Goal: at most 25 %% of a core at 90000 a second, none lost.\n'
