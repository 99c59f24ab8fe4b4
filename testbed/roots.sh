# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# roots.sh - root file systems for containers and virtual machines out of what this
# machine has; docker.sh and kernels.sh source it.

# For a container: python3 and what it needs, and the testbed's own programs.
container_root_make() { # ROOT
	mkdir -p "$1/testbed" "$1/etc" "$1/tmp"
	python_copy "$1"
	cp "$TESTBED_SOURCE/app.py" "$TESTBED_SOURCE/client.py" "$1/testbed/"
}

# python3 at /usr/bin, and what it needs.
python_copy() { # ROOT
	local root=$1 interpreter library
	interpreter=$(readlink -f "$PYTHON")
	mkdir -p "$root/usr/bin"
	cp "$interpreter" "$root/usr/bin/python3"
	libraries_copy "$root" "$interpreter"
	library=$("$PYTHON" -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')
	mkdir -p "$root$library"
	# The standard library without its tests and tools, a tenth of it.
	tar -C "$library" --exclude=test --exclude='test_*' --exclude=idlelib --exclude=tkinter \
		--exclude=lib2to3 --exclude=ensurepip --exclude='config-*' --exclude=__pycache__ \
		--exclude=dist-packages -cf - . | tar -C "$root$library" -xf -
	for library in "$root$library"/lib-dynload/*.so; do
		libraries_copy "$root" "$library"
	done
}

# Shared libraries of a program at the same places, and the dynamic loader.
libraries_copy() { # ROOT FILE
	local path
	while read -r path; do
		if [ ! -e "$1$path" ]; then
			mkdir -p "$1$(dirname "$path")"
			cp -L "$path" "$1$path"
		fi
	done < <(ldd "$2" 2>/dev/null | sed -n 's|^[^/]*\(/[^ ]*\) .*|\1|p')
}
