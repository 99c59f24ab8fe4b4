#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A real Docker bridge: an own engine, a user-defined network, a server and
# clients in containers; netlat on br-<id> against what the clients say they got.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
. "$TESTBED_SOURCE/docker.sh"
testbed_isolate "$@"
require_netlat
testbed_up
if ! command -v dockerd >/dev/null; then
	skip "docker" "no dockerd here (way out: tools/install-deps.sh test)"
	checks_end
fi
# shellcheck disable=SC2317 # called by wait_until
server_answers() { fetch - "http://$server:8080/health" >/dev/null 2>&1; }

docker_start
printf '  Docker engine %s\n' "$(cat "$DOCKER_DIR/version")"
docker_image_make
network=$(docker_do network create --subnet "$TESTBED_NET4.0/24" shop)
bridge=br-${network:0:12}
docker_run server shop /usr/bin/python3 /testbed/app.py --port 8080 --log /tmp/app.log
server=$(docker_ip4 server)
wait_until 10 server_answers || testbed_die "the server container does not answer"

# A client container: asks by the server's name, its counts in client_counts NAME.
client_run() { # NAME REQUESTS CONNECTIONS
	docker_run "$1" shop /usr/bin/python3 /testbed/client.py http://server:8080/item "$2" "$3"
}
client_wait() { # NAME
	[ "$(docker_do wait "$1")" = 0 ] || not_ok "$1 had all answers" "$(docker_do logs "$1" 2>&1 | tail -n 2)"
	docker_do logs "$1" >"$TESTBED_DIR/$1.counts"
}
client_count() { # NAME STATUS
	awk -v s="$2" '$1 == s { n = $2 } END { print n + 0 }' "$TESTBED_DIR/$1.counts"
}
server_served() { # after the log was written, which it is five times a second
	sleep 0.5
	docker_do exec server /usr/bin/python3 -c \
		'print(sum(" /item " in line for line in open("/tmp/app.log")))'
}

# --- records: containers that start while netlat runs ------------------------------------
netlat_start records -i "$bridge" -o json -v
client_run alice 1500 4
client_run bob 500 2
client_wait alice
client_wait bob
# The address is gone when the container has ended: the records tell it.
netlat_stop records
check_equal "$bridge: as many transactions as the clients had answers" 2000 \
	"$(netlat_counter records paired)"
check_equal "$bridge: as many as the server answered" "$(server_served)" \
	"$(netlat_counter records requests)"
for status in 200 500; do
	check_equal "$bridge: as many $status as the clients received" \
		$(($(client_count alice $status) + $(client_count bob $status))) \
		"$(netlat_records records server_address="$server" server_port=8080 status=$status outcome=ok)"
done
"$PYTHON" "$TESTBED_SOURCE/records.py" valid "$(netlat_out records)" >"$TESTBED_DIR/checks"
checks_from "$TESTBED_DIR/checks"

# --- the table: host to container, and container to container ------------------------------
netlat_start table -i "$bridge" -v
client_run carol 800 4
client_wait carol
for _ in 1 2 3; do
	fetch - "http://$server:8080/health" "http://$server:8080/health" >"$TESTBED_DIR/host"
done
netlat_stop table
gateway=$(docker_do network inspect --format '{{(index .IPAM.Config 0).Gateway}}' shop)
[ -n "$gateway" ] || gateway=$(bridge_ip4)
check_equal "$bridge: containers and host together, once each" "806 806" \
	"$(netlat_counter table requests) $(netlat_counter table paired)"
check_contains "$bridge: the table has the service" "$server:8080" "$(netlat_out table)"
check_contains "$bridge: the table has the host as a client, with its 6 requests" \
	"^ *$gateway +6 " "$(netlat_out table)"
check_contains "$bridge: the table has the container as a client, with its 800" \
	"^ *$TESTBED_NET4\.[0-9]+ +800 " "$(netlat_out table)"

# --- names of containers in packet files --------------------------------------------------
# The client starts after netlat, and has ended before the last packets are written.
packets_with_names() { # NAME CLIENT OPTION...: what tshark finds is in NAME.hosts and NAME.sources
	local file=$TESTBED_DIR/$1.pcapng
	: >"$TESTBED_DIR/$1.hosts"
	: >"$TESTBED_DIR/$1.sources"
	DOCKER_HOST=unix://$DOCKER_DIR/socket netlat_start "$1" -i "$bridge" -o none -v \
		-w "$file" --slow 0.001 --max-per-minute 0 "${@:3}"
	client_run "$2" 400 2
	client_wait "$2"
	netlat_stop "$1"
	if [ ! -s "$file" ]; then
		not_ok "$1: packets are written" "$file is not there or empty"
		return
	fi
	ok "$1: packets are written"
	tshark -r "$file" -q -z hosts >"$TESTBED_DIR/$1.hosts" 2>"$TESTBED_DIR/$1.tshark"
	tshark -r "$file" -N n -T fields -e ip.src_host 2>>"$TESTBED_DIR/$1.tshark" |
		sort -u >"$TESTBED_DIR/$1.sources"
}
named_sources() { # NAME: those that are no address
	awk '!/^[0-9.]*$/ { printf "%s%s", space, $0; space = " " }' "$TESTBED_DIR/$1.sources"
}

if ! command -v tshark >/dev/null; then
	skip "names" "no tshark here (way out: tools/install-deps.sh test)"
	checks_end
fi
packets_with_names names dave
check_contains "names: netlat has them from the engine" \
	"^netlat: container names: from $DOCKER_DIR/socket$" "$(netlat_err names)"
check_contains "names: the address of the server has its container's" \
	"^${server}[[:space:]]+server$" "$TESTBED_DIR/names.hosts"
check_contains "names: so has the client's, which came later" \
	"^$TESTBED_NET4\.[0-9]+[[:space:]]+dave$" "$TESTBED_DIR/names.hosts"
check_equal "names: packets are from these" "dave server" \
	"$(named_sources names)"
packets_with_names addresses erin -n
check_equal "names: none with -n" "" "$(named_sources addresses)"
check_equal "names: the engine is not asked with -n" 0 \
	"$(count_lines '^netlat: container names' "$(netlat_err addresses)")"
checks_end
