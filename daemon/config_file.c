/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* config_file.c - the file of --config: lines KEY = VALUE, read by inih. */
#include "config_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ini.h>

#include "log.h"
#include "option_names.h"

#define SECTION "netlat"

/* While a file is read. */
struct reading {
	struct config_file *config;
	FILE *file;
	unsigned line;	      /* number of the latest one */
	bool expects_setting; /* it is neither empty nor a comment nor a section */
	bool is_section_good; /* keys may stand here */
	bool is_bad;	      /* something was said */
	bool is_over;	      /* nothing more is to be read */
};

__attribute__((format(printf, 2, 3))) static void complain(struct reading *reading,
							   const char *format, ...)
{
	char text[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	log_error("%s:%u: %s", reading->config->path, reading->line, text);
	reading->config->is_bad = true;
}

/* A line that inih did not call back for. */
static void finish_line(struct reading *reading)
{
	if (reading->expects_setting)
		complain(reading, "neither KEY = VALUE nor a comment (comments begin with #)");
	reading->expects_setting = false;
}

static void begin_section(struct reading *reading, const char *text)
{
	static const char only[] = "[" SECTION "]";

	reading->is_section_good = strncmp(text, only, sizeof(only) - 1) == 0;
	if (!reading->is_section_good)
		complain(reading,
			 "%.*s: no such section (the only one is %s, and it can be left "
			 "out)",
			 (int)strcspn(text, "]") + 1, text, only);
}

/* The rest of a line that is not wanted. */
static void skip_line(FILE *file)
{
	int c;

	while ((c = getc(file)) != EOF && c != '\n')
		;
}

/* One line without what indents it, which inih would take for more of the value before. Its
 * length; -1: at the end, or where the file has to be given up. */
static int get_line(struct reading *reading, char *text, int size)
{
	int length = 0, c;

	while ((c = getc(reading->file)) != EOF && c != '\n') {
		if (c == '\0') {
			complain(reading, "a NUL byte (is it a text file?)");
			reading->is_over = true;
			return -1;
		}
		if (length == 0 && (c == ' ' || c == '\t'))
			continue;
		if (length == size - 1) {
			complain(reading, "longer than %d bytes", size - 1);
			skip_line(reading->file);
			return 0;
		}
		text[length++] = (char)c;
	}
	return c == EOF && length == 0 ? -1 : length;
}

/* An ini_reader. */
static char *read_line(char *text, int size, void *userdata)
{
	struct reading *reading = userdata;
	int length;

	finish_line(reading);
	if (reading->is_over)
		return NULL;
	reading->line++;
	length = get_line(reading, text, size);
	if (length < 0)
		return NULL;
	text[length] = '\0';
	if (reading->line == 1 && strncmp(text, "\xef\xbb\xbf", 3) == 0)
		memmove(text, text + 3, (size_t)length - 2);
	if (text[0] == '[')
		begin_section(reading, text);
	reading->expects_setting = !strchr("#;[\r", text[0]); /* also of an empty one */
	return text;
}

/* Line of an earlier setting of an option; 0: there is none. */
static unsigned find_earlier(const struct config_file *config, enum option_id id)
{
	for (size_t i = 0; i < config->count; i++) {
		if (config->settings[i].id == id)
			return config->settings[i].line;
	}
	return 0;
}

static bool find_key(struct reading *reading, const char *key, enum option_id *ret_id)
{
	const char *nearest;

	if (!*key) {
		complain(reading, "there is nothing before the = (KEY = VALUE)");
		return false;
	}
	if (option_find(key, ret_id)) {
		if (!option_table[*ret_id].only_typed)
			return true;
		complain(reading, "%s: only for the command line", key);
		return false;
	}
	nearest = option_nearest(key);
	if (nearest)
		complain(reading, "%s: no such option (%s?)", key, nearest);
	else
		complain(reading, "%s: no such option (netlat --help lists them)", key);
	return false;
}

static bool append(struct config_file *config, const struct config_setting *setting)
{
	struct config_setting *more;

	more = reallocarray(config->settings, config->count + 1, sizeof(*more));
	if (!more)
		return false;
	config->settings = more;
	config->settings[config->count++] = *setting;
	return true;
}

/* What would be taken as it is written, and was surely not meant so. */
static bool is_as_meant(struct reading *reading, const char *key, const char *value)
{
	size_t length = strlen(value);
	char quote = value[0];

	for (const char *at = value; *at; at++) {
		if ((unsigned char)*at >= ' ' && *at != 0x7f)
			continue;
		complain(reading, "%s: a control character in its value (lines end in LF)", key);
		return false;
	}
	if (length >= 2 && (quote == '"' || quote == '\'') && value[length - 1] == quote) {
		complain(reading, "%s %s: quotes would be a part of it (leave them out)", key,
			 value);
		return false;
	}
	if (strstr(value, " #")) {
		complain(reading, "%s %s: # begins no comment behind a value (put a ; there)", key,
			 value);
		return false;
	}
	return true;
}

/* An ini_handler. */
static int take_setting(void *userdata, const char *section, const char *key, const char *value)
{
	struct reading *reading = userdata;
	struct config_setting setting = { .line = reading->line };
	unsigned earlier;

	(void)section;
	reading->expects_setting = false;
	if (!reading->is_section_good || !find_key(reading, key, &setting.id) ||
	    !is_as_meant(reading, key, value))
		return 0;
	earlier = find_earlier(reading->config, setting.id);
	if (earlier && option_table[setting.id].repeat_max <= 1) {
		complain(reading, "%s: given twice (first in line %u)", key, earlier);
		return 0;
	}
	if (reading->config->count == CONFIG_SETTINGS_MAX) {
		complain(reading, "one line too many (at most %u with a value)",
			 CONFIG_SETTINGS_MAX);
		reading->is_over = true;
		return 0;
	}
	setting.value = strdup(value);
	if (setting.value && append(reading->config, &setting))
		return 1;
	free(setting.value);
	complain(reading, "out of memory");
	reading->is_over = true;
	return 0;
}

/* A FIFO would be waited for, a device may never end. */
static FILE *open_regular(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat status;
	FILE *file;

	if (fd < 0 || fstat(fd, &status) < 0) {
		log_error("%s: cannot be read: %s", path, strerror(errno));
	} else if (!S_ISREG(status.st_mode)) {
		log_error("%s: %s (--config wants a file of lines KEY = VALUE)", path,
			  S_ISDIR(status.st_mode) ? "a directory" : "not a regular file");
	} else if (status.st_size > CONFIG_BYTES_MAX) {
		log_error("%s: longer than %d bytes: not a configuration", path, CONFIG_BYTES_MAX);
	} else {
		file = fdopen(fd, "r");
		if (file)
			return file;
		log_error("%s: %s", path, strerror(errno));
	}
	if (fd >= 0)
		close(fd);
	return NULL;
}

struct config_file *config_file_read(const char *path)
{
	struct reading reading = { .is_section_good = true };
	struct config_file *config = calloc(1, sizeof(*config));

	reading.file = config ? open_regular(path) : NULL;
	if (config)
		config->path = strdup(path);
	if (!config || !config->path) {
		log_error("%s: out of memory", path);
	} else if (reading.file) {
		reading.config = config;
		if (ini_parse_stream(read_line, &reading, take_setting, &reading) != 0 &&
		    !config->is_bad)
			complain(&reading, "cannot be understood");
		if (ferror(reading.file))
			complain(&reading, "cannot be read any further");
		fclose(reading.file);
		return config;
	}
	if (reading.file)
		fclose(reading.file);
	config_file_free(config);
	return NULL;
}

void config_setting_print(char *text, size_t size, const struct config_file *config,
			  const struct config_setting *setting)
{
	snprintf(text, size, "%s:%u: %s", config->path, setting->line,
		 option_table[setting->id].name);
}

/* The next setting of an option that counts, from *index on, which is moved behind it. */
static const struct config_setting *next_of(const struct config_file *config, enum option_id id,
					    size_t *index)
{
	while (*index < config->count) {
		const struct config_setting *setting = &config->settings[(*index)++];

		if (setting->id == id && !setting->is_overridden)
			return setting;
	}
	return NULL;
}

bool config_file_same(const struct config_file *a, const struct config_file *b, enum option_id id)
{
	size_t at_a = 0, at_b = 0;

	for (;;) {
		const struct config_setting *one = next_of(a, id, &at_a);
		const struct config_setting *other = next_of(b, id, &at_b);

		if (!one || !other)
			return one == other;
		if (strcmp(one->value, other->value) != 0)
			return false;
	}
}

bool config_file_move(struct config_file *to, struct config_file *from, enum option_id id)
{
	size_t kept = 0;

	for (size_t i = 0; i < to->count; i++) {
		if (to->settings[i].id == id)
			free(to->settings[i].value);
		else
			to->settings[kept++] = to->settings[i];
	}
	to->count = kept;
	for (size_t i = 0; i < from->count; i++) {
		if (from->settings[i].id != id)
			continue;
		if (!append(to, &from->settings[i]))
			return false;
		from->settings[i].value = NULL;
	}
	return true;
}

void config_file_free(struct config_file *config)
{
	if (!config)
		return;
	for (size_t i = 0; i < config->count; i++)
		free(config->settings[i].value);
	free(config->settings);
	free(config->path);
	free(config);
}
