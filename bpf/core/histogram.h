/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * histogram.h - base-2 exponential histogram of nanoseconds, 8 buckets an octave.
 *
 * Bucket k (1..240) holds values in (2^10 * 2^((k-1)/8), 2^10 * 2^(k/8)] ns, so
 * upper bounds are inclusive as in OpenTelemetry's exponential histogram of
 * scale 3 and Prometheus' native histogram of schema 3, whose buckets these are
 * (index offset 80). Bucket 0 holds 0..1024 ns, bucket 241 all above 2^40 ns
 * (1100 s). A value read back as the geometric middle of its bucket is at most
 * 2^(1/16) - 1 = 4.4 % off.
 */
#ifndef NETLAT_CORE_HISTOGRAM_H
#define NETLAT_CORE_HISTOGRAM_H

#include "bytes.h"

#define NL_HISTOGRAM_MIN_LOG2 10
#define NL_HISTOGRAM_MAX_LOG2 40
#define NL_HISTOGRAM_PER_OCTAVE 8
#define NL_HISTOGRAM_BUCKETS                                                                       \
	((NL_HISTOGRAM_MAX_LOG2 - NL_HISTOGRAM_MIN_LOG2) * NL_HISTOGRAM_PER_OCTAVE + 2)

/* floor(log2(v)); v must not be 0. BPF has no count-leading-zeros. */
NL_CORE u32 log2_floor(u64 v)
{
	u32 r = 0;

	if (v >> 32) {
		v >>= 32;
		r += 32;
	}
	if (v >> 16) {
		v >>= 16;
		r += 16;
	}
	if (v >> 8) {
		v >>= 8;
		r += 8;
	}
	if (v >> 4) {
		v >>= 4;
		r += 4;
	}
	if (v >> 2) {
		v >>= 2;
		r += 2;
	}
	return r + (u32)(v >> 1);
}

/* Bucket (0..NL_HISTOGRAM_BUCKETS-1) of a value in nanoseconds. */
NL_CORE u32 histogram_bucket(u64 value_ns)
{
	u32 octave, eighth;
	u64 mantissa;

	if (value_ns <= 1ULL << NL_HISTOGRAM_MIN_LOG2)
		return 0;
	if (value_ns > 1ULL << NL_HISTOGRAM_MAX_LOG2)
		return NL_HISTOGRAM_BUCKETS - 1;
	octave = log2_floor(value_ns);
	if ((value_ns & (value_ns - 1)) == 0) /* a power of two closes the octave below it */
		return (octave - NL_HISTOGRAM_MIN_LOG2) * NL_HISTOGRAM_PER_OCTAVE;
	/* The mantissa as 1.63 fixed point against 2^(i/8), rounded up: exact for every value. */
	mantissa = value_ns << (63 - octave);
	eighth = (mantissa >= 0x8b95c1e3ea8bd6e7ULL) + (mantissa >= 0x9837f0518db8a970ULL) +
		 (mantissa >= 0xa5fed6a9b15138ebULL) + (mantissa >= 0xb504f333f9de6485ULL) +
		 (mantissa >= 0xc5672a115506dadeULL) + (mantissa >= 0xd744fccad69d6af5ULL) +
		 (mantissa >= 0xeac0c6e7dd24392fULL);
	return (octave - NL_HISTOGRAM_MIN_LOG2) * NL_HISTOGRAM_PER_OCTAVE + eighth + 1;
}

#endif
