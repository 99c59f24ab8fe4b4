/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* ports.c - interfaces and bridge ports, followed through rtnetlink. */
#include "ports.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include <libmnl/libmnl.h>

struct ports {
	struct mnl_socket *netlink;
	struct port *items;
	size_t count;
	bool changed;
};

static struct port *find(struct ports *p, int ifindex)
{
	for (size_t i = 0; i < p->count; i++)
		if (p->items[i].ifindex == ifindex)
			return &p->items[i];
	return NULL;
}

static void forget(struct ports *p, int ifindex)
{
	struct port *port = find(p, ifindex);

	if (!port)
		return;
	*port = p->items[--p->count];
	p->changed = true;
}

static bool same_port(const struct port *a, const struct port *b)
{
	return a->bridge_ifindex == b->bridge_ifindex && a->arphrd_type == b->arphrd_type &&
	       a->is_bridge == b->is_bridge && strcmp(a->name, b->name) == 0;
}

static int store(struct ports *p, const struct port *port)
{
	struct port *known = find(p, port->ifindex), *items;

	if (known) {
		p->changed |= !same_port(known, port);
		*known = *port;
		return MNL_CB_OK;
	}
	items = realloc(p->items, (p->count + 1) * sizeof(*items));
	if (!items)
		return MNL_CB_ERROR;
	p->items = items;
	p->items[p->count++] = *port;
	p->changed = true;
	return MNL_CB_OK;
}

static bool link_is_bridge(const struct nlattr *info)
{
	const struct nlattr *nested;

	mnl_attr_for_each_nested(nested,
				 info) if (mnl_attr_get_type(nested) ==
					   IFLA_INFO_KIND) return strcmp(mnl_attr_get_str(nested),
									 "bridge") == 0;
	return false;
}

static int link_message(const struct nlmsghdr *message, void *data)
{
	const struct ifinfomsg *link = mnl_nlmsg_get_payload(message);
	struct ports *p = data;
	const struct nlattr *attribute;
	struct port port;

	if (message->nlmsg_type != RTM_NEWLINK && message->nlmsg_type != RTM_DELLINK)
		return MNL_CB_OK;
	/* A bridge also tells of its ports in its own family: RTM_DELLINK there means
	 * that the port left the bridge, not that the interface is gone. */
	if (link->ifi_family != AF_UNSPEC)
		return MNL_CB_OK;
	if (message->nlmsg_type == RTM_DELLINK) {
		forget(p, link->ifi_index);
		return MNL_CB_OK;
	}
	memset(&port, 0, sizeof(port));
	port.ifindex = link->ifi_index;
	port.arphrd_type = link->ifi_type;
	port.is_up = link->ifi_flags & IFF_UP && link->ifi_flags & IFF_RUNNING;
	mnl_attr_for_each(attribute, message, sizeof(*link))
	{
		switch (mnl_attr_get_type(attribute)) {
		case IFLA_IFNAME:
			strncpy(port.name, mnl_attr_get_str(attribute), sizeof(port.name) - 1);
			break;
		case IFLA_ADDRESS:
			port.has_address =
				mnl_attr_get_payload_len(attribute) == sizeof(port.address);
			if (port.has_address)
				memcpy(port.address, mnl_attr_get_payload(attribute),
				       sizeof(port.address));
			break;
		case IFLA_MASTER:
			port.bridge_ifindex = (int)mnl_attr_get_u32(attribute);
			break;
		case IFLA_LINKINFO:
			port.is_bridge = link_is_bridge(attribute);
			break;
		}
	}
	return store(p, &port);
}

static int request_list(struct ports *p)
{
	char buffer[NLMSG_ALIGN(sizeof(struct nlmsghdr)) + NLMSG_ALIGN(sizeof(struct ifinfomsg))];
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
	struct ifinfomsg *link;

	message->nlmsg_type = RTM_GETLINK;
	message->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	message->nlmsg_seq = 1;
	link = mnl_nlmsg_put_extra_header(message, sizeof(*link));
	link->ifi_family = AF_UNSPEC;
	return mnl_socket_sendto(p->netlink, message, message->nlmsg_len) < 0 ? -errno : 0;
}

/*
 * Read messages. Announcements have sequence number 0 and may come between the
 * parts of a listing, so neither number nor port is checked. 0 at the end of a
 * listing or when nothing waits; negative errno.
 */
static int receive(struct ports *p, bool listing)
{
	char buffer[65536];

	for (;;) {
		ssize_t bytes = recv(mnl_socket_get_fd(p->netlink), buffer, sizeof(buffer),
				     listing ? 0 : MSG_DONTWAIT);
		int r;

		if (bytes < 0)
			return errno == EAGAIN ? 0 : -errno;
		r = mnl_cb_run(buffer, (size_t)bytes, 0, 0, link_message, p);
		if (r < 0)
			return -errno;
		if (r == MNL_CB_STOP && listing)
			return 0;
	}
}

static int list_all(struct ports *p)
{
	int r = request_list(p);

	return r < 0 ? r : receive(p, true);
}

struct ports *ports_open(void)
{
	struct ports *p = calloc(1, sizeof(*p));
	int r;

	if (!p)
		return NULL;
	p->netlink = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (!p->netlink || mnl_socket_bind(p->netlink, RTMGRP_LINK, MNL_SOCKET_AUTOPID) < 0) {
		r = -errno;
		goto fail;
	}
	r = list_all(p);
	if (r == 0)
		return p;
fail:
	ports_close(p);
	errno = -r;
	return NULL;
}

void ports_close(struct ports *ports)
{
	if (!ports)
		return;
	if (ports->netlink)
		mnl_socket_close(ports->netlink);
	free(ports->items);
	free(ports);
}

int ports_fd(const struct ports *ports)
{
	return mnl_socket_get_fd(ports->netlink);
}

int ports_update(struct ports *ports)
{
	int r;

	ports->changed = false;
	r = receive(ports, false);
	if (r == -ENOBUFS) {
		/* Announcements were lost: start over from a listing. */
		ports->count = 0;
		r = list_all(ports);
		ports->changed = true;
	}
	return r < 0 ? r : ports->changed;
}

const struct port *ports_by_name(const struct ports *ports, const char *name)
{
	for (size_t i = 0; i < ports->count; i++)
		if (strcmp(ports->items[i].name, name) == 0)
			return &ports->items[i];
	return NULL;
}

const struct port *ports_by_index(const struct ports *ports, int ifindex)
{
	return find((struct ports *)ports, ifindex);
}

size_t ports_count(const struct ports *ports)
{
	return ports->count;
}

const struct port *ports_at(const struct ports *ports, size_t index)
{
	return &ports->items[index];
}
