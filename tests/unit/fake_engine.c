/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* fake_engine.c - a container engine that answers what a test wants, in processes of its own. */
#include "fake_engine.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define REQUEST_BYTES_MAX 4096
#define LIST_BYTES_MAX 65536
#define CHUNK_BYTES 7
#define EVENTS_HEAD                                                                                \
	"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"

static struct {
	unsigned lists;
} * shared; /* with the processes */
static pid_t process;
static int events[2]; /* a pipe: what is written to it are events */
static char socket_path[108];

static void send_all(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL);

		if (sent <= 0) /* who asked has had enough */
			_exit(EXIT_SUCCESS);
		bytes += sent;
		length -= (size_t)sent;
	}
}

static void send_text(int fd, const char *text)
{
	send_all(fd, text, strlen(text));
}

static void send_chunk(int fd, const char *bytes, size_t length)
{
	char size[32];

	snprintf(size, sizeof(size), "%zx\r\n", length);
	send_text(fd, size);
	send_all(fd, bytes, length);
	send_text(fd, "\r\n");
}

static void send_plain(int fd, const char *list, size_t length)
{
	char head[128];

	snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", length);
	send_text(fd, head);
	send_all(fd, list, length);
}

static void send_chunked(int fd, const char *list, size_t length)
{
	send_text(fd, EVENTS_HEAD);
	for (size_t at = 0; at < length; at += CHUNK_BYTES)
		send_chunk(fd, list + at, length - at < CHUNK_BYTES ? length - at : CHUNK_BYTES);
	send_text(fd, "0\r\n\r\n");
}

static size_t read_list(const char *path, char *list)
{
	FILE *in = fopen(path, "r");
	size_t length = in ? fread(list, 1, LIST_BYTES_MAX, in) : 0;

	if (in)
		fclose(in);
	return length;
}

static void answer_list(int fd, const char *path, enum fake_answer answer)
{
	static char list[LIST_BYTES_MAX];
	size_t length = read_list(path, list);

	switch (answer) {
	case FAKE_PLAIN:
		send_plain(fd, list, length);
		break;
	case FAKE_CHUNKED:
		send_chunked(fd, list, length);
		break;
	case FAKE_RAW:
		send_all(fd, list, length);
		break;
	case FAKE_ENDLESS:
		send_text(fd, EVENTS_HEAD);
		for (;;)
			send_chunk(fd, list, length);
	case FAKE_HEADS:
		send_text(fd, "HTTP/1.1 200 OK\r\n");
		for (;;)
			send_text(fd, "X-Filler: 0123456789012345678901234567890123456789\r\n");
	case FAKE_DRIPPING:
		send_text(fd, EVENTS_HEAD);
		for (;; usleep(20000))
			send_chunk(fd, " ", 1);
	case FAKE_SILENT:
		pause();
	}
}

static void answer_events(int fd)
{
	char bytes[LIST_BYTES_MAX];
	ssize_t length;

	send_text(fd, EVENTS_HEAD);
	while ((length = read(events[0], bytes, sizeof(bytes))) > 0) {
		if (bytes[0] != '\0') {
			send_chunk(fd, bytes, (size_t)length);
			continue;
		}
		for (;;) /* a flood */
			send_chunk(fd, bytes + 1, (size_t)length - 1);
	}
}

static void serve(int fd, const char *list, enum fake_answer answer)
{
	char request[REQUEST_BYTES_MAX];
	size_t length = 0;

	for (;;) {
		ssize_t received = recv(fd, request + length, sizeof(request) - 1 - length, 0);

		if (received <= 0)
			_exit(EXIT_SUCCESS);
		length += (size_t)received;
		request[length] = '\0';
		if (!strstr(request, "\r\n\r\n"))
			continue;
		length = 0;
		if (strncmp(request, "GET /events?filters=%7B%22type%22", 33) == 0) {
			answer_events(fd);
		} else if (strncmp(request, "GET /containers/json HTTP/1.1\r\n", 31) == 0) {
			__atomic_add_fetch(&shared->lists, 1, __ATOMIC_SEQ_CST);
			answer_list(fd, list, answer);
			if (answer == FAKE_RAW)
				_exit(EXIT_SUCCESS);
		} else {
			send_text(fd, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
		}
	}
}

static void accept_all(int listener, const char *list, enum fake_answer answer)
{
	signal(SIGCHLD, SIG_IGN);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		int fd = accept(listener, NULL, NULL);

		if (fd < 0)
			_exit(EXIT_FAILURE);
		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			close(listener);
			serve(fd, list, answer);
		}
		close(fd);
	}
}

void fake_engine_start(const char *path, const char *list, enum fake_answer answer)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(socket_path, sizeof(socket_path), "%s", path);
	memcpy(address.sun_path, socket_path, sizeof(socket_path));
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 16), 0);
	assert_int_equal(pipe(events), 0);
	if (!shared)
		shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(shared, MAP_FAILED);
	shared->lists = 0;
	process = fork();
	assert_true(process >= 0);
	if (process == 0) {
		setpgid(0, 0);
		close(events[1]);
		accept_all(fd, list, answer);
	}
	setpgid(process, process); /* whoever is first */
	close(fd);
	close(events[0]);
}

void fake_engine_stop(void)
{
	if (process <= 0)
		return;
	kill(-process, SIGKILL);
	waitpid(process, NULL, 0);
	process = 0;
	close(events[1]);
	unlink(socket_path);
}

void fake_engine_event(const char *bytes)
{
	size_t length = strlen(bytes);

	assert_int_equal(write(events[1], bytes, length), length);
}

void fake_engine_flood(const char *line)
{
	char bytes[1024];
	int length = snprintf(bytes, sizeof(bytes), "%c%s", '\0', line);

	assert_int_equal(write(events[1], bytes, (size_t)length), length);
}

unsigned fake_engine_lists(void)
{
	return __atomic_load_n(&shared->lists, __ATOMIC_SEQ_CST);
}
