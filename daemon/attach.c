/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * attach.c - our program on the hooks of interfaces.
 *
 * TCX (kernel 6.6) gives each hook a link that dies with this process. Before it
 * there is clsact, whose filters outlive their maker: clsact.c takes away
 * those of a netlat that was killed, and only those.
 */
#include "attach.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "clock.h"
#include "clsact.h"
#include "log.h"

/* enum bpf_attach_type of kernel 6.6 (commit e420bed02507); absent from older headers. */
#define TCX_INGRESS 46
#define TCX_EGRESS 47

struct attachment {
	struct attach_point point;
	int link_fd; /* TCX; -1: clsact */
	u64 since_ns;
};

struct attacher {
	int program_fd;
	enum attach_mode mode;
	struct clsact *clsact; /* made with the first clsact hook */
	struct attachment *items;
	size_t count;
};

struct attacher *attacher_new(int program_fd, enum attach_mode mode)
{
	struct attacher *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	a->program_fd = program_fd;
	a->mode = mode;
	return a;
}

static void detach(struct attacher *a, struct attachment *item)
{
	if (item->link_fd >= 0)
		close(item->link_fd);
	else
		clsact_detach(a->clsact, &item->point);
}

void attacher_free(struct attacher *attacher)
{
	if (!attacher)
		return;
	for (size_t i = 0; i < attacher->count; i++)
		detach(attacher, &attacher->items[i]);
	clsact_free(attacher->clsact);
	free(attacher->items);
	free(attacher);
}

void attacher_use_program(struct attacher *attacher, int program_fd)
{
	size_t kept = 0;

	attacher->program_fd = program_fd;
	for (size_t i = 0; i < attacher->count; i++) {
		struct attachment *item = &attacher->items[i];

		if (bpf_link_update(item->link_fd, program_fd, NULL) < 0) {
			detach(attacher, item);
			continue;
		}
		item->since_ns = monotonic_ns();
		attacher->items[kept++] = *item;
	}
	attacher->count = kept;
}

size_t attacher_count(const struct attacher *attacher)
{
	return attacher->count;
}

void attacher_at(const struct attacher *attacher, size_t index, struct attach_point *ret_point,
		 u64 *ret_since_ns)
{
	*ret_point = attacher->items[index].point;
	*ret_since_ns = attacher->items[index].since_ns;
}

const char *attacher_kind(const struct attacher *attacher)
{
	switch (attacher->mode) {
	case ATTACH_TCX:
		return "tcx";
	case ATTACH_CLSACT:
		return "clsact";
	default:
		return "none";
	}
}

static bool same_point(const struct attach_point *a, const struct attach_point *b)
{
	return a->ifindex == b->ifindex && a->direction == b->direction;
}

/* The link's descriptor, or a negative errno; -EINVAL or -EOPNOTSUPP where there is no TCX. */
static int attach_tcx(struct attacher *a, const struct attach_point *point)
{
	int fd = bpf_link_create(a->program_fd, point->ifindex,
				 point->direction == ATTACH_INGRESS ? TCX_INGRESS : TCX_EGRESS,
				 NULL);

	return fd < 0 ? -errno : fd;
}

static int attach_clsact(struct attacher *a, const struct attach_point *point)
{
	if (!a->clsact) {
		a->clsact = clsact_new(a->program_fd);
		if (!a->clsact)
			return -errno;
	}
	return clsact_attach(a->clsact, point);
}

static int attach(struct attacher *a, const struct attach_point *point)
{
	struct attachment *items = realloc(a->items, (a->count + 1) * sizeof(*items));
	int fd = -1, r;

	if (!items)
		return -ENOMEM;
	a->items = items;
	if (a->mode != ATTACH_CLSACT) {
		fd = attach_tcx(a, point);
		if (fd < 0 && a->mode == ATTACH_AUTO && (fd == -EINVAL || fd == -EOPNOTSUPP)) {
			log_verbose("this kernel has no TCX hooks (since 6.6): using clsact");
			a->mode = ATTACH_CLSACT;
		} else if (fd < 0) {
			return fd;
		} else {
			a->mode = ATTACH_TCX;
		}
	}
	if (a->mode == ATTACH_CLSACT) {
		r = attach_clsact(a, point);
		if (r < 0)
			return r;
		fd = -1;
	}
	a->items[a->count++] =
		(struct attachment){ .point = *point, .link_fd = fd, .since_ns = monotonic_ns() };
	return 0;
}

int attacher_set(struct attacher *attacher, const struct attach_point *points, size_t count,
		 struct attach_point *ret_failed)
{
	size_t kept = 0;
	int result = 0;

	for (size_t i = 0; i < attacher->count; i++) {
		bool wanted = false;

		for (size_t j = 0; j < count && !wanted; j++)
			wanted = same_point(&attacher->items[i].point, &points[j]);
		if (wanted)
			attacher->items[kept++] = attacher->items[i];
		else
			detach(attacher, &attacher->items[i]);
	}
	attacher->count = kept;
	for (size_t j = 0; j < count; j++) {
		bool attached = false;
		int r;

		for (size_t i = 0; i < attacher->count && !attached; i++)
			attached = same_point(&attacher->items[i].point, &points[j]);
		if (attached)
			continue;
		r = attach(attacher, &points[j]);
		if (r < 0 && result == 0) {
			result = r;
			*ret_failed = points[j];
		}
	}
	return result;
}
