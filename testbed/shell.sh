#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# shell.sh - a shell inside a testbed that is set up.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
testbed_isolate "$@"
testbed_up
bridge_address_add
for host in web app proxy client; do
	host_add "$host"
done
nginx_static_start web 80
app_start app 8080
nginx_proxy_start proxy 80 "$(host_ip4 app):8080"
printf 'bridge %s (this namespace: %s, %s)\n' "$BRIDGE" "$(bridge_ip4)" "$(bridge_ip6)"
for host in web app proxy client; do
	printf '  %-8s %-14s %-26s port %s\n' "$host" "$(host_ip4 "$host")" "$(host_ip6 "$host")" \
		"$(host_port "$host")"
done
echo 'Examples: host_exec client curl -s http://'"$(host_ip4 app)"':8080/ ; fetch client http://'"$(host_ip4 web)"'/1k'

# Functions and what they know go into a shell without this one's traps. There
# host_exec can be plain: an interactive shell would announce each as a job.
{
	declare -f
	declare -p HOST_NUMBER TESTBED_TAG TESTBED_NET4 TESTBED_NET6 TESTBED_DIR TESTBED_SOURCE BRIDGE NETLAT PYTHON
	cat <<-'END'
		host_exec() { local on=(ip netns exec "$TESTBED_TAG-$1"); [ "$1" != - ] || on=(); "${on[@]}" "${@:2}"; }
		TESTBED_PIDS=()
		PS1='[testbed] \w\$ '
	END
} >"$TESTBED_DIR/shellrc"
trap '' INT
status=0
env --default-signal=INT bash --noprofile --rcfile "$TESTBED_DIR/shellrc" -i || status=$?
exit "$status"
