/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * fuzz_property.c - what happens to segments on the way must not show in the records.
 *
 * A well-formed conversation is cut into segments, and these are repeated, reordered
 * or dropped. By what was done to them the records have to be
 *
 *   exact   cut anywhere, repeated, overlapping: all fields, times included
 *   similar reordered inside bodies, or dropped there: all but times and grades
 *   honest  reordered and dropped anywhere: no request that was not sent, none twice,
 *           and no status but that of its own response
 */
#include <stdio.h>
#include <string.h>

#include "damage.h"
#include "verify.h"

static struct dialog dialog;
static struct segments segments;
static struct wire wire;
static enum damage damage;
static struct nl_record records[2 * DIALOG_TURNS_MAX];
static u32 record_count;
static bool is_sample; /* records of some requests only */

static void explain(void)
{
	static const char *const names[] = { "none", "again", "reorder", "drop", "any" };

	fprintf(stderr, "\ndamage: %s%s\n", names[damage], is_sample ? ", a sample" : "");
	segments_print(&segments, &dialog);
	for (u32 i = 0; i < record_count; i++) {
		const struct nl_record *r = &records[i];

		fprintf(stderr,
			"record %u: \"%.*s\" status %u outcome %u reason %u grade %#x bytes %llu "
			"%llu "
			"times %llu %llu %llu %llu end %llu retransmits %u\n",
			i, r->head_bytes < 24 ? r->head_bytes : 24, (const char *)r->head,
			r->status, r->outcome, r->reason, r->grade, r->request_bytes,
			r->response_bytes, r->request_first_ns, r->request_last_ns,
			r->response_first_ns, r->response_last_ns, r->end_ns, r->retransmits);
	}
}

static void take_record(const struct nl_record *record, void *userdata)
{
	(void)userdata;
	VERIFY(record_count < 2 * DIALOG_TURNS_MAX, "more records than requests");
	records[record_count++] = *record;
}

/* The position of the packet that carries the given byte first. */
static u64 time_of(u32 role, u32 position)
{
	return segments_first_ns(&segments, role, position);
}

/* When the server's FIN passes; 0: never. */
static u64 server_fin_ns(void)
{
	for (u32 i = 0; i < segments.count; i++)
		if (segments.list[i].role == NL_SERVER && (segments.list[i].tcp_flags & NL_TCP_FIN))
			return segment_time_ns(i);
	return 0;
}

/* ---- what must come of it */

/* Whether every byte of [begin, end) of a stream passes. */
static bool all_seen(u32 role, u32 begin, u32 end)
{
	while (begin < end) {
		u32 next = begin;

		for (u32 i = 0; i < segments.count && next == begin; i++)
			if (segments.list[i].role == role && segments.list[i].begin <= begin &&
			    begin < segments.list[i].end)
				next = segments.list[i].end;
		if (next == begin)
			return false;
		begin = next;
	}
	return true;
}

static void expect_head(const struct nl_record *r, const struct turn *t)
{
	const u8 *head = dialog.streams[NL_CLIENT].bytes + t->request;
	u32 whole = t->request_head_end - t->request;

	VERIFY(r->head_bytes <= whole, "%u of %u", r->head_bytes, whole);
	if (is_sample)
		VERIFY(r->head_bytes == whole || r->head_bytes == NL_HEAD_BYTES_MAX, "%u of %u",
		       r->head_bytes, whole);
	VERIFY(memcmp(r->head, head, r->head_bytes) == 0, "another request's head");
	VERIFY(!(r->grade & NL_GRADE_head_cut) == (r->head_bytes == whole || is_sample),
	       "%u of %u, grade %#x", r->head_bytes, whole, r->grade);
}

static void expect_fields(const struct nl_record *r, const struct turn *t)
{
	VERIFY(r->outcome == NL_OUTCOME_OK, "outcome %u, reason %u", r->outcome, r->reason);
	VERIFY(r->status == t->status, "%u, not %u", r->status, t->status);
	VERIFY(r->method == t->method, "%u", r->method);
	VERIFY(r->request_version == (0x10 | t->version), "%#x", r->request_version);
	VERIFY(r->response_bytes == t->response_end - t->response, "%llu, not %u",
	       r->response_bytes, t->response_end - t->response);
	VERIFY(r->interim_responses == t->interim_count, "%u", r->interim_responses);
	VERIFY(memcmp(r->interim, t->interim, t->interim_count) == 0, "interim codes");
}

/* The time when the record is known to be over, and when its last byte passed. */
static u64 over_ns(const struct turn *t)
{
	return t->closed ? server_fin_ns() : time_of(NL_SERVER, t->response_end - 1);
}

static void expect_times(const struct nl_record *r, const struct turn *t, u32 number)
{
	u64 last_ns = time_of(NL_CLIENT, t->request_end - 1);
	u64 head_ns = time_of(NL_CLIENT, t->request_head_end - 1), end_ns = over_ns(t);
	u32 grade = t->closed ? NL_GRADE_closed : 0, ignored = NL_GRADE_head_cut;

	if (last_ns > end_ns)
		last_ns = 0; /* the record was written before */
	else
		VERIFY(r->request_bytes == t->request_end - t->request, "%llu, not %u",
		       r->request_bytes, t->request_end - t->request);
	if (!last_ns || last_ns > time_of(NL_SERVER, t->response))
		grade |= NL_GRADE_early;
	if (number && head_ns < over_ns(t - 1))
		grade |= NL_GRADE_pipelined;
	VERIFY(r->request_first_ns == time_of(NL_CLIENT, t->request), "%llu", r->request_first_ns);
	VERIFY(r->request_last_ns == last_ns, "%llu, not %llu", r->request_last_ns, last_ns);
	VERIFY(r->response_first_ns == time_of(NL_SERVER, t->response), "%llu, not %llu",
	       r->response_first_ns, time_of(NL_SERVER, t->response));
	VERIFY(r->response_last_ns == end_ns, "%llu, not %llu", r->response_last_ns, end_ns);
	/* A hole may yet be filled: that it will not is known later. */
	VERIFY(r->end_ns == end_ns || (damage >= DAMAGE_REORDER && r->end_ns > end_ns),
	       "%llu, not %llu", r->end_ns, end_ns);
	if (!all_seen(NL_CLIENT, t->request, t->request_end)) {
		if (last_ns)
			grade |= NL_GRADE_gap;
		else
			ignored |= NL_GRADE_gap; /* might have come after the record */
	}
	if (!all_seen(NL_SERVER, t->response, t->response_end))
		grade |= NL_GRADE_gap;
	VERIFY((r->grade & ~ignored) == (grade & ~ignored), "%#x, not %#x", r->grade, grade);
}

/* When the last of a stream's bytes [begin, end) passes, in whatever order they do. */
static u64 all_ns(u32 role, u32 begin, u32 end)
{
	u64 last_ns = 0;

	for (u32 i = 0; i < segments.count; i++)
		if (segments.list[i].role == role && segments.list[i].begin < end &&
		    segments.list[i].end > begin)
			last_ns = segment_time_ns(i);
	return last_ns;
}

/* Nothing repeats and nothing is lost: the record ends with what passes last. */
static void expect_reordered(const struct nl_record *r, const struct turn *t)
{
	u64 end_ns = t->closed ? server_fin_ns() : all_ns(NL_SERVER, t->response, t->response_end);
	u64 asked_ns = all_ns(NL_CLIENT, t->request, t->request_end);
	u32 allowed = NL_GRADE_reordered | NL_GRADE_pipelined | NL_GRADE_early | NL_GRADE_head_cut;

	VERIFY((r->grade & ~allowed) == (t->closed ? NL_GRADE_closed : 0), "%#x", r->grade);
	VERIFY(r->request_first_ns == time_of(NL_CLIENT, t->request), "%llu", r->request_first_ns);
	VERIFY(r->request_last_ns == (asked_ns <= r->end_ns ? asked_ns : 0), "%llu, not %llu",
	       r->request_last_ns, asked_ns);
	VERIFY(r->response_last_ns == end_ns, "%llu, not %llu", r->response_last_ns, end_ns);
}

/* Whether the excerpt of a record is what the head of a request has from `skip` on. */
static bool is_head_of(const struct nl_record *r, const struct turn *t, u32 skip)
{
	u32 whole = t->request_head_end - t->request - skip;

	return r->head_bytes <= whole &&
	       memcmp(r->head, dialog.streams[NL_CLIENT].bytes + t->request + skip,
		      r->head_bytes) == 0;
}

/* Which request record i is of, in a sample: the first whose target it has, behind `from`. */
static u32 sampled_turn(u32 i, u32 from)
{
	while (from < dialog.turn_count && !is_head_of(&records[i], &dialog.turns[from], 0))
		from++;
	VERIFY(from < dialog.turn_count, "record %u is of no request, or of an earlier one", i);
	return from;
}

static void expect_records(void)
{
	u32 again = 0, retransmits = 0, turn = 0;

	VERIFY(is_sample || record_count == dialog.turn_count, "%u records of %u requests",
	       record_count, dialog.turn_count);
	for (u32 i = 0; i < segments.count; i++)
		again += segments.list[i].again;
	for (u32 i = 0; i < record_count; i++, turn++) {
		if (is_sample)
			turn = sampled_turn(i, turn);
		expect_head(&records[i], &dialog.turns[turn]);
		expect_fields(&records[i], &dialog.turns[turn]);
		if (damage != DAMAGE_REORDER)
			expect_times(&records[i], &dialog.turns[turn], turn);
		else
			expect_reordered(&records[i], &dialog.turns[turn]);
		retransmits += records[i].retransmits;
	}
	if (damage == DAMAGE_NONE || damage == DAMAGE_AGAIN)
		VERIFY(retransmits <= again, "%u of %u", retransmits, again);
}

/*
 * Which request a record is of; turn_count: none. Where the first bytes of a request
 * were lost or came late, "ET /t00" cannot be told from a request of that method.
 */
static u32 turn_of(const struct nl_record *r, bool *ret_whole_method)
{
	for (u32 skip = 0; skip < sizeof("PROPFIND") - 1; skip++) {
		for (u32 i = 0; i < dialog.turn_count; i++) {
			const struct turn *t = &dialog.turns[i];
			u64 before_ns = skip ? time_of(NL_CLIENT, t->request + skip - 1) : 0;

			*ret_whole_method = !skip;
			if (is_head_of(r, t, skip) &&
			    (!before_ns || before_ns > time_of(NL_CLIENT, t->request + skip)))
				return i;
		}
	}
	return dialog.turn_count;
}

static void expect_honesty(void)
{
	bool seen[DIALOG_TURNS_MAX] = { false };

	for (u32 i = 0; i < record_count; i++) {
		const struct nl_record *r = &records[i];
		bool whole_method;
		u32 number = turn_of(r, &whole_method);
		u64 begun_ns = time_of(NL_CLIENT, 0);

		/* Where the connection is met behind its beginning, the first bytes may be the
		 * end of a method, and the next response one to a request before: nothing tells. */
		if (!begun_ns || begun_ns > r->request_first_ns)
			continue;
		VERIFY(number < dialog.turn_count, "record %u is of no request", i);
		/* An excerpt that ends before the target is over says nothing. */
		if (r->head_bytes < sizeof("PROPFIND /t00") - 1)
			continue;
		VERIFY(!seen[number], "record %u: request %u once more", i, number);
		seen[number] = true;
		VERIFY(!whole_method || r->method == dialog.turns[number].method, "record %u", i);
		VERIFY(r->status == 0 || r->status == dialog.turns[number].status,
		       "record %u: request %u with status %u, not %u", i, number, r->status,
		       dialog.turns[number].status);
	}
}

int LLVMFuzzerTestOneInput(const u8 *bytes, size_t count);

int LLVMFuzzerTestOneInput(const u8 *bytes, size_t count)
{
	struct choices choices = { .at = bytes, .left = count };
	struct nl_config config = { .records_wanted = 1, .vlan_in_key = choose(&choices, 2) };
	struct replay_core *core;

	verify_explain = explain;
	damage = choose(&choices, DAMAGES);
	record_count = 0;
	wire_make(&wire, &choices);
	dialog_make(&dialog, &choices, damage != DAMAGE_ANY);
	segments_cut(&segments, &dialog, &choices);
	damage_do(damage, &segments, &dialog, &choices);
	/* By the end of the input, as all of it is mostly used up by now. */
	is_sample = count && bytes[count - 1] % 4 == 2;
	if (is_sample) {
		config.records_wanted = NL_RECORDS_SAMPLED;
		config.sample_interval_ns = (bytes[count - 1] >> 5) * SEGMENT_STEP_NS;
	}
	core = replay_core_new(&config, 64, take_record, NULL);
	VERIFY(core, "out of memory");
	segments_feed(&segments, &dialog, &wire, core);
	replay_core_sweep(core, NL_SWEEP_END, segment_time_ns(segments.count));
	for (u32 i = 0; i < record_count; i++) {
		verify_record(&records[i]);
		verify_times(&records[i]);
	}
	if (damage == DAMAGE_ANY)
		expect_honesty();
	else
		expect_records();
	verify_ledger(core, segments.count, record_count);
	if (!is_sample)
		verify_series(core, records, record_count, true);
	replay_core_free(core);
	return 0;
}
