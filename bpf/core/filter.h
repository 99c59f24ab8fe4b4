/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* filter.h - which packets are looked at: --port and --net. Needs the seam of observe.h. */
#ifndef NETLAT_CORE_FILTER_H
#define NETLAT_CORE_FILTER_H

#include "packet.h"

/* --port: either end's port; --net: either end's address. */
NL_CORE bool observe_filtered(const struct nl_packet *packet)
{
	bool wanted = true;

	if (NL_CONFIG(filter_ports)) {
		wanted = false;
		for (u32 i = 0; i < NL_FILTER_PORTS_MAX; i++) {
			u16 port = NL_CONFIG(ports[i]);

			if (i >= NL_CONFIG(filter_ports))
				break;
			if (packet->source_port == port || packet->destination_port == port)
				wanted = true;
		}
	}
	if (NL_CONFIG(filter_nets) && wanted) {
		wanted = false;
		for (u32 i = 0; i < NL_FILTER_NETS_MAX; i++) {
			struct nl_filter_net net;

			if (i >= NL_CONFIG(filter_nets))
				break;
			net.addr.words[0] = NL_CONFIG(nets[i].addr.words[0]);
			net.addr.words[1] = NL_CONFIG(nets[i].addr.words[1]);
			net.mask.words[0] = NL_CONFIG(nets[i].mask.words[0]);
			net.mask.words[1] = NL_CONFIG(nets[i].mask.words[1]);
			if (filter_net_matches(&net, &packet->source_addr) ||
			    filter_net_matches(&net, &packet->destination_addr))
				wanted = true;
		}
	}
	return !wanted;
}

#endif
