#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Captures are read whole, fast and in bounded memory: netlat -r finds in a capture of wrk
# on nginx what wrk received, at no less than half the speed of tcpdump -w /dev/null,
# and a larger capture takes no more memory, even if all of it is clients never seen before.
# A small make bench-offline (bench/offline.sh), and judged.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
testbed_isolate "$@"
require_netlat
SIZE=${SIZE:-200} # MB, of each capture
ROUNDS=15
CONNECTIONS=32
testbed_up
host_add web
host_add client
host_plain_segments web
host_plain_segments client
host_line web 2>"$TESTBED_DIR/tbf" || echo "  (this kernel has no tbf: the line is as fast as it can be)"
require_disk $((SIZE * 2000000))

# Microseconds of wall time of a command.
time_us() { # COMMAND...
	local begin=${EPOCHREALTIME/[.,]/}
	"$@" >/dev/null 2>"$TESTBED_DIR/timed" ||
		testbed_die "$* failed: $(tail -n 3 "$TESTBED_DIR/timed")"
	TIME_US=$((${EPOCHREALTIME/[.,]/} - begin))
}

# The best of several rounds of each, in turn: what others take of the machine only adds.
speed() { # NAME FILE OPTION...
	local tcpdump=999999999 netlat=999999999 round
	for ((round = 0; round < ROUNDS; round++)); do
		time_us tcpdump -Z root -r "$2" -w /dev/null
		tcpdump=$((TIME_US < tcpdump ? TIME_US : tcpdump))
		time_us "$NETLAT" -r "$2" "${@:3}"
		netlat=$((TIME_US < netlat ? TIME_US : netlat))
	done
	check_between "$1: percent of tcpdump's speed" 50 100000 $((100 * tcpdump / netlat))
	printf '  %s: %d ms, tcpdump %d ms\n' "$1" $((netlat / 1000)) $((tcpdump / 1000))
}

# kB of memory at the peak.
peak_kb() { # FILE OPTION...
	/usr/bin/time -f %M -o "$TESTBED_DIR/peak" "$NETLAT" -r "$1" "${@:2}" >/dev/null 2>&1
	cat "$TESTBED_DIR/peak"
}

memory() { # NAME SMALL LARGE OPTION...
	local small large
	small=$(peak_kb "$2" "${@:4}")
	large=$(peak_kb "$3" "${@:4}")
	check_between "$1: kB of memory, and of a quarter of it $small" 1000 $((small + 1024)) "$large"
}

wrk_capture() { # NAME PATH
	local file=$TESTBED_DIR/$1.pcap paired
	capture_load "$file" $((SIZE * 1000000)) "$2" "$CONNECTIONS"
	"$NETLAT" -r "$file" -v >"$(netlat_out "$1")" 2>"$(netlat_err "$1")"
	paired=$(netlat_counter "$1" paired)
	check_equal "$1: packets" "$CAPTURE_PACKETS" "$(netlat_counter "$1" packets)"
	if [ "$CAPTURE_DROPPED" -eq 0 ]; then
		# wrk leaves out the last response of each connection when it ends.
		check_between "$1: paired, as wrk received" "$CAPTURE_RESPONSES" \
			$((CAPTURE_RESPONSES + CONNECTIONS)) "$paired"
	else
		skip "$1: paired, as wrk received" "tcpdump missed $CAPTURE_DROPPED packets as it wrote"
	fi
	"$NETLAT" -r "$file" -q -o json >"$(netlat_out "$1-json")"
	check_equal "$1: records that are ok" "$paired" "$(netlat_records "$1-json" outcome=ok)"
	rm -- "$(netlat_out "$1-json")"
	speed "$1, table" "$file"
	speed "$1, records" "$file" -o json
	tcpdump -Z root -r "$file" -c $((CAPTURE_PACKETS / 4)) -w "$file.quarter" 2>"$TESTBED_DIR/slice"
	memory "$1, table" "$file.quarter" "$file"
	memory "$1, records" "$file.quarter" "$file" -o json
	rm -- "$file"*
}

wrk_capture small /1k
wrk_capture large /1m

# The table of connections is of a fixed size, and small here, so as not to hide the rest.
"$PYTHON" "$TESTBED_SOURCE/many_clients.py" "$TESTBED_DIR/many" 80000
"$PYTHON" "$TESTBED_SOURCE/many_clients.py" "$TESTBED_DIR/fewer" 20000
memory "many clients, table" "$TESTBED_DIR/fewer" "$TESTBED_DIR/many" --max-flows 1024
memory "many clients, records" "$TESTBED_DIR/fewer" "$TESTBED_DIR/many" --max-flows 1024 -o json
checks_end
