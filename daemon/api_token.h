/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_token.h - the token that requests have to bring (--token-file; RFC 6750). */
#ifndef NETLAT_API_TOKEN_H
#define NETLAT_API_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

#define API_TOKEN_BYTES_MAX 512

struct api_token {
	char text[API_TOKEN_BYTES_MAX + 1];
	size_t length; /* 0: none is wanted */
};

/*
 * The one line of a file that others cannot read: letters, digits and -._~+/, then maybe =. What
 * is wrong is said: then a negative errno, and the output is untouched. 0.
 */
int api_token_read(struct api_token *ret_token, const char *path);

/*
 * Whether an Authorization field (NULL: there is none) is `Bearer` and this token. How long it
 * takes says nothing of how much of it is right.
 */
bool api_token_is_in(const struct api_token *token, const char *authorization);

#endif
