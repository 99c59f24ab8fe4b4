/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* damage.c - what is done to segments on their way, besides cutting. */
#include "damage.h"

/* Some old bytes once more: as they were sent, or cut elsewhere, or before new ones. */
static void pass_again(struct segments *s, struct choices *choices)
{
	u32 times = 1 + choose(choices, 6);

	while (times-- && s->count > 1) {
		u32 from = choose(choices, s->count), at;
		struct segment again = s->list[from];

		if (again.begin == again.end || (again.tcp_flags & NL_TCP_FIN))
			continue;
		if (choose_rarely(choices, 3)) { /* goes back further, and on with new bytes */
			s->list[from].begin -= choose(choices, again.begin + 1);
			continue;
		}
		if (choose_rarely(choices, 3))
			again.begin -= choose(choices, again.begin + 1);
		if (choose_rarely(choices, 3))
			again.begin += choose(choices, again.end - again.begin);
		again.again = true;
		/* Not behind the last packet: a connection that is over is another matter. */
		at = from + 1 + choose(choices, s->count - from);
		if (at < s->count)
			segments_insert(s, at, &again);
	}
}

static const struct region *region_of(const struct dialog *dialog, const struct segment *s)
{
	if (s->begin == s->end || (s->tcp_flags & NL_TCP_FIN))
		return NULL;
	return dialog_region(dialog, s->role, s->begin, s->end);
}

/* Permute the segments that follow each other inside one body. */
static void reorder_in_bodies(struct segments *s, const struct dialog *dialog,
			      struct choices *choices)
{
	for (u32 i = 0; i < s->count;) {
		const struct region *region = region_of(dialog, &s->list[i]);
		u32 end = i + 1;

		while (region && end < s->count && s->list[end].role == s->list[i].role &&
		       region_of(dialog, &s->list[end]) == region)
			end++;
		for (u32 moves = end - i > 1 ? choose(choices, 4) : 0; moves > 0; moves--)
			segments_move(s, i + choose(choices, end - i),
				      i + choose(choices, end - i));
		i = end;
	}
}

/* Drop segments inside bodies. The last byte of a message is kept: it has its time. */
static void drop_in_bodies(struct segments *s, const struct dialog *dialog, struct choices *choices)
{
	u32 i = 0;

	while (i < s->count) {
		const struct segment *segment = &s->list[i];
		const struct region *region = region_of(dialog, segment);

		if (region && !(region->kind == REGION_LENGTH && segment->end == region->end) &&
		    choose(choices, 3) == 1)
			segments_drop(s, i);
		else
			i++;
	}
}

static void damage_any(struct segments *s, struct choices *choices)
{
	for (u32 times = 1 + choose(choices, 4); times > 0 && s->count > 1; times--) {
		u32 at = choose(choices, s->count), to = at + choose(choices, 5);

		switch (choose(choices, 4)) {
		case 0:
		case 1:
			segments_drop(s, at);
			break;
		case 2:
			/* Among those of its own direction: each is captured in one place. */
			if (to < s->count && s->list[to].role == s->list[at].role)
				segments_move(s, at, to);
			break;
		default:
			if (to < s->count && !(s->list[at].tcp_flags & NL_TCP_FIN))
				segments_insert(s, to, &s->list[at]);
		}
	}
}

void damage_do(enum damage damage, struct segments *s, const struct dialog *dialog,
	       struct choices *choices)
{
	switch (damage) {
	case DAMAGE_AGAIN:
		pass_again(s, choices);
		break;
	case DAMAGE_REORDER:
		reorder_in_bodies(s, dialog, choices);
		break;
	case DAMAGE_DROP:
		drop_in_bodies(s, dialog, choices);
		break;
	case DAMAGE_ANY:
		damage_any(s, choices);
		break;
	default:
		break;
	}
}
