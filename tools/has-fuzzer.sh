#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# has-fuzzer.sh - whether clang has what fuzzers are linked with: libFuzzer and the
# runtimes of its sanitizers, which come in a package of their own.
command -v "${CLANG:-clang}" >/dev/null || exit 1
echo 'int LLVMFuzzerTestOneInput(const char *b, long n) { return !b && n; }' |
	"${CLANG:-clang}" -fsanitize=fuzzer,address,undefined -x c -o /dev/null - 2>/dev/null
