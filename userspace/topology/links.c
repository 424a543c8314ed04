// SPDX-License-Identifier: MIT
#include <stdlib.h>

#include "topology/arena.h"
#include "topology/links.h"

/**
 * links_make() - sort the ends of all wires by node
 * @l: where they go
 * @s: the state
 */
void links_make(struct links *l, const struct topo_state *s)
{
	l->first = zeroed(s->nodes + 2, sizeof(*l->first));
	l->port = zeroed(2 * s->wires + 1, sizeof(*l->port));
	/* counted two places on, summed up, and moved one place back by filling */
	for (size_t i = 0; i < 2 * s->wires; i++)
		l->first[s->wire[i / 2].end[i % 2].node + 2]++;
	for (size_t i = 2; i < s->nodes + 2; i++)
		l->first[i] += l->first[i - 1];
	for (size_t i = 0; i < 2 * s->wires; i++)
		l->port[l->first[s->wire[i / 2].end[i % 2].node + 1]++] =
			(struct topo_port){ .wire = (uint32_t)(i / 2), .end = (uint8_t)(i % 2) };
}

/**
 * links_free() - free what links_make() made
 * @l: the ends
 */
void links_free(struct links *l)
{
	free(l->first);
	free(l->port);
}
