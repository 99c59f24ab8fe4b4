/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_token.c - the token that requests have to bring (--token-file; RFC 6750). */
#include "api_token.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "log.h"
#include "secret_file.h"

/* b64token (RFC 6750, 2.1), and the line's end. */
static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/";

/* Length of the token that a line consists of; 0: it is none. */
static size_t measure(const char *line, size_t bytes)
{
	size_t length = strspn(line, plain), end;

	if (length == 0)
		return 0;
	length += strspn(line + length, "=");
	end = length + (line[length] == '\r');
	end += line[end] == '\n';
	return end == bytes ? length : 0;
}

int api_token_read(struct api_token *ret_token, const char *path)
{
	size_t bytes = 0, length;
	char *line = secret_file_read("--token-file", path, true, API_TOKEN_BYTES_MAX, &bytes);

	if (!line)
		return -errno;
	length = measure(line, bytes);
	if (length) {
		memset(ret_token, 0, sizeof(*ret_token));
		memcpy(ret_token->text, line, length);
		ret_token->length = length;
	} else {
		log_error("--token-file %s: not a token (one line of letters, digits and -._~+/, "
			  "as of openssl rand -base64 32)",
			  path);
	}
	secret_file_free(line);
	return length ? 0 : -EINVAL;
}

/* All of the token is looked at, whatever was given. */
static bool is_equal(const struct api_token *token, const char *given)
{
	size_t length = strlen(given), difference = length ^ token->length;

	for (size_t i = 0; i < token->length; i++)
		difference |= (unsigned char)(token->text[i] ^ given[i < length ? i : length]);
	return difference == 0;
}

bool api_token_is_in(const struct api_token *token, const char *authorization)
{
	static const char scheme[] = "Bearer ";
	const char *given;

	if (!authorization || strncasecmp(authorization, scheme, strlen(scheme)) != 0)
		return false;
	given = authorization + strlen(scheme);
	given += strspn(given, " ");
	return is_equal(token, given);
}
