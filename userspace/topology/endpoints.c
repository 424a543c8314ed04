// SPDX-License-Identifier: MIT
/*
 * Where the ends of a wire are in the underlay: the first endpoints of both nodes that are of one family, and, where
 * the wire has a backup, the second ones.
 */
#include <string.h>

#include "topology/attrs.h"
#include "topology/quantity.h"
#include "topology/resolver.h"

static const char *family_name(uint8_t family)
{
	return family == AF_INET ? "IPv4" : "IPv6";
}

static size_t endpoints(const struct topo_node *n)
{
	return n->endpoints ?: 1;
}

/* a node without endpoints has one that follows from its number, which is not known yet: the address is family 0 */
static struct lw_addr endpoint(const struct topo_node *n, size_t i)
{
	return n->endpoints ? n->endpoint[i] : (struct lw_addr){ 0 };
}

static uint8_t family_of(const struct topo_node *n, size_t i)
{
	return n->endpoints ? n->endpoint[i].family : AF_INET;
}

/* the nth endpoint of a family; false: there is none */
static bool find(const struct topo_node *n, uint8_t family, size_t nth, struct lw_addr *a)
{
	for (size_t i = 0; i < endpoints(n); i++) {
		if (family_of(n, i) != family || nth--)
			continue;
		*a = endpoint(n, i);
		return true;
	}
	return false;
}

static bool find_primary(struct topo_wire *w, const struct topo_node *a, const struct topo_node *b, uint8_t *family)
{
	for (size_t i = 0; i < endpoints(a); i++) {
		*family = family_of(a, i);
		if (!find(b, *family, 0, &w->end[1].local))
			continue;
		find(a, *family, 0, &w->end[0].local);
		w->end[0].remote = w->end[1].local;
		w->end[1].remote = w->end[0].local;
		return true;
	}
	return false;
}

static bool is_endpoint(const struct topo_node *n, const struct lw_addr *a)
{
	for (size_t i = 0; i < n->endpoints; i++)
		if (lw_addr_equal(&n->endpoint[i], a))
			return true;
	return false;
}

/* "TAIL HEAD", or "none" for one of them */
static void written_backup(struct resolver *r, struct topo_wire *w, const char *text, uint8_t family)
{
	const char *at = text;

	if (count_words(text) != 2) {
		diag_error(r->d, w->line, "%s: lw_backup \"%s\" is none of auto, none, two endpoints (of tail and head)",
			   w->name, text);
		return;
	}
	for (int i = 0; i < 2; i++) {
		const char *word = parse_word(&r->s->mem, &at);
		struct topo_end *end = &w->end[i ^ w->tail];
		const struct topo_node *n = &r->s->node[end->node];
		struct lw_addr a;

		if (!strcmp(word, "none"))
			continue;
		if (lw_addr_parse(&a, word) || !is_endpoint(n, &a))
			diag_error(r->d, w->line, "%s: lw_backup: %s is no endpoint of node %s", w->name, word, n->name);
		else if (lw_addr_equal(&a, &end->local))
			diag_error(r->d, w->line, "%s: lw_backup: %s is the endpoint of node %s that the wire uses already",
				   w->name, word, n->name);
		else if (a.family != family)
			diag_error(r->d, w->line, "%s: lw_backup: %s is not %s, as the wire's endpoints are", w->name, word,
				   family_name(family));
		else
			w->end[!(i ^ w->tail)].backup = a;
	}
}

static void resolve_backup(struct resolver *r, struct topo_wire *w, const char *text, uint8_t family)
{
	const struct topo_node *a = &r->s->node[w->end[0].node], *b = &r->s->node[w->end[1].node];

	if (!text || !strcmp(text, "none"))
		return;
	if (w->plain)
		diag_error(r->d, w->line, "%s: lw_backup: with lw_cipher=none there is none", w->name);
	else if (!w->hold)
		diag_error(r->d, w->line, "%s: lw_backup needs lw_hold: after that time without a packet it is used", w->name);
	if (strcmp(text, "auto")) {
		written_backup(r, w, text, family);
		return;
	}
	find(a, family, 1, &w->end[1].backup);
	find(b, family, 1, &w->end[0].backup);
	if (!w->end[0].backup.family && !w->end[1].backup.family)
		diag_error(r->d, w->line, "%s: lw_backup auto: neither %s nor %s has a second %s endpoint", w->name, a->name,
			   b->name, family_name(family));
}

/**
 * resolve_endpoints() - place both ends of a wire in the underlay, as far as nodes say where they are
 * @r: the work
 * @w: the wire, with its ends in order
 * @e: its edge
 */
void resolve_endpoints(struct resolver *r, struct topo_wire *w, const struct graph_edge *e)
{
	const struct topo_node *a = &r->s->node[w->end[0].node], *b = &r->s->node[w->end[1].node];
	uint8_t family;

	if (find_primary(w, a, b, &family))
		resolve_backup(r, w, attr_get(e->attrs, "lw_backup"), family);
	else
		diag_error(r->d, w->line,
			   "%s: node %s and node %s have no endpoints of one family (a node without lw_endpoint: IPv4)",
			   w->name, a->name, b->name);
}
