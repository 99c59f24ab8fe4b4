#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The alerts of configs/netlat.rules.yml, fired by a real Prometheus that scrapes a real netlat on
# real traffic, by configs/prometheus.yml; with seconds in place of minutes.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
testbed_isolate "$@"
require_netlat
testbed_up
for host in good failing slow silent client; do
	host_add "$host"
done
configs=$(readlink -f "$TESTBED_SOURCE/../configs")
prometheus=http://127.0.0.1:9090

# --- servers: one without fault, one with a 500 of five answers, a slow one, one that never answers --
nginx_static_start good 80
app_start failing 80 --max-delay-ms 5
app_start slow 80 --max-delay-ms 1900
# shellcheck disable=SC2016 # python
spawn silent "$TESTBED_DIR/silent" "$PYTHON" -c '
import socket, time
listener = socket.create_server(("", 80), backlog=256)
kept = []
while True:
    kept.append(listener.accept()[0])'
wait_listening silent 80 "$SPAWNED_PID" "$TESTBED_DIR/silent"

# --- load, for as long as the test lasts -----------------------------------------------------------
cat >"$TESTBED_DIR/load.py" <<'END'
"""load.py URL TIMEOUT_S PAUSE_S - ask for it again and again."""
import sys, time, urllib.request
while True:
    try:
        urllib.request.urlopen(sys.argv[1], timeout=float(sys.argv[2])).read()
    except OSError:
        pass
    time.sleep(float(sys.argv[3]))
END
load() { # HOST TARGET TIMEOUT_S PAUSE_S
	spawn client "$TESTBED_DIR/load-$1-$RANDOM" "$PYTHON" "$TESTBED_DIR/load.py" "http://$(host_ip4 "$1")$2" "$3" "$4"
}
load good /1k 5 0.02
load failing /x 5 0.02
for _ in 1 2 3 4; do load slow /x 9 0.02; done
for _ in 1 2 3 4; do load silent /x 3 0.02; done

netlat_start alerts -i "$BRIDGE" -o none -v --timeout 2 --listen 127.0.0.1:9464

# --- the real Prometheus, with what ships ------------------------------------------------------------
sed 's/\[5m\]/[6s]/g; s/^\( *for:\) .*/\1 2s/' "$configs/netlat.rules.yml" >"$TESTBED_DIR/netlat.rules.yml"
sed "s,/etc/prometheus/,$TESTBED_DIR/,; s/interval: 15s/interval: 1s/" "$configs/prometheus.yml" \
	>"$TESTBED_DIR/prometheus.yml"
mkdir "$TESTBED_DIR/data"
spawn - "$TESTBED_DIR/prometheus.log" prometheus --config.file="$TESTBED_DIR/prometheus.yml" \
	--storage.tsdb.path="$TESTBED_DIR/data" --web.listen-address=127.0.0.1:9090
wait_listening - 9090 "$SPAWNED_PID" "$TESTBED_DIR/prometheus.log"

# Alerts that fire, as lines ALERTNAME SERVER_ADDRESS, in $TESTBED_DIR/firing.
ask() {
	host_exec - curl -sS "$prometheus/api/v1/alerts" >"$TESTBED_DIR/alerts.json" || return 1
	"$PYTHON" - "$TESTBED_DIR/alerts.json" >"$TESTBED_DIR/firing" <<'END'
import json, sys
for alert in json.load(open(sys.argv[1]))["data"]["alerts"]:
    if alert["state"] == "firing":
        print(alert["labels"]["alertname"], alert["labels"].get("server_address", "-"))
END
}
fires() { # ALERTNAME SERVER_ADDRESS
	ask && grep -qxF "$1 $2" "$TESTBED_DIR/firing"
}
check_fires() { # SECONDS ALERTNAME SERVER_ADDRESS WHAT
	local begin=$SECONDS
	# Each look takes its time: not so many looks, but so many seconds.
	until fires "$2" "$3" || [ $((SECONDS - begin)) -ge $(($1 * TESTBED_PATIENCE)) ]; do
		sleep 0.2
	done
	if fires "$2" "$3"; then
		ok "$2 fires: $4"
		printf '# %s: firing %d s after it was looked for\n' "$2" $((SECONDS - begin))
	else
		not_ok "$2 fires: $4" "firing: $(tr '\n' ',' <"$TESTBED_DIR/firing")"
	fi
}

check_fires 25 NetlatServerErrors "$(host_ip4 failing)" "a service with a 500 of five answers"
check_fires 20 NetlatSlow "$(host_ip4 slow)" "a service that takes up to 1.9 s"
check_fires 20 NetlatUnanswered "$(host_ip4 silent)" "a service that never answers"
check_equal "no alert for a service without fault, nor for netlat itself" "" \
	"$(awk -v good="$(host_ip4 good)" '$2 == good || $2 == "-"' "$TESTBED_DIR/firing")"
check_contains "the alert says which service" "$(host_ip4 failing):80 answers [0-9.]+% of its requests with a 5xx" \
	"$TESTBED_DIR/alerts.json"
netlat_stop alerts
check_fires 15 NetlatDown - "netlat ended"
checks_end
