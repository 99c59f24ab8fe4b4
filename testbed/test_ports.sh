#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Interfaces that come and go while netlat runs, several of them at once, and
# those that are not there.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
testbed_isolate "$@"
require_netlat
testbed_up
bridge_address_add
host_add web
host_add client
nginx_static_start web 80
url="http://$(host_ip4 web)/1k"

fetch_all() { # HOST COUNT: so many requests, which must all be answered
	local status urls=() number
	for ((number = 0; number < $2; number++)); do
		urls+=("$url")
	done
	status=$(fetch "$1" "${urls[@]}" | sort -u)
	[ "$status" = 200 ] || not_ok "requests from $1 are answered" "status $status"
}

# --- ports added and removed --------------------------------------------------------
netlat_start ports -i "$BRIDGE" -o json -v
fetch_all client 5
for round in 1 2 3; do
	host_add "guest$round"
	fetch_all "guest$round" 10 # at once: its first packet shall not be missed
	host_del "guest$round"
done
host_add leaver
fetch_all leaver 7
ip link set dev "$(host_port leaver)" nomaster
ip addr add "$(host_ip4 leaver | sed 's/\.[0-9]*$/.250/')/32" dev "$(host_port leaver)"
fetch_all client 3
netlat_stop ports
check_equal "ports: first requests of ports that come are counted" 10 \
	"$(netlat_records ports client_address="$(host_ip4 guest1)" outcome=ok)"
check_equal "ports: also of those that come later" "10 10" \
	"$(netlat_records ports client_address="$(host_ip4 guest2)" outcome=ok) $(netlat_records \
		ports client_address="$(host_ip4 guest3)" outcome=ok)"
check_equal "ports: all requests are paired, once each" "45 45" \
	"$(netlat_counter ports requests) $(netlat_counter ports paired)"

# --- a port that leaves its bridge is no longer observed -----------------------------
host_add other
ip link set dev "$(host_port other)" nomaster
netlat_start left -i "$BRIDGE" -o json -v
ip link set dev "$(host_port other)" master "$BRIDGE"
fetch_all other 4
ip link set dev "$(host_port other)" nomaster
ip addr flush dev "$BRIDGE"
ip addr add "$(bridge_ip4)/24" dev "$(host_port other)"
app_start other 8080
fetch - "http://$(host_ip4 other):8080/health" >/dev/null
netlat_stop left
check_equal "left: counted while it was a port, and not after" "4 4" \
	"$(netlat_counter left requests) $(netlat_counter left paired)"
ip addr flush dev "$(host_port other)"
bridge_address_add

# --- an interface by itself, and twice ------------------------------------------------
netlat_start veth -i "$(host_port web)" -o json -v
fetch_all client 6
netlat_stop veth
check_equal "veth: a single port sees each transaction once" "6 6" \
	"$(netlat_counter veth requests) $(netlat_counter veth paired)"

netlat_start twice -i "$(host_port web)" -i "$BRIDGE" -i "$(host_port client)" -o json -v
fetch_all client 6
netlat_stop twice
check_equal "twice: a bridge and its ports together see it once" "6 6" \
	"$(netlat_counter twice requests) $(netlat_counter twice paired)"

nginx_static_start - 8081 1 127.0.0.1
netlat_start lo -i lo -o json -v
fetch - http://127.0.0.1:8081/1k http://127.0.0.1:8081/1k >/dev/null
netlat_stop lo
check_equal "lo: each transaction once" "2 2" \
	"$(netlat_counter lo requests) $(netlat_counter lo paired)"

# --- interfaces that vanish -----------------------------------------------------------
bridge_add br1
second=$BRIDGE_ADDED
netlat_start gone -i "$second" -o none -v
ip link del dev "$second"
if pid_gone_within 5 "$NETLAT_PID"; then
	status=0
	pid_wait "$NETLAT_PID" || status=$?
	check_equal "gone: ends by itself with its last interface, exit status" 0 "$status"
else
	not_ok "gone: ends by itself with its last interface" "still running after 5 s"
	netlat_stop gone
fi
check_contains "gone: says which interface is gone" "$second.*(gone|removed|vanished|disappeared)" \
	"$(netlat_err gone)"

bridge_add br2
second=$BRIDGE_ADDED
netlat_start one -i "$second" -i "$BRIDGE" -o json -v
fetch_all client 3
ip link del dev "$second"
sleep 0.3
fetch_all client 4
check_equal "one: goes on with the interface that remains" running \
	"$(pid_gone_within 0 "$NETLAT_PID" && echo ended || echo running)"
netlat_stop one
check_contains "one: says which interface is gone" "$second.*(gone|removed|vanished|disappeared)" \
	"$(netlat_err one)"
check_equal "one: counts before and after" "7 7" \
	"$(netlat_counter one requests) $(netlat_counter one paired)"

# --- interfaces that are not there ----------------------------------------------------
status=0
timeout 10 "$NETLAT" -i nonesuch0 >"$TESTBED_DIR/out" 2>"$TESTBED_DIR/err" || status=$?
check_equal "nonesuch: exit status" 1 "$status"
check_contains "nonesuch: names the interface and the cause" "nonesuch0: no such interface" \
	"$TESTBED_DIR/err"
check_contains "nonesuch: names those there are, bridges first" \
	"$BRIDGE.*$(host_port web)|bridges here: .*$BRIDGE" "$TESTBED_DIR/err"
check_equal "nonesuch: nothing on standard output" 0 "$(wc -c <"$TESTBED_DIR/out")"

status=0
timeout 10 "$NETLAT" -i "$BRIDGE" -i nonesuch0 >"$TESTBED_DIR/out" 2>"$TESTBED_DIR/err" || status=$?
check_equal "nonesuch: one wrong name of two is an error as well" 1 "$status"

# --- without the privilege ------------------------------------------------------------
cp "$NETLAT" "$TESTBED_DIR/netlat" # its own place may be closed to other users
chmod 755 "$TESTBED_DIR/netlat"
status=0
timeout 10 setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all --bounding-set=-all \
	"$TESTBED_DIR/netlat" -i "$BRIDGE" >"$TESTBED_DIR/out" 2>"$TESTBED_DIR/err" || status=$?
check_equal "unprivileged: exit status" 1 "$status"
check_contains "unprivileged: says what is missing and how to run it" "(root|CAP_).*sudo|sudo.*(root|CAP_)" \
	"$TESTBED_DIR/err"
checks_end
