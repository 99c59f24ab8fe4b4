#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# install-deps.sh [build|test|all|bench|kernels] - install what is missing to build or
# to test netlat, both, both and what `make bench` compares it with, or to build it and
# run it on other kernels, from the distribution's packages (Debian 12, Ubuntu
# 24.04). Does nothing, needs no root and no network, when nothing is missing. Removes
# no package, starts no service.
set -euo pipefail

# Needed whole: `package`. Or by what it brings, whoever brings it: `command=package`,
# so that for example Docker's own engine is not replaced by the distribution's.
BUILD="clang=clang llvm-strip=llvm gcc=gcc libc6-dev make=make pkg-config=pkg-config libbpf-dev libelf-dev
zlib1g-dev libpcap-dev libjansson-dev libmnl-dev libsystemd-dev libmicrohttpd-dev libgnutls28-dev uthash-dev
curl-config=libcurl4-openssl-dev libinih-dev libprotobuf-c-dev protoc-c=protobuf-c-compiler
libcmocka-dev linux-libc-dev bpftool=@bpftool"
TEST="ip=iproute2 nginx=nginx wrk=wrk curl=curl tcpdump=tcpdump dockerd=docker.io docker=docker.io podman=podman
/usr/lib/podman/netavark=netavark /usr/bin/python3=python3 python3-scapy python3-jsonschema python3-seccomp systemd-analyze=systemd h2load=nghttp2-client ps=procps ethtool=ethtool mandoc=mandoc man=man-db
clang-format=clang-format clang-tidy=clang-tidy setpriv=util-linux /usr/bin/time=time tshark=tshark fuzzer=@clang-rt
prometheus=prometheus promtool=prometheus"
BENCH="httpry=httpry"

KERNELS="qemu-system-x86_64=qemu-system-x86 ip=iproute2 /usr/bin/python3=python3 setpriv=util-linux
xz=xz-utils zstd=zstd debian-archive-keyring"

POLICY=/usr/sbin/policy-rc.d # asked by packages before they start a service; status 101: do not
POLICY_SAVED=$POLICY.netlat-saved
POLICY_MARK='# put here by netlat install-deps.sh while it runs'

die() {
	printf 'install-deps.sh: %s\n' "$*" >&2
	exit 1
}

installed() { # PACKAGE
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

has_candidate() { # PACKAGE: can it be installed from the configured sources?
	local policy
	policy=$(LC_ALL=C apt-cache policy "$1" 2>/dev/null)
	[[ $policy =~ "  Candidate: "[^\(] ]]
}

bpftool_packages() {
	if has_candidate bpftool; then
		echo bpftool
	elif has_candidate "linux-tools-$(uname -r)"; then
		echo "linux-tools-common linux-tools-$(uname -r)"
	else
		echo linux-tools-common linux-tools-generic
	fi
}

# libFuzzer and the sanitizers of the default clang.
clang_rt_package() {
	if has_candidate libclang-rt-dev; then
		echo libclang-rt-dev
	else
		apt-cache depends clang | sed -n 's/.*Depends: clang-\([0-9]*\)$/libclang-rt-\1-dev/p'
	fi
}

is_missing() { # WANT as in the lists
	case $1 in
	bpftool=*) ! "$(dirname "$0")/find-bpftool.sh" >/dev/null 2>&1 ;;
	fuzzer=*) ! "$(dirname "$0")/has-fuzzer.sh" ;;
	*=*) ! PATH=$PATH:/usr/sbin:/sbin command -v "${1%%=*}" >/dev/null ;;
	*) ! installed "$1" ;;
	esac
}

missing_packages() { # WANT...
	local want
	for want in "$@"; do
		if is_missing "$want"; then
			printf '%s\n' "${want#*=}"
		fi
	done | sort -u
}

restore_policy() {
	if [ -e "$POLICY_SAVED" ] || [ -L "$POLICY_SAVED" ]; then
		mv -f -- "$POLICY_SAVED" "$POLICY"
	elif grep -qsF "$POLICY_MARK" "$POLICY"; then
		rm -f -- "$POLICY"
	fi
}

# No service starts from here on. Whatever policy there was is put back on exit;
# moved, not copied, as it may be a link. The first line tidies up after a run
# that was killed.
forbid_services() {
	restore_policy
	trap restore_policy EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	if [ -e "$POLICY" ] || [ -L "$POLICY" ]; then
		mv -- "$POLICY" "$POLICY_SAVED"
	fi
	printf '#!/bin/sh\n%s\nexit 101\n' "$POLICY_MARK" >"$POLICY"
	chmod 755 "$POLICY"
}

# The servers among them are also arranged to start at the next boot. Who wanted a
# test of netlat did not ask for a web server.
disable_services() { # PACKAGE...: newly installed ones
	local package unit
	command -v systemctl >/dev/null || return 0
	for package in "$@"; do
		case ${package%%:*} in nginx | nginx-common | docker.io | containerd | prometheus* | podman) ;; *) continue ;; esac
		while read -r unit; do
			[ "$(systemctl is-enabled "$unit" 2>/dev/null)" = enabled ] || continue
			systemctl --quiet disable "$unit"
			printf 'install-deps.sh: %s is installed but not enabled (to have it: systemctl enable --now %s)\n' \
				"$unit" "$unit"
		done < <(dpkg -L "$package" | sed -n 's,.*/systemd/system/\([^/@]*\.\(service\|socket\|timer\)\)$,\1,p')
	done
}

install_packages() { # PACKAGE...
	local before after new
	export DEBIAN_FRONTEND=noninteractive
	export NEEDRESTART_SUSPEND=1 # Ubuntu: would restart other services, or ask
	before=$(dpkg-query -W -f '${binary:Package}\n' | sort)
	forbid_services
	# Kept configuration files stay as they are; another apt at work is waited for.
	apt-get install --yes --quiet --no-install-recommends --no-remove \
		-o Dpkg::Options::=--force-confold -o DPkg::Lock::Timeout=300 "$@" ||
		die "apt-get could not install: $*"
	after=$(dpkg-query -W -f '${binary:Package}\n' | sort)
	new=$(comm -13 <(printf '%s\n' "$before") <(printf '%s\n' "$after"))
	# shellcheck disable=SC2086 # a list
	disable_services $new
}

list() { # WANT...: for a person
	local names="$*"
	printf '%s' "${names//@/}"
}

# shellcheck disable=SC2086 # $wants and $packages are lists
main() {
	local wants packages
	case ${1:-all} in
	build) wants=$BUILD ;;
	test) wants=$TEST ;;
	all) wants="$BUILD $TEST" ;;
	bench) wants="$BUILD $TEST $BENCH" ;;
	kernels) wants="$BUILD $KERNELS" ;;
	*)
		printf 'usage: %s [build|test|all|bench|kernels]\n' "$0" >&2
		exit 2
		;;
	esac
	if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
		die "neither Debian nor Ubuntu (way out: install by hand what these packages have:" \
			"$(tr -s ' \n' '\n' <<<"$wants" | sed 's/.*=//; s/^@//' | sort -u | tr '\n' ' '))"
	fi
	packages=$(missing_packages $wants)
	[ -n "$packages" ] || return 0
	[ "$(id -u)" -eq 0 ] ||
		die "missing: $(list $packages) (installing needs root; way out: sudo $0 ${1:-all})"
	printf 'install-deps.sh: missing: %s\n' "$(list $packages)"
	apt-get update --quiet || die "apt-get update failed (way out: check /etc/apt and the network)"
	packages=${packages/@bpftool/$(bpftool_packages)}
	packages=${packages/@clang-rt/$(clang_rt_package)}
	install_packages $packages
	packages=$(missing_packages $wants)
	[ -z "$packages" ] || die "still missing after the installation: $(list $packages)"
}

main "$@"
