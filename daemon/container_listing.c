/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* container_listing.c - containers and their addresses out of what an engine lists. */
#include "container_listing.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <jansson.h>

#include "address.h"

/* Parsed, JSON takes up to a hundred times its length: one container at a time, and none
 * that is longer than this. */
#define CONTAINER_BYTES_MAX ((size_t)256 << 10)
#define SERVICE_LABEL "com.docker.compose.service"

/* Engines allow nothing but ASCII without spaces; what else comes is made harmless. */
static void copy_text(char *to, size_t size, const char *from, size_t length)
{
	if (length > size - 1)
		length = size - 1;
	for (size_t i = 0; i < length; i++)
		to[i] = from[i];
	for (size_t i = 0; i < length; i++)
		if (to[i] <= ' ' || to[i] > '~')
			to[i] = '?';
	to[length] = '\0';
}

static void copy_string(char *to, size_t size, const json_t *string)
{
	if (json_is_string(string))
		copy_text(to, size, json_string_value(string), json_string_length(string));
	else
		to[0] = '\0';
}

/* A container has its own name, and one for each link of another to it: /other/alias. */
static bool copy_name(char *to, size_t size, const json_t *names)
{
	size_t index;
	json_t *name;

	json_array_foreach(names, index, name)
	{
		const char *text = json_string_value(name);
		size_t length = json_string_length(name);

		if (length > 0 && text[0] == '/') {
			text++;
			length--;
		}
		if (length == 0 || memchr(text, '/', length))
			continue;
		copy_text(to, size, text, length);
		return true;
	}
	return false;
}

static int take_address(const json_t *text, container_listing_fn take, void *userdata,
			const struct container *container)
{
	const char *value = json_string_value(text);
	struct nl_filter_net net;

	/* A container without this kind of address has an empty one. */
	if (!value || strchr(value, '/') || !net_parse(value, &net))
		return 0;
	return take(userdata, &net.addr, container);
}

static int take_container(json_t *object, container_listing_fn take, void *userdata)
{
	json_t *settings = json_object_get(object, "NetworkSettings");
	struct container container;
	const char *key;
	json_t *network;
	int r = 0;

	if (!copy_name(container.name, sizeof(container.name), json_object_get(object, "Names")))
		return 0;
	copy_string(container.service, sizeof(container.service),
		    json_object_get(json_object_get(object, "Labels"), SERVICE_LABEL));
	copy_string(container.image, sizeof(container.image), json_object_get(object, "Image"));
	json_object_foreach(json_object_get(settings, "Networks"), key, network)
	{
		if (r >= 0)
			r = take_address(json_object_get(network, "IPAddress"), take, userdata,
					 &container);
		if (r >= 0)
			r = take_address(json_object_get(network, "GlobalIPv6Address"), take,
					 userdata, &container);
	}
	return r;
}

/* The next byte that is not white space, which is passed, too; '\0' at the end. */
static char next_byte(struct container_listing *listing)
{
	while (listing->at < listing->end && memchr(" \t\r\n", *listing->at, 4))
		listing->at++;
	return listing->at < listing->end ? *listing->at++ : '\0';
}

static int take_next(struct container_listing *listing, container_listing_fn take, void *userdata)
{
	size_t length = (size_t)(listing->end - listing->at);
	json_error_t error;
	json_t *object;
	int r;

	if (length > CONTAINER_BYTES_MAX)
		length = CONTAINER_BYTES_MAX;
	object = json_loadb(listing->at, length,
			    JSON_DISABLE_EOF_CHECK | JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
	if (!object)
		return -EBADMSG;
	listing->at += error.position;
	r = take_container(object, take, userdata);
	json_decref(object);
	return r;
}

/* 1: a container follows. */
static int begin(struct container_listing *listing)
{
	struct container_listing probe;

	if (next_byte(listing) != '[')
		return -EBADMSG;
	listing->has_begun = true;
	probe = *listing;
	return next_byte(&probe) != ']';
}

int container_listing_read(struct container_listing *listing, unsigned containers_max,
			   container_listing_fn take, void *userdata)
{
	int r = listing->has_begun ? 1 : begin(listing);

	for (unsigned i = 0; r == 1 && i < containers_max; i++) {
		r = take_next(listing, take, userdata);
		if (r < 0)
			break;
		switch (next_byte(listing)) {
		case ',':
			r = 1;
			break;
		case ']':
			r = 0;
			break;
		default:
			r = -EBADMSG;
		}
	}
	return r;
}
