/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* packet_list.c - copies of the packets of one transaction, as the flight recorder had them. */
#include "packet_list.h"

#include <stdlib.h>
#include <string.h>

void packet_list_clear(struct packet_list *list)
{
	free(list->packets);
	free(list->bytes);
	memset(list, 0, sizeof(*list));
}
