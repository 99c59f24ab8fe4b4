/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* container_request.c - a request to the container engine, which may be made repeatedly. */
#include "container_request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* More than any engine's, and less than what would fill memory: libcurl keeps heads. */
#define HEAD_BYTES_MAX ((size_t)64 << 10)
#define CONNECT_TIMEOUT_MS 5000L

struct container_request {
	const struct container_request_spec *spec;
	void *userdata;
	struct curl_loop *curl_loop;
	struct curl_transfer transfer;
	size_t head_bytes;
	const char *refusal; /* why the answer is not wanted; NULL: it is */
	char error[CURL_ERROR_SIZE];
};

static size_t take_head(char *line, size_t one, size_t length, void *userdata)
{
	struct container_request *request = userdata;

	(void)one;
	if (length > HEAD_BYTES_MAX - request->head_bytes) {
		request->refusal = "a head that does not end";
		return 0;
	}
	request->head_bytes += length;
	if (length == 2 && line[0] == '\r' && request->spec->answered)
		request->spec->answered(request->userdata);
	return length;
}

static size_t take_body(char *bytes, size_t one, size_t length, void *userdata)
{
	struct container_request *request = userdata;

	(void)one;
	request->refusal = request->spec->take(request->userdata, bytes, length);
	return request->refusal ? 0 : length;
}

/* libcurl's words, but for where they name the host that stands for the socket. */
static const char *describe(const struct container_request *request, CURLcode result)
{
	long error = 0;

	if (request->refusal)
		return request->refusal;
	if (result == CURLE_OK)
		return NULL;
	if (result == CURLE_COULDNT_CONNECT &&
	    curl_easy_getinfo(request->transfer.easy, CURLINFO_OS_ERRNO, &error) == CURLE_OK &&
	    error)
		return strerror((int)error);
	return request->error[0] ? request->error : curl_easy_strerror(result);
}

static void handle_done(void *userdata, CURLcode result)
{
	struct container_request *request = userdata;

	request->spec->done(request->userdata, describe(request, result));
}

static bool set_number(CURL *easy, CURLoption option, long value)
{
	return curl_easy_setopt(easy, option, value) == CURLE_OK;
}

static bool set_text(CURL *easy, CURLoption option, const char *value)
{
	return curl_easy_setopt(easy, option, value) == CURLE_OK;
}

/* Nothing but HTTP on the socket, whatever the environment or the answer says. */
static bool set_limits(CURL *easy, const struct container_request_spec *spec)
{
	return set_text(easy, CURLOPT_URL, spec->url) &&
	       set_text(easy, CURLOPT_PROTOCOLS_STR, "http") && set_text(easy, CURLOPT_PROXY, "") &&
	       set_number(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1) &&
	       set_number(easy, CURLOPT_NOSIGNAL, 1) && set_number(easy, CURLOPT_FAILONERROR, 1) &&
	       set_number(easy, CURLOPT_FORBID_REUSE, 1) &&
	       set_number(easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS) &&
	       set_number(easy, CURLOPT_TIMEOUT_MS, spec->timeout_ms) &&
	       curl_easy_setopt(easy, CURLOPT_MAX_RECV_SPEED_LARGE, spec->bytes_per_s_max) ==
		       CURLE_OK;
}

static bool set_callbacks(CURL *easy, struct container_request *request)
{
	return curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_head) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_HEADERDATA, request) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_WRITEDATA, request) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, request->error) == CURLE_OK;
}

struct container_request *container_request_new(struct curl_loop *curl_loop,
						const struct container_request_spec *spec,
						void *userdata)
{
	struct container_request *request = calloc(1, sizeof(*request));

	if (!request)
		return NULL;
	request->spec = spec;
	request->userdata = userdata;
	request->curl_loop = curl_loop;
	request->transfer.easy = curl_easy_init();
	request->transfer.done = handle_done;
	request->transfer.userdata = request;
	if (request->transfer.easy && set_limits(request->transfer.easy, spec) &&
	    set_callbacks(request->transfer.easy, request))
		return request;
	container_request_free(request);
	errno = ENOMEM;
	return NULL;
}

void container_request_free(struct container_request *request)
{
	if (!request)
		return;
	container_request_stop(request);
	curl_easy_cleanup(request->transfer.easy);
	free(request);
}

int container_request_start(struct container_request *request, const char *path)
{
	request->head_bytes = 0;
	request->refusal = NULL;
	request->error[0] = '\0';
	if (!set_text(request->transfer.easy, CURLOPT_UNIX_SOCKET_PATH, path))
		return -ENOMEM;
	return curl_loop_start(request->curl_loop, &request->transfer);
}

void container_request_stop(struct container_request *request)
{
	curl_loop_stop(request->curl_loop, &request->transfer);
}
