// SPDX-License-Identifier: MIT
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "topology/comparing.h"
#include "topology/denials.h"
#include "topology/shape.h"

/* one way in the state wanted and in the live one */
static bool same_port(const struct plan *p, const struct topo_state *live, const struct topo_port *want,
		      const struct topo_port *was)
{
	if (want->wire == TOPO_ANY || want->wire == TOPO_LOCAL || was->wire >= live->wires)
		return want->wire == was->wire;
	return p->stays[want->wire] == &live->wire[was->wire] && want->end == was->end;
}

static bool same_addr(const struct lw_addr *a, const struct lw_addr *b)
{
	return a->family == b->family && (!a->family || lw_addr_equal(a, b));
}

/**
 * route_stays() - is a route live as it is wanted, on a device that stays?
 * @p: the plan, with the wires that stay
 * @live: what is live
 * @want: the route
 * @was: a live one
 *
 * Return: true if it is.
 */
bool route_stays(const struct plan *p, const struct topo_state *live, const struct topo_route *want,
		 const struct topo_route *was)
{
	if (state_compare_route(want, was) || want->type != was->type)
		return false;
	return want->type != RTN_UNICAST ||
	       (same_port(p, live, &want->out, &was->out) && same_addr(&want->via, &was->via) &&
		same_addr(&want->prefsrc, &was->prefsrc));
}

/**
 * policy_stays() - likewise a policy
 * @p: the plan, with the wires that stay
 * @live: what is live
 * @want: the policy
 * @was: a live one
 *
 * Return: true if it is.
 */
bool policy_stays(const struct plan *p, const struct topo_state *live, const struct topo_policy *want,
		  const struct topo_policy *was)
{
	return want->from.len == was->from.len &&
	       (!want->from.len || !state_compare_addr(&want->from, &was->from)) &&
	       !state_compare_addr(&want->to, &was->to) && same_port(p, live, &want->in, &was->in) &&
	       same_port(p, live, &want->out, &was->out) && same_addr(&want->via, &was->via) &&
	       same_addr(&want->prefsrc, &was->prefsrc);
}

/**
 * denial_stays() - likewise a denial
 * @p: the plan, with the wires that stay
 * @live: what is live
 * @want: the denial
 * @was: a live one
 *
 * An interface that is let in is named in the rule, so a device that is made anew under its name is let in, too.
 *
 * Return: true if it is.
 */
bool denial_stays(const struct plan *p, const struct topo_state *live, const struct topo_denial *want,
		  const struct topo_denial *was)
{
	size_t found = 0;

	if (denial_order(want, was) || want->buts != was->buts)
		return false;
	for (size_t i = 0; i < want->buts; i++)
		for (size_t k = 0; k < was->buts; k++)
			found += same_port(p, live, &want->but[i], &was->but[k]);
	return found == want->buts;
}

static const char *counts(struct comparing *c, size_t more, size_t other, size_t less, const char *what)
{
	const char *text = "";

	if (more)
		text = arena_printf(&c->p->mem, "+%zu", more);
	if (other)
		text = arena_printf(&c->p->mem, "%s%s~%zu", text, *text ? " " : "", other);
	if (less)
		text = arena_printf(&c->p->mem, "%s%s-%zu", text, *text ? " " : "", less);
	return arena_printf(&c->p->mem, "%s %s", text, more + other + less == 1 ? what :
			    strcmp(what, "policy") ? arena_printf(&c->p->mem, "%ss", what) : "policies");
}

/* both are sorted by destination */
static void compare_routes(struct comparing *c, const struct topo_node *w, const struct topo_node *l)
{
	size_t i = 0, k = 0, more = 0, other = 0, less = 0;

	while (i < w->routes || k < l->routes) {
		int order = i == w->routes ? 1 : k == l->routes ? -1 : state_compare_route(&w->route[i], &l->route[k]);

		more += order < 0;
		less += order > 0;
		other += !order && !route_stays(c->p, c->live, &w->route[i], &l->route[k]);
		i += order <= 0;
		k += order >= 0;
	}
	if (more || other || less)
		changed(c, NODE_ROUTES, counts(c, more, other, less, "route"));
}

static void compare_policies(struct comparing *c, const struct topo_node *w, const struct topo_node *l)
{
	size_t same = 0;

	for (size_t i = 0; i < w->policies; i++)
		for (size_t k = 0; k < l->policies; k++)
			if (policy_stays(c->p, c->live, &w->policy[i], &l->policy[k])) {
				same++;
				break;
			}
	if (same < w->policies || same < l->policies)
		changed(c, NODE_POLICIES, counts(c, w->policies - same, 0, l->policies > same ? l->policies - same : 0,
						 "policy"));
}

static struct topo_denial *sorted(struct comparing *c, const struct topo_denial *list, size_t n)
{
	struct topo_denial *copy = arena_alloc(&c->p->mem, (n + 1) * sizeof(*copy));

	if (n) {
		memcpy(copy, list, n * sizeof(*copy));
		qsort(copy, n, sizeof(*copy), denial_order);
	}
	return copy;
}

static void compare_denials(struct comparing *c, const struct topo_node *w, const struct topo_node *l)
{
	const struct topo_denial *want, *was = l->denial;
	size_t i = 0, k = 0, more = 0, other = 0, less = 0;

	if (!w->denials && !l->denials) {
		if (l->has_table)
			changed(c, NODE_DENIALS, "what is left of its table of nftables");
		return;
	}
	want = sorted(c, w->denial, w->denials);
	was = sorted(c, l->denial, l->denials);
	while (i < w->denials || k < l->denials) {
		int order = i == w->denials ? 1 : k == l->denials ? -1 : denial_order(&want[i], &was[k]);

		more += order < 0;
		less += order > 0;
		other += !order && !denial_stays(c->p, c->live, &want[i], &was[k]);
		i += order <= 0;
		k += order >= 0;
	}
	if (more || other || less)
		changed(c, NODE_DENIALS, counts(c, more, other, less, "denial"));
}

static bool has_endpoint(const struct topo_node *node, const struct lw_addr *a)
{
	for (size_t i = 0; i < node->endpoints; i++)
		if (lw_addr_equal(&node->endpoint[i], a))
			return true;
	return false;
}

static void compare_endpoints(struct comparing *c, const struct topo_node *w, const struct topo_node *l)
{
	char text[LW_ADDR_STRLEN];

	for (size_t i = 0; i < w->endpoints; i++)
		if (!has_endpoint(l, &w->endpoint[i]))
			changed(c, NODE_ENDPOINT, arena_printf(&c->p->mem, "+endpoint %s",
							       lw_addr_format(&w->endpoint[i], text)));
	for (size_t i = 0; i < l->endpoints; i++)
		if (!has_endpoint(w, &l->endpoint[i]))
			changed(c, NODE_ENDPOINT, arena_printf(&c->p->mem, "-endpoint %s",
							       lw_addr_format(&l->endpoint[i], text)));
}

static bool has_loopback(const struct topo_node *node, const struct topo_addr *a)
{
	for (size_t i = 0; i < node->loopbacks; i++)
		if (!state_compare_addr(&node->loopback[i], a))
			return true;
	return false;
}

static void compare_loopbacks(struct comparing *c, const struct topo_node *w, const struct topo_node *l)
{
	char text[LW_ADDR_STRLEN];

	for (size_t i = 0; i < w->loopbacks; i++)
		if (!has_loopback(l, &w->loopback[i]))
			changed(c, NODE_LOOPBACK, arena_printf(&c->p->mem, "+loopback %s",
							       lw_addr_format(&w->loopback[i].addr, text)));
	for (size_t i = 0; i < l->loopbacks; i++)
		if (!has_loopback(w, &l->loopback[i]))
			changed(c, NODE_LOOPBACK, arena_printf(&c->p->mem, "-loopback %s",
							       lw_addr_format(&l->loopback[i].addr, text)));
}

/**
 * compare_node() - what changes of a node beside its wires
 * @c: the comparison
 * @w: the node wanted
 * @l: the live one, or an empty one
 */
void compare_node(struct comparing *c, const struct topo_node *w, const struct topo_node *l)
{
	struct arena *mem = &c->p->mem;

	compare_endpoints(c, w, l);
	if (w->rate != l->rate)
		changed(c, NODE_RATE, arena_printf(mem, "rate %s -> %s", shape_rate(mem, l->rate),
						   shape_rate(mem, w->rate)));
	/* the kernel stops a device while it changes what packets wait in there */
	if (!w->rate != !l->rate)
		changed(c, NODE_RATE, "another queue on its link: what is sent at that moment is lost");
	if (w->bridge != l->bridge)
		changed(c, NODE_BRIDGE, w->bridge ? "a bridge" : "no bridge");
	compare_loopbacks(c, w, l);
	/* one that is not ours may forward for somebody else */
	if (w->forwards != l->forwards && (w->forwards || !w->given))
		changed(c, NODE_FORWARD, w->forwards ? "forwarding on" : "forwarding off");
	compare_routes(c, w, l);
	compare_policies(c, w, l);
	compare_denials(c, w, l);
}
