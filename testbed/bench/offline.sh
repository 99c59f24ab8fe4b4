#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# How fast captures are read: netlat -r beside tcpdump, httpry and tshark.
# `make bench-offline` calls it, and `make bench` behind bench.sh.
#
#   SIZE=MB     size of each of the two captures (default 1024)
#   ROUNDS=N    rounds, in each of which every reader reads once (default 7)
#   NETLAT      the binary
#
# Two loads of wrk on nginx are captured in a testbed: small responses over
# kept connections, and large bodies. They are read from the page cache, by each reader in
# turn; readers.py does that and makes the report. tshark is some hundred times
# slower, so it gets the first tenth of a capture, and reads that once. Nothing is judged here, but
# the exit status is 1 if something could not be measured.
set -euo pipefail
SIZE=${SIZE:-1024} ROUNDS=${ROUNDS:-7}
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/../lib.sh"
testbed_isolate "$@"
require_netlat
BENCH=$(cd "$(dirname "$0")" && pwd)

say() { printf 'bench: %s\n' "$*" >&2; }

require_all() {
	local tool memory
	# In the first tenth of less, some large response may not be complete.
	[[ $SIZE =~ ^[1-9][0-9]{2,}$ ]] || testbed_die "SIZE=$SIZE: must be a whole number of MB from 100"
	[[ $ROUNDS =~ ^[1-9][0-9]*$ ]] || testbed_die "ROUNDS=$ROUNDS: must be a whole number from 1"
	for tool in nginx wrk tcpdump httpry tshark ethtool tc /usr/bin/time; do
		command -v "$tool" >/dev/null || testbed_die "$tool is missing (way out: make deps-bench)"
	done
	memory=$(awk '/^MemAvailable:/ { printf "%d", $2 * 1024 }' /proc/meminfo)
	[ "$memory" -ge $((SIZE * 1500000)) ] ||
		testbed_die "captures of $SIZE MB do not stay in $((memory / 1000000)) MB of free memory" \
			"(way out: a smaller SIZE)"
}

# The first packets of a capture as one of its own.
slice() { # FROM TO PACKETS
	tcpdump -Z root -r "$1" -c "$3" -w "$2" 2>"$2.tcpdump" ||
		testbed_die "tcpdump failed: $(tail -n 3 "$2.tcpdump")"
}

part() { # NAME TITLE PATH CONNECTIONS
	local file=$TESTBED_DIR/$1.pcap
	say "$2: capturing $SIZE MB"
	capture_load "$file" $((SIZE * 1000000)) "$3" "$4"
	slice "$file" "$file.quarter" $((CAPTURE_PACKETS / 4))
	slice "$file" "$file.tenth" $((CAPTURE_PACKETS / 10))
	say "$2: reading"
	# Beside this shell, which only so hears of a signal at once.
	host_exec - "$PYTHON" -B "$BENCH/readers.py" "$NETLAT" "$ROUNDS" "$file" "$CAPTURE_PACKETS" \
		"$CAPTURE_DROPPED" "$CAPTURE_RESPONSES" "$2; $LINE" || MISSED=1
	rm -- "$file"*
}

require_all
testbed_up
# Each in turn: one capture, its slices, and what tcpdump writes of it.
require_disk $((SIZE * 1000000 * 3 / 2))
host_add web
host_add client
host_plain_segments web
host_plain_segments client
LINE="line of $CAPTURE_RATE"
host_line web 2>"$TESTBED_DIR/tbf" || LINE="line as fast as it can be (this kernel has no tbf)"
MISSED=
part small "small responses (1 kB), connections kept" /1k 32
part large "large bodies (1 MiB)" /1m 8
[ -z "$MISSED" ] || exit 1
