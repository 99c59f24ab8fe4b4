#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What the daemon costs beside the kernel's part: CPU time with and without a log of every
# transaction, memory, and what a scrape takes. `make bench-daemon` calls it, and `make
# bench` behind complete.sh.
#
#   LENGTH=S        of each load (default 10)
#   CONNECTIONS=N   of wrk (default 32)
#   SCRAPES=N       of each format (default 20)
#   SERIES=N        of http_server_request_duration_seconds (default 2000): of services with one
#                   for each of seven methods, and then of as many services as there can be
#   NETLAT          the binary
#
# A run of its own for each: as it is by default and scraped every second; with --log; and with
# so many series, in two ways. daemon.py makes the report; the exit status is 1 if something could not be
# measured, not if a goal is missed.
set -euo pipefail
LENGTH=${LENGTH:-10} CONNECTIONS=${CONNECTIONS:-32} SCRAPES=${SCRAPES:-20} SERIES=${SERIES:-2000}
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/../lib.sh"
testbed_isolate "$@"
require_netlat
BENCH=$(cd "$(dirname "$0")" && pwd)
NETWORK=10.78.0.0/16 # all of it is app's, so each address is a service
METRICS=http://127.0.0.1:9464/metrics
METHODS=7         # those of fill_series()
SERVICES_MAX=1700 # that have a row of their own

say() { printf 'bench: %s\n' "$*" >&2; }

require_all() {
	local tool
	[[ $LENGTH =~ ^[1-9][0-9]*$ && $LENGTH -ge 2 ]] || testbed_die "LENGTH=$LENGTH: must be a whole number from 2"
	[[ $CONNECTIONS =~ ^[1-9][0-9]*$ ]] || testbed_die "CONNECTIONS=$CONNECTIONS: must be a whole number from 1"
	[[ $SCRAPES =~ ^[1-9][0-9]*$ ]] || testbed_die "SCRAPES=$SCRAPES: must be a whole number from 1"
	[[ $SERIES =~ ^[1-9][0-9]*$ && $SERIES -le 2000 ]] || testbed_die "SERIES=$SERIES: must be a whole number from 1 to 2000"
	for tool in nginx wrk curl; do
		command -v "$tool" >/dev/null || testbed_die "$tool is missing (way out: make deps-test)"
	done
}

web_start() {
	local dir
	dir=$(nginx_dir web)
	nginx_prepare web
	head -c 1024 /dev/zero | tr '\0' n >"$dir/documents/1k"
	{
		# In one segment a response is sent quicker.
		NGINX_ACCESS_LOG=off NGINX_SENDFILE=off nginx_common_config 1
		nginx_server_config 80
		echo 'root documents; } }'
	} >"$dir/nginx.conf"
	nginx_start web 80
	WEB_PID=$SPAWNED_PID
}

cpu_ns() { # PID
	awk '{ sum += $1 } END { printf "%.0f", sum }' "/proc/$1/task/"*/schedstat
}

status_kb() { # PID FIELD
	sed -n "s/^$2:[[:space:]]*\([0-9]*\) kB$/\1/p" "/proc/$1/status"
}

scrape() { # ACCEPT: seconds and bytes
	curl -sf -o /dev/null -H "Accept: $1" -w '%{time_total} %{size_download}\n' "$METRICS"
}

# Scrapes go on beside the load, from this namespace, and end with it.
scrape_each_second() {
	while sleep 1; do
		scrape 'application/openmetrics-text; version=1.0.0' || return 0
	done
}

load_under() { # NAME OPTION...: facts of one run
	local name=$1 cpu scraper
	shift
	netlat_start "$name" -i "$BRIDGE" -o none -v "$@"
	scrape_each_second >/dev/null &
	scraper=$!
	TESTBED_PIDS+=("$scraper")
	cpu=$(cpu_ns "$NETLAT_PID")
	host_exec client wrk -t1 -d"$LENGTH" -c"$CONNECTIONS" "http://$(host_ip4 web)/1k" >"$TESTBED_DIR/load-$name" 2>&1 ||
		testbed_die "wrk failed: $(tail -n 3 "$TESTBED_DIR/load-$name")"
	cpu=$(($(cpu_ns "$NETLAT_PID") - cpu))
	fact "$name" cpu_ns "$cpu"
	fact "$name" resident_kb "$(status_kb "$NETLAT_PID" VmRSS)"
	fact "$name" resident_anonymous_kb "$(status_kb "$NETLAT_PID" RssAnon)"
	fact "$name" peak_kb "$(status_kb "$NETLAT_PID" VmHWM)"
	netlat_stop "$name"
	wait "$scraper" || testbed_die "a scrape failed"
	fact "$name" requests "$(netlat_counter "$name" requests)"
	fact "$name" paired "$(netlat_counter "$name" paired)"
	fact "$name" records "$(netlat_counter "$name" records)"
	fact "$name" record_ring_full "$(netlat_counter "$name" record_ring_full)"
}

fact() { # RUN NAME VALUE
	printf '%s\t%s\t%s\n' "$@" >>"$FACTS"
}

# So many services with a series for each method, as far as there are any left to make.
fill_series() { # SERVICES
	local services=$1 left=$SERIES method count
	for method in GET POST PUT DELETE PATCH OPTIONS TRACE; do
		count=$((left < services ? left : services))
		[ "$count" -gt 0 ] || break
		host_exec client "$PYTHON" "$TESTBED_SOURCE/many_services.py" --method "$method" "$NETWORK" 1 "$count"
		left=$((left - count))
	done
}

scrape_many() { # NAME SERVICES
	local name=$1 number format
	local -A accept=(
		[text]='text/plain; version=0.0.4'
		[openmetrics]='application/openmetrics-text; version=1.0.0'
		[protobuf]='application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited'
	)
	netlat_start "$name" -i "$BRIDGE" -o none -v
	fill_series "$2"
	fact "$name" services "$2"
	fact "$name" series "$(curl -sf "$METRICS" | grep -c '^http_server_request_duration_seconds_count')"
	fact "$name" lines "$(curl -sf "$METRICS" | grep -c '^[^#]')"
	for format in text openmetrics protobuf; do
		for ((number = 0; number < SCRAPES; number++)); do
			sleep 1.05 # caches are cold then, as Prometheus finds them
			fact "$name" "$format" "$(scrape "${accept[$format]}")"
		done
	done
	fact "$name" resident_kb "$(status_kb "$NETLAT_PID" VmRSS)"
	fact "$name" resident_anonymous_kb "$(status_kb "$NETLAT_PID" RssAnon)"
	netlat_stop "$name"
}

require_all
testbed_up
FACTS=$TESTBED_DIR/facts
log=$TESTBED_DIR/transactions.jsonl
host_add web
host_add client
host_add app
web_start
say "the daemon by default, scraped every second: $LENGTH s of load"
load_under plain
say "the same with --log"
load_under log --log "$log" --log-mb 100000
fact log lines "$(wc -l <"$log")"
fact log bytes "$(stat -c %s "$log")"
rm -f "$log"
pid_stop "$WEB_PID" || testbed_die "nginx did not end well: $(tail -n 3 "$(nginx_dir web)/logs/error.log")"
say "$SERIES series, $SCRAPES scrapes in each format"
app_start app 8080
host_exec app ip route add local "$NETWORK" dev lo
host_exec client ip route add "$NETWORK" via "$(host_ip4 app)"
scrape_many by_method $(((SERIES + METHODS - 1) / METHODS))
scrape_many by_service $((SERIES < SERVICES_MAX ? SERIES : SERVICES_MAX))
[ "$CHECKS_FAILED" -eq 0 ] || testbed_die "netlat did not end well"
"$PYTHON" -B "$BENCH/daemon.py" "$FACTS" "length_s=$LENGTH" "connections=$CONNECTIONS"
