#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What netlat costs: ns a packet over an empty program, throughput against nothing
# and against the empty program, start-up time, memory. `make bench-live` calls it,
# and `make bench` before offline.sh.
#
#   ROUNDS=N    rounds of the throughput table, each with every condition (default 160)
#   SECONDS=S   length of one slice (default 0.1)
#   PIN=1       wrk on CPU 0, nginx on CPU 1
#   ONLY=recorder   only what tells the recorder's cost (`make bench-recorder`)
#   NETLAT, EMPTY, EMPTY_OBJECT, WARM   the binaries
#
# A machine's speed drifts by more than netlat costs, over seconds and minutes. So one
# load runs all the time, and switch.py changes what is attached several times a
# second; all processes that it switches between are up from beginning to end, at a
# bridge without traffic. report.py compares within a round only. Adjacent slices
# of 0.1 s differ by as much as those of 1 s, so many short ones tell more than few
# long ones. Nothing is judged here, but the exit status is 1 if something could not
# be measured.
set -euo pipefail
# The shell counts SECONDS on by itself: ask for what the caller gave.
SLICE=${SLICE:-$(tr '\0' '\n' <"/proc/$$/environ" | sed -n 's/^SECONDS=//p')}
export SLICE=${SLICE:-0.1} ROUNDS=${ROUNDS:-160} PIN=${PIN:-0} ONLY=${ONLY:-}
export TESTBED_ISOLATE=1 # system settings are changed below
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/../lib.sh"
testbed_isolate "$@"
require_netlat
BENCH=$(cd "$(dirname "$0")" && pwd)
BUILD=$(dirname "$NETLAT")
EMPTY=$(readlink -f "${EMPTY:-$BUILD/empty}")
EMPTY_OBJECT=$(readlink -f "${EMPTY_OBJECT:-$BUILD/empty.bpf.o}")
WARM=$(readlink -f "${WARM:-$BUILD/warm}")
STATS_SWITCH=/proc/sys/kernel/bpf_stats_enabled
STATS_BEFORE= # what the switch stood at, to be restored
OWN_PIDS=()   # netlat processes of ours
CONDITIONS=(nothing empty table json recorder)
MODES=(table json recorder) # of these, those of netlat
declare -A OBSERVERS=()     # condition -> process that has its program

say() { printf 'bench: %s\n' "$*" >&2; }

fact() { # NAME VALUE: a line for the report
	printf 'fact\t%s\t%s\n' "$1" "$2" >>"$RAW"
}

require_all() {
	local file tool
	[[ $ROUNDS =~ ^[1-9][0-9]*$ ]] || testbed_die "ROUNDS=$ROUNDS: must be a whole number from 1"
	[[ $SLICE =~ ^([1-9][0-9]*(\.[0-9]+)?|0\.[1-9][0-9]*)$ ]] ||
		testbed_die "SECONDS=$SLICE: must be a number from 0.1"
	[[ $ONLY =~ ^(recorder)?$ ]] || testbed_die "ONLY=$ONLY: must be recorder, or nothing"
	[[ $PIN =~ ^[01]$ ]] || testbed_die "PIN=$PIN: must be 0 or 1"
	[ "$PIN" = 0 ] || [ "$(nproc)" -ge 2 ] || testbed_die "PIN=1 needs two CPUs"
	for file in "$EMPTY" "$WARM"; do
		[ -x "$file" ] || testbed_die "$file: no such program (way out: make bench)"
	done
	[ -r "$EMPTY_OBJECT" ] || testbed_die "$EMPTY_OBJECT: no such file (way out: make bench)"
	for tool in nginx wrk taskset; do
		command -v "$tool" >/dev/null || testbed_die "$tool is missing (way out: make deps-test)"
	done
}

# Any other netlat takes CPU time, on whatever interface.
require_alone() {
	local file pid others=()
	while read -r file; do
		pid=${file//[!0-9]/}
		[[ " ${OWN_PIDS[*]} " == *" $pid "* ]] || others+=("$pid")
	done < <(grep -slE '^[0-9]+ \(netlat\) [^ZX]' /proc/[0-9]*/stat || :)
	[ ${#others[@]} -eq 0 ] ||
		testbed_die "another netlat is running, pid ${others[*]} (way out: end it first)"
}

# --- settings of the machine ----------------------------------------------------------
stats_set() { # 0 or 1
	echo "$1" >"$STATS_SWITCH" || testbed_die "$STATS_SWITCH cannot be written"
}

stats_restore() {
	[ -z "$STATS_BEFORE" ] || stats_set "$STATS_BEFORE"
}

# Where br_netfilter is loaded, every bridged packet would pass iptables as well.
# This is the bench's own network namespace: nobody else's setting is changed.
netfilter_off() {
	local file changes=
	for file in /proc/sys/net/bridge/bridge-nf-call-*; do
		[ -e "$file" ] || continue
		changes+="${changes:+, }${file##*-call-} 0 (was $(cat "$file"))"
		echo 0 >"$file"
		[ "$(cat "$file")" = 0 ] || testbed_die "$file cannot be set to 0"
	done
	fact netfilter "${changes:-br_netfilter is not loaded}"
}

# --- what is compared -------------------------------------------------------------------
# Each is attached by itself to a bridge without ports, from where switch.py takes its
# program to the bridge with the load.
netlat_observer_start() { # CONDITION
	local options=(-o "$1")
	[ "$1" != recorder ] || options=(-o table -w "$TESTBED_DIR/slow" --slow 1000 --failed)
	netlat_start "$1" -i "$BRIDGE_ADDED" -v "${options[@]}"
	OBSERVERS[$1]=$NETLAT_PID
	OWN_PIDS+=("$NETLAT_PID")
}

observers_start() {
	local mode fifo=$TESTBED_DIR/empty.in output=$TESTBED_DIR/empty.out
	bridge_add br1
	require_alone
	ln -s /dev/null "$(netlat_out json)"
	for mode in "${MODES[@]}"; do
		netlat_observer_start "$mode"
	done
	# It ends when its standard input does; the shell that holds that open is this one.
	mkfifo "$fifo"
	"$EMPTY" "$EMPTY_OBJECT" "$BRIDGE_ADDED" <"$fifo" >"$output" 2>&1 &
	EMPTY_PID=$!
	OBSERVERS[empty]=$EMPTY_PID
	TESTBED_PIDS+=("$EMPTY_PID")
	exec {EMPTY_STDIN}>"$fifo"
	wait_until 5 grep -q ready "$output" || testbed_die "empty is not ready: $(cat "$output")"
}

observers_stop() {
	local mode counter
	exec {EMPTY_STDIN}>&-
	pid_wait "$EMPTY_PID" || testbed_die "empty failed: $(cat "$TESTBED_DIR/empty.out")"
	for mode in "${MODES[@]}"; do
		netlat_stop "$mode" "${OBSERVERS[$mode]}"
		for counter in packets requests paired gaps record_ring_full; do
			fact "$mode $counter" "$(netlat_counter "$mode" "$counter")"
		done
	done
	[ "$CHECKS_FAILED" -eq 0 ] || testbed_die "netlat did not end well"
	fact written "$(sed -n "s/^slow and failed transactions in [^:]*: //p" "$(netlat_err recorder)")"
}

# --- the parts ------------------------------------------------------------------------------
web_start() { # SENDFILE
	local pid
	NGINX_ACCESS_LOG=off NGINX_SENDFILE=$1 nginx_static_start web 80
	WEB_PID=$SPAWNED_PID
	[ "$PIN" = 0 ] || for pid in "$WEB_PID" $(pgrep -P "$WEB_PID"); do
		taskset -pc 1 "$pid" >"$TESTBED_DIR/taskset"
	done
}

web_stop() {
	pid_stop "$WEB_PID" ||
		testbed_die "nginx did not end well: $(tail -n 3 "$(nginx_dir web)/logs/error.log")"
}

switch() { # PART KIND ROUNDS CONDITION...
	local condition pids=()
	for condition in "${!OBSERVERS[@]}"; do
		pids+=("$condition=${OBSERVERS[$condition]}")
	done
	require_alone
	say "$1, $2 a response: $3 rounds of ${*:4}"
	# Beside this shell, which only so hears of a signal at once.
	spawn - "$TESTBED_DIR/switch" "$PYTHON" "$BENCH/switch.py" "$RAW" "$1" "$2" "$3" "$SLICE" $$ \
		"$(host_port web)" "$(host_port client),$BRIDGE" \
		"${pids[@]}" -- "${@:4}"
	pid_wait "$SPAWNED_PID" || testbed_die "switch.py failed: $(tail -n 3 "$TESTBED_DIR/switch")"
}

web_bytes() { cat "/sys/class/net/$(host_port web)/statistics/rx_bytes"; }

under_load() { # KIND SENDFILE ROUNDS
	local wrk=() load=$TESTBED_DIR/load load_pid bytes
	[ "$PIN" = 0 ] || wrk=(taskset -c 0)
	web_start "$2"
	bytes=$(web_bytes)
	spawn client "$load" "${wrk[@]}" wrk -t1 -c32 -d1000000 "http://$(host_ip4 web)/1k"
	load_pid=$SPAWNED_PID
	sleep 1
	stats_set 0
	switch throughput "$1" "$3" "${CONDITIONS[@]}"
	stats_set 1
	switch cost "$1" $((($3 + 2) / 3)) empty "${MODES[@]}"
	stats_set 0
	pid_stop "$load_pid" INT || testbed_die "wrk failed: $(tail -n 3 "$load")"
	! grep -qE '^ *(Socket errors|Non-2xx)' "$load" || testbed_die "wrk had errors: $(cat "$load")"
	bytes=$(($(web_bytes) - bytes))
	fact "bytes a request, $1" "$(awk -v bytes="$bytes" '$2 == "requests" { print bytes / $1 }' "$load")"
	web_stop
}

# Light traffic: on a saturated machine this would measure its scheduler.
start_up() {
	local run begin_ns first_ns
	web_start on
	spawn client "$TESTBED_DIR/light" "$PYTHON" "$TESTBED_SOURCE/client.py" \
		"http://$(host_ip4 web)/1k" 100000 1 2
	sleep 0.5
	for run in 1 2 3 4 5; do
		require_alone
		begin_ns=$(date +%s%N)
		netlat_start start -i "$BRIDGE" -o json -v
		sleep 0.3
		netlat_stop start
		first_ns=$("$PYTHON" "$TESTBED_SOURCE/records.py" first "$(netlat_out start)")
		printf 'start\trun=%d\tready_ms=%s\tfirst_ms=%d\n' "$run" \
			"$(sed -n 's/^netlat: observing after \([0-9.]*\) ms.*/\1/p' "$(netlat_err start)")" \
			$(((first_ns - begin_ns) / 1000000)) >>"$RAW"
	done
	pid_stop "$SPAWNED_PID" || true # by a signal
	fact memory "$(sed -n 's/^netlat: kernel memory: //p' "$(netlat_err start)")"
	fact hooks "$(sed -n 's/^netlat: observing after .*, at \(.*\)$/\1/p' "$(netlat_err start)")"
	web_stop
}

# Lines of a name and a mean; the last has what the verifier saw.
warm_costs() {
	local run
	for run in 1 2 3; do
		"$WARM" | sed "s/^/warm\trecords off\t/" >>"$RAW" || testbed_die "$WARM failed"
		"$WARM" records | sed "s/^/warm\trecords on\t/" >>"$RAW" || testbed_die "$WARM failed"
		"$WARM" recorder | sed "s/^/warm\trecorder on\t/" >>"$RAW" || testbed_die "$WARM failed"
	done
}

require_all
require_alone
testbed_up
RAW=$TESTBED_DIR/raw
: >"$RAW"
STATS_BEFORE=$(cat "$STATS_SWITCH")
TESTBED_CLEANUPS+=(stats_restore)
fact pin "$PIN"
fact slice_s "$SLICE"
fact netlat "$("$NETLAT" --version | head -n 1)"
fact nginx "$(nginx -v 2>&1)"
netfilter_off
host_add web
host_add client

if [ "$ONLY" = recorder ]; then
	CONDITIONS=(empty table recorder)
	MODES=(table recorder)
fi
fact conditions "${CONDITIONS[*]}"

stats_set 0
if [ -z "$ONLY" ]; then
	say "warm costs"
	warm_costs
	say "start-up"
	start_up
fi
observers_start
under_load "two segments" on "$ROUNDS"
under_load "one segment" off $(((ROUNDS + 1) / 2))
observers_stop
"$PYTHON" -B "$BENCH/report.py" "$RAW" || exit # it has said why
