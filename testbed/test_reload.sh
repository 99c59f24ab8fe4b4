#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# --config on real traffic, SIGHUP with files that are right and wrong, with a terminal that is
# there and one that is gone; what a service manager is told meanwhile.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
testbed_isolate "$@"
require_netlat
testbed_up
host_add web
host_add client
nginx_static_start web 80
url="http://$(host_ip4 web)/1k"
conf=$TESTBED_DIR/netlat.conf
export NOTIFY_SOCKET=$TESTBED_DIR/notify
: >"$TESTBED_DIR/told"
spawn - "$TESTBED_DIR/told" env -u NOTIFY_SOCKET "$PYTHON" "$TESTBED_SOURCE/notified.py" "$NOTIFY_SOCKET"
told_begins() { grep -q listening "$TESTBED_DIR/told"; }
wait_until 5 told_begins || testbed_die "notified.py does not listen"

traffic() { # N
	load_exact client "$TESTBED_DIR/load" "$1" 1 "$url"
}

told() { # PATTERN: how many messages
	count_lines "$1" "$TESTBED_DIR/told"
}

told_reaches() { # N PATTERN
	[ "$(told "$2")" -ge "$1" ]
}

hang_up() { # N: SIGHUP, and wait for the end of the Nth reload
	kill -HUP "$NETLAT_PID"
	wait_until 5 told_reaches $(($1 + 1)) READY=1 || testbed_die "no end of reload $1"
}

# --- what a service manager is told -----------------------------------------------------------
cat >"$conf" <<END
# as a service would have it
interface = $BRIDGE
output = none
verbose = yes
port = 80
refresh = 0.2
END
export WATCHDOG_USEC=600000
netlat_start service --config "$conf"
unset WATCHDOG_USEC
wait_until 5 told_reaches 1 READY=1 || testbed_die "it never said READY=1"
check_contains "ready: what is observed" "READY=1\|STATUS=Observing $BRIDGE \(2 ports\)" "$TESTBED_DIR/told"
# Ready means that nothing is missed from now on.
traffic 50
sleep 1.5
check_between "watchdog: pings, at an interval of 0.6 s" 2 20 "$(told WATCHDOG=1)"
host_add late
if wait_until 5 told_reaches 1 "STATUS=Observing $BRIDGE \\(3 ports\\)"; then
	ok "status: a new port"
else
	not_ok "status: a new port" "$(tail -n 1 "$TESTBED_DIR/told")"
fi

# --- a new file -------------------------------------------------------------------------------
err=$(netlat_err service)
hang_up 1
check_contains "reload: says what it does" 'RELOADING=1\|MONOTONIC_USEC=[0-9]+\|' "$TESTBED_DIR/told"
check_contains "reload: nothing changed" "^netlat: $conf: read again: nothing changed$" "$err"
sed -i 's/^refresh.*/refresh = 0.5/; s/^port.*/port = 8080/; s/^verbose.*/no-names = yes/' "$conf"
echo 'max-flows = 4096' >>"$conf"
hang_up 2
check_contains "reload: what counts now" "^netlat: $conf: read again: refresh, no-names, verbose changed$" "$err"
check_contains "reload: what needs a restart" \
	"^netlat: $conf: port, max-flows: changed, which does not count before a restart$" "$err"
hang_up 3
check_equal "reload: what needs a restart is said again" 2 "$(count_lines 'port, max-flows: changed' "$err")"
check_equal "reload: what counts is not" 1 "$(count_lines 'refresh, no-names, verbose changed' "$err")"
sed -i 's/^refresh.*/refresh = 0/; s/^no-names.*/quiet = yes/' "$conf"
hang_up 4
check_contains "reload: a wrong file is said" \
	"^netlat: $conf:6: refresh 0: not a time in seconds \(0.1 to 3600\)$" "$err"
check_contains "reload: and not taken" "^netlat: $conf: not read again: everything stays as it was" "$err"
mv "$conf" "$conf.away"
hang_up 5
check_contains "reload: a file that is gone is said" "^netlat: $conf: cannot be read: No such file" "$err"
mv "$conf.away" "$conf"
sed -i 's/^refresh.*/refresh = 0.5/' "$conf"
hang_up 6
check_contains "reload: all of it is taken once it is right" \
	"^netlat: $conf: read again: no-names, quiet changed$" "$err"
sed -i '/^quiet/d; /^port/d; /^max-flows/d' "$conf"
echo 'port = 80' >>"$conf"
hang_up 7
sed -i '$averbose = yes' "$conf"
hang_up 8
traffic 50
netlat_stop service "$NETLAT_PID" TERM
check_contains "reload: the old filter was kept" "^ +100 paired " "$err"
check_contains "end: STOPPING=1" "STOPPING=1" "$TESTBED_DIR/told"

# --- what is typed counts ------------------------------------------------------------------------
netlat_start typed --config "$conf" --port 81 -v
traffic 20
netlat_stop typed
check_equal "typed: the port typed replaces that of the file" 0 "$(netlat_counter typed paired)"
status=0
"$NETLAT" --config "$conf" --check-config >"$TESTBED_DIR/out" 2>&1 || status=$?
check_equal "--check-config: right" "0 $conf: nothing is wrong" "$status $(cat "$TESTBED_DIR/out")"
echo 'prot = 80' >>"$conf"
status=0
"$NETLAT" --config "$conf" --check-config >"$TESTBED_DIR/out" 2>&1 || status=$?
check_equal "--check-config: wrong" "2 netlat: $conf:$(wc -l <"$conf"): prot: no such option (port?)" \
	"$status $(cat "$TESTBED_DIR/out")"

# --- a terminal ------------------------------------------------------------------------------------
# The script's own terminal, if it has one, is none of these.
"$PYTHON" "$TESTBED_SOURCE/terminal.py" "$NETLAT" -i "$BRIDGE" -o none -v >"$TESTBED_DIR/checks" 2>&1 ||
	echo "not ok terminal: terminal.py failed: $?" >>"$TESTBED_DIR/checks"
checks_from "$TESTBED_DIR/checks"
checks_end
