#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Attaching and what is left of it: after the end, after SIGKILL, beside a second
# netlat, beside other people's filters; TCX and clsact.
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
requests=2000

load() {
	load_exact client "$TESTBED_DIR/load" $requests 8 "$url"
}

# Everything on the tc hooks of the bridge and its ports, as text.
hooks() {
	local device
	for device in "$BRIDGE" "$(host_port web)" "$(host_port client)"; do
		tc qdisc show dev "$device" clsact
		tc filter show dev "$device" ingress
		tc filter show dev "$device" egress
	done
}

check_counts() { # NAME LABEL
	check_equal "$2: all requests are paired, once each" "$requests $requests" \
		"$(netlat_counter "$1" requests) $(netlat_counter "$1" paired)"
}

killed() { # FILE: kill the netlat that runs, and write there what it held in the kernel
	kernel_objects_of "$NETLAT_PID" >"$1"
	kill -KILL "$NETLAT_PID"
	pid_wait "$NETLAT_PID" 2>/dev/null || [ $? -eq 137 ] # bash would announce it
}

# --- the default, killed --------------------------------------------------------------
netlat_start killed -i "$BRIDGE" -o none -v
load
killed "$TESTBED_DIR/objects"
check_between "killed: programs and maps were there before" 2 1000 "$(wc -l <"$TESTBED_DIR/objects")"
if grep -q '^link' "$TESTBED_DIR/objects"; then
	# The kernel frees them after a grace period, not within the call.
	if wait_until 3 kernel_objects_gone "$TESTBED_DIR/objects"; then
		ok "killed: no program, link or map is left"
	else
		not_ok "killed: no program, link or map is left" "$(tr '\n' ',' <"$TESTBED_DIR/objects")"
	fi
	check_equal "killed: nothing is left on the hooks" "" "$(hooks)"
else
	skip "killed: nothing is left" "this kernel has no TCX"
fi

# --- a start that fails -----------------------------------------------------------------
status=0
prlimit --nofile=20 "$NETLAT" -i "$BRIDGE" >"$TESTBED_DIR/few" 2>&1 || status=$?
check_equal "too few descriptors: said" \
	"1 netlat: the program and its maps cannot be opened: Too many open files (raise ulimit -n)" \
	"$status $(cat "$TESTBED_DIR/few")"
check_equal "too few descriptors: nothing is left on the hooks" "" "$(hooks)"

# --- two at once ------------------------------------------------------------------------
netlat_start first -i "$BRIDGE" -o none -v
first_pid=$NETLAT_PID
netlat_start second -i "$BRIDGE" -o none -v
load
netlat_stop second
load
netlat_stop first "$first_pid"
check_counts second "two at once, the second"
check_equal "two at once, the first: counts go on after the second ended" \
	"$((2 * requests)) $((2 * requests))" \
	"$(netlat_counter first requests) $(netlat_counter first paired)"
check_equal "two at once: nothing is left on the hooks" "" "$(hooks)"

# --- clsact -----------------------------------------------------------------------------
netlat_start clsact -i "$BRIDGE" -o none -v --attach clsact
hooks >"$TESTBED_DIR/hooks"
check_contains "clsact: the filters are there" "bpf" "$TESTBED_DIR/hooks"
load
netlat_stop clsact
check_counts clsact "clsact"
check_equal "clsact: nothing is left on the hooks" "" "$(hooks)"

# --- clsact, killed, beside filters of somebody else -------------------------------------
# Those that were there before, made after, and with our kind of filter (bpf).
foreign_add() { # DEVICE
	# Matches nothing: what comes after it on the hook still runs.
	tc filter add dev "$1" ingress pref 7 protocol all u32 match u32 1 0xffffffff at 0 flowid 1:1
	tc filter add dev "$1" ingress pref 900 protocol all bpf bytecode '1,6 0 0 0,'
	tc filter add dev "$1" egress pref 8 protocol ip bpf bytecode '1,6 0 0 0,'
}
tc qdisc add dev "$(host_port web)" clsact
foreign_add "$(host_port web)"
hooks >"$TESTBED_DIR/foreign"
netlat_start foreign -i "$BRIDGE" -o none -v --attach clsact
load
netlat_stop foreign
check_counts foreign "foreign filters"
check_equal "foreign filters: they, and only they, remain" "$(cat "$TESTBED_DIR/foreign")" "$(hooks)"

netlat_start leftover -i "$BRIDGE" -o none -v --attach clsact
killed "$TESTBED_DIR/objects"
foreign_add "$(host_port client)" # onto a qdisc that the dead one made
hooks >"$TESTBED_DIR/leftover"
check_between "leftover: a killed one leaves filters under clsact" 4 100 \
	"$(($(grep -c ' bpf ' "$TESTBED_DIR/leftover") - $(grep -c ' bpf ' "$TESTBED_DIR/foreign")))"
netlat_start next -i "$BRIDGE" -o none -v --attach clsact
load
netlat_stop next
check_counts next "leftover: the next one's counts"
# What is foreign is the same on both ports, and nothing is on the bridge.
check_equal "leftover: of the killed one nothing remains, of the others all" \
	"$(cat "$TESTBED_DIR/foreign" "$TESTBED_DIR/foreign")" "$(hooks)"

# --- a living one is no leftover ----------------------------------------------------------
netlat_start alive -i "$BRIDGE" -o none -v --attach clsact
alive_pid=$NETLAT_PID
netlat_start beside -i "$BRIDGE" -o none -v --attach clsact
load
netlat_stop beside
load
netlat_stop alive "$alive_pid"
check_counts beside "beside a living one"
check_equal "a living one is not removed by a second" "$((2 * requests)) $((2 * requests))" \
	"$(netlat_counter alive requests) $(netlat_counter alive paired)"

# --- start and stop amid traffic ------------------------------------------------------------
# Hooks are attached one after the other, which takes tens of milliseconds. That
# must not show: at most what is under way on 8 connections is cut by either end.
load_full_spawn client "$TESTBED_DIR/load" 5 8 "$url"
load_pid=$SPAWNED_PID
sleep 0.5
netlat_start amid -i "$BRIDGE" -o none -v
sleep 1
netlat_stop amid
pid_wait "$load_pid" || testbed_die "wrk failed: $(tail -n 3 "$TESTBED_DIR/load")"
check_between "amid traffic: responses without a request, from the start" 0 8 \
	"$(netlat_counter amid orphan)"
check_between "amid traffic: requests without an end, from the stop" 0 8 \
	$(($(netlat_counter amid requests) - $(netlat_counter amid paired) - \
		$(netlat_counter amid unanswered) - $(netlat_counter amid aborted)))
check_equal "amid traffic: no holes" "0 0" \
	"$(netlat_counter amid gaps) $(netlat_counter amid gap_bytes)"

# --- traffic is not touched ---------------------------------------------------------------
netlat_start passive -i "$BRIDGE" -o none -v
sent=$(host_exec client curl -sS "http://$(host_ip4 web)/1m" | sha256sum)
netlat_stop passive
check_equal "a megabyte arrives as it was sent" \
	"$(sha256sum <"$(nginx_dir web)/documents/1m")" "$sent"
checks_end
