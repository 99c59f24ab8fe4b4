/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* capture.c - which of the two formats a capture has, and its packets. */
#include "capture.h"

#include <stdlib.h>
#include <string.h>

#include <pcap/pcap.h>

#include "capture_pcapng.h"
#include "capture_stream.h"

#define PCAPNG_FIRST_BYTE 0x0a /* of a section header block; no pcap begins with it */

struct capture {
	struct capture_stream *stream;
	pcap_t *pcap; /* one of these two */
	struct pcapng *pcapng;
	u32 link_type; /* of all packets in a pcap */
	char error[CAPTURE_ERROR_BYTES];
};

_Static_assert(CAPTURE_ERROR_BYTES >= PCAP_ERRBUF_SIZE, "libpcap writes as much");

/* What the stream knows is nearer to the cause than what its reader saw of it. */
static void explain(struct capture *capture)
{
	const char *cause = capture_stream_error(capture->stream);

	if (cause)
		snprintf(capture->error, sizeof(capture->error), "%s", cause);
}

static bool begin(struct capture *capture)
{
	FILE *file = capture_stream_file(capture->stream);
	int first = getc(file);

	if (first == EOF) {
		snprintf(capture->error, sizeof(capture->error), "the file is empty");
		return false;
	}
	ungetc(first, file);
	if (first == PCAPNG_FIRST_BYTE) {
		capture->pcapng = pcapng_new(file);
		if (!capture->pcapng)
			snprintf(capture->error, sizeof(capture->error), "out of memory");
		return capture->pcapng;
	}
	capture->pcap = pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO,
								 capture->error);
	if (!capture->pcap)
		return false;
	capture_stream_disown_file(capture->stream); /* pcap_close() closes it */
	capture->link_type = (u32)pcap_datalink(capture->pcap);
	return true;
}

struct capture *capture_open(const char *path, char *error)
{
	struct capture *capture = calloc(1, sizeof(*capture));
	const char *cause = "out of memory";

	if (capture)
		capture->stream = capture_stream_open(path, &cause);
	if (!capture || !capture->stream) {
		snprintf(error, CAPTURE_ERROR_BYTES, "%s", cause);
		free(capture);
		return NULL;
	}
	if (begin(capture))
		return capture;
	explain(capture);
	memcpy(error, capture->error, CAPTURE_ERROR_BYTES);
	capture_close(capture);
	return NULL;
}

bool capture_is_pipe(const struct capture *capture)
{
	return capture_stream_is_pipe(capture->stream);
}

void capture_on_wait(struct capture *capture, capture_wait_fn wait, void *userdata)
{
	capture_stream_on_wait(capture->stream, wait, userdata);
}

void capture_close(struct capture *capture)
{
	if (!capture)
		return;
	if (capture->pcap)
		pcap_close(capture->pcap);
	pcapng_free(capture->pcapng);
	capture_stream_close(capture->stream);
	free(capture);
}

/*
 * With nanosecond precision asked for, tv_usec holds nanoseconds. A pcap file's seconds are
 * 32 bits without a sign, until 2106, of which libpcap makes one.
 */
static u64 time_of(const struct pcap_pkthdr *header)
{
	u64 seconds = (u32)header->ts.tv_sec;

	return seconds * 1000000000 + (u64)header->ts.tv_usec;
}

static int next_of_pcap(struct capture *capture, struct capture_packet *packet)
{
	struct pcap_pkthdr *header;
	int r = pcap_next_ex(capture->pcap, &header, &packet->bytes);

	if (r == PCAP_ERROR_BREAK)
		return 0;
	if (r != 1) {
		snprintf(capture->error, sizeof(capture->error), "%s", pcap_geterr(capture->pcap));
		return -1;
	}
	packet->captured = header->caplen;
	packet->wire_bytes = header->len;
	packet->link_type = capture->link_type;
	packet->ifindex = 1;
	packet->time_ns = time_of(header);
	return 1;
}

int capture_next(struct capture *capture, struct capture_packet *ret_packet)
{
	int r = capture->pcap ? next_of_pcap(capture, ret_packet)
			      : pcapng_next(capture->pcapng, ret_packet, capture->error);

	if (r < 0)
		explain(capture);
	if (r == 1 && ret_packet->wire_bytes < ret_packet->captured)
		ret_packet->wire_bytes = ret_packet->captured;
	/* 0 is "never" in a record; some captures have no times at all. */
	if (r == 1 && ret_packet->time_ns == 0)
		ret_packet->time_ns = 1;
	/* Beyond the year 2262: nonsense, but records' times are signed for most who read them. */
	if (r == 1 && ret_packet->time_ns > INT64_MAX)
		ret_packet->time_ns = INT64_MAX;
	return r;
}

const char *capture_error(const struct capture *capture)
{
	return capture->error;
}
