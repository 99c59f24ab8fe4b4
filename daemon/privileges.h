/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* privileges.h - whether this process and this kernel can load and attach programs. */
#ifndef NETLAT_PRIVILEGES_H
#define NETLAT_PRIVILEGES_H

#include <stdbool.h>

/* True if live observation can be tried; else says on stderr what is missing and the way out. */
bool privileges_check(void);

/* Say what the kernel lacks, after loading failed with `error` (an errno). */
void privileges_explain_load_failure(int error);

#endif
