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

/*
 * floor(log2(v)); v must not be 0. BPF has no count-leading-zeros: the highest bit
 * is copied into all below it, and the lowest zero found. Without a branch, as all
 * here: latencies are not for a branch predictor to guess.
 */
NL_CORE u32 log2_floor(u64 v)
{
	v |= v >> 1;
	v |= v >> 2;
	v |= v >> 4;
	v |= v >> 8;
	v |= v >> 16;
	v |= v >> 32;
	return lowest_bit(v ^ v >> 1);
}

/* 1 where a >= b, both below 2^63. The compiler would make a jump of a comparison. */
NL_CORE u32 not_less(u64 a, u64 b)
{
	u64 difference = a - b;

	NL_OPAQUE(difference);
	return 1 - (u32)(difference >> 63);
}

/* Bucket (0..NL_HISTOGRAM_BUCKETS-1) of a value in nanoseconds. */
NL_CORE u32 histogram_bucket(u64 value_ns)
{
	u32 octave, eighth;
	u64 fraction;

	if (value_ns <= 1ULL << NL_HISTOGRAM_MIN_LOG2)
		return 0;
	if (value_ns > 1ULL << NL_HISTOGRAM_MAX_LOG2)
		return NL_HISTOGRAM_BUCKETS - 1;
	octave = log2_floor(value_ns);
	if ((value_ns & (value_ns - 1)) == 0) /* a power of two closes the octave below it */
		return (octave - NL_HISTOGRAM_MIN_LOG2) * NL_HISTOGRAM_PER_OCTAVE;
	/* The fraction of the mantissa, 2^63 * (m - 1), against 2^63 * (2^(i/8) - 1),
	 * rounded up: exact for every value. */
	fraction = value_ns << (63 - octave) ^ 1ULL << 63;
	eighth = not_less(fraction, 0x0b95c1e3ea8bd6e7ULL) +
		 not_less(fraction, 0x1837f0518db8a970ULL) +
		 not_less(fraction, 0x25fed6a9b15138ebULL) +
		 not_less(fraction, 0x3504f333f9de6485ULL) +
		 not_less(fraction, 0x45672a115506dadeULL) +
		 not_less(fraction, 0x5744fccad69d6af5ULL) +
		 not_less(fraction, 0x6ac0c6e7dd24392fULL);
	return (octave - NL_HISTOGRAM_MIN_LOG2) * NL_HISTOGRAM_PER_OCTAVE + eighth + 1;
}

#endif
