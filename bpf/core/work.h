/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* work.h - what is known of the packet at hand. */
#ifndef NETLAT_CORE_WORK_H
#define NETLAT_CORE_WORK_H

#include "flow.h"
#include "http1.h"
#include "table.h"

/* One packet's working memory: one for each CPU, too large for the BPF stack. */
struct nl_work {
	/* what the target knows of the packet */
	u64 now_ns;
	u32 frame_bytes; /* on the wire, link header included */
	u32 ifindex;
	u16 vlan_id;  /* tag stripped from the frame; 0: none */
	u16 segments; /* that the packet was merged from, or will be cut into; 0: unknown */
	u8 reserved[4];
	/* what was found out */
	struct nl_packet packet;
	struct nl_flow_key key;
	struct nl_place place; /* where its flow may lie */
	u32 slot;	       /* where it lies: set * NL_SET_WAYS + way */
	u32 offset;	       /* into the payload: everything before was taken in */
	u32 role;	       /* enum nl_role of the sender */
	u32 source_is_b;
	u32 not_http; /* the flow turned out to be none of ours */
	struct nl_headers headers;
	struct nl_window window; /* of payload, for framing */
	struct nl_record record;
	u32 sweep; /* number of the sweep under way */
	u32 reserved1;
	u64 sampled_ns;		    /* when the last request was sampled on this CPU */
	struct nl_flow_key new_key; /* while the flow that makes room for it is ended */
};

#endif
