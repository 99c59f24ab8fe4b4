/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* configure.c - what the core is told of the options, the same live and in a replay. */
#include "configure.h"

#include <string.h>

#include "slow_wanted.h"
#include "timeout.h"

/*
 * Of one request in so many nanoseconds a CPU there is a record though nobody asked for all: for
 * what is served by HTTP. No more than about a thousand a second on any machine.
 */
#define SAMPLE_INTERVAL_NS 10000000
#define SAMPLE_CPUS 10

/* Whether anybody can ask for transactions by HTTP. */
static bool is_served(const struct options *options)
{
	return !options->replay_file && !options->listen_none;
}

u32 configure_recorder_mb(const struct options *options)
{
	return slow_is_asked_for(options) ? options->recorder_mb : 0;
}

bool configure_wants_lines(const struct options *options)
{
	return options->output == OUTPUT_JSON || options->output == OUTPUT_CSV || options->log_path;
}

u32 configure_records(const struct options *options)
{
	u32 wanted = configure_wants_lines(options) ? NL_RECORDS_ALL
		     : is_served(options)	    ? NL_RECORDS_SAMPLED
						    : 0;

	if (!slow_is_asked_for(options))
		return wanted;
	if (options->slow_ms >= 0)
		wanted |= NL_RECORDS_SLOW;
	if (options->failed)
		wanted |= NL_RECORDS_FAILED;
	return wanted;
}

bool configure_records_are_sampled(const struct options *options)
{
	return !(configure_records(options) & NL_RECORDS_ALL) || options->min_latency_ms > 0;
}

void configure_core(struct nl_config *config, const struct options *options,
		    const struct budget *budget)
{
	config->records_wanted = configure_records(options);
	config->sample_interval_ns = SAMPLE_INTERVAL_NS * (1 + budget->cpus / SAMPLE_CPUS);
	config->min_record_latency_ns = (u64)(options->min_latency_ms * 1e6);
	if (options->slow_ms >= 0) /* 0 would be none; and no transaction takes less than 1 ns */
		config->slow_ns = options->slow_ms > 0 ? (u64)(options->slow_ms * 1e6) : 1;
	config->failed = options->failed;
	config->recorder = budget_has_recorder(budget);
	config->copy_payload_bytes = options->snaplen;
	memcpy(config->copy_chunks, budget->copy_chunks, sizeof(config->copy_chunks));
	config->decapsulate = !options->no_decap;
	timeout_configure(config, options->timeout_s);
	config->filter_ports = (u32)options->port_count;
	memcpy(config->ports, options->ports, sizeof(config->ports));
	config->filter_nets = (u32)options->net_count;
	memcpy(config->nets, options->nets, sizeof(config->nets));
}
