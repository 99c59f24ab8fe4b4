#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# run.sh [SECONDS [TARGET...]] - build the fuzzers, replay what they found before
# (tests/fuzz/regressions/TARGET/), and run each for so long (or FUZZ_SECONDS of the
# environment, or 60). Needs no root. What is found is kept in build/fuzz/crashes/.
# Ends with the line `N passed, N failed, N skipped`.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
SECONDS_EACH=${1:-${FUZZ_SECONDS:-60}}
shift $(($# > 0))
OUT=build/fuzz
PROGRAMS=$OUT/tests/fuzz
CORPUS=$OUT/corpus
CRASHES=$OUT/crashes
CLANG=${CLANG:-clang}

passed=0 failed=0

result() { # STATUS NAME
	if [ "$1" -eq 0 ]; then
		echo "ok $2"
		passed=$((passed + 1))
	else
		echo "not ok $2"
		failed=$((failed + 1))
	fi
}

build() {
	if ! CLANG=$CLANG tools/has-fuzzer.sh; then
		echo "netlat: $CLANG has no libFuzzer or no sanitizers (way out: sudo make deps-test," \
			"which installs libclang-rt-dev)" >&2
		return 1
	fi
	make --no-print-directory B=$OUT CC="$CLANG" WERROR=1 \
		CFLAGS="-O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all" fuzzers
}

# Captures, frames and a head to begin with; more captures come from the cases, where there are any.
seed() {
	mkdir -p $CORPUS/fuzz_capture $CORPUS/fuzz_packet $CORPUS/fuzz_server_timing
	$PROGRAMS/seeds $CORPUS || return 1
	[ ! -d tests/cases ] || find tests/cases build/tests/cases build/cases -name '*.pcap' -size -64k \
		-exec cp -t $CORPUS/fuzz_capture {} + 2>/dev/null
	return 0 # a folder of these need not be there
}

# What a run says if it finds something: what was fed, what does not hold, how to see it again.
explain() { # PROGRAM LOG
	local input
	grep -v -E '^(INFO|#[0-9]|	NEW_FUNC|netlat: )' "$2" | grep -v -E '^ +#[0-9]+ .*(fuzzer::|libc)' |
		head -n 120 | sed 's/^/  /'
	input=$(sed -n 's/.*Test unit written to //p' "$2" | tail -n 1)
	[ -z "$input" ] || echo "  again: $1 $input   (FUZZ_PCAP=FILE keeps its packets as a capture)"
}

run() { # TARGET
	local program=$PROGRAMS/$1 log=$OUT/$1.log most=1000 status
	local old=(tests/fuzz/regressions/"$1"/*)
	[ "$1" = fuzz_capture ] && most=32768
	if [ -e "${old[0]}" ]; then
		"$program" "${old[@]}" >"$log" 2>&1
		status=$?
		result $status "$1: ${#old[@]} inputs that once failed"
		if [ $status -ne 0 ]; then
			explain "$program" "$log"
			return
		fi
	fi
	mkdir -p "$CORPUS/$1" $CRASHES
	"$program" -max_len=$most -timeout=10 -artifact_prefix=$CRASHES/"$1"- \
		-max_total_time="$SECONDS_EACH" "$CORPUS/$1" >"$log" 2>&1
	status=$?
	result $status "$1: $(sed -n 's/^Done \([0-9]* runs in [0-9]*\) second.*/\1 s/p' "$log")"
	[ $status -eq 0 ] || explain "$program" "$log"
}

build || exit 1
seed
result $? "seeds"
if [ $# -eq 0 ]; then
	for program in "$PROGRAMS"/fuzz_*; do
		case $program in *.o | *.d) ;; *) set -- "$@" "$(basename "$program")" ;; esac
	done
fi
for target; do
	run "$target"
done
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
