#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# test_captures.sh - netlat -r on captures taken by others, where they lie beside the
# project (../shared/pcaps): it never crashes, its ledger adds up, and what it finds
# is what tshark finds, but for the captures that README.md explains one by one. They
# are not part of the project.
set -uo pipefail
cd "$(dirname "$0")/.."
NETLAT=${NETLAT:-build/netlat}
SHARED=${SHARED:-../shared}
AGREEMENT_MIN=98 # share of tshark's transactions found equal, in percent

passed=0 failed=0 skipped=0

ok() { passed=$((passed + 1)); echo "ok $*"; }
not_ok() { failed=$((failed + 1)); echo "not ok $*"; }

if [ ! -d "$SHARED/pcaps" ]; then
	echo "skip captures: there are none in $SHARED/pcaps"
	echo "0 passed, 0 failed, 1 skipped"
	exit 0
fi

crashed=0 wrong=0 read=0
for capture in "$SHARED"/pcaps/*.*cap*; do
	case $capture in *.csv) continue ;; esac
	out=$("$NETLAT" --strict -v -r "$capture" 2>&1)
	status=$?
	read=$((read + 1))
	if [ "$status" -gt 1 ]; then
		crashed=$((crashed + 1))
		echo "# $capture: exit status $status"
	fi
	if grep -q 'not add up' <<<"${out,,}"; then
		wrong=$((wrong + 1))
		echo "# $capture: the ledger does not add up"
	fi
done
if [ "$read" -gt 0 ] && [ "$crashed" -eq 0 ]; then ok "no crash on $read captures"; else not_ok "$crashed of $read captures crash it"; fi
if [ "$wrong" -eq 0 ]; then ok "the ledger of each adds up"; else not_ok "$wrong ledgers do not add up"; fi

# Targets are compared, with their queries.
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
printf '#!/bin/sh\nexec "%s" --show-sensitive "$@"\n' "$(readlink -f "$NETLAT")" >"$directory/netlat"
chmod +x "$directory/netlat"
compared=$("$SHARED"/oracle/compare.py --netlat "$directory/netlat" "$SHARED"/oracle/expected "$SHARED"/pcaps/*.*cap* 2>&1)
summary=$(tail -n 1 <<<"$compared")
echo "# $summary"
agreement=$(sed -n 's/.*agreement=\([0-9]*\).*/\1/p' <<<"$summary")
if [ "${agreement:-0}" -ge "$AGREEMENT_MIN" ]; then
	ok "at least $AGREEMENT_MIN % of tshark's transactions are found equal"
else
	not_ok "agreement with tshark is ${agreement:-unknown} %, expected $AGREEMENT_MIN"
fi

differ=$(sed -n 's|^.*/\([^/]*\)\.[a-z]*: .*want=.*|\1|p; s|^.*/\([^/]*\)\.[a-z]*: extra=.*|\1|p' <<<"$compared" | sort -u)
explained=$(sed -n "/^## Where tshark/,/^## What is not/ s/^| \([^|]*\) |.*/\1/p" tests/README.md |
	grep -o '`[^`]*`' | tr -d '`' | sort -u)
unexplained=$(comm -3 <(echo "$differ") <(echo "$explained"))
if [ -n "$explained" ] && [ -z "$unexplained" ]; then
	ok "the $(wc -l <<<"$differ") captures that differ are those that tests/README.md explains"
else
	sed 's/^/# /' <<<"$unexplained"
	not_ok "captures above differ without an explanation (left), or do not differ (right)"
fi

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
