/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_metrics.h - GET /metrics: the metrics of export_metrics.h in the format that is asked for. */
#ifndef NETLAT_API_METRICS_H
#define NETLAT_API_METRICS_H

#include "api_reply.h"
#include "export_metrics.h"

#define API_METRICS_PATH "/metrics"

struct api_metrics;

/* NULL and errno on failure: see metrics_exporter_new(). */
struct api_metrics *api_metrics_new(unsigned max_series, u64 expire_ns,
				    const struct name_source *names);
/* After the API is freed, whose answers lie here. */
void api_metrics_free(struct api_metrics *metrics);

struct metrics_exporter *api_metrics_exporter(struct api_metrics *metrics);

/* Handler of the route. */
enum MHD_Result api_answer_metrics(const struct api_request *request);

#endif
