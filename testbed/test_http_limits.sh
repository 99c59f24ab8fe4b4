#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What clients of netlat's own HTTP can do to it: a thousand idle connections, trickling heads, pipelined and
# oversized requests, tricks with paths, random bytes, answers that nobody takes. Meanwhile another client has
# its answers, every transaction on the bridge is counted and has its record, and neither memory nor descriptors
# are left behind. And where it listens: the standard address, paths, tokens, TLS.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
testbed_isolate "$@"
require_netlat
testbed_up
bridge_address_add
host_add web
host_add client
host_add attacker
host_add monitor
nginx_static_start web 80
here=$(bridge_ip4)
token_file=$TESTBED_DIR/token
(umask 077 && openssl rand -base64 32 >"$token_file")
token=$(cat "$token_file")
requests=60000 # 2,000 a second for half a minute

limits() { # HOST ARGUMENT...
	host_exec "$1" "$PYTHON" -B "$TESTBED_SOURCE/http_limits.py" "${@:2}"
}

peak_kb() { awk '/^VmHWM:/ { print $2 }' "/proc/$1/status"; }
resident_kb() { awk '/^VmRSS:/ { print $2 }' "/proc/$1/status"; }
descriptors_of() { find "/proc/$1/fd" -mindepth 1 | wc -l; }
# 000 where there is no answer; curl's own 2 is that it did not even try.
status_of() { curl -s -o /dev/null -w '%{http_code}' --max-time 5 "$@" || [ $? -ne 2 ]; }

# --- attacks, under traffic ------------------------------------------------------------------
netlat_start limits -i "$BRIDGE" -o json -v --strict --listen "$here:9464" --listen 127.0.0.1:9464 \
	--listen "unix:$TESTBED_DIR/socket" --token-file "$token_file"
limits_pid=$NETLAT_PID
check_contains "a token in the clear is told" 'the token passes in the clear' "$(netlat_err limits)"
check_equal "without the token: 401" 401 "$(status_of "http://127.0.0.1:9464/")"
check_equal "with it: 200" 200 "$(status_of -H "Authorization: Bearer $token" "http://127.0.0.1:9464/")"
check_equal "unix socket: 200" 200 "$(status_of --unix-socket "$TESTBED_DIR/socket" http://any/)"
before_kb=$(resident_kb "$limits_pid")
before_descriptors=$(descriptors_of "$limits_pid")

spawn client "$TESTBED_DIR/load" h2load --h1 -t1 -n $requests -c 8 --rps 250 "http://$(host_ip4 web)/1k"
load_pid=$SPAWNED_PID
spawn monitor "$TESTBED_DIR/watched" "$PYTHON" -B "$TESTBED_SOURCE/http_limits.py" watch "$here" 9464 "$token" \
	"$TESTBED_DIR/over"
watch_pid=$SPAWNED_PID
limits attacker attack "$here" 9464 "$token" >"$TESTBED_DIR/attacked" || not_ok "the attacks end" "exit status $?"
checks_from "$TESTBED_DIR/attacked"
limits attacker never-read "$here" 9464 "$token" >"$TESTBED_DIR/unread" || not_ok "clients that never read end" "exit status $?"
checks_from "$TESTBED_DIR/unread"
limits attacker hold "$here" 9464 >"$TESTBED_DIR/held"
checks_from "$TESTBED_DIR/held"
touch "$TESTBED_DIR/over"
pid_wait "$watch_pid" || not_ok "the other client ends" "exit status $?: $(tail -n 2 "$TESTBED_DIR/watched")"
checks_from "$TESTBED_DIR/watched"
pid_wait "$load_pid" || not_ok "the load ends" "exit status $?"
sleep 1
after_kb=$(resident_kb "$limits_pid")
peak=$(peak_kb "$limits_pid")
printf '  resident memory: %d kB before, %d kB after, %d kB at most\n' "$before_kb" "$after_kb" "$peak"
check_between "memory: 24 MB more at most meanwhile" -100000 24576 $((peak - before_kb))
check_between "memory: grows by 8 MB at most" -100000 8192 $((after_kb - before_kb))
check_equal "descriptors: as many as before" "$before_descriptors" "$(descriptors_of "$limits_pid")"
netlat_stop limits "$limits_pid"
check_equal "every transaction has its record" "$requests" \
	"$(netlat_records limits "server_address=$(host_ip4 web)" status=200)"
check_equal "no record was lost" 0 "$(netlat_counter limits record_ring_full)"
check_ledger limits
if [ -e "$TESTBED_DIR/socket" ]; then not_ok "the unix socket is removed" "it is there"; else ok "the unix socket is removed"; fi

# --- where it listens -----------------------------------------------------------------------------
refused() { # NAME STATUS PATTERN OPTION...: ends at once, and says why
	local status=0
	timeout 10 "$NETLAT" -i lo -o none "${@:4}" >"$TESTBED_DIR/refused" 2>&1 || status=$?
	check_equal "$1: exit status" "$2" "$status" "$(tail -n 1 "$TESTBED_DIR/refused")"
	check_contains "$1: says so" "$3" "$TESTBED_DIR/refused"
	! grep -q '^netlat: observing' "$TESTBED_DIR/refused" || not_ok "$1: before anything is attached" "it observed"
}

netlat_start first -i lo -o none
first_pid=$NETLAT_PID
check_equal "standard address: 200" 200 "$(status_of http://127.0.0.1:9464/health)"
check_equal "standard address: no other name of it" 421 "$(status_of -H 'Host: evil.example' http://127.0.0.1:9464/health)"
netlat_start second -i lo -o none -v
check_contains "standard address taken: told with -v, and runs on" 'listen 127.0.0.1:9464: Address already in use' \
	"$(netlat_err second)"
netlat_stop second
netlat_start quiet -i lo -o none
check_equal "standard address taken: not a word without -v" 0 "$(count_lines 'listen' "$(netlat_err quiet)")"
netlat_stop quiet
refused "an address that is taken" 1 'listen 127.0.0.1:9464: Address already in use' --listen 127.0.0.1:9464
netlat_stop first "$first_pid"
refused "open to others without a token" 2 'others can reach this address' --listen 0.0.0.0:9464

netlat_start killed -i lo -o none --listen "unix:$TESTBED_DIR/socket" --listen "[::1]:9464"
check_equal "unix socket: its owner's alone" 600 "$(stat -c %a "$TESTBED_DIR/socket")"
check_equal "IPv6: 200" 200 "$(status_of "http://[::1]:9464/health")"
refused "a unix socket in use" 1 'Address already in use' --listen "unix:$TESTBED_DIR/socket"
kill -KILL "$NETLAT_PID"
pid_wait "$NETLAT_PID" 2>/dev/null || [ $? -eq 137 ]
netlat_start again -i lo -o none --listen "unix:$TESTBED_DIR/socket"
check_equal "unix socket of a dead one: replaced" 200 "$(status_of --unix-socket "$TESTBED_DIR/socket" http://any/)"
netlat_stop again
echo precious >"$TESTBED_DIR/file"
refused "a file where the socket should be" 1 'a file that is no socket' --listen "unix:$TESTBED_DIR/file"
check_equal "a file where the socket should be: stays" precious "$(cat "$TESTBED_DIR/file")"
netlat_start any -i lo -o none --listen 127.0.0.1:0
port=$(sed -n 's/^netlat: --listen 127.0.0.1:0: port \([0-9]*\)$/\1/p' "$(netlat_err any)")
check_equal "port 0: says which it is" 200 "$(status_of "http://127.0.0.1:$port/health")"
netlat_stop any
netlat_start none -i lo -o none --listen none
check_equal "--listen none: nothing listens" 000 "$(status_of http://127.0.0.1:9464/health)"
netlat_stop none

# --- TLS, and what is read again -----------------------------------------------------------------
certify() { # NAME: NAME.pem and NAME.key
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "/CN=$1" \
		-addext 'subjectAltName=IP:127.0.0.1' -keyout "$TESTBED_DIR/$1.key" -out "$TESTBED_DIR/$1.pem" \
		2>"$TESTBED_DIR/openssl" || testbed_die "openssl: $(tail -n 1 "$TESTBED_DIR/openssl")"
}
certify old
certify new
cp "$TESTBED_DIR/old.pem" "$TESTBED_DIR/cert.pem"
(umask 077 && cp "$TESTBED_DIR/old.key" "$TESTBED_DIR/cert.key")
tls=(--tls-cert "$TESTBED_DIR/cert.pem" --tls-key "$TESTBED_DIR/cert.key")
refused "a key of another certificate" 1 'do not fit together' --tls-cert "$TESTBED_DIR/new.pem" --tls-key "$TESTBED_DIR/cert.key"
chmod 644 "$TESTBED_DIR/new.key"
refused "a key that others can read" 1 'others can read or change it' --tls-cert "$TESTBED_DIR/new.pem" --tls-key "$TESTBED_DIR/new.key"
refused "a certificate that is none" 1 'not a certificate in PEM' --tls-cert "$TESTBED_DIR/file" --tls-key "$TESTBED_DIR/cert.key"
refused "no such token file" 1 'token-file .*: No such file' --token-file "$TESTBED_DIR/nothing"

netlat_start tls -i lo -o none --token-file "$token_file" "${tls[@]}"
https=https://127.0.0.1:9464
authorized() { status_of --cacert "$TESTBED_DIR/$1.pem" -H "Authorization: Bearer $(cat "$token_file")" "$https/"; }
check_equal "TLS: 200" 200 "$(authorized old)"
check_equal "TLS: without the token 401" 401 "$(status_of --cacert "$TESTBED_DIR/old.pem" "$https/")"
check_equal "TLS: /health needs none" 200 "$(status_of --cacert "$TESTBED_DIR/old.pem" "$https/health")"
check_equal "TLS: 1.1 is refused" 000 "$(status_of --tls-max 1.1 --cacert "$TESTBED_DIR/old.pem" "$https/")"
check_equal "TLS: not without it" 000 "$(status_of http://127.0.0.1:9464/)"
before_descriptors=$(descriptors_of "$NETLAT_PID")
"$PYTHON" -B "$TESTBED_SOURCE/http_limits.py" handshakes 127.0.0.1 9464 >"$TESTBED_DIR/shaken"
checks_from "$TESTBED_DIR/shaken"
check_equal "TLS: 200 after broken handshakes" 200 "$(authorized old)"

reread() { # COMMAND...: SIGHUP, until that succeeds
	kill -HUP "$NETLAT_PID"
	wait_until 5 "$@"
}
(umask 077 && openssl rand -base64 32 >"$token_file")
cp "$TESTBED_DIR/new.pem" "$TESTBED_DIR/cert.pem"
# shellcheck disable=SC2317 # called by wait_until
mismatch_told() { grep -q 'do not fit together' "$(netlat_err tls)"; }
if reread mismatch_told; then ok "reload: a key that does not fit is told"; else not_ok "reload: a key that does not fit is told" "it is not"; fi
check_equal "reload: and the old certificate stays" 401 "$(authorized old)"
cat "$TESTBED_DIR/new.key" >"$TESTBED_DIR/cert.key"
# shellcheck disable=SC2317 # called by wait_until
has_new() { [ "$(authorized new)" = 200 ]; }
if reread has_new; then ok "reload: new certificate and token"; else not_ok "reload: new certificate and token" "$(authorized new)"; fi
check_equal "TLS: descriptors: as many as before" "$before_descriptors" "$(descriptors_of "$NETLAT_PID")"
netlat_stop tls

checks_end
