/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* export_labels.c - the labels of a series, put together once. */
#include "export_labels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "exposition.h"
#include "record_view.h"
#include "utf8.h"

#define VALUE_BYTES_MAX 512
#define LITERAL_LABELS(literal) .text = (literal), .text_bytes = sizeof(literal) - 1

const struct export_labels export_overflow_labels = {
	.labels = { { "otel_metric_overflow", "true" } },
	.count = 1,
	LITERAL_LABELS("otel_metric_overflow=\"true\""),
	.server_name = "",
	.client_name = "",
};

const struct export_labels export_no_labels = {
	LITERAL_LABELS(""),
	.server_name = "",
	.client_name = "",
};

/* Labels while they are put together: offsets, as the memory is not there yet. */
struct assembly {
	char values[EXPORT_LABELS_BYTES_MAX], text[EXPORT_LABELS_BYTES_MAX];
	size_t values_used, text_used;
	struct {
		const char *name;
		size_t value;
	} labels[EXPORT_LABELS_MAX];
	unsigned count;
};

static void add_text(struct assembly *assembly, const char *bytes, size_t length)
{
	if (length > sizeof(assembly->text) - assembly->text_used)
		return;
	memcpy(assembly->text + assembly->text_used, bytes, length);
	assembly->text_used += length;
}

/* Both text formats escape these three, and nothing else. */
static void add_escaped(struct assembly *assembly, const char *value)
{
	for (; *value; value++) {
		if (*value == '\n')
			add_text(assembly, "\\n", 2);
		else if (*value == '"' || *value == '\\')
			add_text(assembly, (const char[]){ '\\', *value }, 2);
		else
			add_text(assembly, value, 1);
	}
}

static void add_label(struct assembly *assembly, const char *name, const char *value)
{
	char fit[VALUE_BYTES_MAX];
	size_t length = utf8_repair(fit, sizeof(fit) - 1, value, strlen(value));

	fit[length] = '\0';
	/* Escaped it may be twice as long. */
	if (assembly->count == EXPORT_LABELS_MAX ||
	    length + 1 > sizeof(assembly->values) - assembly->values_used ||
	    2 * length + strlen(name) + 4 > sizeof(assembly->text) - assembly->text_used)
		return;
	if (assembly->count)
		add_text(assembly, ",", 1);
	add_text(assembly, name, strlen(name));
	add_text(assembly, "=\"", 2);
	add_escaped(assembly, fit);
	add_text(assembly, "\"", 1);
	assembly->labels[assembly->count].name = name;
	assembly->labels[assembly->count].value = assembly->values_used;
	assembly->count++;
	memcpy(assembly->values + assembly->values_used, fit, length + 1);
	assembly->values_used += length + 1;
}

static void add_address(struct assembly *assembly, const char *name, const union nl_addr *address)
{
	char text[ADDRESS_TEXT_MAX];

	address_format(text, address);
	add_label(assembly, name, text);
}

static void add_server(struct assembly *assembly, const union nl_addr *address, u16 port,
		       const char *server_name)
{
	char text[8];

	assembly->values_used = assembly->text_used = assembly->count = 0;
	add_address(assembly, "server_address", address);
	snprintf(text, sizeof(text), "%u", port);
	add_label(assembly, "server_port", text);
	if (*server_name) {
		add_label(assembly, "server_name", server_name);
	}
}

/* The name as it was given: it is what later ones are compared with. */
static const char *kept_name(char **at, const char *name)
{
	size_t bytes = strlen(name) + 1;
	char *kept = memcpy(*at, name, bytes);

	*at += bytes;
	return kept;
}

static struct export_labels *assemble(const struct assembly *assembly, const char *server_name,
				      const char *client_name)
{
	struct export_labels sized = { .count = assembly->count }, *labels;
	char *at;

	for (unsigned i = 0; i < assembly->count; i++)
		sized.labels[i] =
			(struct export_label){ assembly->labels[i].name,
					       assembly->values + assembly->labels[i].value };
	labels = malloc(sizeof(*labels) + assembly->text_used + assembly->values_used +
			exposition_protobuf_labels_max(&sized) + strlen(server_name) +
			strlen(client_name) + 2);
	if (!labels)
		return NULL;
	*labels = sized;
	at = (char *)(labels + 1);
	labels->text = memcpy(at, assembly->text, assembly->text_used);
	labels->text_bytes = assembly->text_used;
	at += assembly->text_used;
	memcpy(at, assembly->values, assembly->values_used);
	for (unsigned i = 0; i < assembly->count; i++)
		labels->labels[i].value = at + assembly->labels[i].value;
	at += assembly->values_used;
	labels->server_name = kept_name(&at, server_name);
	labels->client_name = kept_name(&at, client_name);
	labels->encoded = (u8 *)at;
	labels->encoded_bytes = exposition_protobuf_encode_labels(labels, (u8 *)at);
	return labels;
}

void export_error_type(char text[32], const struct nl_series_key *key)
{
	const char *reason = record_reason_name(key->reason);

	if (key->reason == NL_END_client_reset || key->reason == NL_END_server_reset)
		snprintf(text, 32, "connection_reset");
	else if (key->reason != NL_END_none)
		snprintf(text, 32, "%s", reason ? reason : "_OTHER");
	else if (key->status >= 500 && key->status <= 599)
		snprintf(text, 32, "%u", key->status);
	else
		text[0] = '\0';
}

struct export_labels *export_series_labels(const struct nl_series_key *key, const char *server_name)
{
	const char *method = record_method_name(key->method);
	struct assembly assembly;
	char text[32];

	add_server(&assembly, &key->server_addr, key->server_port, server_name);
	add_label(&assembly, "http_request_method", method ? method : "_OTHER");
	if (key->status) {
		snprintf(text, sizeof(text), "%u", key->status);
		add_label(&assembly, "http_response_status_code", text);
	}
	add_label(&assembly, "url_scheme", "http");
	snprintf(text, sizeof(text), "%u.%u", key->version >> 4, key->version & 15);
	add_label(&assembly, "network_protocol_version", text);
	export_error_type(text, key);
	if (*text)
		add_label(&assembly, "error_type", text);
	return assemble(&assembly, server_name, "");
}

struct export_labels *export_service_labels(const struct nl_series_key *key,
					    const char *server_name)
{
	struct assembly assembly;

	add_server(&assembly, &key->server_addr, key->server_port, server_name);
	return assemble(&assembly, server_name, "");
}

struct export_labels *export_end_labels(const struct nl_series_key *key, const char *server_name)
{
	const char *reason = record_reason_name(key->reason);
	struct assembly assembly;

	add_server(&assembly, &key->server_addr, key->server_port, server_name);
	add_label(&assembly, "reason", reason ? reason : "_OTHER");
	return assemble(&assembly, server_name, "");
}

struct export_labels *export_pair_labels(const struct nl_row_key *key, const char *server_name,
					 const char *client_name)
{
	struct assembly assembly;

	add_server(&assembly, &key->server_addr, key->server_port, server_name);
	add_address(&assembly, "client_address", &key->client_addr);
	if (*client_name)
		add_label(&assembly, "client_name", client_name);
	return assemble(&assembly, server_name, client_name);
}
