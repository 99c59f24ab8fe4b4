/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* table.c - a snapshot as text for a person: what stands where, and how much of it. */
#include "table.h"

#include <string.h>

#include "table_columns.h"
#include "table_groups.h"
#include "table_notes.h"
#include "units.h"

#define TITLE_LINES 2
#define LOSS_SHARE 6 /* of a screen's lines, one in this many for losses */

/* What a screen of given height is spent on. The line of totals comes first. */
struct plan {
	bool has_heading, has_titles, has_spaces;
	size_t body_lines; /* 0: any number */
	bool has_body;
	size_t loss_lines;
};

static const struct table_name total_name = { .named.address = "total" };
/* What was counted in rows that were given to others (--expire): in the total, so shown. */
static const struct table_name expired_name = { .named.address = "expired" };

static void service_name(struct table_name *ret_name, const struct nl_row_key *key,
			 const struct name_source *names)
{
	*ret_name = (struct table_name){ .named.address = "other" };
	if (key->kind != NL_ROW_OTHER)
		named_address_of_endpoint(&ret_name->named, names, &key->server_addr,
					  key->server_port);
}

static void client_name(struct table_name *ret_name, const struct nl_row_key *key,
			const struct name_source *names)
{
	*ret_name = (struct table_name){ .is_indented = true, .named.address = "other" };
	if (key->kind == NL_ROW_PAIR)
		named_address_of_host(&ret_name->named, names, &key->client_addr);
}

static double seconds_between(u64 from_ns, u64 to_ns)
{
	return to_ns > from_ns ? (double)(to_ns - from_ns) / 1e9 : 0;
}

static double rate_seconds(const struct snapshot *now, const struct snapshot *before)
{
	return seconds_between(before ? before->taken_ns : now->started_ns, now->taken_ns);
}

static void write_heading(FILE *out, const struct snapshot *now, const struct snapshot *before,
			  const struct table_style *style)
{
	const char *title = style->title ? style->title : "";
	char elapsed[UNIT_TEXT_MAX], period[UNIT_TEXT_MAX], text[512];
	double rate_s = rate_seconds(now, before);

	format_elapsed(elapsed,
		       now->taken_ns > now->started_ns ? now->taken_ns - now->started_ns : 0);
	format_elapsed(period, (u64)(rate_s * 1e9));
	if (style->final)
		snprintf(text, sizeof(text), "netlat: %s, summary of %s; req/s over all of it",
			 title, elapsed);
	else if (before)
		snprintf(text, sizeof(text), "netlat: %s, %s since start; req/s over the last %s",
			 title, elapsed, period);
	else
		snprintf(text, sizeof(text), "netlat: %s, %s since start", title, elapsed);
	table_write_text(out, style->columns, text);
}

static void plan_lines(struct plan *plan, const struct table_style *style, size_t services,
		       bool has_expired, size_t body_lines, size_t losses)
{
	size_t left = style->lines, spaces = services; /* between services, and before the total */

	memset(plan, 0, sizeof(*plan));
	plan->has_body = plan->has_heading = plan->has_titles = true;
	if (left == 0) {
		plan->has_spaces = true;
		plan->loss_lines = losses;
		return;
	}
	left--; /* totals */
	left -= has_expired && left > 0;
	if (losses && left > 0) {
		size_t share = style->lines / LOSS_SHARE;

		plan->loss_lines = losses <= share ? losses : 1;
		left -= plan->loss_lines;
	}
	plan->has_titles = left > TITLE_LINES;
	left -= plan->has_titles ? TITLE_LINES : 0;
	plan->has_heading = left > 1;
	left -= plan->has_heading;
	plan->has_body = left > 0;
	plan->body_lines = left;
	plan->has_spaces = body_lines + spaces <= left;
}

static void measure(struct table_layout *layout, const struct snapshot *now,
		    const struct table_groups *groups, const struct name_source *names)
{
	struct table_name name;
	struct table_line line = { &groups->total, groups->total_new_requests };

	table_layout_measure(layout, &total_name, &line);
	line = (struct table_line){ &now->expired, 0 };
	if (now->expired.requests)
		table_layout_measure(layout, &expired_name, &line);
	for (size_t i = 0; i < groups->shown; i++) {
		const struct table_group *group = &groups->groups[i];

		line = (struct table_line){ &group->total, group->new_requests };
		service_name(&name, &now->rows[group->first].key, names);
		table_layout_measure(layout, &name, &line);
		for (size_t j = group->first; j < group->first + group->shown; j++) {
			client_name(&name, &now->rows[j].key, names);
			line = (struct table_line){ &now->rows[j].stats, groups->new_requests[j] };
			table_layout_measure(layout, &name, &line);
		}
	}
}

static void write_group(FILE *out, const struct table_layout *layout, const struct snapshot *now,
			const struct table_groups *groups, const struct table_group *group,
			const struct name_source *names)
{
	struct table_line line = { &group->total, group->new_requests };
	struct table_name name;

	service_name(&name, &now->rows[group->first].key, names);
	table_write_line(out, layout, &name, true, &line);
	for (size_t i = group->first; i < group->first + group->shown; i++) {
		client_name(&name, &now->rows[i].key, names);
		line = (struct table_line){ &now->rows[i].stats, groups->new_requests[i] };
		table_write_line(out, layout, &name, false, &line);
	}
}

/* "... and 12 more clients, 3 more services (in the totals)" */
static void write_hidden(FILE *out, unsigned columns, const struct table_groups *groups)
{
	size_t services = table_groups_hidden_services(groups);
	size_t clients = table_groups_hidden_clients(groups);
	char text[128], more[48] = "";

	if (services == 0 && clients == 0)
		return;
	if (services)
		snprintf(more, sizeof(more), ", %zu more service%s", services,
			 services == 1 ? "" : "s");
	snprintf(text, sizeof(text), "... and %zu more client%s%s (in the totals)", clients,
		 clients == 1 ? "" : "s", more);
	table_write_text(out, columns, text);
}

static void write_body(FILE *out, const struct table_layout *layout, const struct plan *plan,
		       const struct snapshot *now, const struct table_groups *groups,
		       const struct table_style *style)
{
	for (size_t i = 0; i < groups->shown; i++) {
		write_group(out, layout, now, groups, &groups->groups[i], style->names);
		if (plan->has_spaces)
			fputc('\n', out);
	}
	write_hidden(out, style->columns, groups);
}

static void write_numbers(FILE *out, const struct snapshot *now, const struct snapshot *before,
			  const struct table_style *style, struct table_groups *groups)
{
	struct table_line total = { &groups->total, groups->total_new_requests };
	struct table_line expired = { &now->expired, 0 };
	struct table_layout layout;
	struct plan plan;

	plan_lines(&plan, style, groups->count, now->expired.requests != 0,
		   table_groups_lines(groups), table_count_losses(now->counters));
	table_groups_fit(groups, plan.body_lines);
	table_layout_init(&layout, style->color, rate_seconds(now, before));
	measure(&layout, now, groups, style->names);
	table_layout_fit(&layout, style->columns);
	if (plan.has_heading)
		write_heading(out, now, before, style);
	if (plan.has_titles)
		table_write_titles(out, &layout);
	if (plan.has_body)
		write_body(out, &layout, &plan, now, groups, style);
	if (now->expired.requests)
		table_write_line(out, &layout, &expired_name, false, &expired);
	table_write_line(out, &layout, &total_name, true, &total);
	if (plan.loss_lines)
		table_write_losses(out, style->columns, plan.loss_lines, now->counters);
}

/* While no request was seen: why that may be. */
static void write_nothing(FILE *out, const struct snapshot *now, const struct snapshot *before,
			  const struct table_style *style)
{
	size_t losses = table_count_losses(now->counters), lines = style->lines;

	if (lines != 1) {
		write_heading(out, now, before, style);
		lines -= lines > 1;
	}
	if (losses && lines != 1) {
		table_write_losses(out, style->columns, lines ? 1 : losses, now->counters);
		lines -= lines > 1;
	}
	table_write_nothing(out, style->columns, lines, style->final, now->counters);
}

void table_write(FILE *out, const struct snapshot *now, const struct snapshot *before,
		 const struct table_style *style)
{
	struct table_groups groups;

	if (table_groups_build(&groups, now, before) != 0) {
		table_write_text(out, style->columns, "no table: out of memory");
		return;
	}
	if (groups.count || groups.total.requests)
		write_numbers(out, now, before, style, &groups);
	else
		write_nothing(out, now, before, style);
	table_groups_free(&groups);
	if (style->final)
		table_write_ledger(out, style->columns, now->counters);
	if (style->final && style->verbose)
		table_write_counters(out, style->columns, now->counters);
}
