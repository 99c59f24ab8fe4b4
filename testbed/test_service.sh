#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The systemd units: what systemd-analyze says of them, and netlat under their restrictions
# (confine.py applies them, as there is no systemd to start it here) on real traffic.
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
configs=$(readlink -f "$TESTBED_SOURCE/../configs")
EXPOSURE_MAX=2.5 # of 10, as systemd-analyze security counts

# --- what systemd says ---------------------------------------------------------------------------
mkdir "$TESTBED_DIR/units"
for unit in netlat.service netlat@.service; do
	sed "s,/usr/local/sbin/netlat,$NETLAT," "$configs/$unit" >"$TESTBED_DIR/units/$unit"
done
cp "$TESTBED_DIR/units/netlat@.service" "$TESTBED_DIR/units/netlat@br-xyz.service"
# What else is said is of units of this machine.
for unit in netlat.service netlat@br-xyz.service; do
	status=0
	systemd-analyze verify --man=no --recursive-errors=no "$TESTBED_DIR/units/$unit" >"$TESTBED_DIR/said" 2>&1 ||
		status=$?
	check_equal "$unit: systemd-analyze verify" "0 " "$status $(cat "$TESTBED_DIR/said")"
done
for unit in netlat.service netlat@.service; do
	systemd-analyze security --offline=yes --no-pager "$configs/$unit" >"$TESTBED_DIR/said"
	exposure=$(sed -n 's/.*exposure level.*: \([0-9.]*\) .*/\1/p' "$TESTBED_DIR/said")
	if awk -v is="$exposure" -v most="$EXPOSURE_MAX" 'BEGIN { exit !(is != "" && is <= most) }'; then
		ok "$unit: exposure is at most $EXPOSURE_MAX"
	else
		not_ok "$unit: exposure is at most $EXPOSURE_MAX" "it is ${exposure:-not said}"
	fi
	printf '# systemd-analyze security: %s: exposure %s of 10\n' "$unit" "$exposure"
done
# The two differ in what makes a template, and in nothing that restricts.
restrictions() { # UNIT
	grep -E '^(Protect|Private|Restrict[A-Z][a-z]*(s|e|ID)=|System|Capab|NoNew|Lock|Memory|Keyring|Limit|UMask)' "$configs/$1"
}
check_equal "both units have the same restrictions" "$(restrictions netlat.service)" \
	"$(restrictions netlat@.service)"

# What waits for an interface that is not there: boot goes on meanwhile, and to end it is no failure.
check_contains "netlat@.service: nothing waits for it" "^After=multi-user.target$" "$configs/netlat@.service"
waiting=$(sed -n "s,^ExecStartPre=/bin/sh -c '\(.*\)'$,\1,p" "$configs/netlat@.service")
sh -c "${waiting//%i/nosuch}" &
waiting_pid=$!
sleep 0.3
kill -TERM "$waiting_pid"
status=0
wait "$waiting_pid" || status=$?
check_equal "netlat@.service: stopped while it waits" 0 "$status"

# --- reloading -------------------------------------------------------------------------------------
# Of several ExecReload= all are run, and each has to succeed: the first tells netlat.
reload_status() { # UNIT
	local command status=0
	command=$(sed -n 's/^ExecReload=//p' "$TESTBED_DIR/units/$1" | tail -n 1)
	command=${command//%i/lo}
	command=${command//\$NETLAT_OPTIONS/--listen none}
	${command//\/etc\/netlat\/netlat.conf/$TESTBED_DIR/reload.conf} >"$TESTBED_DIR/said" 2>&1 || status=$?
	echo "$status"
}
for unit in netlat.service netlat@.service; do
	echo 'interface = lo' >"$TESTBED_DIR/reload.conf"
	check_equal "$unit: reload with a right file" 0 "$(reload_status "$unit")"
	echo 'refresh = never' >>"$TESTBED_DIR/reload.conf"
	check_equal "$unit: reload with a wrong one fails" 2 "$(reload_status "$unit")"
done

# --- under these restrictions ----------------------------------------------------------------------
# In a mount namespace of its own, most of which becomes read-only.
state=$TESTBED_DIR/state
mkdir "$state"
cat >"$TESTBED_DIR/netlat.conf" <<END
interface = $BRIDGE
output = none
verbose = yes
write = $state/slow
slow = 0
log = $state/log
listen = 127.0.0.1:9464
END
confined() { # NAME COMMAND...: its output as that of a netlat of this name
	unshare --mount --propagation private -- \
		"$PYTHON" "$TESTBED_SOURCE/confine.py" "$configs/netlat.service" "$state" "${@:2}"
}
# Each restriction is there: what it forbids fails.
forbidden() { # WHAT COMMAND...
	local status=0
	confined x "${@:2}" >"$TESTBED_DIR/said" 2>&1 || status=$?
	if [ "$status" -ne 0 ] && grep -Eqi 'not permitted|read-only|denied' "$TESTBED_DIR/said"; then
		ok "forbidden: $1"
	else
		not_ok "forbidden: $1" "status $status: $(tail -n 1 "$TESTBED_DIR/said")"
	fi
}
forbidden "writing elsewhere" touch "$TESTBED_DIR/elsewhere"
forbidden "raw sockets" "$PYTHON" -c 'import socket; socket.socket(socket.AF_PACKET, socket.SOCK_RAW)'
forbidden "mounting" mount -t tmpfs tmpfs "$state"
forbidden "tracing" "$PYTHON" -c \
	'import ctypes, os; l = ctypes.CDLL(None, use_errno=True); l.ptrace(16, 1, 0, 0); raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))'
confined_run() { # ATTACH: as the unit has it, attached in this way
	local name=confined-$1
	rm -rf "$state/slow" "$state/log"
	: >"$(netlat_out "$name")"
	: >"$(netlat_err "$name")"
	unshare --mount --propagation private -- setpriv --pdeathsig TERM env --default-signal=INT \
		"$PYTHON" "$TESTBED_SOURCE/confine.py" "$configs/netlat.service" "$state" \
		"$NETLAT" --config "$TESTBED_DIR/netlat.conf" --attach "$1" \
		>"$(netlat_out "$name")" 2>"$(netlat_err "$name")" </dev/null &
	NETLAT_PID=$!
	TESTBED_PIDS+=("$NETLAT_PID")
	wait_until 30 netlat_ready_or_gone "$name" ||
		testbed_die "netlat was not ready in time: $(tail -n 5 "$(netlat_err "$name")")"
	load_exact client "$TESTBED_DIR/load" 200 4 "$url"
	host_exec - curl -sS http://127.0.0.1:9464/health >"$TESTBED_DIR/health"
	check_equal "$name: it has CAP_NET_ADMIN, CAP_PERFMON, CAP_BPF and no other" \
		"$(printf '%016x' $((1 << 12 | 1 << 38 | 1 << 39)))" "$(process_status CapEff)"
	check_equal "$name: the filter is on, and no privileges can be had" "2 1" \
		"$(process_status Seccomp) $(process_status NoNewPrivs)"
	netlat_stop "$name" "$NETLAT_PID" TERM
	check_equal "$name: all requests are counted" 200 "$(netlat_counter "$name" paired)"
	check_contains "$name: --listen answers" '"status"' "$TESTBED_DIR/health"
	check_between "$name: -w writes" 1 200 "$(find "$state/slow" -name '*.pcapng' | wc -l)"
	check_equal "$name: --log has a line for each" 200 "$(wc -l <"$state/log")"
	check_equal "$name: nothing is left on the hooks" "" "$(tc filter show dev "$(host_port web)" ingress)"
}

process_status() { # FIELD
	sed -n "s/^$1:[[:space:]]*//p" "/proc/$NETLAT_PID/status"
}

confined_run auto
confined_run clsact
checks_end
