/* SPDX-License-Identifier: MIT */
/*
 * Wires and counters on the printer.
 */
#ifndef LWCTL_SHOW_H
#define LWCTL_SHOW_H

#include "lwctl/lwctl.h"
#include "netlink/wire.h"

lwctl_fn link_show;

/* A counter a line in text (those that are zero only with -d), an object in JSON (all). */
void show_counters(struct lwctl *ctl, const struct lw_counters *counters);

/* Wires kept from a dump, in order of their ids. */
struct wire_list {
	struct lw_wire *wire;
	unsigned int n, room;
};

/* All wires, or the one that is meant. LWCTL_OK, or a message and LWCTL_REFUSED; then nothing is to be freed. */
struct target;
int wire_list_load(struct lwctl *ctl, struct lw_nl *nl, const struct target *target, struct wire_list *list);
void wire_list_free(struct wire_list *list);

/* NULL: no wire of that id is in the list */
const struct lw_wire *wire_list_find(const struct wire_list *list, uint32_t id);

/* [NAME|id N] and nothing behind it; *given says whether there was one. */
struct args;
int args_optional_wire(struct lwctl *ctl, struct args *args, struct target *target, bool *given);

#endif
