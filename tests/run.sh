#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# run.sh - every test: style, unit, the program in the kernel, captures, and real
# traffic in the testbed. Needs root and a built tree (`make check` does both).
# Ends with the line `N passed, N failed, N skipped`; exits 1 if anything failed.
set -uo pipefail
cd "$(dirname "$0")/.."
BUILD=${BUILD:-build}
export CASES=${CASES:-$BUILD/cases}
LOGS=$(mktemp -d)
trap 'rm -rf "$LOGS"' EXIT

passed=0 failed=0 skipped=0

add() { # PASSED FAILED SKIPPED
	passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3))
}

heading() {
	printf '\n== %s\n' "$*"
}

# One check that is a command: its output is shown only if it fails.
check() { # NAME COMMAND...
	local name=$1
	shift
	if "$@" >"$LOGS/out" 2>&1; then
		echo "ok $name"
		add 1 0 0
	else
		sed 's/^/  /' "$LOGS/out"
		echo "not ok $name"
		add 0 1 0
	fi
}

# A cmocka program: counts what its closing lines say.
cmocka() { # PROGRAM
	local good bad status skips
	timeout 600 "$1" >"$LOGS/out" 2>&1
	status=$?
	good=$(awk '/^\[  PASSED  \] [0-9]+ test/ { n += $4 } END { print n + 0 }' "$LOGS/out")
	bad=$(awk '/^\[  FAILED  \] [0-9]+ test/ { n += $4 } END { print n + 0 }' "$LOGS/out")
	skips=$(awk '/^\[  SKIPPED \] [0-9]+ test/ { n += $4 } END { print n + 0 }' "$LOGS/out")
	if [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then
		bad=1 # it died
	fi
	if [ "$((good + bad))" -eq 0 ]; then
		echo "$1 ran no test" >>"$LOGS/out"
		bad=1
	fi
	if [ "$bad" -ne 0 ]; then
		sed 's/^/  /' "$LOGS/out"
	fi
	grep '^# ' "$LOGS/out"
	printf '%-44s %3d passed, %d failed, %d skipped\n' "${1#"$BUILD"/tests/}" "$good" "$bad" "$skips"
	add "$good" "$bad" "$skips"
}

# A script that ends with the line `N passed, N failed, N skipped`.
script() { # SCRIPT
	local line status
	timeout 900 "$1" </dev/null >"$LOGS/out" 2>&1
	status=$?
	line=$(tail -n 1 "$LOGS/out")
	if [[ $line =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed,\ ([0-9]+)\ skipped$ ]]; then
		grep -E '^(not ok|skip|#) ' "$LOGS/out"
		if [ "${BASH_REMATCH[2]}" -ne 0 ]; then
			sed 's/^/  /' "$LOGS/out"
		fi
		printf '%-44s %s\n' "$1" "$line"
		add "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}" "${BASH_REMATCH[3]}"
		if [ "$status" -ne 0 ] && [ "${BASH_REMATCH[2]}" -eq 0 ]; then
			echo "not ok $1: exit status $status"
			add 0 1 0
		fi
	else
		sed 's/^/  /' "$LOGS/out"
		echo "not ok $1: it did not come to its end (exit status $status)"
		add 0 1 0
	fi
}

heading style
check "clang-format and clang-tidy (make lint)" make --no-print-directory lint
check "each file has its SPDX line" tests/check_spdx.sh
check "each file is in the README of its folder, and what is there exists" tests/check_readme.py
check "the table of cases is current" tests/cases/generate.py --check-readme

heading unit
for program in "$BUILD"/tests/unit/test_*; do
	case $program in *.o | *.d) continue ;; esac
	cmocka "$program"
done

check "all of them under AddressSanitizer and UndefinedBehaviorSanitizer" make --no-print-directory sanitize

heading 'the program in the kernel'
for program in "$BUILD"/tests/replay/test_*; do
	case $program in *.o | *.d) continue ;; esac
	cmocka "$program"
done

heading fuzzing
FUZZ_SECONDS=${FUZZ_SECONDS:-8} script tests/fuzz/run.sh

heading captures
script tests/test_cases.py
script tests/test_csv.py
script tests/test_captures.sh
script tests/test_pcapng.py

heading 'what is installed'
script tests/test_install.sh
script tests/test_alert_rules.sh

heading 'real traffic'
for test in testbed/test_*.sh; do
	script "$test"
done

echo
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
