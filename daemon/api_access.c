/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_access.c - who may be answered. */
#include "api_access.h"

#include <string.h>

#include "listen_address.h"

static const struct api_error misdirected = {
	.status = MHD_HTTP_MISDIRECTED_REQUEST,
	.code = "misdirected_request",
	.message = "ask for localhost or a loopback address by its digits: any other name may be "
		   "that of a web page that reads this",
};

/* RFC 6750, 3: without a token no error code. */
static const struct api_error no_token = {
	.status = MHD_HTTP_UNAUTHORIZED,
	.code = "unauthorized",
	.message = "a token is needed (Authorization: Bearer, with what is in --token-file)",
	.field_name = MHD_HTTP_HEADER_WWW_AUTHENTICATE,
	.field_value = "Bearer realm=\"netlat\"",
};

static const struct api_error wrong_token = {
	.status = MHD_HTTP_UNAUTHORIZED,
	.code = "unauthorized",
	.message = "this is not the token (that is what is in --token-file)",
	.field_name = MHD_HTTP_HEADER_WWW_AUTHENTICATE,
	.field_value = "Bearer realm=\"netlat\", error=\"invalid_token\"",
};

static const char *field_of(const struct api_request *request, const char *name)
{
	return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

bool api_access_check(const struct api_request *request, bool needs_own_host,
		      const struct api_token *token, struct api_error *ret_error)
{
	const char *authorization = field_of(request, MHD_HTTP_HEADER_AUTHORIZATION);

	if (needs_own_host &&
	    !listen_address_is_own_host(field_of(request, MHD_HTTP_HEADER_HOST))) {
		*ret_error = misdirected;
		return false;
	}
	if (!token || strcmp(request->path, "/health") == 0 ||
	    api_token_is_in(token, authorization))
		return true;
	*ret_error = authorization ? wrong_token : no_token;
	return false;
}
