/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * histogram.h - base-2 exponential histogram of times, 8 buckets an octave of seconds.
 *
 * Bucket k (1..240) holds times in (2^((k-1)/8 - 20), 2^(k/8 - 20)] s, so upper
 * bounds are inclusive as in OpenTelemetry's exponential histogram of scale 3 and
 * Prometheus' native histogram of schema 3, whose buckets these are, exactly: number
 * k is Prometheus' index k - 160. Bucket 0 holds 0..2^-20 s (953 ns), bucket 241 all
 * above 2^10 s. A value read back as the geometric middle of its bucket is at most
 * 2^(1/16) - 1 = 4.4 % off.
 */
#ifndef NETLAT_CORE_HISTOGRAM_H
#define NETLAT_CORE_HISTOGRAM_H

#include "bytes.h"

#define NL_HISTOGRAM_MIN_LOG2 (-20) /* of seconds */
#define NL_HISTOGRAM_MAX_LOG2 10
#define NL_HISTOGRAM_PER_OCTAVE 8
#define NL_HISTOGRAM_BUCKETS                                                                       \
	((NL_HISTOGRAM_MAX_LOG2 - NL_HISTOGRAM_MIN_LOG2) * NL_HISTOGRAM_PER_OCTAVE + 2)

/* The outermost bounds in whole nanoseconds: 2^-20 s is 953.67 of them. */
#define NL_HISTOGRAM_FIRST_NS 953ULL
#define NL_HISTOGRAM_LAST_NS 1024000000000ULL

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

/*
 * Bucket (0..NL_HISTOGRAM_BUCKETS-1) of a value in nanoseconds. A second is 5^9 * 2^9 of them,
 * so the bounds are 5^9 * 2^(k/8 - 11) ns: in each octave of nanoseconds the same eight
 * mantissas. The last of them, 5^9 / 2^20 itself, a time can be equal to.
 */
NL_CORE u32 histogram_bucket(u64 value_ns)
{
	u32 octave, above;
	u64 fraction;

	if (value_ns <= NL_HISTOGRAM_FIRST_NS)
		return 0;
	if (value_ns > NL_HISTOGRAM_LAST_NS)
		return NL_HISTOGRAM_BUCKETS - 1;
	octave = log2_floor(value_ns);
	/* The fraction of the mantissa, 2^63 * (m - 1), against 2^63 * (5^9 * 2^(i/8 - 21) - 1)
	 * for i = 1..8, rounded up to what is above it: exact for every value. */
	fraction = value_ns << (63 - octave) ^ 1ULL << 63;
	above = not_less(fraction, 0x01ffa7a9549ca6e4ULL) +
		not_less(fraction, 0x0dc3b8960164a7daULL) +
		not_less(fraction, 0x1a9867054d512392ULL) +
		not_less(fraction, 0x28965f74bf065072ULL) +
		not_less(fraction, 0x37d88a12d0dd9ea1ULL) +
		not_less(fraction, 0x487c3e7d03cdbec4ULL) +
		not_less(fraction, 0x5aa17c2cd19555dcULL) +
		not_less(fraction, 0x6e6b280000000001ULL);
	/* The octave from 2^10 ns on begins in bucket 1, below the first of its bounds. */
	return octave * NL_HISTOGRAM_PER_OCTAVE + above - (10 * NL_HISTOGRAM_PER_OCTAVE - 1);
}

#endif
