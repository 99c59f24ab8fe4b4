/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* options_files.c - whether the files that options name can be used. */
#include "options_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api_tls.h"
#include "api_token.h"
#include "log.h"
#include "options_origin.h"
#include "secret_file.h"

/* Where the name of the last part begins; slashes at the end are no name. */
static size_t directory_length(const char *path)
{
	size_t length = strlen(path);

	while (length > 0 && path[length - 1] == '/')
		length--;
	while (length > 0 && path[length - 1] != '/')
		length--;
	return length;
}

/* Whether this user can make files in it. 0 or a negative errno. */
static int check_directory(const char *path)
{
	struct stat status;

	if (stat(path, &status) < 0)
		return -errno;
	if (!S_ISDIR(status.st_mode))
		return -ENOTDIR;
	return faccessat(AT_FDCWD, path, W_OK | X_OK, AT_EACCESS) < 0 ? -errno : 0;
}

/* The directory above, in which a file or directory of that name will be made. */
static int check_parent(const char *path)
{
	size_t length = directory_length(path);
	char *parent = length ? strndup(path, length) : strdup(".");
	int r = parent ? check_directory(parent) : -ENOMEM;

	free(parent);
	return r;
}

/* Of --log and -w. A file may be there, as netlat may be running that writes to it. */
static bool check_place(const struct options *options, enum option_id id, const char *path)
{
	struct option_origin origin = option_origin(options, id, NULL);
	const char *name = option_table[id].name;
	struct stat status;
	int r;

	if (stat(path, &status) == 0 && S_ISDIR(status.st_mode) && id == OPTION_WRITE)
		r = check_directory(path);
	else
		r = check_parent(path);
	if (r == -ENOENT || r == -ENOTDIR)
		log_error("%s--%s %s: the directory it is to be in is not there (make that first)",
			  origin.text, name, path);
	else if (r < 0)
		log_error("%s--%s %s: nothing can be written there: %s (name another)", origin.text,
			  name, path, strerror(-r));
	return r == 0;
}

static bool check_log(const struct options *options)
{
	const char *path = options->log_path;
	struct stat status;

	if (!path)
		return true;
	if (lstat(path, &status) < 0 || S_ISREG(status.st_mode))
		return check_place(options, OPTION_LOG, path);
	log_error("%s--log %s: %s (name a file)", option_origin(options, OPTION_LOG, NULL).text,
		  path, S_ISDIR(status.st_mode) ? "is a directory" : "is no regular file");
	return false;
}

static bool check_token(const struct options *options)
{
	struct option_origin origin = option_origin(options, OPTION_TOKEN_FILE, NULL);
	struct api_token token;
	int r;

	if (!options->token_file)
		return true;
	log_set_origin(origin.text);
	r = api_token_read(&token, options->token_file);
	log_set_origin("");
	if (r == 0)
		explicit_bzero(&token, sizeof(token));
	return r == 0;
}

/* The key first and alone, so that what is said of it has its line. */
static bool check_tls(const struct options *options)
{
	struct option_origin of_key = option_origin(options, OPTION_TLS_KEY, NULL);
	struct option_origin of_certificate = option_origin(options, OPTION_TLS_CERT, NULL);
	struct api_tls tls;
	char *key;
	int r;

	if (!options->tls_cert)
		return true;
	log_set_origin(of_key.text);
	r = api_tls_read_key(&key, options->tls_key);
	if (r == 0) {
		secret_file_free(key);
		log_set_origin(of_certificate.text);
		r = api_tls_read(&tls, options->tls_cert, options->tls_key);
	}
	log_set_origin("");
	if (r == 0)
		api_tls_clear(&tls);
	return r == 0;
}

static bool check_capture(const struct options *options)
{
	const char *path = options->replay_file;

	if (!path || strcmp(path, "-") == 0 || faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) == 0)
		return true;
	log_error("%s--read %s: %s (name a file that can be read)",
		  option_origin(options, OPTION_READ, NULL).text, path, strerror(errno));
	return false;
}

bool options_check_files(const struct options *options)
{
	bool is_good = check_capture(options);

	is_good = check_log(options) && is_good;
	if (options->write_path)
		is_good = check_place(options, OPTION_WRITE, options->write_path) && is_good;
	is_good = check_token(options) && is_good;
	return check_tls(options) && is_good;
}
