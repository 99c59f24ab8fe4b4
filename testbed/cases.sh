# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# cases.sh - netlat beside the conversations of cases/, between two hosts of lib.sh. To be
# sourced after it.

cases_hosts() {
	host_add server
	host_add client
}

# Hold a set of conversations while netlat runs; what is expected goes to FILE.
cases_hold() { # NAME SET FAMILY FILE
	host_exec - "$PYTHON" -B "$TESTBED_SOURCE/cases/cases.py" hold "$2" \
		"$TESTBED_TAG-client" "$("host_ip$3" client)" "$TESTBED_TAG-server" "$("host_ip$3" server)" 8080 \
		"$4" "$(netlat_out "$1")" || testbed_die "the conversations could not be held"
}

cases_check() { # NAME EXPECTED RECORDS [replay]
	"$PYTHON" -B "$TESTBED_SOURCE/cases/cases.py" check "$@" >"$TESTBED_DIR/checks"
	checks_from "$TESTBED_DIR/checks"
}

cases_check_counters() { # NAME EXPECTED
	local counter value
	while read -r counter value; do
		check_equal "$1: counter $counter" "$value" "$(netlat_counter "$1" "$counter")"
	done < <("$PYTHON" -B "$TESTBED_SOURCE/cases/cases.py" counters "$2")
	check_ledger "$1"
}

cases_expected() { printf '%s/expected-%s' "$TESTBED_DIR" "$1"; }

cases_observe() { # NAME SET FAMILY OPTION...
	local expected
	expected=$(cases_expected "$1")
	netlat_start "$1" -o json -v --strict --show-sensitive "${@:4}"
	cases_hold "$1" "$2" "$3" "$expected"
	netlat_stop "$1"
	cases_check "$1" "$expected" "$(netlat_out "$1")"
	cases_check_counters "$1" "$expected"
	check_equal "$1: each record says where its request passed first" \
		"$(wc -l <"$(netlat_out "$1")")" "$(netlat_records "$1" interface="$(host_port client)")"
}
