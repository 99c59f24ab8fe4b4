/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* version.h - what --version prints. */
#ifndef NETLAT_VERSION_H
#define NETLAT_VERSION_H

#define NETLAT_VERSION "0.1.0"

#endif
