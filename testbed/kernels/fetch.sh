# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# fetch.sh - kernels of distributions and what boots them, downloaded by an apt with lists,
# cache and sources of its own; kernels.sh sources it. Signatures are checked; no
# package is installed. What was fetched once is kept in $CACHE:
#
#     $CACHE/NAME/vmlinuz     the kernel
#     $CACHE/NAME/release     its version, as uname -r has it
#     $CACHE/NAME/modules/    those that a bridge with veth ports and clsact need, in
#                             the order in which they are loaded (NN-name.ko)
#     $CACHE/busybox          a statically linked one
#
# Uses $CACHE and $SCRATCH, a directory that is removed at the end.

DEBIAN_MIRROR=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
UBUNTU_MIRROR=${UBUNTU_MIRROR:-http://archive.ubuntu.com/ubuntu}
DEBIAN_KEYS=/usr/share/keyrings/debian-archive-keyring.gpg
UBUNTU_KEYS=/usr/share/keyrings/ubuntu-archive-keyring.gpg

# Each module behind those that it needs.
KERNEL_MODULES="llc stp bridge veth sch_ingress cls_bpf"

# An apt that knows one suite only. Of the machine's configuration it takes how to reach
# the network, and nothing else (no hooks).
apt_root() { # SUITE
	local root=$SCRATCH/apt-$1 line
	case $1 in
	jammy* | noble*)
		ubuntu_keys
		line="deb [arch=amd64 signed-by=$UBUNTU_KEYS] $UBUNTU_MIRROR $1 main"
		;;
	*) line="deb [arch=amd64 signed-by=$DEBIAN_KEYS] $DEBIAN_MIRROR $1 main" ;;
	esac
	mkdir -p "$root"/{lists/partial,cache/archives/partial,parts}
	: >"$root/status"
	echo "$line" >"$root/sources.list"
	{
		apt-config dump | grep '^Acquire::' || echo
		printf 'Dir::%s;\n' "State::Lists \"$root/lists\"" "State::status \"$root/status\"" \
			"Cache \"$root/cache\"" "Etc::sourcelist \"$root/sources.list\"" \
			"Etc::sourceparts \"$root/parts\"" "Etc::parts \"$root/parts\"" \
			"Etc::main \"/dev/null\"" "Etc::preferencesparts \"$root/parts\"" \
			"Etc::preferences \"/dev/null\""
		echo 'APT::Architecture "amd64"; APT::Architectures { "amd64"; }; APT::Sandbox::User "root";'
	} >"$root/apt.conf"
	[ -e "$root/updated" ] || apt_in "$1" apt-get update || return 1
	: >"$root/updated"
}

apt_in() { # SUITE COMMAND...: output only where it fails
	local log=$SCRATCH/apt-$1/log
	if ! APT_CONFIG=$SCRATCH/apt-$1/apt.conf "${@:2}" >"$log" 2>&1; then
		sed 's/^/  /' "$log" >&2
		return 1
	fi
}

# Download a package and unpack it into $SCRATCH/PACKAGE.
package_unpack() { # SUITE PACKAGE
	local at=$SCRATCH/$2
	mkdir -p "$at.deb"
	(cd "$at.deb" && apt_in "$1" apt-get download "$2") || return 1
	dpkg-deb -x "$at.deb"/*.deb "$at"
	rm -r "$at.deb"
}

# Debian has Ubuntu's keys as a package.
ubuntu_keys() {
	[ ! -r "$UBUNTU_KEYS" ] || return 0
	apt_root trixie && package_unpack trixie ubuntu-keyring || return 1
	UBUNTU_KEYS=$SCRATCH/ubuntu-keyring/usr/share/keyrings/ubuntu-archive-keyring.gpg
}

# The package of which the suite's present kernel consists.
kernel_package() { # SUITE METAPACKAGE
	apt_in "$1" apt-cache depends --no-recommends --no-suggests "$2" || return 1
	sed -n 's/^ *|\{0,1\}Depends: \(linux-image-[0-9].*\)$/\1/p' "$SCRATCH/apt-$1/log" | head -n 1
}

module_extract() { # TREE NAME TARGET: as a plain file, whatever it is compressed with
	local path
	path=$(find "$1" -name "$2.ko" -o -name "$2.ko.xz" -o -name "$2.ko.zst" | head -n 1)
	case $path in
	*.xz) xz -dc "$path" >"$3" ;;
	*.zst) zstd -dqc "$path" >"$3" ;;
	*.ko) cp "$path" "$3" ;;
	*) grep -q "/$2\.ko$" "$1"/lib/modules/*/modules.builtin ;; # built in: nothing to load
	esac
}

kernel_fetch() { # NAME SUITE METAPACKAGE
	local name=$1 suite=$2 package tree at=$SCRATCH/kernel-$1 module number=10
	[ ! -d "$CACHE/$name" ] || return 0
	apt_root "$suite" && package=$(kernel_package "$suite" "$3") && [ -n "$package" ] || return 1
	package_unpack "$suite" "$package" || return 1
	tree=$SCRATCH/$package
	if [ ! -d "$tree/lib/modules" ] && [ ! -d "$tree/usr/lib/modules" ]; then # Ubuntu has them apart
		package_unpack "$suite" "${package/image/modules}" || return 1
		cp -a "$SCRATCH/${package/image/modules}/." "$tree"
	fi
	[ -d "$tree/lib" ] || ln -s usr/lib "$tree/lib"
	mkdir -p "$at/modules"
	cp "$tree"/boot/vmlinuz-* "$at/vmlinuz"
	basename "$tree"/boot/vmlinuz-* | sed 's/^vmlinuz-//' >"$at/release"
	for module in $KERNEL_MODULES; do
		if ! module_extract "$tree" "$module" "$at/modules/$number-$module.ko"; then
			echo "kernels: $package has no module $module" >&2
			return 1
		fi
		number=$((number + 1))
	done
	rm -r "$tree"
	mkdir -p "$CACHE"
	mv "$at" "$CACHE/$name" # at once: what is there is whole
}

busybox_fetch() {
	[ ! -x "$CACHE/busybox" ] || return 0
	apt_root bookworm && package_unpack bookworm busybox-static || return 1
	mkdir -p "$CACHE"
	cp "$SCRATCH/busybox-static/bin/busybox" "$CACHE/busybox.new"
	mv "$CACHE/busybox.new" "$CACHE/busybox"
}
