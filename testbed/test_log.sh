#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Records in files and pipes, under load: nothing is lost by rotation or when others move the file;
# a full disk and a reader that does not read hold nothing up, and every record is written or counted.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
testbed_isolate "$@"
require_netlat
testbed_up
host_add web
host_add client
nginx_static_start web 80
url="http://$(host_ip4 web)/1k"

# Numbers of the summary's line about records: those written, and those that are not.
log_written() { sed -n 's/^records in .*: \([0-9]*\) written.*/\1/p' "$(netlat_err "$1")"; } # NAME
log_dropped() { # NAME
	sed -n '/^records in /s/; /\n/gp' "$(netlat_err "$1")" | awk '$2 == "not," { n += $1 } END { print n + 0 }'
}

# Those that begin and end as they have to.
whole_lines() { cat "$@" | grep -c '^{"time":".*}$'; } # FILE...

# Every request has a record, but for those of which the kernel's ring had no room for one.
check_all_accounted() { # NAME
	check_equal "$1: written and not written are all records" \
		"$(($(netlat_counter "$1" requests) - $(netlat_counter "$1" record_ring_full)))" \
		"$(($(log_written "$1") + $(log_dropped "$1")))"
}

# --- rotation at full speed ------------------------------------------------------------------
mkdir "$TESTBED_DIR/rotated"
log=$TESTBED_DIR/rotated/log
netlat_start rotated -i "$BRIDGE" -o none -v --strict --log "$log" --log-mb 5 --log-files 1000
load_full client "$TESTBED_DIR/load" 3 32 "$url"
netlat_stop rotated
files=$(find "$TESTBED_DIR/rotated" -type f | wc -l)
check_between "rotated: files" 4 1000 "$files"
check_equal "rotated: none is larger than it may be" 0 "$(find "$TESTBED_DIR/rotated" -type f -size +5000000c | wc -l)"
check_equal "rotated: and none smaller than a block less, but the last" 1 \
	"$(find "$TESTBED_DIR/rotated" -type f -size -4700000c | wc -l)"
check_equal "rotated: numbered without holes" "$((files - 1))" \
	"$(find "$TESTBED_DIR/rotated" -name 'log.*' | sed 's/.*\.//' | sort -n | tail -n 1)"
check_equal "rotated: nothing is dropped" 0 "$(log_dropped rotated)"
check_all_accounted rotated
check_equal "rotated: all lines are whole, and as many as were written" "$(log_written rotated)" \
	"$(whole_lines "$TESTBED_DIR/rotated"/log*)"
check_equal "rotated: no other lines" "$(log_written rotated)" "$(cat "$TESTBED_DIR/rotated"/log* | wc -l)"
check_equal "rotated: mode" 640 "$(stat -c %a "$log")"
head -n 1000 "$log" >"$TESTBED_DIR/some"
"$PYTHON" "$TESTBED_SOURCE/records.py" valid "$TESTBED_DIR/some" >"$TESTBED_DIR/checks"
checks_from "$TESTBED_DIR/checks"
printf '  %s requests/s, %s records in %s files, %s lost in the ring\n' "$(load_requests_per_s "$TESTBED_DIR/load")" \
	"$(log_written rotated)" "$files" "$(netlat_counter rotated record_ring_full)"
rm -r "$TESTBED_DIR/rotated"

# --- moved by others, as logrotate does -----------------------------------------------------------
mkdir "$TESTBED_DIR/moved"
log=$TESTBED_DIR/moved/log
netlat_start moved -i "$BRIDGE" -o none -v --log "$log" --log-mb 0
load_full_spawn client "$TESTBED_DIR/load" 3 8 "$url"
load_pid=$SPAWNED_PID
for number in 1 2 3 4; do
	sleep 0.5
	mv "$log" "$log.$number"
	kill -HUP "$NETLAT_PID"
	wait_until 3 test -s "$log" || not_ok "moved: a new file after SIGHUP" "none after 3 s"
done
pid_wait "$load_pid" || not_ok "the load ends" "wrk ended with $?"
netlat_stop moved
check_equal "moved: nothing is dropped" 0 "$(log_dropped moved)"
check_all_accounted moved
check_equal "moved: all lines are whole, and as many as were written" "$(log_written moved)" \
	"$(whole_lines "$TESTBED_DIR/moved"/log*)"
check_equal "moved: no other lines" "$(log_written moved)" "$(cat "$TESTBED_DIR/moved"/log* | wc -l)"
rm -r "$TESTBED_DIR/moved"

# --- a full disk -----------------------------------------------------------------------------------
mkdir "$TESTBED_DIR/small"
small_unmount() { ! mountpoint -q "$TESTBED_DIR/small" || umount "$TESTBED_DIR/small"; }
TESTBED_CLEANUPS+=(small_unmount)
mount -t tmpfs -o size=2m tmpfs "$TESTBED_DIR/small"
log=$TESTBED_DIR/small/log
netlat_start full -i "$BRIDGE" -o none -v --strict --log "$log" --log-mb 0
load_exact client "$TESTBED_DIR/load" 8000 8 "$url"
wait_until 5 grep -q 'No space left' "$(netlat_err full)" || not_ok "full: it is said" "not within 5 s"
lines_then=$(wc -l <"$log")
check_equal "full: the file ends with a whole line" "$lines_then" "$(whole_lines "$log")"
# Room again, and it is said again, though not within 10 s.
: >"$log"
load_exact client "$TESTBED_DIR/load" 100 2 "$url"
if wait_until 15 grep -q 'is written again' "$(netlat_err full)"; then
	ok "full: it is said when it works again"
else
	not_ok "full: it is said when it works again" "not within 15 s"
fi
netlat_stop full
check_equal "full: the capture went on" 8100 "$(netlat_counter full paired)"
check_equal "full: said once" 1 "$(count_lines 'No space left' "$(netlat_err full)")"
check_between "full: records are missing" 1000 8000 "$(log_dropped full)"
check_all_accounted full
check_equal "full: as many lines as were written" "$(log_written full)" "$((lines_then + $(whole_lines "$log")))"
check_equal "full: no other lines" "$(whole_lines "$log")" "$(wc -l <"$log")"
check_equal "full: how many are missing is said" "$(log_dropped full)" \
	"$(sed -n 's/.*is written again; \([0-9]*\) records are missing.*/\1/p' "$(netlat_err full)")"
small_unmount

# --- a reader that does not read ---------------------------------------------------------------------
mkfifo "$TESTBED_DIR/fifo"
exec 8<>"$TESTBED_DIR/fifo" # so that opening it for reading alone does not wait
exec 9<"$TESTBED_DIR/fifo"
"$NETLAT" -i "$BRIDGE" --log - -v --strict >"$TESTBED_DIR/fifo" 2>"$(netlat_err stuck)" 8<&- 9<&- &
NETLAT_PID=$!
TESTBED_PIDS+=("$NETLAT_PID")
wait_until 10 netlat_ready_or_gone stuck || testbed_die "netlat into a pipe was not ready"
exec 8<&-
: >"$(netlat_out stuck)"
load_exact client "$TESTBED_DIR/load" 80000 8 "$url"
begun_ms=$(($(date +%s%N) / 1000000))
netlat_stop stuck
check_between "stuck: ends in time, in ms" 0 8000 $(($(date +%s%N) / 1000000 - begun_ms))
cat <&9 >"$TESTBED_DIR/piped"
exec 9<&-
check_equal "stuck: the capture went on" 80000 "$(netlat_counter stuck paired)"
check_equal "stuck: nothing was lost in the kernel" 0 "$(netlat_counter stuck record_ring_full)"
check_between "stuck: records are dropped" 70000 80000 "$(log_dropped stuck)"
check_all_accounted stuck
check_equal "stuck: those that were written are in the pipe" "$(log_written stuck)" \
	"$(whole_lines "$TESTBED_DIR/piped")"

# --- beside another output, and of a capture ------------------------------------------------------------
netlat_start both -i "$BRIDGE" -o csv -v --log "$TESTBED_DIR/both.log"
load_exact client "$TESTBED_DIR/load" 500 4 "$url"
netlat_stop both
check_equal "both: a line each, and one with names" 501 "$(wc -l <"$(netlat_out both)")"
check_equal "both: a line each" 500 "$(whole_lines "$TESTBED_DIR/both.log")"
check_equal "both: the same times in both" \
	"$(tail -n +2 "$(netlat_out both)" | cut -d , -f 1,20 | sort)" \
	"$(jq -r '"\(.time),\(.duration_ns)"' "$TESTBED_DIR/both.log" | sort)"
capture=$TESTBED_SOURCE/../build/cases/keep_alive.pcap
"$NETLAT" -r "$capture" -o json -q >"$TESTBED_DIR/by-o"
"$NETLAT" -r "$capture" -o table -q --log "$TESTBED_DIR/by-log" >"$TESTBED_DIR/table"
check_equal "of a capture: what -o json has" "$(sha256sum <"$TESTBED_DIR/by-o")" "$(sha256sum <"$TESTBED_DIR/by-log")"
check_contains "of a capture: the table is beside it" '^total +300 ' "$TESTBED_DIR/table"

# --- without standard files -----------------------------------------------------------------------------
# What is opened first must not take their place, and have in it what is said.
"$NETLAT" -r "$capture" -o none --slow 0 --log "$TESTBED_DIR/closed.log" -w "$TESTBED_DIR/closed.pcapng" <&- >&- 2>&-
check_equal "all closed: the log has the records and nothing else" "$(sha256sum <"$TESTBED_DIR/by-o")" \
	"$(sha256sum <"$TESTBED_DIR/closed.log")"
check_equal "all closed: the file of packets begins as one" 0a0d0d0a \
	"$(head -c 4 "$TESTBED_DIR/closed.pcapng" | od -An -tx1 | tr -d ' ')"
timeout --foreground -s INT 20 "$NETLAT" -i "$BRIDGE" --listen none --duration 1 --log "$TESTBED_DIR/closed-live.log" <&- >&- 2>&- ||
	closed_status=$?
check_equal "all closed: a table that cannot be written is an error" 1 "${closed_status:-0}"
check_equal "all closed: it is not in the log" 0 "$(wc -l <"$TESTBED_DIR/closed-live.log")"
checks_end
