/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_routes.c - every resource of the API. */
#include "api_routes.h"

#include <string.h>

#include "api_answer.h"
#include "api_interfaces.h"
#include "api_losses.h"
#include "api_metrics.h"
#include "api_openapi.h"
#include "api_services.h"
#include "api_slow.h"
#include "api_transactions.h"

const struct api_route api_routes[] = {
	{ "/", "this list", {}, api_answer_root },
	{ "/health",
	  "whether all is observed that was asked for; 503 and the reason if not",
	  {},
	  api_answer_health },
	{ API_METRICS_PATH,
	  "what is counted, for Prometheus: OpenMetrics, text or protobuf",
	  {},
	  api_answer_metrics },
	{ "/api/v1/services",
	  "latency, errors and rate by service, in the order of addresses",
	  { API_SERVICE | API_CLIENT | API_LIMIT | API_AFTER_SERVICE, 1000, 10000 },
	  api_answer_services },
	{ "/api/v1/clients",
	  "the same by client, with the services of each",
	  { API_SERVICE | API_CLIENT | API_LIMIT | API_AFTER_CLIENT, 1000, 10000 },
	  api_answer_clients },
	{ "/api/v1/transactions",
	  "the most recent transactions, newest first",
	  { API_SERVICE | API_CLIENT | API_STATUS | API_MIN_DURATION | API_SINCE | API_LIMIT |
		    API_AFTER_ID,
	    100, 1000 },
	  api_answer_transactions },
	{ API_SLOW_PATH,
	  "slow and failed transactions, newest first",
	  { API_LIMIT | API_CAUSE | API_MIN_DURATION, 100, 256 },
	  api_answer_slow },
	{ API_SLOW_PATH "/{id}" API_SLOW_SUFFIX, "the packets of one", {}, api_answer_slow_file },
	{ "/api/v1/losses",
	  "every counter: where packets went, what became of requests, how sure records are",
	  {},
	  api_answer_losses },
	{ "/api/v1/interfaces",
	  "what is observed, by which hooks, since when",
	  {},
	  api_answer_interfaces },
	{ "/openapi.json", "all this for programs", {}, api_answer_openapi },
	{},
};

static bool is_route(const char *route, const char *path)
{
	const char *open = strchr(route, '{'), *close = open ? strchr(open, '}') : NULL;
	size_t before, after, length = strlen(path);

	if (!close)
		return strcmp(route, path) == 0;
	before = (size_t)(open - route);
	after = strlen(close + 1);
	return length > before + after && memcmp(path, route, before) == 0 &&
	       strcmp(path + length - after, close + 1) == 0;
}

const struct api_route *api_route_find(const char *path)
{
	for (const struct api_route *route = api_routes; route->path; route++)
		if (is_route(route->path, path))
			return route;
	return NULL;
}
