/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* link_80211.h - IEEE 802.11 in captures: data frames in clear, and what receivers put before. */
#ifndef NETLAT_LINK_80211_H
#define NETLAT_LINK_80211_H

#include "link_header.h"

/* As link_header_read(), for 802.11 alone, behind radiotap, and behind Prism or AVS headers. */
int link_80211_read(const u8 *bytes, u32 captured, struct link_header *header);
int link_80211_radiotap_read(const u8 *bytes, u32 captured, struct link_header *header);
int link_80211_prism_read(const u8 *bytes, u32 captured, struct link_header *header);

#endif
