/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * delay.c - a long line: frames that arrive at one interface leave by the other, so many
 * milliseconds later, in both directions and in order, until SIGTERM or SIGINT. For kernels
 * without netem and fq.
 *
 * usage: delay INTERFACE INTERFACE MILLISECONDS
 *
 * Super-packets and checksums not yet computed pass as they are, by the header that
 * the kernel puts before each (PACKET_VNET_HDR).
 */
#include <errno.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <arpa/inet.h>
#include <linux/if_packet.h>

#define NS_PER_MS 1000000ULL
#define NS_PER_S 1000000000ULL
#define FRAME_BYTES_MAX (65536 + 64) /* a super-packet, its link header, the kernel's header */
#define SOCKET_BUFFER_BYTES (16 << 20)

struct frame {
	struct frame *next;
	uint64_t due_ns;
	size_t bytes;
	uint8_t data[];
};

/* Frames on their way, in the order in which they came. */
struct line {
	int from, to; /* sockets */
	struct frame *first, **last;
};

static volatile sig_atomic_t ended;

static void on_signal(int number)
{
	(void)number;
	ended = 1;
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static int end_open(const char *name)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	struct packet_mreq all = { .mr_type = PACKET_MR_PROMISC };
	const int one = 1, bytes = SOCKET_BUFFER_BYTES;
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	address.sll_ifindex = all.mr_ifindex = (int)if_nametoindex(name);
	if (fd < 0 || !address.sll_ifindex ||
	    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof(one)) < 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &one, sizeof(one)) < 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof(all)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes)) < 0 ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		fprintf(stderr, "delay: %s: %s\n", name, strerror(errno));
		return -1;
	}
	return fd;
}

static int line_take(struct line *line, uint64_t delay_ns)
{
	static uint8_t data[FRAME_BYTES_MAX];
	struct frame *frame;
	ssize_t bytes;

	while ((bytes = recv(line->from, data, sizeof(data), MSG_TRUNC)) >= 0) {
		if ((size_t)bytes > sizeof(data)) {
			fprintf(stderr, "delay: a frame of %zd bytes is too long\n", bytes);
			return -EMSGSIZE;
		}
		frame = malloc(sizeof(*frame) + (size_t)bytes);
		if (!frame)
			return -ENOMEM;
		frame->next = NULL;
		frame->due_ns = now_ns() + delay_ns;
		frame->bytes = (size_t)bytes;
		memcpy(frame->data, data, (size_t)bytes);
		*line->last = frame;
		line->last = &frame->next;
	}
	return errno == EAGAIN ? 0 : -errno;
}

static int line_give(struct line *line, uint64_t now)
{
	struct frame *frame;

	while ((frame = line->first) && frame->due_ns <= now) {
		if (send(line->to, frame->data, frame->bytes, 0) < 0)
			return -errno;
		line->first = frame->next;
		if (!line->first)
			line->last = &line->first;
		free(frame);
	}
	return 0;
}

static int relay(struct line *lines, uint64_t delay_ns, const sigset_t *outside)
{
	struct pollfd polls[] = { { .fd = lines[0].from, .events = POLLIN },
				  { .fd = lines[1].from, .events = POLLIN } };
	int r;

	while (!ended) {
		struct timespec until = { 0 };
		uint64_t now = now_ns(), next = UINT64_MAX;

		for (int i = 0; i < 2; i++) {
			r = line_give(&lines[i], now);
			if (r < 0)
				return r;
			if (lines[i].first && lines[i].first->due_ns < next)
				next = lines[i].first->due_ns;
		}
		until.tv_sec = (time_t)((next - now) / NS_PER_S);
		until.tv_nsec = (long)((next - now) % NS_PER_S);
		if (ppoll(polls, 2, next == UINT64_MAX ? NULL : &until, outside) < 0 &&
		    errno != EINTR)
			return -errno;
		for (int i = 0; i < 2; i++) {
			r = line_take(&lines[i], delay_ns);
			if (r < 0)
				return r;
		}
	}
	return 0;
}

static void line_free(struct line *line)
{
	struct frame *frame;

	while ((frame = line->first)) {
		line->first = frame->next;
		free(frame);
	}
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_signal };
	sigset_t inside, outside;
	struct line lines[2];
	unsigned long ms;
	char *rest;
	int result;

	if (argc != 4 || (ms = strtoul(argv[3], &rest, 10), *rest || !*argv[3])) {
		fprintf(stderr, "usage: delay INTERFACE INTERFACE MILLISECONDS\n");
		return 2;
	}
	/* A signal is taken while waiting only: none is missed in between. */
	sigemptyset(&inside);
	sigaddset(&inside, SIGTERM);
	sigaddset(&inside, SIGINT);
	sigprocmask(SIG_BLOCK, &inside, &outside);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	lines[0].from = lines[1].to = end_open(argv[1]);
	lines[0].to = lines[1].from = end_open(argv[2]);
	if (lines[0].from < 0 || lines[1].from < 0)
		return 1;
	for (int i = 0; i < 2; i++) {
		lines[i].first = NULL;
		lines[i].last = &lines[i].first;
	}
	printf("ready\n");
	fflush(stdout);
	result = relay(lines, ms * NS_PER_MS, &outside);
	if (result < 0)
		fprintf(stderr, "delay: %s\n", strerror(-result));
	line_free(&lines[0]);
	line_free(&lines[1]);
	return result < 0 ? 1 : 0;
}
