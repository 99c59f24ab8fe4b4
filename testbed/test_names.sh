#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Names of containers, live: what table, records and --why show while containers of a real
# engine (Docker, then Podman) start, are renamed, go, and have others' addresses.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
. "$TESTBED_SOURCE/docker.sh"
. "$TESTBED_SOURCE/podman.sh"
testbed_isolate "$@"
require_netlat
testbed_up

ENGINE=  # docker or podman: what its functions begin with
SOCKET=  # where it listens
NET=     # first three parts of the addresses in network `shop`
ASKED=0  # how often was asked, for a target of its own each time

engine_do() { "${ENGINE}_do" "$@"; }

# A container NAME with an address and a service of Compose, noted for removal. The MAC goes with
# the address, as it does with Docker: else its neighbors would ask the former one for seconds.
engine_run() { # NAME LAST_PART SERVICE COMMAND...
	local -n containers=${ENGINE^^}_CONTAINERS
	containers+=("$1")
	engine_do run --detach --name "$1" --network shop --ip "$NET.$2" \
		--mac-address "02:77:00:00:00:$2" --label "com.docker.compose.service=$3" testbed "${@:4}" >"$TESTBED_DIR/run" 2>&1 ||
		testbed_die "$ENGINE: $1 cannot be run: $(tail -n 2 "$TESTBED_DIR/run")"
}

app_run() { # NAME LAST_PART SERVICE
	engine_run "$@" /usr/bin/python3 /testbed/app.py --port 8080 --max-delay-ms 0 --log /tmp/app.log
	wait_until 20 app_answers "$2" || testbed_die "$ENGINE: $1 does not answer"
}
# shellcheck disable=SC2317 # called by wait_until
app_answers() { fetch - "http://$NET.$1:8080/health" >/dev/null 2>&1; }

client_asks() { # LAST_PART TARGET REQUESTS
	engine_do exec shop-cart-1 /usr/bin/python3 /testbed/client.py \
		"http://$NET.$1:8080$2" "$3" 1 >"$TESTBED_DIR/client" 2>&1 ||
		testbed_die "$ENGINE: the client had no answer: $(tail -n 1 "$TESTBED_DIR/client")"
}

# shellcheck disable=SC2317 # called by wait_until
names_are_there() { grep -q "container names: from $SOCKET" "$(netlat_err "$1")"; }

# The records of one more request have these fields.
# shellcheck disable=SC2317 # called by wait_until
one_more_has() { # LAST_PART FIELD=VALUE...
	ASKED=$((ASKED + 1))
	client_asks "$1" "/probe/$ASKED" 1
	sleep 0.1 # records are read 50 times a second
	[ "$(netlat_records "$RUN" "target=/probe/$ASKED" "${@:2}")" = 1 ]
}

# From when netlat knows on, all of 100 records have these fields.
check_all() { # NAME LAST_PART TARGET FIELD=VALUE...
	if ! wait_until 5 one_more_has "$2" "${@:4}"; then
		not_ok "$ENGINE: $1" "no record has $*: $(tail -n 1 "$(netlat_out "$RUN")")"
		return
	fi
	client_asks "$2" "$3" 100
	sleep 0.2
	check_equal "$ENGINE: $1" 100 "$(netlat_records "$RUN" "target=$3" "${@:4}")"
}

names_followed() {
	local image=$1
	RUN=$ENGINE-records
	app_run shop-web-1 10 web
	engine_run shop-cart-1 20 cart /usr/bin/python3 -c 'import time; time.sleep(3600)'
	netlat_start "$RUN" -i "$BRIDGE_OF_ENGINE" -o json -v
	wait_until 10 names_are_there "$RUN" ||
		testbed_die "$ENGINE: no names: $(tail -n 3 "$(netlat_err "$RUN")")"
	check_all "records have names, services and images" 10 /begin \
		client_name=shop-cart-1 client_service=cart "client_image=$image" \
		server_name=shop-web-1 server_service=web "server_image=$image"
	engine_do rename shop-web-1 shop-web-2
	check_all "a container is renamed" 10 /renamed server_name=shop-web-2 server_service=web
	engine_do rm --force shop-web-2 >/dev/null
	app_run other 10 batch
	check_all "another one takes over its address" 10 /taken \
		server_name=other server_service=batch client_name=shop-cart-1
	engine_do stop --time 1 other >/dev/null
	engine_do network disconnect shop other
	engine_do network connect --ip "$NET.30" shop other
	engine_do start other >/dev/null
	wait_until 20 app_answers 30 || testbed_die "$ENGINE: other does not answer any more"
	check_all "it is started again, with another address" 30 /moved \
		server_name=other "server_address=$NET.30"
	fetch - "http://$NET.30:8080/host" >/dev/null
	curl -sS http://127.0.0.1:9464/metrics >"$TESTBED_DIR/metrics"
	curl -sS http://127.0.0.1:9464/api/v1/services >"$TESTBED_DIR/services.json"
	netlat_stop "$RUN"
	check_contains "$ENGINE: metrics have both names" \
		'^netlat_.*server_name="other".*client_name="shop-cart-1"|^netlat_.*client_name="shop-cart-1".*server_name="other"' \
		"$TESTBED_DIR/metrics"
	check_equal "$ENGINE: metrics have no series of a former name" 0 \
		"$(count_lines 'shop-web' "$TESTBED_DIR/metrics")"
	check_equal "$ENGINE: the API has the name of the service" other "$(jq -r \
		".services[] | select(.server_address == \"$NET.30\") | .server_name" "$TESTBED_DIR/services.json")"
	check_equal "$ENGINE: the host is no container" 1 "$(netlat_records "$RUN" target=/host \
		client_name=None client_service=None client_image=None server_name=other)"
	check_equal "$ENGINE: a name of then stays in its records" 100 \
		"$(netlat_records "$RUN" target=/begin server_name=shop-web-1)"
	"$PYTHON" "$TESTBED_SOURCE/records.py" valid "$(netlat_out "$RUN")" >"$TESTBED_DIR/checks"
	checks_from "$TESTBED_DIR/checks"
	check_contains "$ENGINE: the summary has the name now, and the address" \
		"^other $NET\.30:8080 +[0-9]+ " "$(netlat_err "$RUN")"
	check_contains "$ENGINE: the summary has the client's" \
		"^  shop-cart-1 $NET\.20 +[0-9]+ " "$(netlat_err "$RUN")"
}

names_shown() {
	RUN=$ENGINE-why
	netlat_start "$RUN" -i "$BRIDGE_OF_ENGINE" --why --slow 0 -v
	wait_until 10 names_are_there "$RUN" || testbed_die "$ENGINE: no names for --why"
	client_asks 30 /why 3
	netlat_stop "$RUN"
	check_equal "$ENGINE: --why has both names" 3 "$(count_lines \
		" shop-cart-1 $NET\.20 +other $NET\.30:8080 +GET /why " "$(netlat_out "$RUN")")"
	RUN=$ENGINE-none
	netlat_start "$RUN" -i "$BRIDGE_OF_ENGINE" -o json -n -v
	client_asks 30 /none 3
	netlat_stop "$RUN"
	check_equal "$ENGINE: none with -n" 3 "$(netlat_records "$RUN" target=/none \
		client_name=None client_service=None client_image=None \
		server_name=None server_service=None server_image=None)"
	check_equal "$ENGINE: the engine is not asked with -n" 0 \
		"$(count_lines 'container names' "$(netlat_err "$RUN")")"
	check_contains "$ENGINE: the summary has the address alone with -n" \
		"^$NET\.30:8080 +3 " "$(netlat_err "$RUN")"
}

if command -v dockerd >/dev/null; then
	docker_start
	printf '  Docker engine %s\n' "$(cat "$DOCKER_DIR/version")"
	docker_image_make
	ENGINE=docker SOCKET=$DOCKER_DIR/socket NET=$TESTBED_NET4
	network=$(docker_do network create --subnet "$NET.0/24" shop)
	BRIDGE_OF_ENGINE=br-${network:0:12}
	export DOCKER_HOST=unix://$SOCKET
	names_followed testbed
	names_shown
else
	skip "docker" "no dockerd here (way out: tools/install-deps.sh test)"
fi

if command -v podman >/dev/null; then
	podman_start
	printf '  %s\n' "$(podman --version)"
	podman_image_make
	ENGINE=podman SOCKET=$PODMAN_DIR/socket NET=${TESTBED_NET4%.*}.99
	podman_do network create --subnet "$NET.0/24" shop >/dev/null
	BRIDGE_OF_ENGINE=$(podman_do network inspect --format '{{.NetworkInterface}}' shop)
	export DOCKER_HOST=unix://$SOCKET
	names_followed localhost/testbed:latest
	names_shown
else
	skip "podman" "no podman here (way out: tools/install-deps.sh test)"
fi

# --- without an engine: no names, no error -------------------------------------------------
export DOCKER_HOST=unix://$TESTBED_DIR/nothing
bridge_address_add
host_add web
host_add client
app_start web 8080
netlat_start alone -i "$BRIDGE" -o json -v
fetch client "http://$(host_ip4 web):8080/alone" >/dev/null
netlat_stop alone
check_equal "no engine: a record as ever, without names" 1 \
	"$(netlat_records alone target=/alone client_name=None server_name=None)"
check_contains "no engine: -v says so" "^netlat: container names: DOCKER_HOST .*: not there$" \
	"$(netlat_err alone)"
netlat_start quiet -i "$BRIDGE" -o json
netlat_stop quiet
check_equal "no engine: nothing is said without -v" 0 \
	"$(count_lines 'container names' "$(netlat_err quiet)")"
checks_end
