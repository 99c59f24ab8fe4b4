# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# podman.sh - Podman's service of our own, with its own directories and socket, in
# the namespaces of lib.sh. To be sourced after it and docker.sh. The machine's own containers,
# if it has any, are not touched.

PODMAN_DIR=
PODMAN_PID=
PODMAN_CONTAINERS=()

podman_do() {
	CONTAINERS_CONF=$PODMAN_DIR/containers.conf CONTAINERS_STORAGE_CONF=$PODMAN_DIR/storage.conf \
		podman "$@"
}

podman_answers() {
	curl -s --max-time 2 --unix-socket "$PODMAN_DIR/socket" http://localhost/version >"$PODMAN_DIR/version"
}

# Without limits on processes and files: where the testbed runs they may not be raised.
podman_start() {
	[ "${TESTBED_ISOLATE:-1}" != 0 ] || testbed_die "an own Podman needs TESTBED_ISOLATE=1"
	PODMAN_DIR=$TESTBED_DIR/podman
	mkdir -p "$PODMAN_DIR"
	cat >"$PODMAN_DIR/containers.conf" <<-END
		[containers]
		default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
		pids_limit = -1
		[network]
		network_backend = "netavark"
		network_config_dir = "$PODMAN_DIR/networks"
		[engine]
		cgroup_manager = "cgroupfs"
		events_logger = "file"
		events_logfile_path = "$PODMAN_DIR/events"
		tmp_dir = "$PODMAN_DIR/tmp"
	END
	cat >"$PODMAN_DIR/storage.conf" <<-END
		[storage]
		driver = "vfs"
		graphroot = "$PODMAN_DIR/data"
		runroot = "$PODMAN_DIR/run"
	END
	TESTBED_CLEANUPS+=(podman_down)
	spawn - "$PODMAN_DIR/service.log" env CONTAINERS_CONF="$PODMAN_DIR/containers.conf" \
		CONTAINERS_STORAGE_CONF="$PODMAN_DIR/storage.conf" \
		podman system service --time 0 "unix://$PODMAN_DIR/socket"
	PODMAN_PID=$SPAWNED_PID
	wait_until 30 podman_answers ||
		testbed_die "Podman's service did not come up: $(tail -n 5 "$PODMAN_DIR/service.log")"
}

podman_image_make() {
	local root=$PODMAN_DIR/root
	container_root_make "$root"
	tar -C "$root" -cf - . | podman_do import - testbed >"$PODMAN_DIR/import" 2>&1 ||
		testbed_die "podman import failed: $(tail -n 2 "$PODMAN_DIR/import")"
}

podman_down() {
	local container mounted
	for container in "${PODMAN_CONTAINERS[@]}"; do
		podman_do rm --force --ignore --time 0 "$container" >/dev/null 2>&1
	done
	if [ -n "$PODMAN_PID" ]; then
		kill -TERM "$PODMAN_PID" 2>/dev/null
		pid_gone_within 20 "$PODMAN_PID"
	fi
	sed -n "s|^[^ ]* \($PODMAN_DIR/[^ ]*\) .*|\1|p" /proc/self/mounts | sort -r |
		while read -r mounted; do
			umount --lazy "$mounted"
		done
}
