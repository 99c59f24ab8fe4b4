#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What the command line promises, on live traffic: filters, output formats,
# duration, and how soon the first packet is observed.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
testbed_isolate "$@"
require_netlat
testbed_up
host_add web
host_add app
host_add client
host_add guest
nginx_static_start web 80
app_start app 8080
web_url=http://$(host_ip4 web)/1k

# 30 requests to the file server, 20 to the application from each of two clients;
# 10 from one of them over IPv6.
traffic() {
	local host
	for host in client guest; do
		load_exact "$host" "$TESTBED_DIR/load" 30 2 "$web_url"
		load_exact "$host" "$TESTBED_DIR/load" 20 2 "http://$(host_ip4 app):8080/health"
	done
	load_exact guest "$TESTBED_DIR/load" 10 1 "http://[$(host_ip6 web)]/1k"
}

filter_case() { # NAME EXPECTED OPTION...
	local name=$1 expected=$2 label="filter ${*:3}"
	[ $# -gt 2 ] || label="no filter"
	netlat_start "$name" -i "$BRIDGE" -o json -v "${@:3}"
	traffic
	netlat_stop "$name"
	check_equal "$label: transactions" "$expected" "$(netlat_counter "$name" paired)"
	check_equal "$label: records" "$expected" "$(wc -l <"$(netlat_out "$name")")"
}

# --- filters --------------------------------------------------------------------------
filter_case all 110
filter_case port 70 --port 80
filter_case other-port 40 --port 8080
filter_case ports 110 --port 8080 --port 80
filter_case net4 50 --net "$(host_ip4 guest)/32"
filter_case subnet 100 --net "$TESTBED_NET4.0/24"
filter_case net6 10 --net "$TESTBED_NET6:/64"
filter_case both 30 --port 80 --net "$(host_ip4 guest)/32"
check_between "filter: what is excluded is counted" 1 100000 "$(netlat_counter both filtered)"

# --- records from a latency on ----------------------------------------------------------
netlat_start slow -i "$BRIDGE" -o json -v --min-latency 5
load_exact client "$TESTBED_DIR/load" 400 8 "http://$(host_ip4 app):8080/item"
netlat_stop slow
sleep 0.5 # the application writes its log five times a second
slow=$(awk '$4 == "/item" && $7 >= 5000000' "$(app_log app)" | wc -l)
records=$(wc -l <"$(netlat_out slow)")
check_equal "min-latency: metrics are of all transactions" 400 "$(netlat_counter slow paired)"
# A sleep just short of 5 ms makes a duration just beyond it.
check_between "min-latency: records of the slow ones" "$slow" $((slow + 30)) "$records"
check_equal "min-latency: and of no other" "$records" "$("$PYTHON" "$TESTBED_SOURCE/records.py" \
	at-least "$(netlat_out slow)" duration_ns 5000000)"

# --- formats ----------------------------------------------------------------------------
netlat_start json -i "$BRIDGE" -o json
traffic
netlat_stop json
check_equal "json: nothing but records on standard output" "$(wc -l <"$(netlat_out json)")" \
	"$(count_lines '^{.*}$' "$(netlat_out json)")"
"$PYTHON" "$TESTBED_SOURCE/records.py" valid "$(netlat_out json)" >"$TESTBED_DIR/checks"
checks_from "$TESTBED_DIR/checks"

netlat_start none -i "$BRIDGE" -o none
traffic
netlat_stop none "$NETLAT_PID" TERM
check_equal "none: nothing on standard output" 0 "$(wc -c <"$(netlat_out none)")"

netlat_start quiet -i "$BRIDGE" -o table -t 0.5
traffic
netlat_stop quiet
check_contains "table: the services are in it" "$(host_ip4 web):80" "$(netlat_out quiet)"
check_contains "table: the clients are in it" "$(host_ip4 guest)" "$(netlat_out quiet)"
check_contains "table: IPv6 services are in it" "\[$(host_ip6 web)\]:80" "$(netlat_out quiet)"
check_equal "table: no escapes without a terminal" 0 "$(count_lines $'\033' "$(netlat_out quiet)")"

check_equal "table: written once" 1 "$(count_lines '^netlat: ' "$(netlat_out quiet)")"
check_contains "table: totals are right" "^total +110 " "$(netlat_out quiet)"

# Like `netlat -o json | head -n 1`: a reader that goes away ends it.
mkfifo "$TESTBED_DIR/fifo"
head -n 1 <"$TESTBED_DIR/fifo" >"$TESTBED_DIR/line" &
"$NETLAT" -i "$BRIDGE" -o json --duration 20 >"$TESTBED_DIR/fifo" 2>"$(netlat_err pipe)" &
NETLAT_PID=$!
TESTBED_PIDS+=("$NETLAT_PID")
wait_until 5 netlat_ready_or_gone pipe || testbed_die "netlat into a pipe was not ready"
traffic
traffic
if pid_gone_within 5 "$NETLAT_PID"; then
	ok "pipe: netlat ends with its reader"
else
	not_ok "pipe: netlat ends with its reader" "still running after 5 s"
fi
check_contains "pipe: the reader had its line" '^\{.*\}$' "$TESTBED_DIR/line"

# --- a capture from a pipe ----------------------------------------------------------------
# A capture of one of the hard cases, from a writer that goes on for longer than this looks.
mkfifo "$TESTBED_DIR/capture-fifo"
{
	cat "$TESTBED_SOURCE/../build/cases/keep_alive.pcap"
	exec sleep 30
} >"$TESTBED_DIR/capture-fifo" &
writer_pid=$!
TESTBED_PIDS+=("$writer_pid")
"$NETLAT" -r "$TESTBED_DIR/capture-fifo" -o json >"$(netlat_out piped)" 2>"$(netlat_err piped)" &
NETLAT_PID=$!
TESTBED_PIDS+=("$NETLAT_PID")
piped_has_all() { [ "$(wc -l <"$(netlat_out piped)")" -eq 300 ]; }
if wait_until 5 piped_has_all; then
	ok "a pipe that stays open: the records are there at once"
else
	not_ok "a pipe that stays open: the records are there at once" "$(wc -l <"$(netlat_out piped)") of 300"
fi
status=0
pid_stop "$NETLAT_PID" INT || status=$?
check_equal "a pipe that stays open: SIGINT ends it well" 0 "$status"
check_contains "a pipe that stays open: and with the summary" '^responses 300 = paired 300 \+ orphan 0$' \
	"$(netlat_err piped)"
status=0
pid_stop "$writer_pid" || status=$?
check_equal "a pipe that stays open: it was open until then" 143 "$status"

# --- duration ---------------------------------------------------------------------------
begin_ns=$(date +%s%N)
netlat_start duration -i "$BRIDGE" -o none -v --duration 1.5
traffic
status=0
pid_wait "$NETLAT_PID" || status=$?
check_equal "duration: ends by itself, exit status" 0 "$status"
check_between "duration: after that time, in ms" 1500 2500 $((($(date +%s%N) - begin_ns) / 1000000))
check_equal "duration: with its summary" 110 "$(netlat_counter duration paired)"

# --- wrong values -------------------------------------------------------------------------
usage_case() { # PATTERN OPTION...
	local status=0
	timeout 5 "$NETLAT" "${@:2}" >"$TESTBED_DIR/out" 2>"$TESTBED_DIR/err" || status=$?
	check_equal "usage ${*:2}: exit status" 2 "$status"
	check_contains "usage ${*:2}: says what is allowed" "$1" "$TESTBED_DIR/err"
}
usage_case "65535" -i "$BRIDGE" --port 70000
usage_case "table.*json.*none" -i "$BRIDGE" -o xml
usage_case "auto.*tcx.*clsact" -i "$BRIDGE" --attach xdp
usage_case "net" -i "$BRIDGE" --net 10.0.0.0/33
usage_case "min-latency" -i "$BRIDGE" --min-latency=-1
usage_case "-i" -o json

# --- how soon -----------------------------------------------------------------------------
# Light traffic: a saturated machine would measure its own scheduling.
spawn client "$TESTBED_DIR/load" "$PYTHON" "$TESTBED_SOURCE/client.py" "$web_url" 1500 1 2
load_pid=$SPAWNED_PID
sleep 0.5
begin_ns=$(date +%s%N)
netlat_start soon -i "$BRIDGE" -o json -v
sleep 1
netlat_stop soon
pid_wait "$load_pid" || testbed_die "client.py failed: $(tail -n 3 "$TESTBED_DIR/load")"
first_ns=$("$PYTHON" "$TESTBED_SOURCE/records.py" first "$(netlat_out soon)")
check_between "the first packet is observed within 300 ms of the start" 0 300 \
	$(((first_ns - begin_ns) / 1000000))
printf '  first packet after %d ms; netlat says: %s\n' $(((first_ns - begin_ns) / 1000000)) \
	"$(grep -m1 -o 'observing after [0-9.]* ms' "$(netlat_err soon)" || echo nothing)"
checks_end
