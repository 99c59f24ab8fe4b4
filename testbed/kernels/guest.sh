#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# guest.sh - in a virtual machine of kernels.sh: netlat loads on this kernel in both of its
# configurations, decides there as natively, counts real traffic exactly over
# TCX and clsact, leaves nothing, and has the hard cases' records (cases/); or says
# that the kernel is too old.
set -euo pipefail
export TESTBED_PATIENCE=12
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/../lib.sh"
# shellcheck source-path=SCRIPTDIR/.. source=cases.sh
. "$(dirname "$0")/../cases.sh"
testbed_isolate "$@"
require_netlat
testbed_up
cases_hosts
host_add app
requests=300

IFS=.- read -r major minor _ < <(uname -r)
version=$((major * 1000 + minor))
read -r major minor <"$TESTBED_SOURCE/../build/oldest"

# On a kernel older than what is promised it says so, if it does not run all the same.
status=0
if [ "$version" -lt $((major * 1000 + minor)) ]; then
	"$NETLAT" -i "$BRIDGE" -o none --duration 1 >"$TESTBED_DIR/out" 2>"$TESTBED_DIR/err" || status=$?
fi
if [ "$status" -ne 0 ]; then
	check_equal "too old: exit status" 1 "$status"
	check_equal "too old: one line" 1 "$(wc -l <"$TESTBED_DIR/err")"
	check_contains "too old: says so, and what it needs" \
		"^netlat: kernel $(uname -r) is too old: .*Linux $major\.$minor or later" "$TESTBED_DIR/err"
	sed 's/^/  /' "$TESTBED_DIR/err"
	checks_end
fi

status=0
"$TESTBED_SOURCE/../build/tests/replay/test_replay" >"$TESTBED_DIR/replay" 2>&1 || status=$?
untold=$(grep '^this kernel does not tell' "$TESTBED_DIR/replay" || echo)
[ -z "$untold" ] || skip "the number of verified instructions" "$untold"
sed -n 's/^\(.*[^0-9]\)*\([0-9]* instructions verified\)$/  \2/p' "$TESTBED_DIR/replay"
check_equal "test_replay: exit status" 0 "$status" "$(grep -v ' OK \]\| RUN  ' "$TESTBED_DIR/replay" |
	tail -n 12 | tr '\n' '|')"
check_contains "test_replay: its tests ran" '\[  PASSED  \] [1-9][0-9]* test' "$TESTBED_DIR/replay"

app_start app 8080

hooks() {
	local device
	for device in "$BRIDGE" "$(host_port app)" "$(host_port client)"; do
		tc qdisc show dev "$device" clsact
		tc filter show dev "$device" ingress
		tc filter show dev "$device" egress
	done
}

observe() { # NAME OPTION...
	local name=$1 before_lines client=$TESTBED_DIR/client
	shift
	netlat_start "$name" -i "$BRIDGE" -v "$@"
	before_lines=$(wc -l <"$(app_log app)")
	host_exec client "$PYTHON" "$TESTBED_SOURCE/client.py" "http://$(host_ip4 app):8080/item" \
		"$requests" 4 >"$client" || not_ok "$name: the client was served" "$(tail -n 2 "$client")"
	hooks >"$TESTBED_DIR/hooks"
	sleep 0.5 # the application writes its log every 0.2 s
	netlat_stop "$name"
	check_equal "$name: requests = answers = lines of the application's log" \
		"$requests $requests $requests" "$(netlat_counter "$name" requests) $(netlat_counter \
			"$name" paired) $(($(wc -l <"$(app_log app)") - before_lines))"
	check_equal "$name: nothing is left on the hooks" "" "$(hooks)"
	case " $* " in
	*' json '*)
		check_equal "$name: records by status are what the client received" \
			"$(cat "$client")" "$(for status in 200 500; do
				echo "$status $(netlat_records "$name" status=$status outcome=ok 'grade=[]')"
			done)"
		"$PYTHON" "$TESTBED_SOURCE/records.py" valid "$(netlat_out "$name")" >"$TESTBED_DIR/valid"
		checks_from "$TESTBED_DIR/valid"
		;;
	esac
}

observe table -o table
observe json -o json
if [ "$version" -ge 6006 ]; then
	check_equal "json: by TCX, which adds no filter" "" "$(cat "$TESTBED_DIR/hooks")"
	observe table-clsact -o table --attach clsact
	observe json-clsact -o json --attach clsact
fi
check_contains "$([ "$version" -ge 6006 ] && echo json-clsact || echo json): by a filter" "bpf" \
	"$TESTBED_DIR/hooks"
[ -e "$TESTBED_SOURCE/../build/quick" ] || cases_observe cases cases 4 -i "$BRIDGE"
checks_end
