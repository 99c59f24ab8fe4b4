# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# capture.sh - captures of a load, of a wanted size; lib.sh sources it.

# All that passes the server's port is written, so the line is no faster than
# tcpdump can write, and its buffer large.
CAPTURE_RATE=${CAPTURE_RATE:-1500mbit}
CAPTURE_BUFFER_KIB=262144

# Segments of a host are as on a wire: not those of 64 kB that virtual devices pass.
host_plain_segments() { # HOST
	host_exec "$1" ethtool -K eth0 tso off gso off >"$TESTBED_DIR/ethtool"
}

# What a host sends goes through a line of CAPTURE_RATE. Fails where the kernel has none.
host_line() { # HOST
	host_exec "$1" tc qdisc add dev eth0 root tbf rate "$CAPTURE_RATE" burst 128kb limit 8mb
}

# Room for so many bytes in $TESTBED_DIR?
require_disk() { # BYTES
	local free
	free=$(df --output=avail --block-size=1 "$TESTBED_DIR" | tail -n 1)
	[ "$free" -ge "$1" ] ||
		testbed_die "$((free / 1000000)) MB free in ${TESTBED_DIR%/*}, $(($1 / 1000000)) MB are" \
			"needed (way out: TMPDIR=... with more room, or a smaller SIZE)"
}

file_bytes() { stat -c %s "$1"; }

file_reached() { # FILE BYTES
	[ "$(file_bytes "$1")" -ge "$2" ]
}

# Its size did not change for two seconds: tcpdump waits for a block to fill for one.
file_rests() { # FILE
	local before
	before=$(file_bytes "$1")
	sleep 2
	[ "$(file_bytes "$1")" = "$before" ]
}

# Capture a load of wrk on nginx at the port of the server until FILE has so many
# bytes. Connections are kept. Sets
#   CAPTURE_PACKETS, CAPTURE_DROPPED    as tcpdump says
#   CAPTURE_RESPONSES                   complete responses that wrk received
capture_load() { # FILE BYTES PATH CONNECTIONS
	local file=$1 talk=$1.tcpdump load=$1.wrk web_pid dump_pid load_pid
	NGINX_ACCESS_LOG=off nginx_static_start web 80
	web_pid=$SPAWNED_PID
	: >"$file"
	: >"$talk"
	spawn - "$talk" tcpdump -Z root -i "$(host_port web)" -B "$CAPTURE_BUFFER_KIB" -w "$file"
	dump_pid=$SPAWNED_PID
	wait_until 5 grep -q '^tcpdump: listening' "$talk" ||
		testbed_die "tcpdump did not start: $(tail -n 3 "$talk")"
	spawn client "$load" wrk -t1 -c"$4" -d1000000 "http://$(host_ip4 web)$3"
	load_pid=$SPAWNED_PID
	wait_until 600 file_reached "$file" "$2" ||
		testbed_die "$file did not grow: $(tail -n 3 "$talk" "$load")"
	pid_stop "$load_pid" INT || testbed_die "wrk failed: $(tail -n 3 "$load")"
	# What is left in its buffer is lost if tcpdump is ended with it.
	wait_until 1 file_rests "$file" || testbed_die "$file keeps growing"
	pid_stop "$dump_pid" INT || testbed_die "tcpdump failed: $(tail -n 3 "$talk")"
	pid_stop "$web_pid" || testbed_die "nginx failed"
	CAPTURE_PACKETS=$(sed -n 's/^\([0-9]*\) packets\{0,1\} captured.*/\1/p' "$talk")
	CAPTURE_DROPPED=$(sed -n 's/^\([0-9]*\) packets\{0,1\} dropped by kernel.*/\1/p' "$talk")
	CAPTURE_RESPONSES=$(awk '$2 == "requests" { print $1 }' "$load")
	[ -n "$CAPTURE_PACKETS" ] && [ -n "$CAPTURE_DROPPED" ] && [ -n "$CAPTURE_RESPONSES" ] ||
		testbed_die "tcpdump or wrk told no counts: $(tail -n 4 "$talk" "$load")"
}
