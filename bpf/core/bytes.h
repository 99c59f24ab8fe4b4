/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * bytes.h - fixed-width types and loads from packet bytes.
 *
 * Everything in bpf/core is compiled twice: by clang for the BPF target and by
 * the native compiler for the daemon, tests and fuzzers. This file holds the
 * few places where the two differ.
 */
#ifndef NETLAT_CORE_BYTES_H
#define NETLAT_CORE_BYTES_H

#include <linux/types.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s32 s32;
typedef __s64 s64;

#ifndef NULL
#define NULL ((void *)0)
#endif

#ifndef __cplusplus
#ifndef bool
#define bool _Bool
#define true 1
#define false 0
#endif
#endif

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "netlat's word-wise scanning is written for little-endian targets"
#endif

/* Core functions are pure and small; in BPF each must melt into the one
 * separately verified function that calls it. */
#define NL_CORE static inline __attribute__((always_inline))

/*
 * The steps that the verifier is to check on their own, once, for any arguments
 * (kernel commit 51c39bb1d5d1, "bpf: Introduce function-by-function
 * verification"): global functions in BPF. Their pointer arguments must be
 * pointers to structures, and be checked for NULL.
 */
#ifdef __bpf__
#define NL_STEP __attribute__((noinline))
#else
#define NL_STEP static __attribute__((unused))
#endif

#define NL_UNLIKELY(x) __builtin_expect(!!(x), 0)
#define NL_LIKELY(x) __builtin_expect(!!(x), 1)

/*
 * NL_OPAQUE(v): make the compiler forget what it knows of integer v.
 *
 * Without it clang rewrites bound checks on v into checks on a copy, and the
 * verifier then does not learn the bound. It costs no instruction.
 */
#ifdef __bpf__
#define NL_OPAQUE(v) asm volatile("" : "+r"(v))
#else
#define NL_OPAQUE(v) ((void)0)
#endif

/*
 * NL_WIDEN(v, zero): make the verifier forget what it knows of integer v, by
 * adding a zero that it cannot see to be one (loaded from memory). At the end of
 * a loop's body this makes all paths through it meet in one state; without it
 * their number multiplies with every turn.
 */
#ifdef __bpf__
#define NL_WIDEN(v, zero) ((v) += (__typeof__(v))(zero))
#else
#define NL_WIDEN(v, zero) ((void)(zero))
#endif

/*
 * Whether *v is within 1..max, in a form from which the verifier learns both
 * bounds of the very register that is used next. (6.1 learns no lower bound from
 * v != 0, and clang likes to compare one copy and use another.)
 */
NL_CORE bool within_1_to(u32 *v, u32 max)
{
	u32 below = *v - 1;

	NL_OPAQUE(below);
	if (below >= max)
		return false;
	*v = below + 1;
	return true;
}

/*
 * Unaligned little-endian loads. BPF's compiler would split them into bytes,
 * for fear of strict alignment, where the interpreter and JITs that netlat
 * supports take them whole; natively the cast would be undefined, so memcpy.
 */
NL_CORE u64 load_u64(const u8 *p)
{
#ifdef __bpf__
	return *(const u64 *)p;
#else
	u64 v;
	__builtin_memcpy(&v, p, sizeof(v));
	return v;
#endif
}

NL_CORE u32 load_u32(const u8 *p)
{
#ifdef __bpf__
	return *(const u32 *)p;
#else
	u32 v;
	__builtin_memcpy(&v, p, sizeof(v));
	return v;
#endif
}

NL_CORE u16 load_u16(const u8 *p)
{
#ifdef __bpf__
	return *(const u16 *)p;
#else
	u16 v;
	__builtin_memcpy(&v, p, sizeof(v));
	return v;
#endif
}

NL_CORE void store_u64(u8 *p, u64 v)
{
#ifdef __bpf__
	*(u64 *)p = v;
#else
	__builtin_memcpy(p, &v, sizeof(v));
#endif
}

/* Big-endian (network order) loads. */
NL_CORE u16 load_be16(const u8 *p)
{
	return __builtin_bswap16(load_u16(p));
}

NL_CORE u32 load_be32(const u8 *p)
{
	return __builtin_bswap32(load_u32(p));
}

NL_CORE u32 min_u32(u32 a, u32 b)
{
	return a < b ? a : b;
}

NL_CORE u64 min_u64(u64 a, u64 b)
{
	return a < b ? a : b;
}

/* Eight characters as the little-endian word that load_u64 yields for them. */
#define NL_WORD8(a, b, c, d, e, f, g, h)                                                           \
	((u64)(u8)(a) | (u64)(u8)(b) << 8 | (u64)(u8)(c) << 16 | (u64)(u8)(d) << 24 |              \
	 (u64)(u8)(e) << 32 | (u64)(u8)(f) << 40 | (u64)(u8)(g) << 48 | (u64)(u8)(h) << 56)

#define NL_BYTES_01 0x0101010101010101ULL
#define NL_BYTES_7F 0x7f7f7f7f7f7f7f7fULL
#define NL_BYTES_20 0x2020202020202020ULL

/*
 * Mark the bytes of v equal to the repeated byte in `pattern`: bit 7 of each
 * such byte is set, every other bit clear. Exact for every byte (the shorter
 * subtracting form is not, above the first match).
 */
NL_CORE u64 bytes_equal_mask(u64 v, u64 pattern)
{
	u64 x = v ^ pattern;

	return ~(((x & NL_BYTES_7F) + NL_BYTES_7F) | x | NL_BYTES_7F);
}

/*
 * The bytes of v equal to the repeated byte in `pattern`, as 8 bits, bit i for byte
 * i. May also mark a byte that differs from it by one, above a true match: look
 * again before believing any but the lowest. Subtracting finds them, and the
 * multiplication gathers the eight marks, whose partial products do not overlap.
 */
NL_CORE u64 bytes_equal_bits(u64 v, u64 pattern)
{
	u64 x = v ^ pattern;

	return (((x - NL_BYTES_01) & ~x & (NL_BYTES_01 * 0x80)) >> 7) * 0x0102040810204080ULL >> 56;
}

/* The same for the 64 bytes at p, bit i for byte i. */
NL_CORE u64 bytes_equal_bits64(const u8 *p, u64 pattern)
{
	return bytes_equal_bits(load_u64(p), pattern) |
	       bytes_equal_bits(load_u64(p + 8), pattern) << 8 |
	       bytes_equal_bits(load_u64(p + 16), pattern) << 16 |
	       bytes_equal_bits(load_u64(p + 24), pattern) << 24 |
	       bytes_equal_bits(load_u64(p + 32), pattern) << 32 |
	       bytes_equal_bits(load_u64(p + 40), pattern) << 40 |
	       bytes_equal_bits(load_u64(p + 48), pattern) << 48 |
	       bytes_equal_bits(load_u64(p + 56), pattern) << 56;
}

/* Position of the lowest bit set in v, which must not be 0: by a de Bruijn sequence. */
static const u8 lowest_bit_table[64] = {
	0,  1,	2,  53, 3,  7,	54, 27, 4,  38, 41, 8,	34, 55, 48, 28, 62, 5,	39, 46, 44, 42,
	22, 9,	24, 35, 59, 56, 49, 18, 29, 11, 63, 52, 6,  26, 37, 40, 33, 47, 61, 45, 43, 21,
	23, 58, 17, 10, 51, 25, 36, 32, 60, 20, 57, 16, 50, 31, 19, 15, 30, 14, 13, 12,
};

NL_CORE u32 lowest_bit(u64 v)
{
	return lowest_bit_table[((v & -v) * 0x022fdd63cc95386dULL) >> 58];
}

#endif
