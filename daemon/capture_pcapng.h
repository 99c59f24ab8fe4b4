/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * capture_pcapng.h - pcapng (draft-ietf-opsawg-pcapng): several interfaces, each with a
 * link type, a snap length and a clock of its own, which libpcap does not read.
 */
#ifndef NETLAT_CAPTURE_PCAPNG_H
#define NETLAT_CAPTURE_PCAPNG_H

#include <stdio.h>

#include "capture.h"

struct pcapng;

/* Read from `file`, which begins with a section header block and stays the caller's. */
struct pcapng *pcapng_new(FILE *file);
void pcapng_free(struct pcapng *pcapng);

/* As capture_next(), with the reason of a failure in `error`. */
int pcapng_next(struct pcapng *pcapng, struct capture_packet *ret_packet, char *error);

#endif
