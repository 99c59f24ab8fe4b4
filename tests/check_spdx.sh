#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# check_spdx.sh - name each file of the tree that lacks the license's SPDX line.
set -euo pipefail
cd "$(dirname "$0")/.."

missing=0
while IFS= read -r -d '' file; do
	case $file in *.md | .gitignore | .clang-format | .clang-tidy | *.tsv | *.json | tests/fuzz/regressions/*) continue ;; esac
	if ! grep -q 'SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause' "$file"; then
		echo "$file: no SPDX line"
		missing=1
	fi
done < <(git ls-files -z)
exit "$missing"
