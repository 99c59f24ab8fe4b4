/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* session_api.c - what a live run serves by HTTP (--listen): the API, fed from the session. */
#include "session_api.h"

#include "configure.h"
#include "listen_address.h"
#include "log.h"
#include "version.h"

bool session_api_open(struct session_api *session_api, struct session *session, sd_event *loop)
{
	static const char *const standard[] = { LISTEN_ADDRESS_STANDARD };
	const struct options *options = session->options;
	const struct api_settings settings = {
		.listen = options->listen_count ? options->listen : standard,
		.listen_count = options->listen_count ? options->listen_count : 1,
		.token_file = options->token_file,
		.tls_cert = options->tls_cert,
		.tls_key = options->tls_key,
		.is_open_knowingly = options->insecure,
		.is_optional = !options->listen_count,
	};

	if (options->listen_none)
		return true;
	session_api->snapshots = snapshot_cache_new(&session->engine, SNAPSHOT_CACHE_AGE_NS);
	session_api->metrics = api_metrics_new(options->max_series, (u64)(options->expire_s * 1e9),
					       session->names);
	session_api->transactions = transaction_list_new(TRANSACTION_LIST_ENTRIES);
	if (!session_api->snapshots || !session_api->metrics || !session_api->transactions) {
		log_error("out of memory");
		return false;
	}
	session->transactions = session_api->transactions;
	session_api->source = (struct api_source){
		.slow = session->slow ? slow_run_list(session->slow) : NULL,
		.slow_run = session->slow,
		.service = "netlat",
		.version = NETLAT_VERSION,
		.engine = &session->engine,
		.snapshots = session_api->snapshots,
		.metrics = session_api->metrics,
		.transactions = session_api->transactions,
		.records_are_sampled = configure_records_are_sampled(session->options),
		.names = session->names,
		.output = session->output,
		.log = session->log,
	};
	session->metrics = api_metrics_exporter(session_api->metrics);
	session_api->api = api_new(loop, &settings, &session_api->source);
	return session_api->api != NULL;
}

int session_api_reload(struct session_api *session_api)
{
	return session_api->api ? api_reload(session_api->api) : 0;
}

void session_api_close(struct session_api *session_api)
{
	api_free(session_api->api);
	session_api->api = NULL;
	snapshot_cache_free(session_api->snapshots);
	session_api->snapshots = NULL;
	api_metrics_free(session_api->metrics);
	session_api->metrics = NULL;
	transaction_list_free(session_api->transactions);
	session_api->transactions = NULL;
}
