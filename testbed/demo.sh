#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# demo.sh - netlat on the bridge of a small made-up shop, for about 20 seconds:
# an application behind a reverse proxy, a file server, a report that takes long,
# and three clients. Nothing outside of namespaces made for it is touched.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

SECONDS_TOTAL=${DEMO_SECONDS:-20}

# The machine's own bridges, with the names that Docker gives them; asked before
# going on in namespaces where they cannot be seen.
own_bridges() {
	local bridge network
	while read -r bridge; do
		network=$(docker_network_of "${bridge#br-}")
		printf '%s%s\n' "$bridge" "${network:+ (Docker network \"$network\")}"
	done < <(ip -o link show type bridge | awk -F': ' '{ print $2 }')
}

docker_network_of() { # FIRST 12 DIGITS OF ITS ID
	command -v docker >/dev/null || return 0
	timeout 3 docker network ls --filter driver=bridge --format '{{.ID}} {{.Name}}' 2>/dev/null |
		awk -v id="$1" 'id == "docker0" && $2 == "bridge" || $1 == id { print $2 }' || return 0
}

if [ -z "${TESTBED_INSIDE:-}" ]; then
	DEMO_OWN_BRIDGES=$(own_bridges)
	export DEMO_OWN_BRIDGES
fi
testbed_isolate "$@"
require_netlat
testbed_up

# As one would type it from here.
command=$NETLAT
[ ! build/netlat -ef "$NETLAT" ] || command=build/netlat

# Clients begin a second after netlat and end two before it, so that the servers'
# own logs can be compared with what it saw.
client_loop() { # HOST COMMAND-LINE: repeated until the time is up
	spawn "$1" /dev/null bash -c \
		"sleep 1; end=\$((SECONDS + $((SECONDS_TOTAL - 3)))); while [ \$SECONDS -lt \$end ]; do $2; done"
}

say() { printf '%s\n' "$*"; }

for host in app proxy files report alice bob carol; do
	host_add "$host"
done
app_start app 8080
app_pid=$SPAWNED_PID
app_start report 8080 --max-delay-ms 400
nginx_proxy_start proxy 80 "$(host_ip4 app):8080"
nginx_static_start files 80
files_pid=$SPAWNED_PID

say "A small shop on the bridge $BRIDGE, in namespaces of its own:"
say ""
say "  $(host_ip4 proxy):80    proxy   nginx in front of the application"
say "  $(host_ip4 app):8080  app     sleeps 0 to 10 ms; every fifth answer is a 500"
say "  $(host_ip4 files):80    files   nginx with static files"
say "  $(host_ip4 report):8080  report  sleeps up to 400 ms"
say ""
say "  $(host_ip4 alice)  alice   shops: many requests to the proxy and the files"
say "  $(host_ip4 bob)  bob     has a slow line, and some wrong addresses"
say "  $(host_ip4 carol)  carol   waits for reports"
say ""
say "\$ sudo $command -i $BRIDGE --duration $SECONDS_TOTAL"
[ ! -t 1 ] || sleep 3

# A real slow line where the kernel can shape; curl's own limit is there anyway.
if ! tc qdisc add dev "$(host_port bob)" root tbf rate 30mbit burst 16kb latency 100ms 2>/dev/null; then
	say "(this kernel has no tbf: bob's line is slow only by curl's --limit-rate)"
fi

proxy_url=http://$(host_ip4 proxy)
files_url=http://$(host_ip4 files)
client_loop alice "h2load --h1 -t1 -c4 -n400 $proxy_url/cart"
client_loop alice "curl -s -o /dev/null $files_url/1k -o /dev/null $files_url/1k -o /dev/null $files_url/health"
client_loop bob "curl -s --limit-rate 3M -o /dev/null $files_url/1m; curl -s -o /dev/null $files_url/old/page"
client_loop carol "curl -s -o /dev/null http://$(host_ip4 report):8080/monthly"
# In the foreground, so that it has the terminal and Ctrl-C, which ends only it.
interrupted=
trap 'interrupted=1' INT
status=0
"$NETLAT" -i "$BRIDGE" --duration "$SECONDS_TOTAL" || status=$?
trap 'exit 130' INT
[ "$status" -eq 0 ] || testbed_die "netlat failed with exit status $status"

say ""
say "What this was: netlat saw each request and its answer once, on its way over the bridge,"
say "and paired them in the kernel."
if [ -z "$interrupted" ]; then
	pid_stop "$app_pid"
	pid_stop "$files_pid"
	say "To compare, the servers' own logs have:"
	say ""
	say "  app     $(wc -l <"$(app_log app)") requests, $(awk '$5 == 500' "$(app_log app)" | wc -l) of them with a 500"
	say "  files   $(wc -l <"$(nginx_log files)") requests, $(awk '$5 == 404' "$(nginx_log files)" | wc -l) of them with a 404"
fi
say ""
say "  - The proxy is twice in the table: as a service to alice, as a client to the app."
say "  - bob's files are slow to the last byte (duration) but not to the first (TTFB): it is his"
say "    line. carol's reports are slow to the first byte: it is the server."
say ""
say "Next, on a bridge of your own:"
say ""
if [ -n "${DEMO_OWN_BRIDGES:-}" ]; then
	while read -r bridge rest; do
		say "  sudo $command -i $bridge   ${rest}"
	done <<<"$DEMO_OWN_BRIDGES"
else
	say "  This machine has none now. \`docker network create shop\` makes one, for example;"
	say "  \`ip -br link show type bridge\` lists them:"
	say "  sudo $command -i br-..."
fi
say ""
say "  -o json    one line for each transaction        --port 80    only this port"
say "  --help     everything else"
