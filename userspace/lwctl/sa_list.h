/* SPDX-License-Identifier: MIT */
/*
 * Security associations kept from a dump: by wire, receiving before transmitting, oldest first.
 */
#ifndef LWCTL_SA_LIST_H
#define LWCTL_SA_LIST_H

#include "lwctl/lwctl.h"
#include "netlink/sa.h"

struct sa_list {
	struct lw_sa *sa;
	unsigned int n, room;
};

/* Those of the wire of that id (0: of all). LWCTL_OK, or a message and LWCTL_REFUSED; then nothing is to be freed. */
int sa_list_load(struct lwctl *ctl, struct lw_nl *nl, uint32_t wire, struct sa_list *list);
void sa_list_free(struct sa_list *list);

#endif
