/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_tls.c - the certificate of HTTPS and its key (--tls-cert, --tls-key). */
#include "api_tls.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <string.h>
#include <time.h>

#include "log.h"
#include "secret_file.h"

#define CERTIFICATE_BYTES_MAX (256 * 1024)
#define KEY_BYTES_MAX (64 * 1024)

static gnutls_datum_t datum_of(char *text)
{
	return (gnutls_datum_t){ .data = (unsigned char *)text, .size = (unsigned)strlen(text) };
}

/* Each alone, so that an error names the file that is to blame. */
static int check_certificate(const char *path, char *text)
{
	gnutls_datum_t datum = datum_of(text);
	gnutls_x509_crt_t *chain = NULL;
	unsigned count = 0;
	time_t now = time(NULL);
	int r = gnutls_x509_crt_list_import2(&chain, &count, &datum, GNUTLS_X509_FMT_PEM, 0);

	if (r < 0 || count == 0) {
		log_error("--tls-cert %s: not a certificate in PEM: %s (it begins with -----BEGIN "
			  "CERTIFICATE-----)",
			  path, r < 0 ? gnutls_strerror(r) : "none in it");
		return -EINVAL;
	}
	if (gnutls_x509_crt_get_expiration_time(chain[0]) < now)
		log_error("--tls-cert %s: has expired (clients will refuse it until it is renewed)",
			  path);
	else if (gnutls_x509_crt_get_activation_time(chain[0]) > now)
		log_error("--tls-cert %s: not valid yet (clients will refuse it until then)", path);
	for (unsigned i = 0; i < count; i++)
		gnutls_x509_crt_deinit(chain[i]);
	gnutls_free(chain);
	return 0;
}

static int check_key(const char *path, char *text)
{
	gnutls_datum_t datum = datum_of(text);
	gnutls_x509_privkey_t key;
	int r = gnutls_x509_privkey_init(&key);

	if (r < 0)
		return -ENOMEM;
	r = gnutls_x509_privkey_import2(key, &datum, GNUTLS_X509_FMT_PEM, NULL, 0);
	gnutls_x509_privkey_deinit(key);
	if (r == GNUTLS_E_DECRYPTION_FAILED) {
		log_error("--tls-key %s: encrypted (store it without a passphrase, read by its "
			  "owner only)",
			  path);
		return -EINVAL;
	}
	if (r < 0) {
		log_error("--tls-key %s: not a private key in PEM: %s (it begins with -----BEGIN "
			  "PRIVATE KEY-----)",
			  path, gnutls_strerror(r));
		return -EINVAL;
	}
	return 0;
}

static int check_pair(const struct api_tls *tls, const char *certificate_path, const char *key_path)
{
	gnutls_datum_t certificate = datum_of(tls->certificate), key = datum_of(tls->key);
	gnutls_certificate_credentials_t credentials;
	int r = gnutls_certificate_allocate_credentials(&credentials);

	if (r < 0)
		return -ENOMEM;
	r = gnutls_certificate_set_x509_key_mem(credentials, &certificate, &key,
						GNUTLS_X509_FMT_PEM);
	gnutls_certificate_free_credentials(credentials);
	if (r >= 0)
		return 0;
	log_error("--tls-cert %s and --tls-key %s: do not fit together: %s (name the key that the "
		  "certificate was made for)",
		  certificate_path, key_path, gnutls_strerror(r));
	return -EINVAL;
}

int api_tls_read_key(char **ret_key, const char *path)
{
	size_t bytes;
	char *key = secret_file_read("--tls-key", path, true, KEY_BYTES_MAX, &bytes);
	int r = key ? check_key(path, key) : -errno;

	if (r < 0) {
		secret_file_free(key);
		return r;
	}
	*ret_key = key;
	return 0;
}

int api_tls_read(struct api_tls *ret_tls, const char *certificate_path, const char *key_path)
{
	struct api_tls tls = { .certificate = NULL };
	size_t bytes;
	int r;

	tls.certificate = secret_file_read("--tls-cert", certificate_path, false,
					   CERTIFICATE_BYTES_MAX, &bytes);
	if (!tls.certificate)
		return -errno;
	r = check_certificate(certificate_path, tls.certificate);
	if (r == 0)
		r = api_tls_read_key(&tls.key, key_path);
	if (r == 0)
		r = check_pair(&tls, certificate_path, key_path);
	if (r < 0) {
		api_tls_clear(&tls);
		return r;
	}
	*ret_tls = tls;
	return 0;
}

bool api_tls_is_equal(const struct api_tls *a, const struct api_tls *b)
{
	return strcmp(a->certificate, b->certificate) == 0 && strcmp(a->key, b->key) == 0;
}

void api_tls_clear(struct api_tls *tls)
{
	secret_file_free(tls->certificate);
	secret_file_free(tls->key);
	tls->certificate = tls->key = NULL;
}
