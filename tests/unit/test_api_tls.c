/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_api_tls.c - the files of --tls-cert and --tls-key. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <cmocka.h>
#include <gnutls/x509.h>

#include "api_tls.h"
#include "folder.h"
#include "said.h"

#define DAY_S 86400

/* A key of its own, and a certificate for it that lasts from and to so many days from now. */
static void make_pair(const char *certificate_name, const char *key_name, int from_days,
		      int to_days)
{
	gnutls_x509_privkey_t key;
	gnutls_x509_crt_t certificate;
	gnutls_datum_t pem;
	time_t now = time(NULL);

	assert_int_equal(gnutls_x509_privkey_init(&key), 0);
	assert_int_equal(
		gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA,
					     GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0),
		0);
	assert_int_equal(gnutls_x509_crt_init(&certificate), 0);
	assert_int_equal(gnutls_x509_crt_set_version(certificate, 3), 0);
	assert_int_equal(gnutls_x509_crt_set_serial(certificate, "\1", 1), 0);
	assert_int_equal(gnutls_x509_crt_set_activation_time(certificate, now + from_days * DAY_S),
			 0);
	assert_int_equal(gnutls_x509_crt_set_expiration_time(certificate, now + to_days * DAY_S),
			 0);
	assert_int_equal(gnutls_x509_crt_set_key(certificate, key), 0);
	assert_int_equal(gnutls_x509_crt_sign2(certificate, certificate, key, GNUTLS_DIG_SHA256, 0),
			 0);
	assert_int_equal(gnutls_x509_crt_export2(certificate, GNUTLS_X509_FMT_PEM, &pem), 0);
	folder_put(certificate_name, (char *)pem.data);
	gnutls_free(pem.data);
	assert_int_equal(gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_PEM, NULL,
							   GNUTLS_PKCS_PLAIN, &pem),
			 0);
	folder_put(key_name, (char *)pem.data);
	assert_int_equal(chmod(in_folder(key_name), 0600), 0);
	gnutls_free(pem.data);
	gnutls_x509_crt_deinit(certificate);
	gnutls_x509_privkey_deinit(key);
}

static struct api_tls tls;

/* Read; what was said, "" for nothing. */
static const char *check_taken(const char *certificate, const char *key)
{
	said_begin();
	assert_int_equal(api_tls_read(&tls, in_folder(certificate), in_folder(key)), 0);
	return said_end();
}

static void check_refused(const char *certificate, const char *key, int error, const char *reason)
{
	struct api_tls other = { .certificate = NULL };
	const char *said;

	said_begin();
	assert_int_equal(api_tls_read(&other, in_folder(certificate), in_folder(key)), -error);
	said = said_end();
	if (!strstr(said, reason))
		fail_msg("no `%s` in %s", reason, said);
	assert_null(other.certificate);
	assert_null(other.key);
}

static void test_pair(void **state)
{
	struct api_tls again;

	(void)state;
	make_pair("cert", "key", -1, 1);
	assert_string_equal(check_taken("cert", "key"), "");
	assert_int_equal(api_tls_read(&again, in_folder("cert"), in_folder("key")), 0);
	assert_true(api_tls_is_equal(&tls, &again));
	api_tls_clear(&again);
	make_pair("other-cert", "other-key", -1, 1);
	assert_int_equal(api_tls_read(&again, in_folder("other-cert"), in_folder("other-key")), 0);
	assert_false(api_tls_is_equal(&tls, &again));
	api_tls_clear(&again);
	check_refused("cert", "other-key", EINVAL, "do not fit together");
	check_refused("other-cert", "key", EINVAL, "do not fit together");
}

static void test_malformed(void **state)
{
	size_t length;
	char *half;

	(void)state;
	make_pair("cert", "key", -1, 1);
	folder_put("nonsense",
		   "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n");
	assert_int_equal(chmod(in_folder("nonsense"), 0600), 0);
	check_refused("nonsense", "key", EINVAL, "nonsense: not a certificate in PEM");
	check_refused("key", "key", EINVAL, "key: not a certificate in PEM");
	check_refused("cert", "nonsense", EINVAL, "nonsense: not a private key in PEM");
	half = folder_get("cert", &length);
	half[length / 2] = '\0';
	folder_put("half", half);
	free(half);
	check_refused("half", "key", EINVAL, "half: not a certificate in PEM");
	half = folder_get("key", &length);
	half[length / 2] = '\0';
	folder_put("half-key", half);
	free(half);
	assert_int_equal(chmod(in_folder("half-key"), 0600), 0);
	check_refused("cert", "half-key", EINVAL, "half-key: not a private key in PEM");
}

static void test_files(void **state)
{
	(void)state;
	make_pair("cert", "key", -1, 1);
	check_refused("nothing", "key", ENOENT, "--tls-cert ");
	check_refused("cert", "nothing", ENOENT, "--tls-key ");
	folder_put("empty", "");
	check_refused("empty", "key", EINVAL, "empty (write something into it)");
	assert_int_equal(chmod(in_folder("cert"), 0666), 0); /* it is no secret */
	assert_string_equal(check_taken("cert", "key"), "");
	assert_int_equal(chmod(in_folder("key"), 0644), 0);
	check_refused("cert", "key", EPERM, "others can read or change it");
}

/* Clients decide: netlat goes on, and says so. */
static void test_out_of_date(void **state)
{
	(void)state;
	make_pair("cert", "key", -2, -1);
	assert_non_null(strstr(check_taken("cert", "key"), "cert: has expired"));
	api_tls_clear(&tls);
	make_pair("future", "future-key", 1, 2);
	assert_non_null(strstr(check_taken("future", "future-key"), "future: not valid yet"));
}

static int tear_down(void **state)
{
	said_reveal();
	api_tls_clear(&tls);
	return folder_remove(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_make, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_pair),
		TEST(test_malformed),
		TEST(test_files),
		TEST(test_out_of_date),
	};

	return cmocka_run_group_tests(tests, NULL, said_forget);
}
