#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The HTTP API on real traffic: numbers against the load's own and the server's log, filters and
# pages of transactions, every answer against openapi.json, and its health when an interface goes.
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
api=http://127.0.0.1:9100
lost=${TESTBED_TAG}lost

api_py() { # NAME COMMAND [ARGUMENT...]
	local name=$1 status=0
	shift
	"$PYTHON" -B "$TESTBED_SOURCE/api.py" "$1" "$api" "${@:2}" >"$TESTBED_DIR/checks" 2>"$TESTBED_DIR/$name.err" ||
		status=$?
	checks_from "$TESTBED_DIR/checks"
	check_equal "$name: came to its end" 0 "$status" "$(tail -n 1 "$TESTBED_DIR/$name.err")"
}

ask() { # PATH FILTER-of-jq
	curl -sS "$api$1" | jq -r "$2"
}

TESTBED_LINKS+=("$lost")
ip link add "$lost" type veth peer name "${lost}peer"
ip link set "$lost" up
nginx_static_start web 80
app_start app 8080 --max-delay-ms 40 --seed 1
netlat_start api -i "$BRIDGE" -i "$lost" -o json -v --strict --slow 20 --failed -w "$TESTBED_DIR/files" \
	--max-per-minute 0 --listen 127.0.0.1:9100
api_pid=$NETLAT_PID
# Beside it one that keeps no records, on its usual address.
netlat_start plain -i "$BRIDGE" -o none -v --strict --attach clsact
plain_pid=$NETLAT_PID
check_equal "health: all is well" '200 healthy' \
	"$(curl -sS -o "$TESTBED_DIR/health" -w '%{http_code}' "$api/health") $(jq -r .status "$TESTBED_DIR/health")"
check_equal "before any traffic there is no service" 0 "$(ask /api/v1/services .count)"
check_equal "before any traffic there is no transaction" 0 "$(ask /api/v1/transactions .count)"

check_equal "interfaces: one has no carrier" down "$(ask /api/v1/interfaces '.interfaces[1].link_state')"
ip link set "${lost}peer" up
# shellcheck disable=SC2317 # called by wait_until
link_is() { [ "$(ask /api/v1/interfaces '.interfaces[1].link_state')" = "$1" ]; }
if wait_until 5 link_is up; then
	ok "interfaces: its state follows"
else
	not_ok "interfaces: its state follows" "$(ask /api/v1/interfaces '.interfaces[1]')"
fi

# --- traffic: more than the list of transactions holds, the application's last --------------------
load_exact client "$TESTBED_DIR/load" 3000 8 "http://$(host_ip4 web)/1k"
load_exact guest "$TESTBED_DIR/missing" 500 4 "http://$(host_ip4 web)/missing"
load_exact guest "$TESTBED_DIR/v6" 40 2 "http://[$(host_ip6 web)]/1k"
host_exec client curl -sS --max-time 10 "http://$(host_ip4 app):8080/try/[1-60]" >"$TESTBED_DIR/curl"
sleep 1.3 # netlat reads records each 20 ms, and counts anew each second

# --- numbers -----------------------------------------------------------------------------------------
web=$(host_ip4 web):80
app=$(host_ip4 app):8080
ask "/api/v1/services?service=$web" '.services[0]' >"$TESTBED_DIR/web.json"
check_equal "services: requests are h2load's" 3500 "$(jq .requests "$TESTBED_DIR/web.json")"
check_equal "services: 2xx are h2load's" "$(load_status_count "$TESTBED_DIR/load" 2xx)" \
	"$(jq '.responses_by_class."2xx"' "$TESTBED_DIR/web.json")"
check_equal "services: 4xx are h2load's" "$(load_status_count "$TESTBED_DIR/missing" 4xx)" \
	"$(jq '.responses_by_class."4xx"' "$TESTBED_DIR/web.json")"
check_equal "services: clients" 2 "$(jq .clients "$TESTBED_DIR/web.json")"
check_equal "services: by IPv6" "40 [$(host_ip6 web)]:80" \
	"$(ask "/api/v1/services?service=$(host_ip6 web)" '.services[0] | "\(.requests) \(.service)"')"
check_equal "services: by IPv6 and port" 40 \
	"$(curl -sSg "$api/api/v1/services?service=[$(host_ip6 web)]:80" | jq '.services[0].requests')"
check_equal "services: of one client" "500 500" \
	"$(ask "/api/v1/services?client=$(host_ip4 guest)" '.services[] | "\(.requests) \(.responses_by_class."4xx")"')"
check_equal "clients: one, with the services it used" "3060 $web $app" \
	"$(ask "/api/v1/clients?client=$(host_ip4 client)" \
		'.clients[] | "\(.requests) \(.services | sort_by(.server_port) | map(.service) | join(" "))"')"
check_equal "clients: of one service" "$(host_ip4 client) $(host_ip4 guest)" \
	"$(ask "/api/v1/clients?service=$web" '.clients | map(.client_address) | join(" ")')"
check_equal "services: 5xx are the application's own" "$(count_lines ' 500 [0-9]* [0-9]* [-0-9]*$' "$(app_log app)")" \
	"$(ask "/api/v1/services?service=$app" '.services[0].responses_by_class."5xx"')"
check_equal "transactions: the last 1000 are kept" "1000 null false" \
	"$(ask '/api/v1/transactions?limit=1000' '"\(.count) \(.next) \(.sampled)"')"
check_equal "losses: the sums are right" "true true true" \
	"$(ask /api/v1/losses '.checks | map(.is_equal) | join(" ")')"
check_equal "losses: requests are all requests" 3600 \
	"$(ask /api/v1/losses '.counters[] | select(.name == "requests").count')"
check_equal "interfaces: both, and the hooks on each" "$BRIDGE attached $lost attached, 7" \
	"$(ask /api/v1/interfaces '"\(.interfaces | map(.name + " " + .state) | join(" ")), \(.hooks | length)"')"
api_py numbers numbers "$(netlat_out api)" "$app"
api_py numbers numbers "$(netlat_out api)" "$web"
api_py filters filters "$(netlat_out api)" "$app"
api_py schema schema

# --- without records of everything --------------------------------------------------------------------
plain=http://127.0.0.1:9464/api/v1
check_equal "a sample: said to be one" "true" "$(curl -sS "$plain/transactions" | jq .sampled)"
check_between "a sample: some transactions, not all" 1 3599 "$(curl -sS "$plain/transactions?limit=1000" | jq .count)"
check_equal "a sample: services count everything" "3500 60" \
	"$(curl -sS "$plain/services?client=$(host_ip4 client)" "$plain/services?service=$web" |
		jq -rs '"\(.[1].services[0].requests) \(.[0].services[] | select(.server_port == 8080).requests)"')"
check_equal "interfaces: attached by clsact" "clsact" \
	"$(curl -sS "$plain/interfaces" | jq -r '[.hooks[].attached_by] | unique | join(" ")')"
check_between "interfaces: since when, in ms before now" 1000 120000 \
	"$(curl -sS "$plain/interfaces" |
		jq '(now - ([.hooks[].attached_since | sub("\\.[0-9]*Z"; "Z") | fromdate] | max)) * 1000 | floor')"
netlat_stop plain "$plain_pid"

# --- pages while traffic goes on --------------------------------------------------------------------
spawn client "$TESTBED_DIR/more" curl -sS --max-time 20 "http://$(host_ip4 app):8080/more/[1-400]"
more_pid=$SPAWNED_PID
sleep 0.3
api_py walk walk
pid_wait "$more_pid" || not_ok "the application answers" "curl ended with $?"
check_between "rates of late: over a few seconds" 1 60000 "$(ask /api/v1/services '.recent_s * 1000 | floor')"

# --- an interface goes ---------------------------------------------------------------------------------
ip link del dev "$lost"
# shellcheck disable=SC2317 # called by wait_until
health_is() { [ "$(curl -sS -o "$TESTBED_DIR/health" -w '%{http_code}' "$api/health")" = "$1" ]; }
if wait_until 5 health_is 503; then
	ok "health: 503 when an interface is gone"
else
	not_ok "health: 503 when an interface is gone" "$(cat "$TESTBED_DIR/health")"
fi
check_equal "health: says which, and why" "unhealthy: $lost: the interface was removed (1 of 2 observed)" \
	"$(jq -r '"\(.status): \(.reason)"' "$TESTBED_DIR/health")"
check_equal "interfaces: it is removed" "$lost removed null" \
	"$(ask /api/v1/interfaces '.interfaces[1] | "\(.name) \(.state) \(.link_state)"')"
api_py unhealthy unhealthy
netlat_stop api "$api_pid"
check_ledger plain
check_ledger api
checks_end
