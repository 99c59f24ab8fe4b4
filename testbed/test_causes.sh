#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Causes are right: of slow transactions with one known cause each (faults/), netlat puts
# at least 95 of 100 of each kind down to it, and it calls what is not slow by no cause.
#
#   TRIES=N         of each kind (default 5; `make causes`: 100)
#   KINDS="KIND..." only these
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=faults.sh
. "$(dirname "$0")/faults.sh"
SLOW_MS=50
testbed_isolate "$@"
require_netlat
testbed_up
faults_hosts
read -ra kinds <<<"${KINDS:-$(faults_kinds)}"

netlat_start causes -i "$BRIDGE" -o json --slow "$SLOW_MS" -v --strict
faults_hold "${TRIES:-5}" "$TESTBED_DIR/tries" "${kinds[@]}"
netlat_stop causes
faults_drops >"$TESTBED_DIR/drops"
faults_py judge "$TESTBED_DIR/tries" "$(netlat_out causes)" "$TESTBED_DIR/drops" >"$TESTBED_DIR/checks"
checks_from "$TESTBED_DIR/checks"
check_ledger causes
checks_end
