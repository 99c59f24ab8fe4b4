#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# test_alert_rules.sh - promtool on what configs/ has for Prometheus; the metrics in the rules are
# netlat's, and every alert has a test in alerts/. testbed/test_alerts.sh fires some for real.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
passed=0 failed=0

check() { # NAME COMMAND...
	if "${@:2}" >"$folder/said" 2>&1; then
		passed=$((passed + 1)) && echo "ok $1"
	else
		failed=$((failed + 1)) && echo "not ok $1: $(tail -n 12 "$folder/said" | tr '\n' '|')"
	fi
}

check "promtool check rules" promtool check rules configs/netlat.rules.yml
sed "s,/etc/prometheus/,$PWD/configs/," configs/prometheus.yml >"$folder/prometheus.yml"
check "promtool check config" promtool check config "$folder/prometheus.yml"
check "promtool test rules" promtool test rules tests/alerts/netlat.test.yml

alerts=$(sed -n 's/.*- alert: //p' configs/netlat.rules.yml | sort)
check "every alert has a test in which it fires" diff <(echo "$alerts") \
	<(grep -B1 'exp_alerts:$' tests/alerts/netlat.test.yml | sed -n 's/.*alertname: //p' | sort -u)
families=$(sed -n 's/^\tX([A-Z_]*, "\([a-z_]*\)".*/\1/p' daemon/metric_families.h)
used=$(grep -oE '(netlat|http_server|process)_[a-z_]+\{?' configs/netlat.rules.yml | tr -d '{' |
	grep -vE '_(bucket|count|sum)$' | sort -u | grep -E '_(total|ratio|seconds|series|limit)$')
used+=" $(grep -oE '[a-z_]+_(bucket|count|sum)\b' configs/netlat.rules.yml | sed 's/_\(bucket\|count\|sum\)$//' | sort -u)"
for metric in $used; do
	check "$metric is a metric of netlat" grep -qx "$metric" <<<"$families"
done
# Entries of the ledger, and reasons, by the names that the program has.
for name in $(grep -oE '(entry|reason)(=|=~|!~)"[a-z_|]+"' configs/netlat.rules.yml | sed 's/.*"\(.*\)"/\1/' | tr '|' '\n' | sort -u); do
	check "$name is a name of bpf/reasons.h" grep -qE "X\([0-9]+, $name, " bpf/reasons.h
done
for name in $(grep -oE '(result|place)="[a-z_]+"' configs/netlat.rules.yml | sed 's/.*"\(.*\)"/\1/' | sort -u); do
	check "$name is the value of a label" grep -qF "\"$name\"" daemon/export_globals.c
done

echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
