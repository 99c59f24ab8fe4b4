#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Every transaction on a bridge is seen exactly once, whichever way it goes:
# between two hosts, through a reverse proxy on the same bridge (two
# transactions then), from the bridge's own namespace and to it; IPv4 and IPv6.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
testbed_isolate "$@"
require_netlat
testbed_up
bridge_address_add
host_add app
host_add proxy
host_add client
requests=6000

app_start app 8080
app_pid=$SPAWNED_PID
nginx_proxy_start proxy 80 "$(host_ip4 app):8080"
proxy_pid=$SPAWNED_PID
nginx_static_start - 8081 1 "$(bridge_ip4)"

# --- two hops ---------------------------------------------------------------------
netlat_start proxy -i "$BRIDGE" -o json -v
load_exact client "$TESTBED_DIR/load" "$requests" 8 "http://$(host_ip4 proxy)/item"
netlat_stop proxy
pid_stop "$proxy_pid" QUIT || not_ok "the proxy ends cleanly" "exit status $?"
pid_stop "$app_pid" || not_ok "the application ends cleanly" "exit status $?"

succeeded=$(load_status_count "$TESTBED_DIR/load" 2xx)
failed=$(load_status_count "$TESTBED_DIR/load" 5xx)
front=(server_address="$(host_ip4 proxy)" server_port=80 client_address="$(host_ip4 client)")
back=(server_address="$(host_ip4 app)" server_port=8080 client_address="$(host_ip4 proxy)")
check_equal "the client had all answers" "$requests" $((succeeded + failed))
check_between "about 80 % of them are successes" $((requests * 77 / 100)) $((requests * 83 / 100)) \
	"$succeeded"
check_equal "proxy: both hops were paired, once each" $((2 * requests)) "$(netlat_counter proxy paired)"
check_equal "client to proxy: a record for each line of the proxy's log" \
	"$(wc -l <"$(nginx_log proxy)")" "$(netlat_records proxy "${front[@]}")"
check_equal "proxy to application: a record for each line of its log" \
	"$(wc -l <"$(app_log app)")" "$(netlat_records proxy "${back[@]}")"
for status in 200 500; do
	check_equal "client to proxy: as many $status as the proxy logged" \
		"$(awk -v s=$status '$5 == s' "$(nginx_log proxy)" | wc -l)" \
		"$(netlat_records proxy "${front[@]}" status=$status outcome=ok)"
	check_equal "proxy to application: as many $status as it logged" \
		"$(awk -v s=$status '$5 == s' "$(app_log app)" | wc -l)" \
		"$(netlat_records proxy "${back[@]}" status=$status outcome=ok)"
done

# --- every direction, one by one ----------------------------------------------------
app_start app 8080
direction() { # NAME FROM CLIENT_ADDRESS SERVER_ADDRESS PORT URL
	local name=$1 from=$2 client=$3 server=$4 port=$5 url=$6 label=${1// /-} status
	netlat_start "$label" -i "$BRIDGE" -o json -v
	status=$(fetch "$from" "$url/health" "$url/health" "$url/health" | sort | uniq -c | tr -s ' ')
	netlat_stop "$label"
	check_equal "$name: three answers" " 3 200" "$status"
	check_equal "$name: three transactions and no more" "3 3" \
		"$(netlat_counter "$label" requests) $(netlat_counter "$label" paired)"
	check_equal "$name: records with the right ends" 3 "$(netlat_records "$label" \
		client_address="$client" server_address="$server" server_port="$port" status=200)"
}

direction "host to host, IPv4" client "$(host_ip4 client)" "$(host_ip4 app)" 8080 \
	"http://$(host_ip4 app):8080"
direction "host to host, IPv6" client "$(host_ip6 client)" \
	"$(host_ip6 app)" 8080 "http://[$(host_ip6 app)]:8080"
direction "bridge to host, IPv4" - "$(bridge_ip4)" "$(host_ip4 app)" 8080 "http://$(host_ip4 app):8080"
direction "bridge to host, IPv6" - "$(bridge_ip6)" "$(host_ip6 app)" 8080 \
	"http://[$(host_ip6 app)]:8080"
direction "host to bridge, IPv4" client "$(host_ip4 client)" "$(bridge_ip4)" 8081 "http://$(bridge_ip4):8081"
checks_end
