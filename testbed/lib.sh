# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# lib.sh - a bridge, and namespaces on it as hosts. To be sourced:
#
#     . "$(dirname "$0")/lib.sh"
#     testbed_isolate "$@"        # first: goes on in a network namespace of its own
#     testbed_up                  # makes the bridge: $BRIDGE, and a directory: $TESTBED_DIR
#     host_add web; host_add client
#     spawn web LOGFILE command...    # pid in $SPAWNED_PID
#     host_exec client curl "http://$(host_ip4 web)/"
#
# Whatever was made is removed on exit, also after Ctrl-C, SIGTERM or an error
# halfway. A thing is noted for removal before it is made, and never made where
# something of its name exists, so nothing of anybody else's is touched.

TESTBED_SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
TESTBED_TAG=nlt # of all names; with the pid where others may use them too

declare -A HOST_NUMBER=()        # host name -> last part of its addresses
TESTBED_LINKS=()                 # interfaces made, in order
TESTBED_NAMESPACES=()            # namespaces made
TESTBED_PIDS=()                  # processes started and not yet reaped
TESTBED_CLEANUPS=()              # functions to call before all that is removed
TESTBED_DIR=
BRIDGE=
SPAWNED_PID=
TESTBED_PATIENCE=${TESTBED_PATIENCE:-1} # factor of all time limits: emulated machines are slow

testbed_die() {
	printf 'testbed: %s\n' "$*" >&2
	exit 1
}

# Go on in network and mount namespaces of our own, so that no rule, route or
# name of the machine has a part in a test, nor the test in them. What is left
# behind by a script that was killed vanishes with the namespaces.
testbed_isolate() {
	[ "$(id -u)" -eq 0 ] || testbed_die "making namespaces needs root (way out: sudo $0 $*)"
	[ "${TESTBED_ISOLATE:-1}" != 0 ] || return 0
	# The identity, not a mere flag: an inherited variable must not be believed.
	if [ "${TESTBED_INSIDE:-}" != "$(readlink /proc/self/ns/net)" ]; then
		# shellcheck disable=SC2016 # expanded inside
		exec unshare --net --mount --propagation private -- bash -c \
			'TESTBED_INSIDE=$(readlink /proc/self/ns/net); export TESTBED_INSIDE; exec bash "$@"' \
			bash "$0" "$@"
	fi
	testbed_mounts
	ip link set lo up
}

# Views of the kernel that belong to a network namespace are mounted anew: /sys
# shows the interfaces of the one it was mounted in. An empty /run keeps the names
# of `ip netns`, and what servers leave there, apart from the machine's.
# Containers still need the control groups.
testbed_mounts() {
	local cgroups=/run/cgroups
	mount -t tmpfs tmpfs /run
	mkdir /run/netns "$cgroups"
	if [ -d /sys/fs/cgroup ]; then
		mount --rbind /sys/fs/cgroup "$cgroups"
	fi
	mount -t sysfs sysfs /sys
	mount -t bpf bpf /sys/fs/bpf
	if mountpoint -q "$cgroups"; then
		mount --rbind "$cgroups" /sys/fs/cgroup
		umount --recursive --lazy "$cgroups"
	fi
}

# A directory, the first bridge, and the promise to remove everything.
testbed_up() {
	trap testbed_down EXIT
	# A test that ends because some command failed shall say which.
	set -o errtrace
	trap 'testbed_report $? "$BASH_COMMAND" "${BASH_SOURCE[0]}" $LINENO' ERR
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	TESTBED_DIR=$(mktemp -d "${TMPDIR:-/tmp}/netlat-testbed.XXXXXX")
	chmod 711 "$TESTBED_DIR" # servers read their documents as an ordinary user
	# Isolated, these can meet nobody. Else: from the pid, unlikely to be in use.
	TESTBED_NET4=10.77.0
	if [ "${TESTBED_ISOLATE:-1}" = 0 ]; then
		TESTBED_TAG=$(printf 'nlt%x' "$$") # at most 9 characters; interface names may have 15
		TESTBED_NET4=10.$((64 + $$ % 128)).$(($$ / 128 % 256))
		[ -z "$(ip -4 route show root "$TESTBED_NET4.0/24")" ] ||
			testbed_die "$TESTBED_NET4.0/24 is in use here (way out: leave TESTBED_ISOLATE unset)"
	fi
	# No group is zero: so written, it is what programs print (RFC 5952).
	TESTBED_NET6=$(printf 'fd77:6e6c:%x:%x:' $(($$ / 65536 + 1)) $(($$ % 65535 + 1)))
	bridge_add br0
	BRIDGE=$BRIDGE_ADDED
}

testbed_report() { # STATUS COMMAND FILE LINE
	printf 'testbed: %s:%d: "%s" failed, exit status %d\n' "$(basename "$3")" "$4" "$2" "$1" >&2
}

# Kill what runs, then remove what was made, last made first.
testbed_down() {
	local status=$? index pid
	trap - EXIT ERR
	trap '' INT TERM HUP # a second Ctrl-C must not stop the tidying up halfway
	set +e
	for ((index = ${#TESTBED_CLEANUPS[@]} - 1; index >= 0; index--)); do
		"${TESTBED_CLEANUPS[index]}"
	done
	for pid in "${TESTBED_PIDS[@]}"; do
		kill -CONT "$pid" 2>/dev/null
		# What spawn started leads a group: its children go with it.
		kill -TERM -- "-$pid" 2>/dev/null || kill -TERM "$pid" 2>/dev/null
	done
	for pid in "${TESTBED_PIDS[@]}"; do
		pid_gone_within 5 "$pid" || kill -KILL "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	done
	for ((index = ${#TESTBED_NAMESPACES[@]} - 1; index >= 0; index--)); do
		ip netns del "${TESTBED_NAMESPACES[index]}" 2>/dev/null
	done
	for ((index = ${#TESTBED_LINKS[@]} - 1; index >= 0; index--)); do
		# A veth vanishes with its peer's namespace: gone already is well.
		ip link del dev "${TESTBED_LINKS[index]}" 2>/dev/null
	done
	if [ -n "$TESTBED_DIR" ]; then
		if [ -n "${TESTBED_KEEP:-}" ]; then
			printf 'testbed: kept %s\n' "$TESTBED_DIR" >&2
		else
			rm -rf -- "$TESTBED_DIR"
		fi
	fi
	exit "$status"
}

# A bridge in the caller's namespace; its name in $BRIDGE_ADDED.
bridge_add() { # SUFFIX
	BRIDGE_ADDED=$TESTBED_TAG$1
	! link_exists "$BRIDGE_ADDED" || testbed_die "$BRIDGE_ADDED exists already"
	TESTBED_LINKS+=("$BRIDGE_ADDED")
	ip link add "$BRIDGE_ADDED" type bridge stp_state 0 mcast_snooping 0
	ip link set "$BRIDGE_ADDED" up
}

# Give the bridge device itself addresses, so that this namespace is a host too.
bridge_address_add() {
	ip addr add "$(bridge_ip4)/24" dev "$BRIDGE"
	ip -6 addr add "$(bridge_ip6)/64" dev "$BRIDGE" nodad
}

# A host: a namespace with an interface eth0 whose other end is a port of the bridge.
host_add() { # NAME [BRIDGE]
	local name=$1 bridge=${2:-$BRIDGE} namespace=$TESTBED_TAG-$1 port number
	number=$((${#HOST_NUMBER[@]} + 10))
	HOST_NUMBER[$name]=$number
	port=$(host_port "$name")
	[ ! -e "/run/netns/$namespace" ] || testbed_die "namespace $namespace exists already"
	! link_exists "$port" || testbed_die "$port exists already"
	TESTBED_NAMESPACES+=("$namespace")
	ip netns add "$namespace"
	TESTBED_LINKS+=("$port")
	ip link add "$port" type veth peer name eth0 netns "$namespace"
	ip -n "$namespace" link set lo up
	ip -n "$namespace" addr add "$(host_ip4 "$name")/24" dev eth0
	# Without nodad the address would be unusable for a second.
	ip -n "$namespace" -6 addr add "$(host_ip6 "$name")/64" dev eth0 nodad
	ip -n "$namespace" link set eth0 up
	ip link set "$port" master "$bridge" up
}

host_del() { # NAME: the host, its interface and its port of the bridge
	ip netns del "$TESTBED_TAG-$1"
	# Removal of the namespace is finished later by the kernel; the port shall go now.
	ip link del dev "$(host_port "$1")" 2>/dev/null || ! link_exists "$(host_port "$1")"
}

host_ip4() { printf '%s.%d' "$TESTBED_NET4" "${HOST_NUMBER[$1]}"; }
host_ip6() { printf '%s:%x' "$TESTBED_NET6" "${HOST_NUMBER[$1]}"; }
# The bridge's own, where bridge_address_add gave it some.
bridge_ip4() { printf '%s.1' "$TESTBED_NET4"; }
bridge_ip6() { printf '%s:1' "$TESTBED_NET6"; }
host_port() { printf '%sp%d' "$TESTBED_TAG" "${HOST_NUMBER[$1]}"; }
link_exists() { [ -e "/sys/class/net/$1" ]; }

# Run a command on a host; "-" is the namespace of the bridge itself. It runs
# beside this shell, which only so hears of a signal before the command ends.
host_exec() { # NAME COMMAND...
	local pid
	if [ "$1" = - ]; then
		shift
		"$@" <&0 &
	else
		ip netns exec "$TESTBED_TAG-$1" "${@:2}" <&0 &
	fi
	pid=$!
	TESTBED_PIDS+=("$pid")
	pid_wait "$pid"
}

# Start a command on a host ("-" as above) and leave it running. Output goes to
# FILE, the process id to $SPAWNED_PID. It has a session of its own, so that a
# Ctrl-C in the terminal is this shell's alone, and ends when this shell dies.
spawn() { # NAME FILE COMMAND...
	local on=() name=$1 file=$2
	shift 2
	[ "$name" = - ] || on=(ip netns exec "$TESTBED_TAG-$name")
	"${on[@]}" setsid setpriv --pdeathsig TERM "$@" >"$file" 2>&1 </dev/null &
	SPAWNED_PID=$!
	TESTBED_PIDS+=("$SPAWNED_PID")
}

# Wait for a process of ours and forget it; returns its exit status.
pid_wait() { # PID
	local pid=$1 status=0 other remaining=()
	wait "$pid" || status=$?
	for other in "${TESTBED_PIDS[@]}"; do
		[ "$other" = "$pid" ] || remaining+=("$other")
	done
	TESTBED_PIDS=("${remaining[@]}")
	return "$status"
}

# Ended (a zombie has), at the latest after so many seconds?
pid_gone_within() { # SECONDS PID
	local tries=$(($1 * TESTBED_PATIENCE * 50)) state
	while :; do
		state=$(sed -n 's/^State:[[:space:]]*\(.\).*/\1/p' "/proc/$2/status" 2>/dev/null || echo)
		case $state in '' | Z | X) return 0 ;; esac
		[ $((tries--)) -gt 0 ] || return 1
		sleep 0.02
	done
}

# End a process of ours by a signal; fails when it had to be killed after 10 s,
# else returns its exit status.
pid_stop() { # PID [SIGNAL]
	kill -"${2:-TERM}" "$1"
	if ! pid_gone_within 10 "$1"; then
		kill -KILL "$1"
		pid_wait "$1" || echo "testbed: process $1 did not end within 10 s" >&2
		return 1
	fi
	pid_wait "$1"
}

# Until a command succeeds, at the latest for so many seconds.
wait_until() { # SECONDS COMMAND...
	local tries=$(($1 * TESTBED_PATIENCE * 50))
	shift
	until "$@"; do
		[ $((tries--)) -gt 0 ] || return 1
		sleep 0.02
	done
}

# shellcheck source-path=SCRIPTDIR source=servers.sh
. "$TESTBED_SOURCE/servers.sh"
# shellcheck source-path=SCRIPTDIR source=checks.sh
. "$TESTBED_SOURCE/checks.sh"
# shellcheck source-path=SCRIPTDIR source=capture.sh
. "$TESTBED_SOURCE/capture.sh"
