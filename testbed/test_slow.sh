#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The files of slow and failed transactions: which there are, and what tshark, tcpdump and netlat
# itself find in them; the same from a capture taken beside; one file of all, the limits, --why,
# --listen, and what is left after SIGKILL.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
testbed_isolate "$@"
require_netlat
testbed_up
host_add web
host_add app
host_add client
host_add guest
options=(-i "$BRIDGE" --slow 100 --failed)
files=$TESTBED_DIR/files
api=http://127.0.0.1:9100/api/v1/slow

files_in() { find "$1" -name '*.pcapng' | wc -l; }
has_files() { [ "$(files_in "$1")" -ge "$2" ]; } # DIRECTORY LEAST

spawn web "$TESTBED_DIR/web.out" "$PYTHON" -B "$TESTBED_SOURCE/slow.py" serve 8080
wait_listening web 8080 "$SPAWNED_PID" "$TESTBED_DIR/web.out"
app_start app 8080 --max-delay-ms 150 --seed 1
app_pid=$SPAWNED_PID

# Beside the first netlat: all in one file, listed; a limit each; and a capture.
netlat_start files "${options[@]}" -o json -v --strict -w "$files" --max-per-minute 0 --listen 127.0.0.1:9100
files_pid=$NETLAT_PID
netlat_start one "${options[@]}" --why -w "$TESTBED_DIR/one.pcapng" --max-per-minute 0 --show-sensitive \
	--recorder-mb 8
one_pid=$NETLAT_PID
netlat_start minute "${options[@]}" -o none -v -w "$TESTBED_DIR/minute" --max-per-minute 5 --recorder-mb 8
minute_pid=$NETLAT_PID
netlat_start keep "${options[@]}" -o none -v -w "$TESTBED_DIR/keep" --max-per-minute 0 --keep-files 4 --recorder-mb 8
keep_pid=$NETLAT_PID
: >"$TESTBED_DIR/tcpdump"
spawn - "$TESTBED_DIR/tcpdump" tcpdump -Z root -i "$(host_port client)" --time-stamp-precision=nano -B 32768 -s 0 -U \
	-w "$TESTBED_DIR/capture.pcap" tcp
capture_pid=$SPAWNED_PID
wait_until 10 grep -q 'listening on' "$TESTBED_DIR/tcpdump" || testbed_die "tcpdump does not start"

# --- traffic: slow, failed and unanswered ones among thousands that are neither -------------
load_full_spawn guest "$TESTBED_DIR/load" 2 4 "http://$(host_ip4 app):8080/health"
load_pid=$SPAWNED_PID
spawn guest "$TESTBED_DIR/curl" curl -sS --max-time 10 "http://$(host_ip4 app):8080/try/[1-20]"
curl_pid=$SPAWNED_PID
host_exec client "$PYTHON" -B "$TESTBED_SOURCE/slow.py" ask "$(host_ip4 web)" "$(host_ip6 web)" 8080 \
	>"$TESTBED_DIR/asked"
pid_wait "$curl_pid" || not_ok "the application answers" "curl ended with $?"
pid_wait "$load_pid" || not_ok "the load ends" "wrk ended with $?"
sleep 0.3
one_bytes=$(stat -c %s "$TESTBED_DIR/one.pcapng")

# --- by HTTP --------------------------------------------------------------------------------
curl -sS "$api?limit=256" >"$TESTBED_DIR/slow.json"
check_equal "by HTTP: as many as there are files" "$(files_in "$files")" "$(jq .count "$TESTBED_DIR/slow.json")"
name=$(jq -r '.slow[0].file' "$TESTBED_DIR/slow.json")
curl -sS -o "$TESTBED_DIR/download" "http://127.0.0.1:9100$(jq -r '.slow[0].href' "$TESTBED_DIR/slow.json")"
check_equal "by HTTP: a download is the file" "$(sha256sum <"$files/$name")" "$(sha256sum <"$TESTBED_DIR/download")"

wait_until 20 file_rests "$TESTBED_DIR/capture.pcap" || testbed_die "the capture keeps growing"
pid_stop "$capture_pid" || not_ok "tcpdump ends cleanly" "exit status $?"
check_contains "the capture is whole" '^0 packets dropped by kernel' "$TESTBED_DIR/tcpdump"
netlat_stop files "$files_pid"
netlat_stop one "$one_pid"
netlat_stop minute "$minute_pid"
netlat_stop keep "$keep_pid"
pid_stop "$app_pid" || not_ok "the application ends" "exit status $?"
check_ledger files

# --- the files, and the same from the capture ----------------------------------------------------
"$NETLAT" -r "$TESTBED_DIR/capture.pcap" -o none --slow 100 --failed -w "$TESTBED_DIR/replayed" --max-per-minute 0 \
	2>"$(netlat_err replay)" || not_ok "replay: ends cleanly" "exit status $?"
"$PYTHON" -B "$TESTBED_SOURCE/slow.py" judge "$TESTBED_DIR" "$NETLAT" >"$TESTBED_DIR/checks"
checks_from "$TESTBED_DIR/checks"
total=$(files_in "$files")
check_contains "the summary says how many" "slow and failed transactions in .*/files: $total written$" \
	"$(netlat_err files)"

# --- all in one file, and listed ----------------------------------------------------------------
check_between "one file: grows while netlat runs" 10000 100000000 "$one_bytes"
check_equal "--why: each is listed, once" "$total" "$(count_lines '\.pcapng' "$(netlat_out one)")"

# --- the limits ------------------------------------------------------------------------------------
check_between "--max-per-minute: five, and one more each 12 s" 5 6 "$(files_in "$TESTBED_DIR/minute")"
check_contains "--max-per-minute: the others are counted" \
	"; $((total - $(files_in "$TESTBED_DIR/minute"))) transactions beyond --max-per-minute" "$(netlat_err minute)"
check_equal "--keep-files: so many are left" 4 "$(files_in "$TESTBED_DIR/keep")"
check_contains "--keep-files: the others are counted" "; $((total - 4)) files removed" "$(netlat_err keep)"
# The latest, and those that failed last. Of transactions that end within some milliseconds two
# netlats need not write the same first: what is left has to be among the last few of the other's.
find "$files" -name '*.pcapng' -printf '%T@ %f\n' | sort -n | cut -d ' ' -f 2 >"$TESTBED_DIR/by-time"
{
	tail -n 3 "$TESTBED_DIR/by-time"
	grep -E '_(5..|unanswered|aborted)_' "$TESTBED_DIR/by-time" | tail -n 6
} | sort -u >"$TESTBED_DIR/to-keep"
find "$TESTBED_DIR/keep" -name '*.pcapng' -printf '%f\n' | sort >"$TESTBED_DIR/kept"
check_equal "--keep-files: the latest, and those that failed last" "" \
	"$(comm -13 "$TESTBED_DIR/to-keep" "$TESTBED_DIR/kept")"
check_between "--keep-files: of those that did not fail at most the latest" 0 1 \
	"$(grep -vcE '_(5..|unanswered|aborted)_' "$TESTBED_DIR/kept" || [ $? -eq 1 ])"

# --- killed while it writes -----------------------------------------------------------------------------
netlat_start killed -i "$BRIDGE" -o none --slow 0 -w "$TESTBED_DIR/killed" --max-per-minute 0
spawn client "$TESTBED_DIR/asked-killed" "$PYTHON" -B "$TESTBED_SOURCE/slow.py" ask "$(host_ip4 web)" 8080
asking_pid=$SPAWNED_PID
wait_until 5 has_files "$TESTBED_DIR/killed" 10 || not_ok "killed: it writes" "no 10 files in 5 s"
kernel_objects_of "$NETLAT_PID" >"$TESTBED_DIR/objects"
kill -KILL "$NETLAT_PID"
pid_wait "$NETLAT_PID" 2>/dev/null || [ $? -eq 137 ] # bash would announce it
if ! grep -q '^link' "$TESTBED_DIR/objects"; then
	skip "killed: nothing is left" "this kernel has no TCX"
elif wait_until 3 kernel_objects_gone "$TESTBED_DIR/objects"; then
	ok "killed: no program, link or map is left"
else
	not_ok "killed: no program, link or map is left" "$(tr '\n' ',' <"$TESTBED_DIR/objects")"
fi
: >"$TESTBED_DIR/unreadable"
find "$TESTBED_DIR/killed" -type f ! -name '.*' -print0 | while IFS= read -rd '' file; do
	tcpdump -nr "$file" >"$TESTBED_DIR/tcpdump-read" 2>"$TESTBED_DIR/tcpdump-talk" ||
		echo "$file" >>"$TESTBED_DIR/unreadable"
done
check_equal "killed: what is there is whole" "" "$(cat "$TESTBED_DIR/unreadable")"
pid_wait "$asking_pid" || not_ok "killed: the client ends" "exit status $?"
checks_end
