/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * api_metrics.c - GET /metrics.
 *
 * An answer is written into a buffer, from which the library sends it: nothing is copied. When
 * it was sent the buffer is kept for the next one.
 */
#include "api_metrics.h"

#include <errno.h>
#include <stdlib.h>

#include "clock.h"

/* Little beside the second that is the shortest usual interval of scrapes. */
#define SNAPSHOT_AGE_NS 50000000

struct answer {
	struct api_metrics *metrics;
	struct export_buffer buffer;
	size_t *body_bytes; /* where it counts until it was sent: api_body.h */
};

struct api_metrics {
	struct metrics_exporter *exporter;
	struct answer *spare; /* NULL: none */
};

struct api_metrics *api_metrics_new(unsigned max_series, u64 expire_ns,
				    const struct name_source *names)
{
	struct api_metrics *metrics = calloc(1, sizeof(*metrics));

	if (!metrics)
		return NULL;
	metrics->exporter = metrics_exporter_new(max_series, expire_ns, names);
	if (metrics->exporter)
		return metrics;
	free(metrics);
	errno = ENOMEM;
	return NULL;
}

static void free_answer(struct answer *answer)
{
	if (!answer)
		return;
	export_buffer_free(&answer->buffer);
	free(answer);
}

void api_metrics_free(struct api_metrics *metrics)
{
	if (!metrics)
		return;
	metrics_exporter_free(metrics->exporter);
	free_answer(metrics->spare);
	free(metrics);
}

struct metrics_exporter *api_metrics_exporter(struct api_metrics *metrics)
{
	return metrics->exporter;
}

/* NULL on lack of memory. */
static struct answer *take_answer(struct api_metrics *metrics)
{
	struct answer *answer = metrics->spare;

	metrics->spare = NULL;
	if (!answer)
		answer = calloc(1, sizeof(*answer));
	if (!answer)
		return NULL;
	answer->metrics = metrics;
	return answer;
}

static void give_back(struct answer *answer)
{
	struct api_metrics *metrics = answer->metrics;

	if (metrics->spare)
		free_answer(answer);
	else
		metrics->spare = answer;
}

/* The library is done with it. */
static void end_answer(void *userdata)
{
	struct answer *answer = userdata;

	*answer->body_bytes -= answer->buffer.used;
	give_back(answer);
}

static enum MHD_Result send_answer(const struct api_request *request, struct answer *answer,
				   enum export_format format)
{
	struct MHD_Response *response = MHD_create_response_from_buffer_with_free_callback_cls(
		answer->buffer.used, answer->buffer.bytes, end_answer, answer);

	if (!response) {
		give_back(answer);
		return MHD_NO;
	}
	answer->body_bytes = request->body_bytes;
	*answer->body_bytes += answer->buffer.used;
	/* The answer depends on it. */
	if (MHD_add_response_header(response, MHD_HTTP_HEADER_VARY, MHD_HTTP_HEADER_ACCEPT) ==
	    MHD_NO) {
		MHD_destroy_response(response);
		return MHD_NO;
	}
	return api_reply(request, MHD_HTTP_OK, response, export_content_type(format));
}

/* 0 or a negative errno; without an engine that tells, all stays 0. */
static int read_coverage(struct engine *engine, struct export_coverage *ret)
{
	struct attachments attachments;
	int r = engine->ops->attachments ? engine->ops->attachments(engine, &attachments)
					 : -ENOTSUP;

	*ret = (struct export_coverage){
		.kernel_bytes = engine->ops->kernel_bytes ? engine->ops->kernel_bytes(engine) : 0,
	};
	if (r < 0)
		return r == -ENOTSUP ? 0 : r;
	ret->hooks = attachments.hook_count;
	for (size_t i = 0; i < attachments.interface_count; i++)
		ret->observed += attachments.interfaces[i].is_attached;
	ret->not_observed = attachments.interface_count - ret->observed;
	attachments_clear(&attachments);
	return 0;
}

static void count_output(const struct api_source *source, struct export_coverage *ret)
{
	if (source->slow_run)
		ret->files = slow_run_totals(source->slow_run);
	ret->written = record_log_written(source->output) + record_log_written(source->log);
	ret->not_written = record_log_dropped(source->output) + record_log_dropped(source->log);
}

enum MHD_Result api_answer_metrics(const struct api_request *request)
{
	struct api_metrics *metrics = request->source->metrics;
	enum export_format format = export_accept(MHD_lookup_connection_value(
		request->connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT));
	const struct snapshot *snapshot;
	struct export_coverage coverage;
	struct answer *answer;
	int r;

	if (!metrics)
		return api_reply_not_found(request);
	r = read_coverage(*request->source->engine, &coverage);
	if (r < 0)
		return api_reply_failure(request, r);
	count_output(request->source, &coverage);
	snapshot = snapshot_cache_get_younger(request->source->snapshots, monotonic_ns(),
					      SNAPSHOT_AGE_NS);
	if (!snapshot)
		return api_reply_failure(request, -errno);
	answer = take_answer(metrics);
	if (!answer)
		return api_reply_failure(request, -ENOMEM);
	r = metrics_exporter_write(metrics->exporter, snapshot, &coverage, format, &answer->buffer);
	if (r == 0)
		return send_answer(request, answer, format);
	give_back(answer);
	return api_reply_failure(request, r);
}
