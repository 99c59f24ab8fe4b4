#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Prometheus itself scrapes netlat under load, once with classic and once with native
# histograms, and what it then answers is what wrk, the application server and netlat's own
# records say; prometheus.py compares.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
testbed_isolate "$@"
require_netlat
testbed_up
host_add app
host_add client
metrics=127.0.0.1:9464
trace=0af7651916cd43dd8448eb211c80319c
load_s=8

# One that is there for this test alone: nothing of the system's is read.
prometheus_start() { # NAME PORT FEATURES; pid in $SPAWNED_PID
	local dir=$TESTBED_DIR/prometheus-$1
	mkdir -p "$dir"
	cat >"$dir/prometheus.yml" <<-END
		global: { scrape_interval: 1s, scrape_timeout: 1s }
		scrape_configs:
		  - job_name: netlat
		    static_configs: [ { targets: [ "$metrics" ] } ]
	END
	spawn - "$dir/log" prometheus --config.file="$dir/prometheus.yml" \
		--storage.tsdb.path="$dir/data" --web.listen-address="127.0.0.1:$2" \
		--enable-feature="$3"
	wait_listening - "$2" "$SPAWNED_PID" "$dir/log"
}

# It listens long before it scrapes.
prometheus_has_scraped() { # PORT
	curl -sS "http://127.0.0.1:$1/api/v1/query?query=up" | grep -q '"value":\[[0-9.]*,"1"\]'
}

scrape() { # FILE ACCEPT
	curl -sS --fail -D "$1.head" -o "$1" -H "Accept: $2" "http://$metrics/metrics"
}

app_start app 8080 --max-delay-ms 20
app_pid=$SPAWNED_PID
# Every record is written, so that each can be compared.
netlat_start metrics -i "$BRIDGE" -n -o json -v --listen "$metrics"
prometheus_start classic 9090 exemplar-storage
prometheus_start native 9091 native-histograms,exemplar-storage
for port in 9090 9091; do
	wait_until 20 prometheus_has_scraped "$port" ||
		testbed_die "Prometheus has scraped nothing: $(tail -n 5 "$TESTBED_DIR"/prometheus-*/log)"
done

url="http://$(host_ip4 app):8080/item?id=1"
date +%s.%N >"$TESTBED_DIR/began"
host_exec client wrk -t1 -d"$load_s" -c8 --latency "$url" >"$TESTBED_DIR/wrk" 2>&1
date +%s.%N >"$TESTBED_DIR/ended"
host_exec client curl -sS -o /dev/null -H "traceparent: 00-$trace-b7ad6b7169203331-01" "$url"
# A request that nobody answers: the server waits until its client has had enough.
spawn app "$TESTBED_DIR/silent" "$PYTHON" -c 'import socket
listener = socket.create_server(("", 9))
connection = listener.accept()[0]
while connection.recv(4096):
    pass'
wait_listening app 9 "$SPAWNED_PID" "$TESTBED_DIR/silent"
host_exec client curl -sS -m 0.3 -o /dev/null "http://$(host_ip4 app):9/" 2>"$TESTBED_DIR/curl" ||
	check_contains "the silent server's client gave up" 'timed out' "$TESTBED_DIR/curl"
pid_wait "$SPAWNED_PID" || not_ok "the silent server ends" "exit status $?"
pid_stop "$app_pid" || not_ok "the application ends cleanly" "exit status $?"

"$PYTHON" "$TESTBED_SOURCE/prometheus.py" --records "$(netlat_out metrics)" \
	--app-log "$(app_log app)" --wrk "$TESTBED_DIR/wrk" --trace "$trace" \
	--began "$(cat "$TESTBED_DIR/began")" --ended "$(cat "$TESTBED_DIR/ended")" \
	--classic http://127.0.0.1:9090 --native http://127.0.0.1:9091 >"$TESTBED_DIR/checks" ||
	not_ok "prometheus.py runs" "exit status $?"
checks_from "$TESTBED_DIR/checks"

scrape "$TESTBED_DIR/text" 'text/plain;version=0.0.4'
if promtool check metrics <"$TESTBED_DIR/text" >"$TESTBED_DIR/lint" 2>&1; then
	ok "promtool check metrics finds nothing"
else
	not_ok "promtool check metrics finds nothing" "$(tr '\n' '|' <"$TESTBED_DIR/lint")"
fi
check_contains "text says what it is" '^Content-Type: text/plain; version=0.0.4; charset=utf-8' \
	"$TESTBED_DIR/text.head"
scrape "$TESTBED_DIR/openmetrics" 'application/openmetrics-text;version=1.0.0'
check_equal "OpenMetrics ends as it must" "# EOF" "$(tail -n 1 "$TESTBED_DIR/openmetrics")"
check_contains "OpenMetrics says what it is" \
	'^Content-Type: application/openmetrics-text; version=1.0.0' "$TESTBED_DIR/openmetrics.head"

netlat_stop metrics
check_ledger metrics
checks_end
