/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_tls.h - the certificate of HTTPS and its key (--tls-cert, --tls-key). */
#ifndef NETLAT_API_TLS_H
#define NETLAT_API_TLS_H

#include <stdbool.h>

/* TLS 1.2 and 1.3, with 128 bits and more, as GnuTLS says it. */
#define API_TLS_PRIORITIES "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

struct api_tls {
	char *certificate; /* PEM; NULL: no TLS */
	char *key;
};

/*
 * Read both, and see that they can be used together; what is wrong is said: then a negative errno,
 * and the output is untouched. A certificate that is not valid now is taken, and said. 0.
 */
int api_tls_read(struct api_tls *ret_tls, const char *certificate_path, const char *key_path);

/* The key alone, in the same way; for secret_file_free(). */
int api_tls_read_key(char **ret_key, const char *path);

bool api_tls_is_equal(const struct api_tls *a, const struct api_tls *b);

void api_tls_clear(struct api_tls *tls);

#endif
