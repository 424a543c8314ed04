// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "topology/forwarding.h"
#include "topology/links.h"
#include "topology/net.h"

/**
 * apart() - is what one node sends to another on no ordinary way?
 * @f: the work
 * @from: the one
 * @to: the other
 *
 * Return: true if it is denied, or goes by a chain.
 */
bool apart(const struct forwarding *f, size_t from, size_t to)
{
	return f->apart && f->apart[from * f->words + to / 64] >> to % 64 & 1;
}

/**
 * set_apart() - two nodes do not use the ordinary ways to each other
 * @f: the work
 * @a: one
 * @b: the other
 */
void set_apart(struct forwarding *f, size_t a, size_t b)
{
	if (!f->apart)
		return;
	f->apart[a * f->words + b / 64] |= (uint64_t)1 << b % 64;
	f->apart[b * f->words + a / 64] |= (uint64_t)1 << a % 64;
}

/**
 * loopback_of() - the address that a node is known by
 * @n: the node
 * @family: AF_INET or AF_INET6
 *
 * Return: its first loopback address, or NULL.
 */
const struct topo_addr *loopback_of(const struct topo_node *n, uint8_t family)
{
	for (size_t i = 0; i < n->loopbacks; i++)
		if (n->loopback[i].addr.family == family)
			return &n->loopback[i];
	return NULL;
}

/**
 * has_end() - is a network on one of a node's wires?
 * @f: the work
 * @net: the network
 * @node: the node
 *
 * Return: true if it is.
 */
bool has_end(const struct forwarding *f, const struct wire_net *net, size_t node)
{
	for (size_t i = 0; i < net->ports; i++)
		if (f->s->wire[net->port[i].wire].end[net->port[i].end].node == node)
			return true;
	return false;
}

/**
 * nearest() - which end of a network does a node reach first?
 * @f: the work
 * @net: the network
 * @node: the node
 *
 * Return: the index of the end in the network's list; the number of ends if there is no way.
 */
size_t nearest(const struct forwarding *f, const struct wire_net *net, size_t node)
{
	size_t best = net->ports;
	uint64_t far = TOO_FAR;

	for (size_t i = 0; i < net->ports; i++) {
		size_t owner = f->s->wire[net->port[i].wire].end[net->port[i].end].node;

		if (f->tree[owner].far[node] < far) {
			far = f->tree[owner].far[node];
			best = i;
		}
	}
	return best;
}

static void find_own(struct forwarding *f, const struct links *links, size_t node)
{
	const struct topo_node *n = &f->s->node[node];
	struct own *own = &f->own[node];
	size_t room = n->loopbacks + n->prefixes;

	for (size_t i = links->first[node]; i < links->first[node + 1]; i++)
		room += f->s->wire[links->port[i].wire].end[links->port[i].end].addrs;
	own->each = calloc(2 * room + 1, sizeof(*own->each));
	if (!own->each)
		no_memory();
	for (size_t i = 0; i < n->loopbacks; i++)
		if (n->loopback[i].addr.family == f->family)
			own->each[own->n++] = n->loopback[i];
	for (size_t i = 0; i < n->prefixes; i++)
		if (n->prefix[i].addr.family == f->family)
			own->each[own->n++] = n->prefix[i];
	for (size_t i = links->first[node]; i < links->first[node + 1]; i++) {
		const struct topo_end *end = &f->s->wire[links->port[i].wire].end[links->port[i].end];

		for (size_t k = 0; k < end->addrs; k++)
			if (end->addr[k].addr.family == f->family && !net_link_local(&end->addr[k].addr))
				own->each[own->n++] = net_whole(&end->addr[k].addr);
	}
	own->merged = own->each + room;
	memcpy(own->merged, own->each, own->n * sizeof(*own->each));
	own->merges = net_merge(own->merged, own->n);
}

struct placed {
	struct topo_addr net;
	struct topo_port port;
};

static int by_net(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;

	return state_compare_addr(&x->net, &y->net) ?:
	       (x->port.wire > y->port.wire) - (x->port.wire < y->port.wire) ?: x->port.end - y->port.end;
}

/* networks of wires that are down are nowhere */
static void find_nets(struct forwarding *f)
{
	struct topo_state *s = f->s;
	struct placed *list = NULL;
	size_t n = 0, cap = 0;

	for (uint32_t i = 0; i < 2 * s->wires; i++) {
		const struct topo_end *end = &s->wire[i / 2].end[i % 2];

		for (size_t k = 0; k < end->addrs && !s->wire[i / 2].down; k++) {
			if (end->addr[k].addr.family != f->family || net_link_local(&end->addr[k].addr))
				continue;
			list = array_grow(list, &cap, n, sizeof(*list));
			list[n++] = (struct placed){ net_of(&end->addr[k]), { i / 2, (uint8_t)(i % 2) } };
		}
	}
	if (n)
		qsort(list, n, sizeof(*list), by_net);
	f->net = calloc(n + 1, sizeof(*f->net));
	f->net_port = calloc(n + 1, sizeof(*f->net_port));
	if (!f->net || !f->net_port)
		no_memory();
	for (size_t i = 0; i < n; i++) {
		struct wire_net *net = f->nets ? &f->net[f->nets - 1] : NULL;

		if (!net || state_compare_addr(&net->net, &list[i].net)) {
			net = &f->net[f->nets++];
			net->net = list[i].net;
			net->port = &f->net_port[i];
		}
		f->net_port[i] = list[i].port;
		net->ports++;
		net->ruled |= f->ruled[s->wire[list[i].port.wire].end[list[i].port.end].node];
	}
	free(list);
}

/* one network on two wires: a packet to it would need to know on which one its address is */
static void check_nets(const struct forwarding *f)
{
	const struct topo_state *s = f->s;
	char text[NET_STRLEN];

	for (size_t i = 0; i < f->nets && s->routes_on; i++) {
		const struct wire_net *net = &f->net[i];
		const struct topo_wire *first = &s->wire[net->port[0].wire];

		for (size_t k = 1; k < net->ports; k++) {
			const struct topo_wire *w = &s->wire[net->port[k].wire];

			if (w == first || (w->segment && w->segment == first->segment))
				continue;
			diag_error(f->d, w->line, "network %s is on %s and on %s: with lw_routes=on it can be on one wire",
				   net_format(&net->net, text), first->name, w->name);
			break;
		}
	}
}

/* who has no way to a node only because it leads through one that must not talk to it */
static void check_cut_off(struct forwarding *f, size_t to, struct tree *open)
{
	const struct tree *t = &f->tree[to];
	size_t first = f->n, more = 0;

	paths_tree(&f->paths, (uint32_t)to, NULL, open);
	for (size_t i = 0; i < f->n; i++) {
		if (f->s->node[i].bridge || t->far[i] != TOO_FAR || open->far[i] == TOO_FAR)
			continue;
		more += first < f->n;
		first = first < f->n ? first : i;
	}
	for (size_t i = 0; i < f->s->rules && first < f->n; i++) {
		const struct topo_rule *rule = &f->s->rule[i];
		size_t other = rule->a == to ? rule->b : rule->a;

		if ((rule->a != to && rule->b != to) || open->far[other] == TOO_FAR || f->told_rule[i])
			continue;
		f->told_rule[i] = true;
		diag_error(f->d, rule->line, "%s must not talk (lw_access=deny), and through %s alone %s reaches %s%s",
			   rule->name, f->s->node[other].name, f->s->node[first].name, f->s->node[to].name,
			   more ? arena_printf(&f->d->mem, ", as do %zu more", more) : "");
		return;
	}
}

static void make_tree(const struct forwarding *f, struct tree *t)
{
	t->next = calloc(f->n, sizeof(*t->next));
	t->far = calloc(f->n, sizeof(*t->far));
	t->order = calloc(f->n, sizeof(*t->order));
	if (!t->next || !t->far || !t->order)
		no_memory();
}

static void free_tree(struct tree *t)
{
	free(t->next);
	free(t->far);
	free(t->order);
}

/* ways to a node do not pass those that must not talk to it: they have no route */
static void find_trees(struct forwarding *f)
{
	bool *closed = calloc(f->n + 1, sizeof(*closed));
	struct tree open = { 0 };

	f->tree = calloc(f->n + 1, sizeof(*f->tree));
	if (!f->tree || !closed)
		no_memory();
	make_tree(f, &open);
	for (size_t i = 0; i < f->n; i++) {
		if (f->s->node[i].bridge)
			continue;
		memset(closed, 0, f->n);
		for (size_t k = 0; k < f->s->rules && f->ruled[i]; k++)
			if (f->s->rule[k].a == i || f->s->rule[k].b == i)
				closed[f->s->rule[k].a == i ? f->s->rule[k].b : f->s->rule[k].a] = true;
		make_tree(f, &f->tree[i]);
		paths_tree(&f->paths, (uint32_t)i, closed, &f->tree[i]);
		if (f->ruled[i])
			check_cut_off(f, i, &open);
	}
	free_tree(&open);
	free(closed);
}

static void one_family(struct forwarding *f, uint8_t family)
{
	struct links links;

	f->family = family;
	f->nets = 0;
	f->own = calloc(f->n + 1, sizeof(*f->own));
	if (!f->own)
		no_memory();
	links_make(&links, f->s);
	for (size_t i = 0; i < f->n; i++) {
		find_own(f, &links, i);
		f->links[i] = links.first[i + 1] - links.first[i];
		f->addressed[i] |= f->own[i].n;
	}
	links_free(&links);
	find_nets(f);
	check_nets(f);
	paths_make(&f->paths, f->s, family);
	if (f->s->routes_on) {
		f->apart = calloc(f->n * f->words + 1, sizeof(*f->apart));
		if (!f->apart)
			no_memory();
		find_trees(f);
	}
	if (f->tree && f->s->sources_on) {
		f->heard = calloc(2 * f->s->wires * f->words + 1, sizeof(*f->heard));
		if (!f->heard)
			no_memory();
	}
	add_denials(f);
	add_chains(f);
	/* what is not right is not worked out to the end: only what else is wrong matters then */
	if (!f->d->errors) {
		add_routes(f);
		add_sources(f);
	}
	paths_free(&f->paths);
	for (size_t i = 0; i < f->n; i++)
		free(f->own[i].each);
	for (size_t i = 0; i < f->n && f->tree; i++)
		free_tree(&f->tree[i]);
	free(f->own);
	free(f->apart);
	free(f->heard);
	free(f->net);
	free(f->net_port);
	free(f->tree);
	f->apart = NULL;
	f->heard = NULL;
	f->tree = NULL;
}

/**
 * gather_route() - give a node a route
 * @f: the work
 * @node: the node
 * @r: the route
 */
void gather_route(struct forwarding *f, size_t node, const struct topo_route *r)
{
	struct gathered *g = &f->gathered[node];

	g->route = array_grow(g->route, &g->route_cap, g->routes, sizeof(*r));
	g->route[g->routes++] = *r;
}

/**
 * gather_policy() - give a node a policy
 * @f: the work
 * @node: the node
 * @p: the policy
 */
void gather_policy(struct forwarding *f, size_t node, const struct topo_policy *p)
{
	struct gathered *g = &f->gathered[node];

	g->policy = array_grow(g->policy, &g->policy_cap, g->policies, sizeof(*p));
	g->policy[g->policies++] = *p;
}

/**
 * gather_denial() - have a node drop something
 * @g: what the node gets, or what all get that could forward
 * @d: what it drops
 */
void gather_denial(struct gathered *g, const struct topo_denial *d)
{
	g->denial = array_grow(g->denial, &g->denial_cap, g->denials, sizeof(*d));
	g->denial[g->denials++] = *d;
}

/**
 * could_forward() - can a node be on the way between two others?
 * @f: the work
 * @node: the node
 *
 * Return: true if it has two ends of wires, and is no bridge.
 */
bool could_forward(const struct forwarding *f, size_t node)
{
	return !f->s->node[node].bridge && f->links[node] >= 2;
}

static void *settled(struct arena *mem, void *list, size_t n, size_t size)
{
	void *copy = n ? memcpy(arena_alloc(mem, n * size), list, n * size) : NULL;

	free(list);
	return copy;
}

/* in front of its own denials those of all, which is one list where it has none of its own */
static void hand_over_denials(struct forwarding *f, struct topo_denial *common, size_t i)
{
	struct gathered *g = &f->gathered[i];
	size_t shared = could_forward(f, i) ? f->common.denials : 0;
	struct topo_node *node = &f->s->node[i];

	node->denials = shared + g->denials;
	node->denial = common;
	if (g->denials) {
		node->denial = arena_alloc(&f->s->mem, node->denials * sizeof(*common));
		if (shared)
			memcpy(node->denial, common, shared * sizeof(*common));
		memcpy(node->denial + shared, g->denial, g->denials * sizeof(*common));
	}
	free(g->denial);
}

static void hand_over(struct forwarding *f)
{
	struct topo_denial *common = settled(&f->s->mem, f->common.denial, f->common.denials,
					     sizeof(*f->common.denial));

	for (size_t i = 0; i < f->n; i++) {
		struct gathered *g = &f->gathered[i];
		struct topo_node *node = &f->s->node[i];

		node->forwards = f->s->routes_on && !node->bridge;
		node->routes = g->routes;
		node->route = settled(&f->s->mem, g->route, g->routes, sizeof(*g->route));
		node->policies = g->policies;
		node->policy = settled(&f->s->mem, g->policy, g->policies, sizeof(*g->policy));
		hand_over_denials(f, common, i);
	}
	free(f->gathered);
}

/* a node without addresses sends nothing that a rule or a chain could know */
static void check_addressed(const struct forwarding *f)
{
	for (size_t i = 0; i < f->s->rules; i++) {
		const struct topo_rule *rule = &f->s->rule[i];

		size_t bare = f->addressed[rule->a] ? rule->b : rule->a;

		if (!f->addressed[bare] && f->links[bare])
			diag_error(f->d, rule->line, "%s: lw_access=deny: node %s has no address that its packets are known by",
				   rule->name, f->s->node[bare].name);
	}
	for (size_t i = 0; i < f->s->chains; i++) {
		const struct topo_chain *c = &f->s->chain[i];
		size_t a = c->node[0], b = c->node[c->nodes - 1];

		if (!f->addressed[a] || !f->addressed[b])
			diag_error(f->d, 0, "lw_chain_%s: node %s has no address that its packets are known by", c->name,
				   f->s->node[f->addressed[a] ? b : a].name);
	}
}

/**
 * forwarding() - work out routes, denials, chains and allowed sources
 * @s: the state, with its addresses
 * @d: where conflicts are told
 */
void forwarding(struct topo_state *s, struct diag *d)
{
	struct forwarding f = { .s = s, .d = d, .n = s->nodes, .words = s->nodes / 64 + 1 };

	if (!s->routes_on && !s->sources_on && !s->rules)
		return;
	if (s->routes_on && s->nodes > TOPO_ROUTE_NODES) {
		diag_error(d, 0, "lw_routes=on with %zu nodes: routes between all of them are worked out for %d at most",
			   s->nodes, TOPO_ROUTE_NODES);
		return;
	}
	f.gathered = calloc(f.n + 1, sizeof(*f.gathered));
	f.told = calloc(s->chains + 1, sizeof(*f.told));
	f.told_rule = calloc(s->rules + 1, sizeof(*f.told_rule));
	f.ruled = calloc(f.n + 1, sizeof(*f.ruled));
	f.addressed = calloc(f.n + 1, sizeof(*f.addressed));
	f.links = calloc(f.n + 1, sizeof(*f.links));
	if (!f.gathered || !f.told || !f.told_rule || !f.ruled || !f.addressed || !f.links)
		no_memory();
	for (size_t i = 0; i < s->rules; i++)
		f.ruled[s->rule[i].a] = f.ruled[s->rule[i].b] = true;
	one_family(&f, AF_INET);
	one_family(&f, AF_INET6);
	hand_over(&f);
	check_addressed(&f);
	free(f.told);
	free(f.told_rule);
	free(f.ruled);
	free(f.addressed);
	free(f.links);
}
