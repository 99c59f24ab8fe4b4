/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* attachments.h - what is observed by which hooks at this moment, for those who tell of it. */
#ifndef NETLAT_ATTACHMENTS_H
#define NETLAT_ATTACHMENTS_H

#include "abi.h"
#include "attach.h"
#include "ports.h"

/* One of the interfaces asked for (-i). */
struct attached_interface {
	const char *name; /* as it was asked for */
	int ifindex;	  /* 0: it is gone */
	bool is_bridge;
	bool is_up;
	bool is_attached;
};

/* One hook; a bridge has one on each of its ports. */
struct attached_hook {
	char interface[IF_NAMESIZE];
	char bridge[IF_NAMESIZE]; /* "": it is a port of none */
	struct attach_point point;
	bool is_up;
	u64 since_ns; /* CLOCK_MONOTONIC */
};

struct attachments {
	struct attached_interface interfaces[OPTIONS_INTERFACES_MAX];
	size_t interface_count;
	struct attached_hook *hooks;
	size_t hook_count;
	const char *kind; /* attacher_kind() */
};

struct watched;

/*
 * Fill *ret, of which attachments_clear() frees what it holds. Without an attacher (NULL) there
 * are no hooks. 0 or -ENOMEM.
 */
int attachments_collect(struct attachments *ret, const struct watched *watched,
			const struct attacher *attacher);
void attachments_clear(struct attachments *attachments);

#endif
