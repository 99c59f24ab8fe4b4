/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_client.c - a client of the API, in a child, while the event loop runs here. */
#include "api_client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define ANSWER_BYTES_MAX (16u << 20)

struct api *client_api;
struct slow_list *client_list;
char *client_answer;
size_t client_answer_bytes;

struct snapshot client_snapshot;
struct attachments client_attachments;
struct transaction_list *client_transactions;

static sd_event *loop;
static struct snapshot_cache *snapshots;

static int connect_to_api(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons(api_port(client_api)) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		_exit(EXIT_FAILURE);
	return fd;
}

static void copy_answer(int from, int to)
{
	char buffer[65536];
	ssize_t length;

	while ((length = read(from, buffer, sizeof(buffer))) > 0)
		for (ssize_t done = 0, n; done < length; done += n)
			if ((n = write(to, buffer + done, (size_t)(length - done))) <= 0)
				_exit(EXIT_FAILURE);
}

static void be_client(int to, const char *bytes, size_t length, unsigned connections)
{
	int fds[64];

	for (unsigned i = 0; i < connections; i++)
		fds[i] = connect_to_api();
	for (unsigned i = 0; i < connections; i++)
		if (send(fds[i], bytes, length, MSG_NOSIGNAL) < 0)
			_exit(EXIT_FAILURE);
	for (unsigned i = 0; i < connections; i++)
		copy_answer(fds[i], to);
	_exit(EXIT_SUCCESS);
}

static int handle_answer(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	ssize_t length = read(fd, client_answer + client_answer_bytes,
			      ANSWER_BYTES_MAX - client_answer_bytes);

	(void)source;
	(void)events;
	(void)userdata;
	if (length <= 0)
		return sd_event_exit(loop, 0);
	client_answer_bytes += (size_t)length;
	client_answer[client_answer_bytes] = '\0';
	return 0;
}

void client_stop_api(void)
{
	api_free(client_api);
	sd_event_unref(loop);
	snapshot_cache_free(snapshots);
	snapshots = NULL;
	client_api = NULL;
	loop = NULL;
}

void client_exchange_on(const char *bytes, size_t length, unsigned connections)
{
	sd_event_source *source;
	int ends[2], status;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		close(ends[0]);
		be_client(ends[1], bytes, length, connections);
	}
	close(ends[1]);
	client_answer_bytes = 0;
	client_answer[0] = '\0';
	assert_true(sd_event_add_io(loop, &source, ends[0], EPOLLIN, handle_answer, NULL) >= 0);
	assert_true(sd_event_loop(loop) >= 0);
	sd_event_source_disable_unref(source);
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	client_stop_api(); /* a loop ends once: a new one for the next exchange */
}

static const char *title(struct engine *engine)
{
	(void)engine;
	return "br\"0 (2 ports)";
}

static const char *interface_name(struct engine *engine, u32 ifindex)
{
	(void)engine;
	return ifindex == 7 ? "veth7" : NULL;
}

static struct metrics_row *copy_rows(const struct metrics_row *rows, size_t count)
{
	struct metrics_row *copy = calloc(count + 1, sizeof(*copy));

	if (copy && count)
		memcpy(copy, rows, count * sizeof(*copy));
	return copy;
}

static int copy_snapshot(struct engine *engine, struct snapshot *snapshot)
{
	(void)engine;
	*snapshot = client_snapshot;
	snapshot->rows = copy_rows(client_snapshot.rows, client_snapshot.row_count);
	snapshot->given_back =
		copy_rows(client_snapshot.given_back, client_snapshot.given_back_count);
	return snapshot->rows && snapshot->given_back ? 0 : -ENOMEM;
}

static int copy_attachments(struct engine *engine, struct attachments *ret)
{
	size_t count = client_attachments.hook_count;

	(void)engine;
	*ret = client_attachments;
	ret->hooks = calloc(count + 1, sizeof(*ret->hooks));
	if (!ret->hooks)
		return -ENOMEM;
	if (count)
		memcpy(ret->hooks, client_attachments.hooks, count * sizeof(*ret->hooks));
	return 0;
}

static const struct engine_ops ops = {
	.title = title,
	.interface_name = interface_name,
	.snapshot = copy_snapshot,
	.attachments = copy_attachments,
};
static struct engine fake = { &ops };
static struct engine *const engine = &fake;

void client_start_api(const char *listen)
{
	const struct api_settings settings = { .listen = &listen, .listen_count = 1 };

	client_start_api_with(&settings);
}

void client_start_api_with(const struct api_settings *settings)
{
	struct snapshot_cache *cache = snapshot_cache_new(&engine, SNAPSHOT_CACHE_AGE_NS);
	const struct api_source source = {
		.slow = client_list,
		.service = "netlat",
		.version = "1.2.3",
		.engine = &engine,
		.snapshots = cache,
		.transactions = client_transactions,
		.records_are_sampled = true,
	};

	snapshot_cache_free(snapshots); /* of one that did not start */
	snapshots = cache;
	assert_non_null(cache);
	if (!loop)
		assert_true(sd_event_new(&loop) >= 0);
	client_api = api_new(loop, settings, &source);
}

void client_exchange(const char *request)
{
	client_start_api("127.0.0.1:0");
	assert_non_null(client_api);
	client_exchange_on(request, strlen(request), 1);
}

const char *client_body(void)
{
	const char *end = strstr(client_answer, "\r\n\r\n");

	if (!end)
		fail_msg("no head in `%s`", client_answer);
	return end + 4;
}

void client_check_has(const char *line)
{
	if (!strstr(client_answer, line))
		fail_msg("no `%s` in\n%s", line, client_answer);
}

void client_check_status(unsigned status)
{
	char line[32];

	snprintf(line, sizeof(line), "HTTP/1.1 %u ", status);
	if (strncmp(client_answer, line, strlen(line)) != 0)
		fail_msg("not %s: %s", line, client_answer);
}

json_t *client_parse(void)
{
	json_error_t error;
	json_t *object = json_loads(client_body(), JSON_REJECT_DUPLICATES, &error);

	if (!object)
		fail_msg("%s in %s", error.text, client_answer);
	client_check_has("\r\nContent-Type: application/json\r\n");
	return object;
}

void client_check_error(const char *request, unsigned status, const char *code, const char *message)
{
	json_t *object;

	client_exchange(request);
	client_check_status(status);
	object = client_parse();
	assert_int_equal(json_object_size(object), 2);
	assert_string_equal(json_string_value(json_object_get(object, "error")), code);
	assert_string_equal(json_string_value(json_object_get(object, "message")), message);
	json_decref(object);
}

int client_set_up(size_t capacity)
{
	signal(SIGPIPE, SIG_IGN);
	client_answer = malloc(ANSWER_BYTES_MAX + 1);
	client_list = slow_list_new(capacity, 0);
	return client_answer && client_list ? 0 : -1;
}

void client_tear_down(void)
{
	slow_list_free(client_list);
	free(client_answer);
}
