/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * sweep.h - what ends without a packet: requests that time out, connections that are
 * idle, and everything when the observation is over. Needs the seam of observe.h.
 *
 * The rule for time-outs: when no new byte has passed on a connection for
 * nl_config.timeout_ns, its pending requests are over. It is applied to each packet
 * that comes later, before anything else, and to all flows by a sweep now and then,
 * so that what is counted does not depend on when the sweeps are.
 */
#ifndef NETLAT_CORE_SWEEP_H
#define NETLAT_CORE_SWEEP_H

#include "place.h"

/* Ticks since new bytes passed; negative where another CPU's clock was ahead. */
NL_CORE s32 flow_idle_ticks(const struct nl_flow *f, u64 now_ns)
{
	return (s32)((u32)(now_ns >> NL_TICK_SHIFT) - f->used);
}

/* Whether f has been without new bytes for so long that observe_idle() has to act. */
NL_CORE bool flow_is_idle(const struct nl_flow *f, u64 now_ns, u32 timeout_ticks)
{
	s32 ticks = flow_idle_ticks(f, now_ns);

	if (NL_LIKELY(!timeout_ticks || ticks < (s32)timeout_ticks))
		return false;
	return f->pending_count || ticks >= (s32)timeout_ticks * NL_IDLE_TIMEOUTS;
}

/*
 * The pending requests of f, which is locked, have timed out. The answers may still
 * come, and must not be taken for those to later requests.
 */
NL_STEP int observe_time_out(struct nl_flow *f, struct nl_work *work, struct nl_counters *counters)
{
	const struct nl_stream *c, *s;
	u32 outcome = NL_OUTCOME_UNANSWERED;
	u64 now_ns;

	if (!f || !work || !counters)
		return 0;
	c = &f->stream[NL_CLIENT];
	s = &f->stream[NL_SERVER];
	now_ns = work->now_ns;
	work->now_ns = (c->last_ns > s->last_ns ? c->last_ns : s->last_ns) + NL_CONFIG(timeout_ns);
	observe_stop_waiting(f, work, counters);
	if ((s->flags & NL_STREAM_OPEN) && !(f->flags & NL_FLOW_ORPHAN))
		outcome = NL_OUTCOME_ABORTED;
	for (int i = 0; i < NL_PENDING_MAX; i++) {
		if (!f->pending_count)
			break;
		if (outcome == NL_OUTCOME_UNANSWERED) {
			f->flags |= NL_FLOW_OWED;
			f->owed_responses += f->owed_responses < 255;
		}
		observe_finish(f, work, counters, outcome << 8 | NL_END_timeout);
		outcome = NL_OUTCOME_UNANSWERED;
	}
	work->now_ns = now_ns;
	return 0;
}

/*
 * A flow at work->slot, locked, on which nothing has passed for a time-out. Returns
 * whether it was taken out of the table.
 */
NL_STEP int observe_idle(nl_source *src, struct nl_flow *f, struct nl_work *work,
			 struct nl_counters *counters)
{
	if (!src || !f || !work || !counters)
		return 0;
	if (f->pending_count)
		observe_time_out(f, work, counters);
	if (flow_idle_ticks(f, work->now_ns) < (s32)NL_CONFIG(timeout_ticks) * NL_IDLE_TIMEOUTS)
		return 0;
	observe_end_all(src, f, work, counters, NL_END_timeout);
	observe_count(counters, NL_COUNT_flows_idle);
	observe_remove(work);
	return 1;
}

/* The flow f at work->slot, which may need something, or may just have been replaced. */
NL_STEP int observe_sweep_flow(nl_source *src, struct nl_flow *f, struct nl_work *work,
			       struct nl_counters *counters, u32 how)
{
	if (!src || !f || !work || !counters || !lock_take(&f->lock))
		return 0;
	work->key = f->key;
	if (f->key.in_use && how == NL_SWEEP_END) {
		observe_end_all(src, f, work, counters, NL_END_observation_over);
		observe_remove(work);
	} else if (f->key.in_use && flow_is_idle(f, work->now_ns, NL_CONFIG(timeout_ticks))) {
		observe_idle(src, f, work, counters);
	} else if (head_is_sample()) {
		head_let_go(f, work);
	}
	lock_drop(&f->lock);
	return 0;
}

/*
 * Sweep the flows of one set: work->now_ns is the time, how an enum nl_sweep. Flows
 * that need nothing are looked at without their lock; one that is being worked on for
 * too long is left to the next sweep.
 */
NL_STEP int observe_sweep(nl_source *src, struct nl_work *work, struct nl_counters *counters,
			  u32 number, u32 how)
{
	struct nl_flow_set *set;

	if (!src || !work || !counters)
		return 0;
	set = seam_flow_set(number);
	if (!set)
		return 0;
	for (u32 way = 0; way < NL_SET_WAYS; way++) {
		struct nl_flow *f = &set->flow[way];

		if (!set->tag[way])
			continue;
		if (f->row)
			seam_mark_row(f->row - 1u, work->sweep);
		work->slot = number * NL_SET_WAYS + way;
		if (how == NL_SWEEP_END ||
		    flow_is_idle(f, work->now_ns, NL_CONFIG(timeout_ticks)) ||
		    (head_is_sample() && head_of(work->slot) && !head_is_needed(f, work->now_ns)))
			observe_sweep_flow(src, f, work, counters, how);
	}
	return 0;
}

#endif
