/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_stream.c - which bytes of a segment are new, and what a hole means. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/stream.h"

#define UNTOUCHED 0xdeadu

static struct nl_stream stream_at(u32 next_seq, u8 mode)
{
	struct nl_stream s = { .next_seq = next_seq, .mode = mode, .flags = NL_STREAM_SYNCED };

	return s;
}

/* Judge a segment, with a check that the skip is only given with STREAM_NEW. */
static enum stream_verdict judge(struct nl_stream *s, u32 seq, u32 length, u32 *ret_skip)
{
	enum stream_verdict verdict;

	*ret_skip = UNTOUCHED;
	verdict = stream_accept(s, seq, length, ret_skip);
	if (verdict == STREAM_NEW)
		assert_true(*ret_skip < length);
	else
		assert_int_equal(*ret_skip, UNTOUCHED);
	return verdict;
}

static const u32 starts[] = {
	0, 1, 1000, 0x7ffffff0, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff
};
#define STARTS (sizeof(starts) / sizeof(starts[0]))

static void test_first_segment_sets_the_pace(void **state)
{
	u32 skip;

	(void)state;
	for (size_t i = 0; i < STARTS; i++) {
		struct nl_stream s = { 0 };

		assert_int_equal(judge(&s, starts[i], 10, &skip), STREAM_NEW);
		assert_int_equal(skip, 0);
		assert_true(s.flags & NL_STREAM_SYNCED);
		assert_int_equal(s.next_seq, starts[i]);
	}
}

/* Old, new and overlapping, at every place around next_seq, over the wrap as well. */
static void test_around_next(void **state)
{
	u32 skip;

	(void)state;
	for (size_t i = 0; i < STARTS; i++) {
		for (u32 back = 0; back <= 20; back++) {
			for (u32 length = 1; length <= 20; length++) {
				struct nl_stream s = stream_at(starts[i], NL_MODE_START);
				enum stream_verdict v = judge(&s, starts[i] - back, length, &skip);

				assert_int_equal(v, length <= back ? STREAM_OLD : STREAM_NEW);
				if (v == STREAM_NEW)
					assert_int_equal(skip, back);
				assert_int_equal(s.next_seq, starts[i]);
				assert_int_equal(s.grade, 0);
			}
		}
	}
}

/* Exactly 2^31 away is neither before nor behind (RFC 1982): any answer but new bytes will do. */
static void test_half_the_space_away(void **state)
{
	static const u32 lengths[] = { 1, 1460, 0x7fffffff };
	u32 skip;

	(void)state;
	for (size_t i = 0; i < STARTS; i++) {
		for (size_t j = 0; j < 3; j++) {
			struct nl_stream s = stream_at(starts[i], NL_MODE_START);

			assert_int_not_equal(judge(&s, starts[i] + 0x80000000u, lengths[j], &skip),
					     STREAM_NEW);
			assert_int_equal(s.next_seq, starts[i]);
		}
	}
}

static void test_hole_inside_a_body(void **state)
{
	u32 skip;

	(void)state;
	for (size_t i = 0; i < STARTS; i++) {
		struct nl_stream s = stream_at(starts[i], NL_MODE_BODY_LENGTH);

		s.remaining_bytes = 1000;
		assert_int_equal(judge(&s, starts[i] + 100, 50, &skip), STREAM_NEW);
		assert_int_equal(s.hole_bytes, 100);
		assert_int_equal(s.remaining_bytes, 900);
		assert_int_equal(s.next_seq, starts[i] + 100);
		assert_int_equal(s.bytes, 100);
		/* Behind the segment itself, which the caller takes in. */
		stream_skip(&s, 50);
		assert_int_equal(judge(&s, starts[i] + 60, 40, &skip), STREAM_FILL);
		assert_int_equal(s.hole_bytes, 60);
		assert_true(s.grade & NL_GRADE_reordered);
		assert_int_equal(judge(&s, starts[i], 60, &skip), STREAM_FILL);
		assert_int_equal(s.hole_bytes, 0);
		/* What comes once more is old. */
		assert_int_equal(judge(&s, starts[i], 60, &skip), STREAM_OLD);
		assert_int_equal(s.remaining_bytes, 850);
	}
}

/* The hole may end where the body does, but not behind it. */
static void test_hole_up_to_the_end_of_a_body(void **state)
{
	struct nl_stream s = stream_at(5000, NL_MODE_BODY_LENGTH);
	u32 skip;

	(void)state;
	s.remaining_bytes = 100;
	assert_true(stream_can_skip(&s, 100));
	assert_false(stream_can_skip(&s, 101));
	assert_int_equal(judge(&s, 5101, 10, &skip), STREAM_AHEAD);
	assert_int_equal(s.next_seq, 5000);
	assert_int_equal(s.remaining_bytes, 100);
}

static void test_hole_at_a_head_is_waited_for(void **state)
{
	static const u8 modes[] = { NL_MODE_START, NL_MODE_FIELDS, NL_MODE_CHUNK_SIZE,
				    NL_MODE_CHUNK_END, NL_MODE_TRAILER };
	u32 skip;

	(void)state;
	for (size_t i = 0; i < STARTS; i++) {
		for (size_t m = 0; m < sizeof(modes); m++) {
			struct nl_stream s = stream_at(starts[i], modes[m]);
			u32 at = starts[i] + 100;

			assert_int_equal(judge(&s, at, 50, &skip), STREAM_AHEAD);
			/* Again, inside it, behind it, before it: one range still. */
			assert_int_equal(judge(&s, at, 50, &skip), STREAM_AHEAD);
			assert_int_equal(judge(&s, at + 10, 10, &skip), STREAM_AHEAD);
			assert_int_equal(judge(&s, at + 50, 25, &skip), STREAM_AHEAD);
			assert_int_equal(judge(&s, at - 30, 30, &skip), STREAM_AHEAD);
			assert_int_equal(s.ahead_seq, at - 30);
			assert_int_equal(s.ahead_end, at + 75);
			assert_int_equal(s.next_seq, starts[i]);
			/* A second hole is one too many. */
			assert_int_equal(judge(&s, at + 200, 10, &skip), STREAM_LOST);
			assert_true(stream_has_ahead(&s));
			/* The missing bytes come after all. */
			assert_int_equal(judge(&s, starts[i], 70, &skip), STREAM_NEW);
			assert_int_equal(skip, 0);
		}
	}
}

static void test_no_hole_matters(void **state)
{
	static const u8 modes[] = { NL_MODE_BODY_CLOSE, NL_MODE_TUNNEL, NL_MODE_RESYNC };
	u32 skip;

	(void)state;
	for (size_t m = 0; m < sizeof(modes); m++) {
		struct nl_stream s = stream_at(0xffffff00, modes[m]);

		assert_int_equal(judge(&s, 0x100, 50, &skip), STREAM_NEW);
		assert_int_equal(s.next_seq, 0x100);
		/* Only of a body is it noted. */
		assert_int_equal(s.hole_bytes, modes[m] == NL_MODE_BODY_CLOSE ? 0x200 : 0);
	}
}

static void test_lose(void **state)
{
	struct nl_stream s = stream_at(1, NL_MODE_FIELDS);

	(void)state;
	s.flags |= NL_STREAM_LINE_TAIL | NL_STREAM_OPEN;
	s.carry_bytes = 7;
	s.ahead_seq = 10;
	s.ahead_end = 20;
	stream_lose(&s, NL_GRADE_gap);
	assert_int_equal(s.mode, NL_MODE_RESYNC);
	assert_int_equal(s.carry_bytes, 0);
	assert_int_equal(s.flags, NL_STREAM_SYNCED | NL_STREAM_OPEN);
	assert_false(stream_has_ahead(&s));
	assert_true(s.grade & NL_GRADE_gap);
}

/* A body longer than the sequence space, taken in by count. */
static void test_count_beyond_4_gb(void **state)
{
	struct nl_stream s = stream_at(0xfffffffe, NL_MODE_BODY_LENGTH);
	u64 length = (1ULL << 33) + 12345, left = length;
	u32 skip;

	(void)state;
	s.remaining_bytes = length;
	while (left) {
		u32 part = left > 1u << 20 ? 1u << 20 : (u32)left;

		assert_int_equal(judge(&s, s.next_seq, part, &skip), STREAM_NEW);
		assert_int_equal(skip, 0);
		stream_skip(&s, part);
		left -= part;
		assert_int_equal(s.remaining_bytes, left);
	}
	assert_int_equal(s.bytes, length);
	assert_int_equal(s.next_seq, (u32)(0xfffffffe + length));
	assert_int_equal(s.hole_bytes, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_segment_sets_the_pace),
		cmocka_unit_test(test_around_next),
		cmocka_unit_test(test_half_the_space_away),
		cmocka_unit_test(test_hole_inside_a_body),
		cmocka_unit_test(test_hole_up_to_the_end_of_a_body),
		cmocka_unit_test(test_hole_at_a_head_is_waited_for),
		cmocka_unit_test(test_no_hole_matters),
		cmocka_unit_test(test_lose),
		cmocka_unit_test(test_count_beyond_4_gb),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
