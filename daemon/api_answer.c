/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * api_answer.c - what the API says to a request.
 *
 * Nothing of a request becomes part of a file's path: an id is looked up, and the path is
 * that of the entry.
 */
#include "api_answer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "listen_address.h"

#define SMALL_BYTES_MAX 4096
#define DISPOSITION_BYTES_MAX (NAME_MAX + 32)
#define SHOWN_BYTES_MAX 80 /* of a path, in an error */
#define METHODS_TAKEN "GET, HEAD"
#define DESCRIPTION "Latency, errors and rate of HTTP/1 by service and client, from packets"

bool api_is_method_taken(const char *method)
{
	return strcmp(method, MHD_HTTP_METHOD_GET) == 0 ||
	       strcmp(method, MHD_HTTP_METHOD_HEAD) == 0;
}

static u64 now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (u64)now.tv_sec * 1000000000 + (u64)now.tv_nsec;
}

/* Takes the response, and leaves the rest to the library. */
static enum MHD_Result queue(const struct api_request *request, unsigned status,
			     struct MHD_Response *response, const char *type)
{
	enum MHD_Result result;

	if (!response)
		return MHD_NO;
	/* It changes by itself, and a browser shall not guess what it is. */
	if (MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type) == MHD_NO ||
	    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store") ==
		    MHD_NO ||
	    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff") == MHD_NO)
		result = MHD_NO;
	else
		result = MHD_queue_response(request->connection, status, response);
	MHD_destroy_response(response);
	return result;
}

/* JSON of malloc(), which is freed. */
static struct MHD_Response *json_response(char *json, size_t length)
{
	struct MHD_Response *response =
		MHD_create_response_from_buffer(length, json, MHD_RESPMEM_MUST_FREE);

	if (!response)
		free(json);
	return response;
}

/* Takes the text, which may be NULL where there was no memory for it. */
static struct MHD_Response *text_response(struct json_text *text)
{
	struct MHD_Response *response = NULL;

	if (text->begin && !text->error) {
		response = json_response(text->begin, (size_t)(text->at - text->begin));
		text->begin = NULL;
	}
	json_text_free(text);
	return response;
}

static void append_text(struct json_text *text, const char *string)
{
	json_text_string(text, string, string ? strlen(string) : 0);
}

static struct MHD_Response *error_response(const char *code, const char *message)
{
	struct json_text text;

	if (json_text_init(&text, SMALL_BYTES_MAX) != 0)
		return NULL;
	json_text_literal(&text, "{\"error\":");
	append_text(&text, code);
	json_text_literal(&text, ",\"message\":");
	append_text(&text, message);
	json_text_literal(&text, "}\n");
	return text_response(&text);
}

static enum MHD_Result answer_error(const struct api_request *request, unsigned status,
				    const char *code, const char *message)
{
	return queue(request, status, error_response(code, message), "application/json");
}

static enum MHD_Result answer_not_found(const struct api_request *request)
{
	char message[128];

	snprintf(message, sizeof(message), "%.*s: no such resource (GET / lists them)",
		 SHOWN_BYTES_MAX, request->path);
	return answer_error(request, MHD_HTTP_NOT_FOUND, "not_found", message);
}

static enum MHD_Result answer_method(const struct api_request *request)
{
	struct MHD_Response *response = error_response(
		"method_not_allowed", "only " METHODS_TAKEN " (nothing here can be changed)");

	if (response &&
	    MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, METHODS_TAKEN) == MHD_NO) {
		MHD_destroy_response(response);
		return MHD_NO;
	}
	return queue(request, MHD_HTTP_METHOD_NOT_ALLOWED, response, "application/json");
}

static enum MHD_Result answer_root(const struct api_request *request)
{
	const struct api_source *source = request->source;
	struct json_text text;

	if (json_text_init(&text, SMALL_BYTES_MAX) != 0)
		return MHD_NO;
	json_text_literal(&text, "{\"service\":");
	append_text(&text, source->service);
	json_text_literal(&text, ",\"version\":");
	append_text(&text, source->version);
	json_text_literal(&text, ",\"description\":\"" DESCRIPTION "\",\"observed\":");
	append_text(&text, source->title ? source->title(source->userdata) : NULL);
	json_text_literal(&text,
			  ",\"endpoints\":{"
			  "\"GET /\":\"this list\","
			  "\"GET /health\":\"that it lives\","
			  "\"GET " API_SLOW_PATH "\":\"slow and failed transactions, newest first; "
			  "limit, cause, min_duration_ms\","
			  "\"GET " API_SLOW_PATH "/<id>" API_SLOW_SUFFIX
			  "\":\"the packets of one\"}}\n");
	return queue(request, MHD_HTTP_OK, text_response(&text), "application/json");
}

static enum MHD_Result answer_health(const struct api_request *request)
{
	struct json_text text;

	if (json_text_init(&text, SMALL_BYTES_MAX) != 0)
		return MHD_NO;
	json_text_literal(&text, "{\"status\":\"healthy\",\"service\":");
	append_text(&text, request->source->service);
	json_text_literal(&text, ",\"version\":");
	append_text(&text, request->source->version);
	json_text_literal(&text, "}\n");
	return queue(request, MHD_HTTP_OK, text_response(&text), "application/json");
}

struct query_reading {
	struct api_query query;
	bool is_bad;
	char error[API_ERROR_BYTES_MAX];
};

static enum MHD_Result read_parameter(void *userdata, enum MHD_ValueKind kind, const char *name,
				      size_t name_length, const char *value, size_t value_length)
{
	struct query_reading *reading = userdata;

	(void)kind;
	reading->is_bad = !api_query_set(&reading->query, name, name_length, value, value_length,
					 reading->error);
	return reading->is_bad ? MHD_NO : MHD_YES;
}

static enum MHD_Result answer_list(const struct api_request *request)
{
	struct query_reading reading = { .is_bad = false };
	char *json;
	size_t length;
	int r;

	api_query_init(&reading.query);
	MHD_get_connection_values_n(request->connection, MHD_GET_ARGUMENT_KIND, read_parameter,
				    &reading);
	if (reading.is_bad)
		return answer_error(request, MHD_HTTP_BAD_REQUEST, "bad_request", reading.error);
	r = api_slow_list(request->source, request->exporter, &reading.query, now_ns(), &json,
			  &length);
	if (r < 0)
		return answer_error(request, MHD_HTTP_INTERNAL_SERVER_ERROR, "internal_error",
				    strerror(-r));
	return queue(request, MHD_HTTP_OK, json_response(json, length), "application/json");
}

/* For a browser to save it by: any other character could end the quotes. */
static void format_disposition(char text[DISPOSITION_BYTES_MAX], const char *name)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789._-";
	int used = snprintf(text, DISPOSITION_BYTES_MAX, "attachment; filename=\"%.*s", NAME_MAX,
			    name);

	for (char *at = strchr(text, '"') + 1; *at; at++)
		if (!strchr(plain, *at))
			*at = '_';
	snprintf(text + used, DISPOSITION_BYTES_MAX - (size_t)used, "\"");
}

static enum MHD_Result answer_file(const struct api_request *request, u64 id)
{
	const struct slow_entry *entry = slow_list_find(request->source->slow, now_ns(), id);
	char disposition[DISPOSITION_BYTES_MAX], message[128];
	struct MHD_Response *response;
	u64 bytes = 0;
	int fd = entry ? api_slow_open(entry, &bytes) : -ENOENT;

	if (fd < 0) {
		snprintf(message, sizeof(message),
			 "transaction %llu: its packets are not there, or not any more (its href "
			 "is then null)",
			 id);
		return answer_error(request, MHD_HTTP_NOT_FOUND, "not_found", message);
	}
	response = MHD_create_response_from_fd64(bytes, fd);
	if (!response) {
		close(fd);
		return MHD_NO;
	}
	format_disposition(disposition, api_slow_file_name(entry));
	if (MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_DISPOSITION, disposition) ==
	    MHD_NO) {
		MHD_destroy_response(response);
		return MHD_NO;
	}
	return queue(request, MHD_HTTP_OK, response, "application/vnd.tcpdump.pcap");
}

enum MHD_Result api_answer(const struct api_request *request)
{
	u64 id = api_slow_id(request->path);
	const char *host = MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND,
						       MHD_HTTP_HEADER_HOST);

	if (!listen_address_is_own_host(host))
		return answer_error(request, MHD_HTTP_MISDIRECTED_REQUEST, "misdirected_request",
				    "ask for localhost or a loopback address by its digits: any "
				    "other name may be that of a web page that reads this");
	if (!api_is_method_taken(request->method))
		return answer_method(request);
	if (strcmp(request->path, "/") == 0)
		return answer_root(request);
	if (strcmp(request->path, "/health") == 0)
		return answer_health(request);
	if (strcmp(request->path, API_SLOW_PATH) == 0)
		return answer_list(request);
	return id ? answer_file(request, id) : answer_not_found(request);
}
