/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_interfaces.c - what is observed by which hooks, for the API, and whether that is all. */
#include "api_interfaces.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "api_json.h"
#include "clock.h"

#define INTERFACE_BYTES_MAX 512
#define REST_BYTES_MAX 16384
#define REASON_BYTES_MAX 1024

static int get_attachments(const struct api_request *request, struct attachments *ret)
{
	struct engine *engine = *request->source->engine;

	return engine->ops->attachments(engine, ret);
}

static const char *state_of(const struct attached_interface *interface)
{
	return interface->is_attached ? "attached"
	       : interface->ifindex   ? "not_attached"
				      : "removed";
}

static void append_link_state(struct json_text *text, bool is_there, bool is_up)
{
	API_JSON_KEY(text, "link_state");
	api_json_text(text, !is_there ? NULL : is_up ? "up" : "down");
}

static void append_interface(struct json_text *text, const struct attached_interface *interface)
{
	bool is_there = interface->ifindex != 0;

	json_text_literal(text, "{\"name\":");
	api_json_text(text, interface->name);
	API_JSON_KEY(text, "ifindex");
	api_json_integer_if(text, is_there, (u64)interface->ifindex);
	API_JSON_KEY(text, "is_bridge");
	if (is_there)
		api_json_bool(text, interface->is_bridge);
	else
		json_text_literal(text, "null");
	API_JSON_KEY(text, "state");
	api_json_text(text, state_of(interface));
	append_link_state(text, is_there, interface->is_up);
	json_text_literal(text, "}");
}

static void append_hook(struct json_text *text, const struct attached_hook *hook, const char *kind)
{
	json_text_literal(text, "{\"interface\":");
	api_json_text(text, hook->interface[0] ? hook->interface : NULL);
	API_JSON_KEY(text, "ifindex");
	json_text_integer(text, (u64)hook->point.ifindex);
	API_JSON_KEY(text, "bridge");
	api_json_text(text, hook->bridge[0] ? hook->bridge : NULL);
	API_JSON_KEY(text, "direction");
	api_json_text(text, hook->point.direction == ATTACH_INGRESS ? "ingress" : "egress");
	API_JSON_KEY(text, "attached_by");
	api_json_text(text, kind);
	API_JSON_KEY(text, "attached_since");
	api_json_time(text, hook->since_ns + epoch_offset_ns());
	append_link_state(text, hook->interface[0], hook->is_up);
	json_text_literal(text, "}");
}

static void append_all(struct json_text *text, const struct attachments *attachments)
{
	json_text_literal(text, "{\"interfaces\":[");
	for (size_t i = 0; i < attachments->interface_count; i++) {
		if (i > 0)
			json_text_literal(text, ",");
		append_interface(text, &attachments->interfaces[i]);
	}
	json_text_literal(text, "],\"hooks\":[");
	for (size_t i = 0; i < attachments->hook_count; i++) {
		if (i > 0)
			json_text_literal(text, ",");
		append_hook(text, &attachments->hooks[i], attachments->kind);
	}
	json_text_literal(text, "]}\n");
}

enum MHD_Result api_answer_interfaces(const struct api_request *request)
{
	struct attachments attachments;
	struct json_text text;
	int r = get_attachments(request, &attachments);

	if (r < 0)
		return api_reply_failure(request, r);
	r = json_text_init(&text, (attachments.interface_count + attachments.hook_count) *
						  INTERFACE_BYTES_MAX +
					  REST_BYTES_MAX);
	if (r == 0)
		append_all(&text, &attachments);
	attachments_clear(&attachments);
	return r < 0 ? api_reply_failure(request, r) : api_reply_json(request, MHD_HTTP_OK, &text);
}

/* Why not all that was asked for is observed; "" if it is. */
static void find_reason(const struct attachments *attachments, char reason[REASON_BYTES_MAX])
{
	size_t used = 0, observed = 0;

	reason[0] = '\0';
	for (size_t i = 0; i < attachments->interface_count; i++) {
		const struct attached_interface *interface = &attachments->interfaces[i];

		observed += interface->is_attached;
		/* Room for one more, and for the count behind them. */
		if (interface->is_attached || used + 128 > REASON_BYTES_MAX)
			continue;
		used += (size_t)snprintf(reason + used, REASON_BYTES_MAX - used, "%s%.16s: %s",
					 used ? ", " : "", interface->name,
					 interface->ifindex ? "the program is not attached"
							    : "the interface was removed");
	}
	if (used)
		snprintf(reason + used, REASON_BYTES_MAX - used, " (%zu of %zu observed)", observed,
			 attachments->interface_count);
}

enum MHD_Result api_answer_health(const struct api_request *request)
{
	struct attachments attachments;
	char reason[REASON_BYTES_MAX];
	struct json_text text;
	int r = get_attachments(request, &attachments);

	if (r < 0)
		return api_reply_failure(request, r);
	find_reason(&attachments, reason);
	attachments_clear(&attachments);
	if (json_text_init(&text, REST_BYTES_MAX) != 0)
		return MHD_NO;
	json_text_literal(&text, "{\"status\":");
	api_json_text(&text, reason[0] ? "unhealthy" : "healthy");
	API_JSON_KEY(&text, "service");
	api_json_text(&text, request->source->service);
	API_JSON_KEY(&text, "version");
	api_json_text(&text, request->source->version);
	if (reason[0]) {
		API_JSON_KEY(&text, "reason");
		api_json_text(&text, reason);
	}
	json_text_literal(&text, "}\n");
	return api_reply_json(request, reason[0] ? MHD_HTTP_SERVICE_UNAVAILABLE : MHD_HTTP_OK,
			      &text);
}
