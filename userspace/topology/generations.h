/* SPDX-License-Identifier: MIT */
/*
 * Generations: each specification that was applied, kept in plain files.
 *
 *	/var/lib/linkwire/topology/NAME/7.graph		the file as it was applied, byte for byte
 *	/var/lib/linkwire/topology/NAME/7.record	when, by whom, what changed; there last: the generation is whole
 *
 * NAME is from name_graph(). No key is in them: those are never on a disk.
 */
#ifndef LINKWIRE_TOPO_GENERATIONS_H
#define LINKWIRE_TOPO_GENERATIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "netlink/error.h"
#include "topology/arena.h"

#define STATE_DIR "/var/lib/linkwire"	/* else what LINKWIRE_STATE_DIR says */
#define GENERATIONS_MAX 100		/* that are kept of a topology */
#define GRAPH_BYTES_MAX (256u << 20)	/* of a file that can be kept */

struct generation {
	unsigned int number;		/* from 1, never used again */
	const char *action;		/* "apply", "rollback", "destroy": that one has no graph */
	unsigned int of;		/* rollback: of which generation */
	const char *time;		/* UTC, as in ISO 8601 */
	const char *who;
	const char *title;		/* the topology as written */
	const char *file;		/* as it was named */
	const char **word;		/* what stood behind it: attributes of the graph */
	size_t words;
	size_t add, change, remove;
};

struct generations {
	struct arena mem;
	struct generation *list;	/* oldest first */
	size_t n, cap;
	unsigned int last;		/* greatest number in use, also of one that cannot be read */
	size_t broken;			/* records that cannot be read */
};

int generations_dir(struct arena *mem, const char *name, bool make, struct lw_error *err);
const char *generations_path(struct arena *mem, const char *name);
int generations_read(struct generations *g, int dir, struct lw_error *err);
void generations_free(struct generations *g);
int generation_read(struct arena *mem, int dir, unsigned int number, struct generation *g, struct lw_error *err);
int generation_graph(int dir, unsigned int number, struct lw_error *err);
int generation_keep(int dir, struct generation *g, int graph, struct lw_error *err);
int graph_keep_copy(const char *path, struct lw_error *err);

#endif
