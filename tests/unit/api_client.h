/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * api_client.h - a client of the API for tests: a child with a bare socket, while the event
 * loop runs here. What it finds wrong fails the test.
 */
#ifndef NETLAT_TESTS_API_CLIENT_H
#define NETLAT_TESTS_API_CLIENT_H

#include <jansson.h>

#include "api.h"

#define CLIENT_CLOSE "Host: localhost\r\nConnection: close\r\n\r\n"
#define CLIENT_GET(path) "GET " path " HTTP/1.1\r\n" CLIENT_CLOSE

extern struct slow_list *client_list; /* what is served */
extern struct snapshot client_snapshot;
extern struct attachments client_attachments;	     /* what is attached: none in the beginning */
extern struct transaction_list *client_transactions; /* NULL in the beginning */
extern struct api *client_api;
extern char *client_answer; /* all that the client read, and a zero */
extern size_t client_answer_bytes;

/* 0, or -1 on lack of memory. Places in the list: `capacity`. */
int client_set_up(size_t capacity);
void client_tear_down(void);

/* Set client_api, to NULL if it does not start. Interface 7 is veth7. */
void client_start_api(const char *listen);
void client_start_api_with(const struct api_settings *settings);
void client_stop_api(void);

/* Send the bytes on so many connections at once, wait for their ends, stop the API. */
void client_exchange_on(const char *bytes, size_t length, unsigned connections);

/* All of that with one connection. */
void client_exchange(const char *request);

/* Of the answer: what follows the first head; the same as JSON, of that type. */
const char *client_body(void);
json_t *client_parse(void);

void client_check_has(const char *line);
void client_check_status(unsigned status);

/* Send a request that gets an error: {"error":code,"message":message}. */
void client_check_error(const char *request, unsigned status, const char *code,
			const char *message);

#endif
