// SPDX-License-Identifier: MIT
#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "netlink/words.h"
#include "topology/state.h"

#define UNDERLAY_NET 0xa9fe0000u	/* 169.254.0.0/16: link-local, so never routed, whatever else a node's host uses */

/**
 * state_add_node() - add an empty node
 * @s: the state
 *
 * Return: the node, until the next one is added.
 */
struct topo_node *state_add_node(struct topo_state *s)
{
	s->node = array_grow(s->node, &s->node_cap, s->nodes, sizeof(*s->node));
	s->node[s->nodes] = (struct topo_node){ 0 };
	return &s->node[s->nodes++];
}

/**
 * state_expect_wires() - make room for so many, in a state without any
 * @s: the state
 * @n: how many; there may be more, or fewer
 */
void state_expect_wires(struct topo_state *s, size_t n)
{
	s->wire = zeroed(n + 1, sizeof(*s->wire));
	s->wire_cap = n + 1;
}

/**
 * state_add_wire() - add an empty wire
 * @s: the state
 *
 * Return: the wire, until the next one is added.
 */
struct topo_wire *state_add_wire(struct topo_state *s)
{
	s->wire = array_grow(s->wire, &s->wire_cap, s->wires, sizeof(*s->wire));
	s->wire[s->wires] = (struct topo_wire){ 0 };
	return &s->wire[s->wires++];
}

/**
 * state_add_addr() - add an address to the end of a wire
 * @s: the state
 * @end: the end
 * @addr: the address
 * @len: its prefix's length
 */
void state_add_addr(struct topo_state *s, struct topo_end *end, const struct lw_addr *addr, uint8_t len)
{
	struct topo_addr *list = arena_alloc(&s->mem, (end->addrs + 1) * sizeof(*list));

	if (end->addrs)
		memcpy(list, end->addr, end->addrs * sizeof(*list));
	list[end->addrs++] = (struct topo_addr){ *addr, len };
	end->addr = list;
}

/**
 * state_find_wire() - look a wire up by its identity
 * @s: the state
 * @key: the identity
 *
 * Return: the wire, or NULL.
 */
const struct topo_wire *state_find_wire(const struct topo_state *s, const char *key)
{
	size_t i;

	return strmap_get(&s->by_key, key, &i) ? &s->wire[i] : NULL;
}

/**
 * state_find_node() - look a node up by the name of its underlay
 * @s: the state
 * @underlay: the name
 *
 * Return: the node, or NULL.
 */
const struct topo_node *state_find_node(const struct topo_state *s, const char *underlay)
{
	size_t i;

	return strmap_get(&s->by_underlay, underlay, &i) ? &s->node[i] : NULL;
}

/**
 * state_underlay_addr() - a node's address in the underlay network
 * @number: the node's number there, from 1
 *
 * Return: the address.
 */
struct lw_addr state_underlay_addr(uint32_t number)
{
	return (struct lw_addr){ .family = AF_INET, .v4.s_addr = htonl(UNDERLAY_NET + number) };
}

/**
 * state_underlay_number() - the reverse of state_underlay_addr()
 * @addr: any address
 *
 * Return: the number, or 0 if the address is not of the underlay network.
 */
uint32_t state_underlay_number(const struct lw_addr *addr)
{
	uint32_t v = addr->family == AF_INET ? ntohl(addr->v4.s_addr) : 0;

	return (v & 0xffff0000u) == UNDERLAY_NET ? v & 0xffff : 0;
}

/**
 * state_endpoint() - where a node is in the underlay
 * @node: the node
 *
 * Return: its first endpoint, or its address by number.
 */
struct lw_addr state_endpoint(const struct topo_node *node)
{
	return node->endpoints ? node->endpoint[0] : state_underlay_addr(node->number);
}

/**
 * state_encap_name() - the word for an encapsulation, ours or the kernel's own
 * @encap: enum linkwire_encap or TOPO_ENCAP_GRETAP
 *
 * Return: the word, or NULL.
 */
const char *state_encap_name(uint8_t encap)
{
	return encap == TOPO_ENCAP_GRETAP ? "gretap" : lw_encap_name(encap);
}

/**
 * state_compare_addr() - the order of addresses and networks: by family, address, length
 * @a: one
 * @b: another
 *
 * Return: less than, equal to or greater than 0.
 */
int state_compare_addr(const struct topo_addr *a, const struct topo_addr *b)
{
	if (a->addr.family != b->addr.family)
		return a->addr.family < b->addr.family ? -1 : 1;
	return memcmp(a->addr.bytes, b->addr.bytes, lw_addr_size(&a->addr)) ?: (int)a->len - (int)b->len;
}

/**
 * state_compare_route() - the order of routes: by destination
 * @a: one
 * @b: another
 *
 * Return: less than, equal to or greater than 0.
 */
int state_compare_route(const struct topo_route *a, const struct topo_route *b)
{
	return state_compare_addr(&a->dst, &b->dst);
}

static bool hears(const struct topo_end *end, const struct topo_end *peer)
{
	for (unsigned int i = 0; i < end->rx_tags; i++)
		if (end->rx_tag[i] == peer->tx_tag)
			return true;
	return false;
}

/**
 * state_keyed() - can both ends of a live wire hear each other?
 * @w: the wire
 *
 * Return: true if each end sends under a tag that the other receives, all with one cipher.
 */
bool state_keyed(const struct topo_wire *w)
{
	const struct topo_end *a = &w->end[0], *b = &w->end[1];

	return a->has_tx && b->has_tx && hears(a, b) && hears(b, a) && a->tx_cipher == b->tx_cipher;
}

/**
 * state_has_addr() - is an address one of an end's?
 * @end: the end
 * @a: the address, with its prefix's length
 *
 * Return: true if it is.
 */
bool state_has_addr(const struct topo_end *end, const struct topo_addr *a)
{
	for (size_t i = 0; i < end->addrs; i++)
		if (end->addr[i].len == a->len && lw_addr_equal(&end->addr[i].addr, &a->addr))
			return true;
	return false;
}

/**
 * state_has_via() - is a next hop in a network that an end has an address of?
 * @end: the end
 * @via: the next hop
 *
 * Return: true if it is, or needs none: a link-local address of IPv6.
 */
bool state_has_via(const struct topo_end *end, const struct lw_addr *via)
{
	if (via->family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&via->v6))
		return true;
	for (size_t i = 0; i < end->addrs; i++) {
		const struct topo_addr *a = &end->addr[i];
		unsigned int whole = a->len / 8, rest = a->len % 8;

		if (a->addr.family == via->family && !memcmp(a->addr.bytes, via->bytes, whole) &&
		    (!rest || !((a->addr.bytes[whole] ^ via->bytes[whole]) >> (8 - rest))))
			return true;
	}
	return false;
}

#define LEFT_OUT UINT32_MAX

/* where a port is in the new state; false: its wire is left out */
static bool again_port(const uint32_t *at, struct topo_port *p)
{
	if (p->wire == TOPO_ANY || p->wire == TOPO_LOCAL)
		return true;
	if (p->wire == TOPO_GONE)
		return false;
	p->wire = at[p->wire];
	return p->wire != LEFT_OUT;
}

static void again_routes(struct topo_state *again, struct topo_node *node, const uint32_t *at)
{
	const struct topo_route *was = node->route;
	size_t n = 0;

	node->route = arena_alloc(&again->mem, node->routes * sizeof(*was));
	for (size_t i = 0; i < node->routes; i++) {
		node->route[n] = was[i];
		n += was[i].type != RTN_UNICAST || again_port(at, &node->route[n].out);
	}
	node->routes = n;
}

static void again_policies(struct topo_state *again, struct topo_node *node, const uint32_t *at)
{
	const struct topo_policy *was = node->policy;
	size_t n = 0;

	node->policy = arena_alloc(&again->mem, node->policies * sizeof(*was));
	for (size_t i = 0; i < node->policies; i++) {
		node->policy[n] = was[i];
		n += again_port(at, &node->policy[n].in) && again_port(at, &node->policy[n].out);
	}
	node->policies = n;
}

/* a way that is let through and is no more leaves a denial without it */
static void again_denials(struct topo_state *again, struct topo_node *node, const uint32_t *at)
{
	const struct topo_denial *was = node->denial;

	node->denial = arena_alloc(&again->mem, node->denials * sizeof(*was));
	for (size_t i = 0; i < node->denials; i++) {
		struct topo_denial *now = &node->denial[i];

		*now = was[i];
		now->but = arena_alloc(&again->mem, was[i].buts * sizeof(*now->but));
		now->buts = 0;
		for (size_t k = 0; k < was[i].buts; k++) {
			now->but[now->buts] = was[i].but[k];
			now->buts += again_port(at, &now->but[now->buts]);
		}
	}
}

/**
 * state_want_again() - make a state to be asked for out of one that was live
 * @again: where it goes; empty before, and borrows the strings and lists of @was
 * @was: what was live
 *
 * Wires that were broken already, an end or its keys missing, are left out, and what led over them: there is nothing
 * to go back to.
 */
void state_want_again(struct topo_state *again, const struct topo_state *was)
{
	uint32_t *at = arena_alloc(&again->mem, (was->wires + 1) * sizeof(*at));

	again->name = was->name;
	again->title = was->title;
	again->fabric = was->fabric;
	again->has_fabric = was->has_fabric;
	for (size_t i = 0; i < was->wires; i++) {
		const struct topo_wire *w = &was->wire[i];

		at[i] = LEFT_OUT;
		if (!w->end[0].present || !w->end[1].present || (!w->cipher && !w->plain))
			continue;
		*state_add_wire(again) = *w;
		at[i] = (uint32_t)(again->wires - 1);
		strmap_add(&again->by_key, arena_strdup(&again->mem, w->key), at[i], NULL);
	}
	for (size_t i = 0; i < was->nodes; i++) {
		struct topo_node *node = state_add_node(again);

		*node = was->node[i];
		strmap_add(&again->by_underlay, node->underlay, i, NULL);
		again_routes(again, node, at);
		again_policies(again, node, at);
		again_denials(again, node, at);
	}
}

/**
 * state_free() - free a state
 * @s: the state; empty afterwards
 */
void state_free(struct topo_state *s)
{
	free(s->node);
	free(s->wire);
	free(s->segment);
	free(s->rule);
	free(s->chain);
	strmap_free(&s->by_underlay);
	strmap_free(&s->by_key);
	arena_free(&s->mem);
	*s = (struct topo_state){ 0 };
}
