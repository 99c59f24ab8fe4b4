# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# faults.sh - hosts with something wrong on their way to the bridge, and slow transactions
# between them (faults/). To be sourced after lib.sh:
#
#     faults_hosts                      # the hosts that faults/kinds.py names
#     faults_kinds                      # names of all kinds
#     faults_hold TRIES FILE KIND...    # FILE: a JSON object for each try
#     faults_drops                      # what was dropped, as lines PORT DIRECTION DROPPED SUPER
#
# CONGESTION_CONTROL=cubic, and so on, is that of all hosts (default: the machine's).

FAULTS_BUILD=$TESTBED_SOURCE/../build
# The programs' own: a shaper that never drops, slow enough that 1 MB takes half a second.
FAULTS_SHAPER=(tbf rate 16mbit burst 32kb limit 4mb)
FAULTS_FAR_MS=50 # one way
FAULTS_DROP_PIDS=()
FAULTS_DROP_FILES=()

faults_py() {
	"$PYTHON" -B "$TESTBED_SOURCE/faults/faults.py" "$@"
}

faults_kinds() {
	faults_py list
}

faults_hosts() {
	local host program
	for program in drop delay drop.bpf.o; do
		[ -e "$FAULTS_BUILD/$program" ] ||
			testbed_die "$FAULTS_BUILD/$program: no such file (way out: make faults)"
	done
	for host in client server lossclient lossserver outserver inclient outclient inserver; do
		host_add "$host"
	done
	# Out: on the host's own interface, before the bridge. In: on the bridge's port, after it.
	for host in outserver outclient; do
		host_exec "$host" tc qdisc add dev eth0 root "${FAULTS_SHAPER[@]}"
	done
	for host in inserver inclient; do
		tc qdisc add dev "$(host_port "$host")" root "${FAULTS_SHAPER[@]}"
	done
	faults_far_add
	# A segment is a packet, so that one can be lost. Without offloads alone, TCP would still make
	# super-packets, cut behind the hook where drop.c is.
	for host in lossclient lossserver far; do
		host_exec "$host" ethtool -K eth0 tso off gso off gro off >/dev/null
		host_exec "$host" ip link set dev eth0 gso_max_segs 1
	done
	# Nothing of a connection has a part in the next (such as a threshold after a loss).
	for host in "${!HOST_NUMBER[@]}"; do
		host_exec "$host" sysctl -qw net.ipv4.tcp_no_metrics_save=1
		[ -z "${CONGESTION_CONTROL:-}" ] ||
			host_exec "$host" sysctl -qw net.ipv4.tcp_congestion_control="$CONGESTION_CONTROL"
	done
	# A far host that first asks for an address is late.
	for host in client lossserver; do
		faults_know far "$host"
		faults_know "$host" far
	done
}

faults_know() { # HOST OTHER: has its address for good
	host_exec "$1" ip neigh replace "$(host_ip4 "$2")" dev eth0 nud permanent \
		lladdr "$(host_exec "$2" cat /sys/class/net/eth0/address)"
}

# A host at the end of a long line: its interface ends in a namespace between it and the
# bridge, where delay.c passes frames on.
faults_far_add() {
	local line=$TESTBED_TAG-line far=$TESTBED_TAG-far output=$TESTBED_DIR/delay.out
	host_add line
	host_exec line ip addr flush dev eth0
	HOST_NUMBER[far]=$((${#HOST_NUMBER[@]} + 10))
	TESTBED_NAMESPACES+=("$far")
	ip netns add "$far"
	ip -n "$line" link add far type veth peer name eth0 netns "$far"
	ip -n "$line" link set far up
	ip -n "$far" link set lo up
	ip -n "$far" addr add "$(host_ip4 far)/24" dev eth0
	ip -n "$far" link set eth0 up
	: >"$output"
	spawn line "$output" "$FAULTS_BUILD/delay" eth0 far "$FAULTS_FAR_MS"
	wait_until 10 grep -q '^ready$' "$output" || testbed_die "delay did not start: $(tail -n 3 "$output")"
}

# The far host's port is that of its line.
faults_drop_start() { # HOST SIDE RULE...
	local host=$1 side=$2 on=- interface output=$TESTBED_DIR/drop-$1-$2.out
	interface=$(host_port "$host")
	if [ "$side" = own ]; then
		on=$host
		interface=eth0
	fi
	: >"$output"
	spawn "$on" "$output" "$FAULTS_BUILD/drop" "$FAULTS_BUILD/drop.bpf.o" "$interface" "${@:3}"
	FAULTS_DROP_PIDS+=("$SPAWNED_PID")
	FAULTS_DROP_FILES+=("$output")
	wait_until 10 grep -q '^ready$' "$output" ||
		testbed_die "drop on $interface of $host did not start: $(tail -n 3 "$output")"
}

faults_hold() { # TRIES FILE KIND...
	local tries=$1 file=$2 host addresses=() place
	shift 2
	while read -ra place; do
		faults_drop_start "${place[@]}"
	done < <(faults_py drops "$@")
	for host in "${!HOST_NUMBER[@]}"; do
		[ "$host" = line ] || addresses+=("$host=$(host_ip4 "$host")")
	done
	host_exec - "$PYTHON" -B "$TESTBED_SOURCE/faults/faults.py" hold "$TESTBED_TAG" "$tries" "$file" \
		"$@" -- "${addresses[@]}" || testbed_die "the faults could not be made"
}

# Ends what drops.
faults_drops() {
	local pid
	for pid in "${FAULTS_DROP_PIDS[@]}"; do
		pid_stop "$pid" || testbed_die "drop did not end cleanly"
	done
	FAULTS_DROP_PIDS=()
	[ ${#FAULTS_DROP_FILES[@]} -eq 0 ] || grep -hv '^ready$' "${FAULTS_DROP_FILES[@]}"
}
