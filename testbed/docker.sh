# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# docker.sh - a Docker engine of our own, with its own directories and socket, in
# the namespaces of lib.sh. To be sourced after it. The machine's own engine and
# its containers, if it has any, are not touched.

# shellcheck source-path=SCRIPTDIR source=roots.sh
. "$TESTBED_SOURCE/roots.sh"

DOCKER_DIR=
DOCKER_PID=
DOCKER_MADE_ETC=
DOCKER_CONTAINERS=()

# The distribution's client: another `docker` may come first in the path.
DOCKER_CLIENT=/usr/bin/docker
[ -x "$DOCKER_CLIENT" ] || DOCKER_CLIENT=docker

docker_do() {
	"$DOCKER_CLIENT" --host "unix://$DOCKER_DIR/socket" "$@"
}

docker_answers() {
	docker_do version --format '{{.Server.Version}}' >"$DOCKER_DIR/version" 2>"$DOCKER_DIR/version.err"
}

# --iptables=false: no rules are needed on a user-defined network. --bridge=none:
# the default network is not. Its configuration and the key that it would write
# to /etc/docker are kept out of there, and control groups get a name of ours.
docker_start() {
	[ "${TESTBED_ISOLATE:-1}" != 0 ] || testbed_die "an own Docker engine needs TESTBED_ISOLATE=1"
	DOCKER_DIR=$TESTBED_DIR/docker
	mkdir -p "$DOCKER_DIR"
	echo '{}' >"$DOCKER_DIR/daemon.json"
	TESTBED_CLEANUPS+=(docker_down)
	if [ ! -d /etc/docker ]; then
		DOCKER_MADE_ETC=1
		mkdir /etc/docker
	fi
	mount -t tmpfs tmpfs /etc/docker
	spawn - "$DOCKER_DIR/dockerd.log" dockerd --config-file "$DOCKER_DIR/daemon.json" \
		--data-root "$DOCKER_DIR/data" --exec-root "$DOCKER_DIR/exec" \
		--pidfile "$DOCKER_DIR/pid" --host "unix://$DOCKER_DIR/socket" \
		--exec-opt native.cgroupdriver=cgroupfs --cgroup-parent "/netlat-testbed-$$" \
		--iptables=false --ip6tables=false --bridge=none
	DOCKER_PID=$SPAWNED_PID
	if ! wait_until 60 docker_answers_or_gone || ! docker_answers; then
		testbed_die "the Docker engine did not come up: $(grep -v level=info "$DOCKER_DIR/dockerd.log" | tail -n 5)"
	fi
}

docker_answers_or_gone() {
	docker_answers || pid_gone_within 0 "$DOCKER_PID"
}

# Containers first: an engine that is killed leaves them running.
docker_down() {
	local container mounted
	for container in "${DOCKER_CONTAINERS[@]}"; do
		docker_do rm --force "$container" >/dev/null 2>&1
	done
	if [ -n "$DOCKER_PID" ]; then
		kill -TERM "$DOCKER_PID" 2>/dev/null
		pid_gone_within 20 "$DOCKER_PID"
	fi
	# What it mounted is seen only here, and is in the way of removing its directory.
	sed -n "s|^[^ ]* \($DOCKER_DIR/[^ ]*\) .*|\1|p" /proc/self/mounts | sort -r |
		while read -r mounted; do
			umount --lazy "$mounted"
		done
	umount /etc/docker
	[ -z "$DOCKER_MADE_ETC" ] || rmdir /etc/docker
	find /sys/fs/cgroup -depth -type d -path "*/netlat-testbed-$$*" -exec rmdir {} \;
}

# An image of container_root_make(): no registry is asked. Its name is testbed.
docker_image_make() {
	local root=$DOCKER_DIR/root
	container_root_make "$root"
	tar -C "$root" -cf - . | docker_do import - testbed >"$DOCKER_DIR/import" 2>&1 ||
		testbed_die "docker import failed: $(tail -n 2 "$DOCKER_DIR/import")"
}

# Start a container on a network. It ends with docker_down at the latest.
docker_run() { # NAME NETWORK COMMAND...
	local name=$1 network=$2
	shift 2
	DOCKER_CONTAINERS+=("$name")
	docker_do run --detach --name "$name" --network "$network" testbed "$@" >/dev/null
}

docker_ip4() { # NAME
	docker_do inspect --format '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "$1"
}
