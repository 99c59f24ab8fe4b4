# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# servers.sh - servers and load on the hosts of lib.sh, which sources it.
# A HOST of "-" is the namespace of the bridge. Nothing of the system's
# configuration is read or written: each server has a directory of its own.

PYTHON=/usr/bin/python3 # the distribution's, which install-deps.sh installs

is_listening() { # HOST PORT
	[ -n "$(host_exec "$1" ss -Hltn "sport = :$2")" ]
}

# Looks at the sockets and connects to none, so that no packet is added to the counts.
wait_listening() { # HOST PORT PID LOGFILE
	local tries=$((TESTBED_PATIENCE * 250))
	until is_listening "$1" "$2"; do
		if pid_gone_within 0 "$3" || [ $((tries--)) -eq 0 ]; then
			testbed_die "no server came up on $1, port $2: $(tail -n 5 "$4")"
		fi
		sleep 0.02
	done
}

# The application server; its log of what it did is app_log HOST.
app_log() { printf '%s/app-%s.log' "$TESTBED_DIR" "$1"; }

app_start() { # HOST PORT [OPTION...]; pid in $SPAWNED_PID
	local host=$1 port=$2 output="$TESTBED_DIR/app-$1.out"
	shift 2
	spawn "$host" "$output" "$PYTHON" "$TESTBED_SOURCE/app.py" --port "$port" \
		--log "$(app_log "$host")" "$@"
	wait_listening "$host" "$port" "$SPAWNED_PID" "$output"
}

# nginx: directory, and access log with the lines
#   epoch_s client_address client_port server_port status sent_bytes request_line
nginx_dir() { printf '%s/nginx-%s' "$TESTBED_DIR" "${1/#-/bridge}"; }
nginx_log() { printf '%s/logs/access.log' "$(nginx_dir "$1")"; }

# The parts that both kinds have. With sendfile, head and body of a response are
# two segments, without it one, which is faster (NGINX_SENDFILE=on or off).
# NGINX_ACCESS_LOG=off is for benchmarks. The access log is written in large pieces, as
# at full speed a write per request would be the bottleneck; the rest of it is
# written when nginx ends, so stop it before reading.
nginx_common_config() { # WORKERS
	cat <<-END
		worker_processes $1;
		pid logs/nginx.pid;
		error_log logs/error.log warn;
		user nobody nogroup;
		worker_rlimit_nofile 8192;
		events { worker_connections 4096; }
		http {
		default_type application/octet-stream;
		client_body_temp_path temp/body; proxy_temp_path temp/proxy; fastcgi_temp_path temp/fastcgi;
		uwsgi_temp_path temp/uwsgi; scgi_temp_path temp/scgi;
		log_format testbed '\$msec \$remote_addr \$remote_port \$server_port \$status \$bytes_sent \$request';
		access_log ${NGINX_ACCESS_LOG:-logs/access.log testbed buffer=256k};
		open_file_cache max=16;
		sendfile ${NGINX_SENDFILE:-on};
		tcp_nodelay on;
		keepalive_timeout 75s;
		keepalive_requests ${NGINX_KEEPALIVE_REQUESTS:-1000000000};
	END
}

nginx_server_config() { # PORT [ADDRESS]
	if [ -n "${2:-}" ]; then
		echo "server { listen $2:$1;"
	else
		echo "server { listen $1; listen [::]:$1;"
	fi
	echo 'location = /status { stub_status; access_log off; }'
}

nginx_start() { # HOST PORT; with $dir/nginx.conf in place; pid in $SPAWNED_PID
	local host=$1 port=$2 dir output
	dir=$(nginx_dir "$host")
	output=$dir/output
	# -p and -e: no path compiled into nginx is used, not even for its first error.
	spawn "$host" "$output" nginx -p "$dir/" -e logs/error.log -c nginx.conf -g 'daemon off;'
	wait_listening "$host" "$port" "$SPAWNED_PID" "$output"
}

nginx_prepare() { # HOST
	local dir
	dir=$(nginx_dir "$1")
	mkdir -p "$dir"/{logs,temp,documents}
	: >"$dir/logs/access.log"
}

# Static files: /1k (1,024 bytes), /1m (1,048,576 bytes), /health; anything else is a 404.
nginx_static_start() { # HOST PORT [WORKERS [ADDRESS]]
	local dir
	dir=$(nginx_dir "$1")
	nginx_prepare "$1"
	head -c 1024 /dev/zero | tr '\0' n >"$dir/documents/1k"
	head -c 1048576 /dev/zero | tr '\0' m >"$dir/documents/1m"
	echo healthy >"$dir/documents/health"
	{
		nginx_common_config "${3:-1}"
		nginx_server_config "$2" "${4:-}"
		echo 'root documents; } }'
	} >"$dir/nginx.conf"
	nginx_start "$1" "$2"
}

# A reverse proxy in front of address:port, with connections to it kept open.
nginx_proxy_start() { # HOST PORT UPSTREAM [WORKERS]
	local dir
	dir=$(nginx_dir "$1")
	nginx_prepare "$1"
	{
		nginx_common_config "${4:-1}"
		echo "upstream application { server $3; keepalive 64; keepalive_requests 1000000000; }"
		nginx_server_config "$2"
		# Without these two the proxy would speak HTTP/1.0 and close each connection.
		echo 'location / { proxy_pass http://application; proxy_http_version 1.1;'
		# A retry would make one request two: each shall be seen exactly once on both sides.
		echo 'proxy_set_header Connection ""; proxy_next_upstream off; } } }'
	} >"$dir/nginx.conf"
	nginx_start "$1" "$2"
}

# A load of exactly so many requests, which ends when all are answered, so that
# none is cut off and the client's own counts are exact. Output in FILE.
load_exact() { # HOST FILE REQUESTS CONNECTIONS URL-or-option...
	host_exec "$1" h2load --h1 -t1 -n "$3" -c "$4" "${@:5}" >"$2" 2>&1 ||
		testbed_die "h2load failed: $(tail -n 3 "$2")"
}

# How many responses of a status class (2xx...) the client of load_exact got.
load_status_count() { # FILE CLASS
	sed -n "s/^status codes:.* \([0-9][0-9]*\) $2.*/\1/p" "$1"
}

# A load at full speed for some seconds. wrk drops what is under way at the end.
load_full() { # HOST FILE SECONDS CONNECTIONS URL
	host_exec "$1" wrk -t1 -d"$3" -c"$4" "$5" >"$2" 2>&1 ||
		testbed_die "wrk failed: $(tail -n 3 "$2")"
}

# Start the same and leave it running, for checks in the meantime.
load_full_spawn() { # HOST FILE SECONDS CONNECTIONS URL
	spawn "$1" "$2" wrk -t1 -d"$3" -c"$4" "$5"
}

load_requests_per_s() { # FILE: of load_full
	awk '/^Requests\/sec:/ { printf "%d", $2 }' "$1"
}

# Status codes of single requests, one by line. Fails where curl does.
fetch() { # HOST URL...
	local url arguments=()
	# curl wants an output for each address.
	for url in "${@:2}"; do
		arguments+=(-o /dev/null "$url")
	done
	host_exec "$1" curl -sS -w '%{http_code}\n' --max-time 10 "${arguments[@]}"
}
