/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* session.h - one run of netlat from the engine's start to the final summary. */
#ifndef NETLAT_SESSION_H
#define NETLAT_SESSION_H

#include "options.h"

/* Observe until interrupted, --duration is over or the last interface is gone. Exit code. SIGHUP
 * changes the options. */
int session_live(struct options *options);

/* Read a capture to its end. Exit code. */
int session_replay(const struct options *options);

#endif
