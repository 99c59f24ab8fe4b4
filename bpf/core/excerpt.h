/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * excerpt.h - the first bytes of request heads, kept until the record of their transaction
 * is written: of all requests, or of a sample of them.
 *
 * Samples share a small table. A connection takes a place in it for one request, if that is
 * free, and gives it back with the record or when it leaves the flow table. A place belongs to
 * a slot of the flow table, so the flow's lock is its lock. Requests that take long would soon
 * have all places: the sweep takes theirs, and those of heads that came to nothing.
 */
#ifndef NETLAT_CORE_EXCERPT_H
#define NETLAT_CORE_EXCERPT_H

#include "finish.h"
#include "work.h"

NL_CORE bool head_is_sample(void)
{
	return (NL_CONFIG(records_wanted) & (NL_RECORDS_ALL | NL_RECORDS_SAMPLED)) ==
	       NL_RECORDS_SAMPLED;
}

/* Whether the excerpt of a request is to be kept whose head begins on f with the packet at hand. */
NL_CORE bool head_is_wanted(const struct nl_flow *f, const struct nl_work *work)
{
	if (!head_is_sample())
		return NL_CONFIG(records_wanted) & NL_RECORDS_ALL;
	return !f->pending_count &&
	       work->now_ns - work->sampled_ns >= NL_CONFIG(sample_interval_ns);
}

/* Where the excerpts of the flow in a slot are; NULL: nowhere. */
NL_CORE struct nl_head *head_of(u32 slot)
{
	struct nl_head *head;

	if (!head_is_sample())
		return seam_head(slot);
	head = seam_head(slot & (NL_SAMPLED_HEADS - 1));
	return head && head->owner == slot + 1 ? head : NULL;
}

/* The same, after taking the place if it is free. */
NL_CORE struct nl_head *head_take(u32 slot)
{
	struct nl_head *head;

	if (!head_is_sample())
		return seam_head(slot);
	head = seam_head(slot & (NL_SAMPLED_HEADS - 1));
	if (!head || head->owner == slot + 1)
		return head;
	return __sync_val_compare_and_swap(&head->owner, 0, slot + 1) ? NULL : head;
}

/* The sample of the flow in a slot is over, or none. */
NL_CORE void head_give_back(u32 slot)
{
	struct nl_head *head = head_is_sample() ? head_of(slot) : NULL;

	if (head)
		lock_drop(&head->owner);
}

/* Whether the sample of f is of a request, or of a head under way, that may still be over soon. */
NL_CORE bool head_is_needed(struct nl_flow *f, u64 now_ns)
{
	u64 from_ns = f->stream[NL_CLIENT].first_ns;

	/* Of the requests that are pending only the first can be one. */
	if (f->pending_count && txn_pending(f, 0)->head_bytes)
		from_ns = txn_pending(f, 0)->first_ns;
	else if (!f->request_head_bytes || f->stream[NL_CLIENT].mode == NL_MODE_RESYNC)
		return false;
	return (s64)(now_ns - from_ns) < NL_SAMPLE_NS_MAX;
}

/* Have the flow f at work->slot, which is locked, give back a place that others need more. */
NL_STEP int head_let_go(struct nl_flow *f, struct nl_work *work)
{
	if (!f || !work || head_is_needed(f, work->now_ns))
		return 0;
	if (f->pending_count)
		txn_pending(f, 0)->head_bytes = 0;
	f->request_head_bytes = 0;
	head_give_back(work->slot);
	return 0;
}

/* Copy the excerpt of a request head into work->record, which says how long it is. */
NL_CORE void observe_copy_head(struct nl_work *work, u32 head_offset)
{
	const struct nl_head *head = head_of(work->slot);
	struct nl_record *record = &work->record;
	u32 bytes = record->head_bytes;

	if (!head) {
		record->head_bytes = 0;
		return;
	}

	for (u32 i = 0; i < NL_HEAD_BYTES_MAX; i += 8) {
		u32 from = head_offset + i;

		NL_OPAQUE(from);
		if (i >= bytes || from > NL_HEAD_BYTES_MAX)
			break;
		store_u64(record->head + i, load_u64(head->bytes + from));
	}
}

/* Store the first `bytes` (1 to 7) of the word at `from`, leaving what is behind them. */
NL_CORE void observe_keep_tail(u8 *to, const u8 *from, u32 bytes)
{
	u64 mask = (1ULL << ((bytes & 7) * 8)) - 1;

	store_u64(to, (load_u64(to) & ~mask) | (load_u64(from) & mask));
}

/* Less than this of a head is not worth taking anything from another one. */
#define NL_HEAD_SHARE_MIN 96

/*
 * No room is left behind the latest excerpt, that of a long head: it gives half of itself
 * away. A target is mostly shorter than that.
 */
NL_CORE void observe_halve_head(struct nl_flow *f)
{
	struct nl_pending *last = txn_pending(f, f->pending_count - 1u);
	u32 half = last->head_bytes / 2;

	if (half < NL_HEAD_SHARE_MIN)
		return;
	f->head_used = (u16)(last->head_offset + half);
	f->head_limit = (u16)(last->head_offset + last->head_bytes);
	last->head_bytes = (u16)half;
	last->grade |= NL_GRADE_head_cut;
}

/*
 * Find room in head[] for the excerpt of a new request: behind the last one, or
 * once more from the start, up to the oldest that is still needed.
 */
NL_CORE void observe_place_head(struct nl_flow *f)
{
	u32 used = f->head_used, needed = NL_HEAD_BYTES_MAX;

	f->head_limit = NL_HEAD_BYTES_MAX;
	if (NL_UNLIKELY(f->pending_count)) {
		/* Of the oldest request that has one; a long head may have left others none. */
		for (u32 i = 0; i < NL_PENDING_MAX; i++) {
			if (i >= f->pending_count)
				break;
			if (txn_pending(f, i)->head_bytes) {
				needed = txn_pending(f, i)->head_offset;
				break;
			}
		}
	}
	if (needed == NL_HEAD_BYTES_MAX)
		f->head_used = 0;
	else if (used <= needed)
		f->head_limit = (u16)needed;
	else if (NL_HEAD_BYTES_MAX - used < needed) {
		f->head_used = 0;
		f->head_limit = (u16)needed;
	}
	if (NL_UNLIKELY(f->pending_count && f->head_limit < f->head_used + NL_HEAD_SHARE_MIN))
		observe_halve_head(f);
}

/* Keep the `bytes` just framed at the window's start as excerpt of the request head at hand. */
NL_STEP int observe_keep_head(struct nl_flow *f, struct nl_work *work, u32 bytes)
{
	struct nl_head *head;
	u64 zero;
	u32 to;

	if (!f || !work)
		return 0;
	head = head_take(work->slot);
	if (!head)
		return 0;
	zero = work->window.zero;
	if (!f->request_head_bytes) {
		observe_place_head(f);
		work->sampled_ns = work->now_ns;
	}
	to = f->head_used + f->request_head_bytes;
	if (to >= f->head_limit)
		return 0;
	bytes = min_u32(bytes, f->head_limit - to);
	f->request_head_bytes += bytes;
	for (u32 i = 0; i < NL_WINDOW_BYTES; i += 8) {
		u32 at = to;

		NL_OPAQUE(at);
		if (at > NL_HEAD_BYTES_MAX)
			break;
		/* Whole words would run into the excerpt behind. */
		if (bytes < 8) {
			if (bytes)
				observe_keep_tail(head->bytes + at,
						  work->window.bytes + NL_CARRY_BYTES + i, bytes);
			break;
		}
		store_u64(head->bytes + at, load_u64(work->window.bytes + NL_CARRY_BYTES + i));
		to += 8;
		bytes -= 8;
		NL_WIDEN(to, zero);
		NL_WIDEN(bytes, zero);
	}
	return 0;
}

#endif
