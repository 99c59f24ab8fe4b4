#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Rows of services and clients that are silent are given to others (--expire), and nothing
# that was counted is lost by it.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
testbed_isolate "$@"
require_netlat
testbed_up
host_add app
host_add client
app_start app 8080
network=10.78.0.0/16
host_exec app ip route add local "$network" dev lo
host_exec client ip route add "$network" via "$(host_ip4 app)"
wave=1700 # of the 1,749 rows that pairs may have

ask() { # FIRST: a wave of requests to services from this number on
	host_exec client "$PYTHON" "$TESTBED_SOURCE/many_services.py" "$network" "$1" "$wave"
}

services_served() { # the services that /metrics tells apart
	curl -s http://127.0.0.1:9464/metrics |
		grep -c '^http_server_request_duration_seconds_count{.*server_address="10\.78' || [ $? -eq 1 ]
}

# An answer may be a second old, and silent services leave within two sweeps and --expire.
check_services_within() { # SECONDS COUNT NAME
	local tries served
	for ((tries = 0; tries < 10 * $1; tries++)); do
		served=$(services_served)
		[ "$served" -ne "$2" ] || break
		sleep 0.1
	done
	check_equal "$3" "$2" "$served"
}

# --- rows run out, and come back ------------------------------------------------------
netlat_start rows -i "$BRIDGE" -v --expire 8 --timeout 1
ask 1
check_services_within 2 "$wave" "each service has a series of its own"
check_services_within 30 0 "silent services leave"
sleep 5 # /metrics leaves them out at once; the kernel's rows and then series take a second each
ask 10001
check_services_within 2 "$wave" "others have their place"
netlat_stop rows
check_equal "no connection was counted among others" 0 "$(netlat_counter rows rows_other)"
check_equal "all requests are counted" "$((2 * wave))" "$(netlat_counter rows requests)"
check_equal "all is counted" "$((2 * wave))" "$(netlat_counter rows paired)"
[ "$(netlat_counter rows paired)" -eq "$((2 * wave))" ] || sed -n '/^requests /,$p' "$(netlat_out rows)"
check_equal "and is in the total" "$((2 * wave))" \
	"$(awk '$1 == "total" { print $2 }' "$(netlat_out rows)")"

# --- a service that goes on keeps what clients had that left ---------------------------
requests_of() { # CLIENT: what /metrics says of it, nothing if it does not know it; without one: of the service
	local metric=netlat_requests_total address=server_address
	[ -z "${1:-}" ] || metric=netlat_client_requests_total address=client_address
	curl -s http://127.0.0.1:9464/metrics |
		awk -v metric="^$metric{" -v label="$address=\"${1:-$(host_ip4 app)}\"" \
			'$1 ~ metric && index($1, label) { print $2 }'
}
host_add other
netlat_start leaves -i "$BRIDGE" --expire 1 --timeout 1
for ((asked = 0; asked < 30; asked++)); do
	host_exec other curl -s -o /dev/null "http://$(host_ip4 app):8080/health"
done
sleep 0.2 # an answer may be 50 ms old
check_equal "the client that leaves is counted" 30 "$(requests_of "$(host_ip4 other)")"
for ((tries = 0; tries < 60; tries++)); do
	for ((i = 0; i < 10; i++, asked++)); do
		host_exec client curl -s -o /dev/null "http://$(host_ip4 app):8080/health"
	done
	[ -n "$(requests_of "$(host_ip4 other)")" ] || break
	sleep 0.5
done
sleep 0.2
check_equal "it has left" "" "$(requests_of "$(host_ip4 other)")"
check_equal "its service has lost nothing" "$asked" "$(requests_of)"
netlat_stop leaves

# --- a connection that is silent for long keeps its row -----------------------------------
netlat_start quiet -i "$BRIDGE" -v --expire 1 --timeout 2
host_exec client "$PYTHON" - "$(host_ip4 app)" <<'END'
import http.client, sys, time
connection = http.client.HTTPConnection(sys.argv[1], 8080, timeout=10)
for pause_s in (0, 4):
    time.sleep(pause_s)
    connection.request("GET", "/health")
    assert connection.getresponse().read()
END
sleep 1 # as long as an answer may be old
check_equal "its service goes on where it was" 2 "$(curl -s http://127.0.0.1:9464/metrics |
	awk '/^http_server_request_duration_seconds_count/ { print $2 }')"
netlat_stop quiet
check_equal "the connection is counted in its row" 2 \
	"$(awk '$1 == "total" { print $2 }' "$(netlat_out quiet)")"

# --- without it they do not -----------------------------------------------------------
netlat_start kept -i "$BRIDGE" -v
ask 1
sleep 3
ask 10001
netlat_stop kept
check_equal "rows are kept for as long as --expire says" $((2 * wave - 1749)) \
	"$(netlat_counter kept rows_other)"
pid_stop "$SPAWNED_PID" || not_ok "the application ends cleanly" "exit status $?"
checks_end
