#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# test_install.sh - make install and uninstall in a directory of the test's own; man page,
# configuration and completion, which are made from the table of options, against the program.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
PYTHON=/usr/bin/python3
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

passed=0 failed=0

ok() { passed=$((passed + 1)) && echo "ok $*"; }
not_ok() { failed=$((failed + 1)) && echo "not ok $*"; }
equal() { # NAME EXPECTED ACTUAL
	if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1: expected $2, got $3"; fi
}
quiet() { # NAME COMMAND...: succeeds and says nothing
	local said status
	said=$("${@:2}" 2>&1)
	status=$?
	equal "$1" "0 " "$status $said"
}
all_files() { # BELOW
	(cd "$1" && find . ! -type d | sort)
}

# --- install, uninstall -----------------------------------------------------------------------
for prefix in /usr/local /usr; do
	root=$folder/root${prefix//\//-}
	mkdir -p "$root"
	make --no-print-directory DESTDIR="$root" PREFIX=$prefix install >"$folder/said" 2>&1 ||
		not_ok "install, PREFIX=$prefix: $(tail -n 3 "$folder/said")"
	expected=$(
		for file in sbin/netlat share/man/man8/netlat.8 share/bash-completion/completions/netlat \
			lib/systemd/system/netlat.service lib/systemd/system/netlat@.service; do
			echo ".$prefix/$file"
		done
		find configs -type f ! -name README.md ! -name '*.service' \
			-printf ".$prefix/share/doc/netlat/examples/%f\n"
		echo ./etc/netlat/netlat.conf
	)
	equal "PREFIX=$prefix: what is installed" "$(sort <<<"$expected")" "$(all_files "$root")"
	equal "PREFIX=$prefix: the units start this netlat" 2 \
		"$(grep -l "^ExecStart=$prefix/sbin/netlat --config /etc/netlat/netlat.conf" "$root$prefix"/lib/systemd/system/*.service | wc -l)"
	quiet "PREFIX=$prefix: it runs" sh -c "'$root$prefix/sbin/netlat' --help >/dev/null"
	make --no-print-directory DESTDIR="$root" PREFIX=$prefix uninstall >"$folder/said" 2>&1 ||
		not_ok "uninstall, PREFIX=$prefix: $(tail -n 3 "$folder/said")"
	equal "PREFIX=$prefix: uninstall leaves nothing, not even a directory" "" "$(find "$root" -mindepth 1)"
done
root=$folder/kept
mkdir -p "$root/etc/netlat" "$root/usr/local/sbin"
echo 'interface = mine' >"$root/etc/netlat/netlat.conf"
touch "$root/usr/local/sbin/other"
make --no-print-directory DESTDIR="$root" install >/dev/null 2>&1
equal "a configuration that is there stays as it is" 'interface = mine' "$(cat "$root/etc/netlat/netlat.conf")"
make --no-print-directory DESTDIR="$root" uninstall >/dev/null 2>&1
equal "uninstall leaves it, and what is not netlat's" \
	"./etc/netlat/netlat.conf ./usr/local/sbin/other" "$(all_files "$root" | tr '\n' ' ' | sed 's/ $//')"

# --- the manual page ------------------------------------------------------------------------------
quiet "man page: mandoc finds no fault" mandoc -Tlint -W warning build/netlat.8
LC_ALL=C.UTF-8 MANWIDTH=100 man --warnings -l build/netlat.8 >"$folder/whole" 2>"$folder/said"
sed -n '/^OPTIONS/,/^CONFIGURATION/p' "$folder/whole" >"$folder/page"
equal "man page: man formats it without a warning" "" "$(cat "$folder/said")"
options=$(build/netlat --help | grep -oE '^ {2,6}(-., )?--[a-z-]+' | grep -oE -- '--[a-z-]+')
for option in $options; do
	grep -qE -- "^ +(-., )?$option( |$)" "$folder/page" || not_ok "man page: $option is missing"
done
equal "man page: it has all options of --help" "$(wc -w <<<"$options")" \
	"$(grep -cE -- '^ {7}(-., )?--[a-z-]+( |$)' "$folder/page")"

# --- the configuration ------------------------------------------------------------------------------
build/describe conf >"$folder/netlat.conf"
quiet "configs/netlat.conf is what the table of options gives (way out: make conf)" \
	diff configs/netlat.conf "$folder/netlat.conf"
only_typed='^--(config|check-config|version|help)$'
equal "configs/netlat.conf has every option of --help, once" \
	"$(grep -vE -- "$only_typed" <<<"$options" | sort)" \
	"$(sed -n 's/^#\([a-z-]*\) = .*/--\1/p' configs/netlat.conf | sort)"
equal "configs/netlat.conf: all of it is commented out" "" "$(grep -v '^#' configs/netlat.conf | tr -d '\n')"
# Every default there is one, by the program's own word.
help_of() { # OPTION: its lines of --help as one
	build/netlat --help | awk -v option="--$1" '
		/^  ? ? ? ? ?-/ { is_it = 0; for (i = 1; i <= 2; i++) if ($i == option) is_it = 1 }
		/^[^ ]/ { is_it = 0 }
		is_it && NF { $1 = $1; printf "%s ", $0 }'
}
defaults=0
while read -r key value; do
	case $(help_of "$key") in
	*"; default $value) " | *"; default $value; "*) defaults=$((defaults + 1)) ;;
	*) not_ok "configs/netlat.conf: $key = $value, but --help says: $(help_of "$key")" ;;
	esac
done < <(sed -n 's/^#\([a-z-]*\) = \([^A-Z]*\)$/\1 \2/p' configs/netlat.conf | grep -vE ' (yes|no)$')
equal "configs/netlat.conf: the defaults of --help, and no other" \
	"$(build/netlat --help | tr -s '\n ' ' ' | grep -o '; default ' | wc -l)" "$defaults"
# All lines at once, but for those without a default.
sed 's/^#\([a-z-]* = [^A-Z]*\)$/\1/' configs/netlat.conf >"$folder/all.conf"
equal "configs/netlat.conf: with all defaults set, nothing is wrong" \
	"$folder/all.conf: nothing is wrong" \
	"$(build/netlat --config "$folder/all.conf" -i lo --check-config 2>&1)"

# --- completion ------------------------------------------------------------------------------------------
completed() { # TYPED EXPECTED-WORDS
	equal "completion of \"$1\"" "$2" \
		"$("$PYTHON" tests/completed.py build/netlat.bash "$1" 2>&1 | tail -n +1 | tr '\n' ' ' | sed 's/ $//')"
}
touch "$folder/some capture.pcap"
completed "netlat --outp" "netlat --output"
completed "netlat -o js" "netlat -o json"
completed "netlat --attach=cl" "netlat --attach=clsact"
completed "netlat -r $folder/some" "netlat -r $folder/some capture.pcap"
completed "netlat --min-l" "netlat --min-latency"
completed "netlat -i eth0 --conf" "netlat -i eth0 --config"
for option in $options; do
	grep -q -- "^		$option" build/netlat.bash || not_ok "completion: $option is missing"
done
# Interfaces of a namespace with just these; the name of one is a command, if it were expanded.
# shellcheck disable=SC2016 # expanded inside
in_namespace='mount -t sysfs sysfs /sys && ip link add nltbr77 type bridge && ip link add '\''xy$(>hit)'\'' type bridge &&
	cd "$2" && exec "$0" "$1/tests/completed.py" "$1/build/netlat.bash" "$3"'
for typed in nlt:nltbr77 'xy:xy$(>hit)'; do
	equal "completion of an interface, ${typed#*:}" "netlat -i ${typed#*:}" \
		"$(unshare --net --mount --propagation private bash -c "$in_namespace" \
			"$PYTHON" "$PWD" "$folder" "netlat -i ${typed%%:*}" 2>&1 | tr '\n' ' ' | sed 's/ $//')"
done
equal "completion runs no name of an interface" "" "$(find "$folder" -name hit)"

echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
