/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * clsact.c - hooks on kernels without TCX.
 *
 * A tc filter outlives the process that made it. So each netlat draws a random
 * handle for its filters and binds the abstract UNIX socket `netlat-tc-<handle>`,
 * which lives in the same network namespace as the interfaces and vanishes with
 * the process, however it dies. A filter of ours whose socket nobody holds was
 * left behind by a dead netlat. The handle's top bit says that its maker also
 * added the qdisc, so that this can go too once nothing else uses it.
 */
#include "clsact.h"

#include <errno.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <libmnl/libmnl.h>

#include "log.h"

#define CLSACT_PRIORITY 49 /* ours; lower runs first, and the kernel gives out from 49152 down */
#define CLSACT_MADE_QDISC 0x80000000u
#define CLSACT_FILTERS_MAX 256
#define CLSACT_NAME "netlat:[" /* libbpf names a filter `program:[id]` */

struct clsact {
	int program_fd;
	int socket_fd; /* holds our handle's name */
	u32 handle;
	struct {
		int ifindex;
		bool made_qdisc;
	} * qdiscs;
	size_t qdisc_count;
};

/* A filter found on an interface. */
struct filter {
	u32 parent;
	u32 handle;
	bool ours; /* made by some netlat */
};

struct filter_list {
	struct filter items[CLSACT_FILTERS_MAX];
	size_t count;
};

static socklen_t handle_address(u32 handle, struct sockaddr_un *address)
{
	int n;

	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	n = snprintf(address->sun_path + 1, sizeof(address->sun_path) - 1, "netlat-tc-%08x",
		     handle & ~CLSACT_MADE_QDISC);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n);
}

/* Whether a running netlat holds the handle. */
static bool handle_is_held(u32 handle)
{
	struct sockaddr_un address;
	socklen_t length = handle_address(handle, &address);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool held;

	if (fd < 0)
		return true; /* cannot be told: take nothing away */
	held = connect(fd, (struct sockaddr *)&address, length) == 0 || errno != ECONNREFUSED;
	close(fd);
	return held;
}

struct clsact *clsact_new(int program_fd)
{
	struct clsact *c = calloc(1, sizeof(*c));
	struct sockaddr_un address;

	if (!c)
		return NULL;
	c->program_fd = program_fd;
	c->socket_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (c->socket_fd < 0)
		goto fail;
	do {
		if (getrandom(&c->handle, sizeof(c->handle), 0) != sizeof(c->handle))
			goto fail;
		c->handle = (c->handle & ~CLSACT_MADE_QDISC) | 1;
		if (bind(c->socket_fd, (struct sockaddr *)&address,
			 handle_address(c->handle, &address)) == 0)
			return c;
	} while (errno == EADDRINUSE);
fail:
	clsact_free(c);
	return NULL;
}

void clsact_free(struct clsact *clsact)
{
	if (!clsact)
		return;
	if (clsact->socket_fd >= 0)
		close(clsact->socket_fd);
	free(clsact->qdiscs);
	free(clsact);
}

static int options_attribute(const struct nlattr *attribute, void *data)
{
	bool *ours = data;

	if (mnl_attr_get_type(attribute) == TCA_BPF_NAME &&
	    mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) >= 0 &&
	    strncmp(mnl_attr_get_str(attribute), CLSACT_NAME, strlen(CLSACT_NAME)) == 0)
		*ours = true;
	return MNL_CB_OK;
}

static int filter_message(const struct nlmsghdr *message, void *data)
{
	const struct tcmsg *tc = mnl_nlmsg_get_payload(message);
	struct filter_list *list = data;
	const struct nlattr *attribute;
	bool ours = false, bpf = false;

	/* A chain without handle only announces its priority. */
	if (message->nlmsg_type != RTM_NEWTFILTER || !tc->tcm_handle)
		return MNL_CB_OK;
	mnl_attr_for_each(attribute, message, sizeof(*tc))
	{
		if (mnl_attr_get_type(attribute) == TCA_KIND)
			bpf = strcmp(mnl_attr_get_str(attribute), "bpf") == 0;
		else if (mnl_attr_get_type(attribute) == TCA_OPTIONS && bpf)
			mnl_attr_parse_nested(attribute, options_attribute, &ours);
	}
	if (list->count < CLSACT_FILTERS_MAX)
		list->items[list->count++] = (struct filter){
			.parent = tc->tcm_parent,
			.handle = tc->tcm_handle,
			.ours = ours && TC_H_MAJ(tc->tcm_info) >> 16 == CLSACT_PRIORITY,
		};
	return MNL_CB_OK;
}

/* List the filters below one parent of an interface. 0 or negative errno. */
static int list_filters(struct mnl_socket *netlink, int ifindex, u32 parent,
			struct filter_list *list)
{
	char buffer[32768]; /* what the kernel uses for dumps at most */
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
	struct tcmsg *tc;
	ssize_t bytes;
	int r = MNL_CB_OK;

	message->nlmsg_type = RTM_GETTFILTER;
	message->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	message->nlmsg_seq = parent;
	tc = mnl_nlmsg_put_extra_header(message, sizeof(*tc));
	tc->tcm_family = AF_UNSPEC;
	tc->tcm_ifindex = ifindex;
	tc->tcm_parent = parent;
	if (mnl_socket_sendto(netlink, message, message->nlmsg_len) < 0)
		return -errno;
	while (r > MNL_CB_STOP) {
		bytes = mnl_socket_recvfrom(netlink, buffer, sizeof(buffer));
		if (bytes < 0)
			return -errno;
		r = mnl_cb_run(buffer, (size_t)bytes, parent, mnl_socket_get_portid(netlink),
			       filter_message, list);
	}
	/* No qdisc, no filters. */
	return r < 0 && errno != EINVAL && errno != ENOENT ? -errno : 0;
}

/* List what is attached to an interface's clsact qdisc, both directions. */
static int list_all_filters(int ifindex, struct filter_list *list)
{
	struct mnl_socket *netlink = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	int r;

	list->count = 0;
	if (!netlink)
		return -errno;
	r = mnl_socket_bind(netlink, 0, MNL_SOCKET_AUTOPID) < 0 ? -errno : 0;
	if (r == 0)
		r = list_filters(netlink, ifindex, TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS), list);
	if (r == 0)
		r = list_filters(netlink, ifindex, TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS), list);
	mnl_socket_close(netlink);
	return r;
}

static enum bpf_tc_attach_point hook_point(enum attach_direction direction)
{
	return direction == ATTACH_INGRESS ? BPF_TC_INGRESS : BPF_TC_EGRESS;
}

static void remove_filter(int ifindex, enum bpf_tc_attach_point point, u32 handle)
{
	DECLARE_LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex, .attach_point = point);
	DECLARE_LIBBPF_OPTS(bpf_tc_opts, opts, .handle = handle, .priority = CLSACT_PRIORITY);
	int r = bpf_tc_detach(&hook, &opts);

	/* Gone with its interface, or by another's hand: nothing is left to remove. */
	if (r < 0 && r != -ENOENT && r != -ENODEV && r != -EINVAL)
		log_error("interface %d: our tc filter %#x stays: %s", ifindex, handle,
			  strerror(-r));
}

static void remove_qdisc_if_unused(int ifindex)
{
	DECLARE_LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex,
			    .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS);
	struct filter_list *list = malloc(sizeof(*list));

	if (list && list_all_filters(ifindex, list) == 0 && list->count == 0)
		bpf_tc_hook_destroy(&hook);
	free(list);
}

/*
 * Remove the filters of netlats that are gone. Returns whether the qdisc was made
 * by a netlat, dead or alive.
 */
static bool remove_leftovers(int ifindex)
{
	struct filter_list *list = malloc(sizeof(*list));
	bool made_qdisc = false;

	if (!list || list_all_filters(ifindex, list) < 0) {
		free(list);
		return false;
	}
	for (size_t i = 0; i < list->count; i++) {
		const struct filter *f = &list->items[i];

		if (!f->ours)
			continue;
		made_qdisc |= (f->handle & CLSACT_MADE_QDISC) != 0;
		if (handle_is_held(f->handle))
			continue;
		log_info("interface %d: removing the filter of a netlat that was killed", ifindex);
		remove_filter(ifindex,
			      TC_H_MIN(f->parent) == TC_H_MIN_INGRESS ? BPF_TC_INGRESS
								      : BPF_TC_EGRESS,
			      f->handle);
	}
	free(list);
	return made_qdisc;
}

/* Make sure of a clsact qdisc; remembers whether it is a netlat's. 0 or negative errno. */
static int prepare_qdisc(struct clsact *c, int ifindex, bool *ret_made)
{
	DECLARE_LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex, .attach_point = BPF_TC_INGRESS);
	bool made;
	int r;

	for (size_t i = 0; i < c->qdisc_count; i++)
		if (c->qdiscs[i].ifindex == ifindex) {
			*ret_made = c->qdiscs[i].made_qdisc;
			return 0;
		}
	made = remove_leftovers(ifindex);
	r = bpf_tc_hook_create(&hook);
	if (r < 0 && r != -EEXIST)
		return r;
	made |= r == 0;
	{
		void *grown = realloc(c->qdiscs, (c->qdisc_count + 1) * sizeof(*c->qdiscs));

		if (!grown)
			return -ENOMEM;
		c->qdiscs = grown;
	}
	c->qdiscs[c->qdisc_count].ifindex = ifindex;
	c->qdiscs[c->qdisc_count++].made_qdisc = made;
	*ret_made = made;
	return 0;
}

int clsact_attach(struct clsact *clsact, const struct attach_point *point)
{
	DECLARE_LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = point->ifindex,
			    .attach_point = hook_point(point->direction));
	DECLARE_LIBBPF_OPTS(bpf_tc_opts, opts, .prog_fd = clsact->program_fd,
			    .priority = CLSACT_PRIORITY);
	bool made = false;
	int r = prepare_qdisc(clsact, point->ifindex, &made);

	if (r < 0)
		return r;
	opts.handle = clsact->handle | (made ? CLSACT_MADE_QDISC : 0);
	return bpf_tc_attach(&hook, &opts);
}

void clsact_detach(struct clsact *clsact, const struct attach_point *point)
{
	for (size_t i = 0; i < clsact->qdisc_count; i++) {
		bool made = clsact->qdiscs[i].made_qdisc;

		if (clsact->qdiscs[i].ifindex != point->ifindex)
			continue;
		remove_filter(point->ifindex, hook_point(point->direction),
			      clsact->handle | (made ? CLSACT_MADE_QDISC : 0));
		if (made)
			remove_qdisc_if_unused(point->ifindex);
		return;
	}
}
