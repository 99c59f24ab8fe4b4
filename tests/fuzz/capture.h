/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * capture.h - with FUZZ_PCAP=FILE in the environment, the packets of the last input as
 * a capture: to look at what was found with other tools.
 */
#ifndef NETLAT_TESTS_CAPTURE_H
#define NETLAT_TESTS_CAPTURE_H

#include "core/bytes.h"

void capture_begin(void);
void capture_packet(const u8 *bytes, u32 count, u64 now_ns);
void capture_end(void);

#endif
