/* SPDX-License-Identifier: MIT */
/*
 * What GraphML is made of, and what a file declares apart from nodes and edges: keys, by which attributes are given,
 * their defaults, and ports.
 */
#ifndef LINKWIRE_READER_GRAPHML_H
#define LINKWIRE_READER_GRAPHML_H

#include "topology/arena.h"
#include "topology/diag.h"
#include "topology/model.h"
#include "topology/strmap.h"

#define GRAPHML_OURS_MAX 500	/* keys of ours: more than there are attributes, few enough for each element */

/* what an element of GraphML is; those that attributes can be given to are bits of struct graphml_key's owners */
enum graphml_element {
	EL_GRAPH = 1 << 0, EL_NODE = 1 << 1, EL_EDGE = 1 << 2, EL_HYPEREDGE = 1 << 3, EL_PORT = 1 << 4,
	EL_ENDPOINT = 1 << 5, EL_GRAPHML = 1 << 6, EL_KEY = 1 << 7, EL_DATA = 1 << 8, EL_DEFAULT = 1 << 9,
	EL_DESC = 1 << 10, EL_LOCATOR = 1 << 11, EL_NOWHERE = 1 << 12,
	EL_FOREIGN = 1 << 13,
};

#define EL_OWNERS (EL_GRAPH | EL_NODE | EL_EDGE | EL_HYPEREDGE | EL_PORT | EL_ENDPOINT | EL_GRAPHML)

enum graphml_meaning { KEY_IGNORED, KEY_OURS, KEY_LABEL, KEY_STRICT, KEY_HYPERNODE };

struct graphml_key {
	const char *id;
	const char *name;		/* attr.name; "" if there is none */
	unsigned int owners;		/* of enum graphml_element */
	unsigned int line;
	enum graphml_meaning means;
};

struct graphml_keys {
	struct arena *mem;		/* the graph's: it keeps names and values */
	struct strmap by_id;
	struct graphml_key *key;
	size_t keys, cap, ours;
	struct attr *defaults[EL_HYPEREDGE + 1];	/* of graph, nodes, edges and hyperedges, by the element's bit */
};

enum graphml_element graphml_element(const char *name);
const char *graphml_element_name(enum graphml_element el);
unsigned int graphml_children(enum graphml_element el);
const char *graphml_xml_attr(const char **xml_attr, const char *name);

struct graphml_key *graphml_key_add(struct graphml_keys *k, const char **xml_attr, unsigned int line, struct diag *d);
const struct graphml_key *graphml_key_find(const struct graphml_keys *k, const char *id);
void graphml_key_default(struct graphml_keys *k, const struct graphml_key *key, const char *value, struct diag *d);
void graphml_keys_free(struct graphml_keys *k);

void graphml_attrs_take(struct arena *mem, struct attr **to, const struct attr *own, const struct attr *defaults);
bool graphml_attr_insert(struct arena *mem, struct attr **list, const char *name, const char *value);

/* ports that nodes declare; a node that declares none may have any */
struct graphml_ports {
	struct arena mem;
	struct strmap known;		/* "node port" → line, and lowest bit: in use; "node" → 0: it declares some */
};

void graphml_port_add(struct graphml_ports *p, const struct graph *g, size_t node, const char *name,
		      unsigned int line, struct diag *d);
void graphml_port_use(struct graphml_ports *p, const struct graph *g, size_t node, const char *name,
		      unsigned int line, struct diag *d);
void graphml_ports_tell_idle(const struct graphml_ports *p, const struct graph *g, struct diag *d);
void graphml_ports_free(struct graphml_ports *p);

#endif
