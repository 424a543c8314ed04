/* SPDX-License-Identifier: MIT */
/*
 * Graphs' files, read where no harm can be done: in a process that has given up all it had (topology/confine.h).
 */
#ifndef LINKWIRE_READER_READ_H
#define LINKWIRE_READER_READ_H

#include <stdio.h>

#include "topology/diag.h"
#include "topology/model.h"

void read_stream(struct graph *g, struct diag *d, FILE *in, enum graph_language hint);
void read_dot(struct graph *g, struct diag *d, FILE *in, unsigned int line);
void read_graphml(struct graph *g, struct diag *d, FILE *in, unsigned int line);

/* what to do where a file asks for more than can be; NULL: read on, without it */
extern void (*read_give_up)(const struct graph *g, const struct diag *d);

#endif
