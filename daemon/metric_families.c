/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* metric_families.c - every metric. */
#include "metric_families.h"

const struct metric_family metric_families[METRIC_COUNT] = {
#define X(symbol, name, type, unit, labels, help)                                                  \
	[METRIC_##symbol] = { name, METRIC_##type, unit, labels, help },
	METRIC_FAMILIES(X)
#undef X
};

const char *metric_type_name(enum metric_type type)
{
	switch (type) {
	case METRIC_COUNTER:
		return "counter";
	case METRIC_GAUGE:
		return "gauge";
	case METRIC_HISTOGRAM:
		return "histogram";
	}
	return "untyped";
}
