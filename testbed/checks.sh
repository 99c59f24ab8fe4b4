# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# checks.sh - what a test says, and netlat started, stopped and asked; lib.sh sources it.
# One line a check: `ok NAME`, `not ok NAME: why` or `skip NAME: why`; last a count.

NETLAT=${NETLAT:-$TESTBED_SOURCE/../build/netlat}
CHECKS_PASSED=0
CHECKS_FAILED=0
CHECKS_SKIPPED=0

ok() { # NAME
	CHECKS_PASSED=$((CHECKS_PASSED + 1))
	printf 'ok %s\n' "$1"
}

not_ok() { # NAME WHY
	CHECKS_FAILED=$((CHECKS_FAILED + 1))
	printf 'not ok %s: %s\n' "$1" "$2"
}

skip() { # NAME WHY
	CHECKS_SKIPPED=$((CHECKS_SKIPPED + 1))
	printf 'skip %s: %s\n' "$1" "$2"
}

check_equal() { # NAME EXPECTED ACTUAL [WHAT]
	if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1" "expected $2, got $3${4:+ ($4)}"; fi
}

check_between() { # NAME LOW HIGH ACTUAL: integers, both ends included
	if [[ $4 =~ ^-?[0-9]+$ ]] && [ "$4" -ge "$2" ] && [ "$4" -le "$3" ]; then
		ok "$1"
	else
		not_ok "$1" "expected $2 to $3, got ${4:-nothing}"
	fi
}

check_contains() { # NAME PATTERN FILE: extended regular expression
	if grep -Eq -- "$2" "$3"; then
		ok "$1"
	else
		not_ok "$1" "nothing like \"$2\" in: $(tail -n 4 "$3" | tr '\n' '|')"
	fi
}

# Not grep -c, which fails where it counts none.
count_lines() { # PATTERN FILE
	awk -v pattern="$1" '$0 ~ pattern { n++ } END { print n + 0 }' "$2"
}

# Take over the check lines that a helper printed.
checks_from() { # FILE
	local line
	while IFS= read -r line; do
		case $line in
		'ok '*) ok "${line#ok }" ;;
		'not ok '*) line=${line#not ok } && not_ok "${line%%: *}" "${line#*: }" ;;
		'skip '*) line=${line#skip } && skip "${line%%: *}" "${line#*: }" ;;
		*) printf '%s\n' "$line" ;;
		esac
	done <"$1"
}

# Last line of a test, and its exit status. A run without a check is a failure.
checks_end() {
	printf '%d passed, %d failed, %d skipped\n' \
		"$CHECKS_PASSED" "$CHECKS_FAILED" "$CHECKS_SKIPPED"
	[ "$CHECKS_FAILED" -eq 0 ] && [ $((CHECKS_PASSED + CHECKS_SKIPPED)) -gt 0 ] || exit 1
	exit 0
}

require_netlat() {
	[ -x "$NETLAT" ] || testbed_die "$NETLAT: no such program (way out: make, or NETLAT=path)"
	NETLAT=$(readlink -f "$NETLAT")
}

netlat_out() { printf '%s/netlat-%s.out' "$TESTBED_DIR" "$1"; }
netlat_err() { printf '%s/netlat-%s.err' "$TESTBED_DIR" "$1"; }

# Start netlat under a name of this test's own and wait until it observes; its
# pid in $NETLAT_PID. Output and talk are in netlat_out and netlat_err NAME.
netlat_spawn() { # NAME OPTION...
	local name=$1
	shift
	# Here already, as the started one makes its files later than others look for them.
	: >"$(netlat_out "$name")"
	: >"$(netlat_err "$name")"
	# SIGINT gets its default back, which a shell takes from background commands.
	setpriv --pdeathsig TERM env --default-signal=INT "$NETLAT" "$@" \
		>"$(netlat_out "$name")" 2>"$(netlat_err "$name")" </dev/null &
	NETLAT_PID=$!
	TESTBED_PIDS+=("$NETLAT_PID")
}

netlat_observes() { # NAME
	grep -q '^netlat: observing ' "$(netlat_err "$1")"
}

netlat_start() { # NAME OPTION...
	netlat_spawn "$@"
	wait_until 10 netlat_ready_or_gone "$1" ||
		testbed_die "netlat $* was not ready in time: $(tail -n 5 "$(netlat_err "$1")")"
	netlat_observes "$1" ||
		testbed_die "netlat $* ended early: $(tail -n 5 "$(netlat_err "$1")")"
}

netlat_ready_or_gone() { # NAME
	netlat_observes "$1" || pid_gone_within 0 "$NETLAT_PID"
}

# End it as Ctrl-C would. A check: it must exit 0.
netlat_stop() { # NAME [PID [SIGNAL]]
	local status=0
	# Connections of the load are still being closed.
	sleep 0.2
	pid_stop "${2:-$NETLAT_PID}" "${3:-INT}" || status=$?
	[ "$status" -eq 0 ] ||
		not_ok "$1: ends cleanly" "exit status $status: $(tail -n 3 "$(netlat_err "$1")" | tr '\n' '|')"
}

# A counter of the final summary with -v: lines of number, name, help. One that is
# not listed is zero.
netlat_counter() { # NAME COUNTER
	awk -v name="$2" '$2 == name && $1 ~ /^[0-9]+$/ { n = $1 } END { print n + 0 }' \
		"$(netlat_out "$1")" "$(netlat_err "$1")"
}

# All packets have a fate, all requests an end; names as the program has them.
check_ledger() { # NAME
	local fates fate sum=0
	fates=$(sed -n '/define NL_PACKET_FATES/,/^$/s/.*X([0-9]*, \([a-z_]*\),.*/\1/p' \
		"$TESTBED_SOURCE/../bpf/reasons.h")
	for fate in $fates; do
		sum=$((sum + $(netlat_counter "$1" "$fate")))
	done
	check_equal "$1: packets = the sum of their fates" "$(netlat_counter "$1" packets)" "$sum"
	sum=0
	for fate in paired unanswered aborted evicted in_flight; do
		sum=$((sum + $(netlat_counter "$1" "$fate")))
	done
	check_equal "$1: requests = paired + unanswered + aborted + evicted + in_flight" \
		"$(netlat_counter "$1" requests)" "$sum"
	check_equal "$1: responses = paired + orphan" "$(netlat_counter "$1" responses)" \
		$(($(netlat_counter "$1" paired) + $(netlat_counter "$1" orphan)))
}

# Records of a JSON output that match all FIELD=VALUE given.
netlat_records() { # NAME [FIELD=VALUE...]
	"$PYTHON" "$TESTBED_SOURCE/records.py" count "$(netlat_out "$1")" "${@:2}"
}

# Numbers of all kernel objects (prog, link, map) that a process holds, as KIND NUMBER.
kernel_objects_of() { # PID
	sed -n 's/^\(prog\|link\|map\)_id:[[:space:]]*\([0-9][0-9]*\)$/\1 \2/p' "/proc/$1/fdinfo/"* |
		sort -u
}

kernel_objects_gone() { # FILE written by kernel_objects_of
	local kind number
	while read -r kind number; do
		! bpftool "$kind" show id "$number" >/dev/null 2>&1 || return 1
	done <"$1"
}
