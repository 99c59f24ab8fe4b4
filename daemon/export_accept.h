/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* export_accept.h - in which format metrics are asked for. */
#ifndef NETLAT_EXPORT_ACCEPT_H
#define NETLAT_EXPORT_ACCEPT_H

enum export_format {
	EXPORT_TEXT,	    /* Prometheus text 0.0.4 */
	EXPORT_OPENMETRICS, /* OpenMetrics text 1.0.0 */
	EXPORT_OPENMETRICS_0_0_1,
	EXPORT_PROTOBUF, /* io.prometheus.client.MetricFamily, delimited; with native histograms */
	EXPORT_FORMATS,
};

/*
 * The format that an Accept field (RFC 9110, 12.5.1; NULL: there was none) likes best, of
 * equals the first in it, as Prometheus' own clients choose. What accepts none of them gets
 * EXPORT_TEXT, which everything reads.
 */
enum export_format export_accept(const char *accept);

/* The Content-Type of an answer in a format. */
const char *export_content_type(enum export_format format);

#endif
