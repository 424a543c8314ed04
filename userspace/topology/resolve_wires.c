// SPDX-License-Identifier: MIT
/*
 * What edges ask for: encapsulation, cipher, shaping, addresses of their own; and the identity of the wire.
 */
#include <linux/linkwire.h>
#include <stdio.h>
#include <string.h>

#include "netlink/words.h"
#include "topology/attrs.h"
#include "topology/quantity.h"
#include "topology/resolve.h"
#include "topology/resolver.h"

#define WEIGHT_MAX 65535
#define MTU_IPV6 1280

static void resolve_carrier(struct resolver *r, struct topo_wire *w, const struct graph_edge *e)
{
	const char *encap = attr_get(e->attrs, "lw_encap"), *mode = attr_get(e->attrs, "lw_mode");
	const char *cipher = attr_get(e->attrs, "lw_cipher");

	w->encap = !encap ? LINKWIRE_ENCAP_VXLAN : strcmp(encap, "gretap") ? lw_encap_parse(encap) : TOPO_ENCAP_GRETAP;
	if (!w->encap)
		diag_error(r->d, e->line, "%s: lw_encap \"%s\" is none of vxlan, ipip, gretap", w->name, encap);
	w->plain = cipher && !strcmp(cipher, "none");
	w->cipher = w->plain ? 0 : cipher ? lw_cipher_parse(cipher) : LINKWIRE_CIPHER_AES_256_GCM;
	if (!w->cipher && !w->plain)
		diag_error(r->d, e->line,
			   "%s: lw_cipher \"%s\" is none of aes-128-gcm, aes-256-gcm, chacha20-poly1305, none", w->name,
			   cipher);
	if (w->encap == TOPO_ENCAP_GRETAP && !w->plain)
		diag_error(r->d, e->line, "%s: lw_encap gretap is the kernel's own: it needs lw_cipher=none", w->name);
	w->mode = w->encap == LINKWIRE_ENCAP_IPIP ? LINKWIRE_MODE_L3 : LINKWIRE_MODE_L2;
	if (!mode)
		return;
	if (!lw_mode_parse(mode))
		diag_error(r->d, e->line, "%s: lw_mode \"%s\" is neither l2 nor l3", w->name, mode);
	else if (w->encap == LINKWIRE_ENCAP_IPIP && lw_mode_parse(mode) != LINKWIRE_MODE_L3)
		diag_error(r->d, e->line, "%s: lw_encap ipip carries no frames: lw_mode can only be l3", w->name);
	else if (w->plain && w->encap && lw_mode_parse(mode) != w->mode)
		diag_error(r->d, e->line, "%s: with lw_cipher none, lw_encap %s carries frames: lw_mode can only be l2",
			   w->name, state_encap_name(w->encap));
	else
		w->mode = lw_mode_parse(mode);
}

static void resolve_numbers(struct resolver *r, struct topo_wire *w, const struct graph_edge *e)
{
	const char *mtu = attr_get(e->attrs, "lw_mtu"), *hold = attr_get(e->attrs, "lw_hold");
	const char *weight = attr_get(e->attrs, "lw_weight"), *admin = attr_get(e->attrs, "lw_admin");

	w->mtu = TOPO_MTU;
	if (mtu && !parse_number(mtu, 68, TOPO_MTU_MAX, &w->mtu))
		diag_error(r->d, e->line, "%s: lw_mtu \"%s\" is no number from 68 to %d", w->name, mtu, TOPO_MTU_MAX);
	if (hold && !parse_number(hold, 0, UINT32_MAX, &w->hold))
		diag_error(r->d, e->line, "%s: lw_hold \"%s\" is no number of milliseconds", w->name, hold);
	w->weight = 1;
	if (weight && !parse_number(weight, 1, WEIGHT_MAX, &w->weight))
		diag_error(r->d, e->line, "%s: lw_weight \"%s\" is no number from 1 to %d", w->name, weight, WEIGHT_MAX);
	w->down = admin && !strcmp(admin, "down");
	if (admin && !w->down && strcmp(admin, "up"))
		diag_error(r->d, e->line, "%s: lw_admin \"%s\" is neither up nor down", w->name, admin);
}

static void resolve_shaping(struct resolver *r, struct topo_wire *w, const struct graph_edge *e)
{
	const char *rate = attr_get(e->attrs, "lw_rate"), *floor = attr_get(e->attrs, "lw_floor");
	const char *delay = attr_get(e->attrs, "lw_delay"), *loss = attr_get(e->attrs, "lw_loss");

	if (rate && !parse_rate(rate, &w->rate))
		diag_error(r->d, e->line, "%s: lw_rate \"%s\" " RATE_WORDS, w->name, rate);
	if (floor && !parse_rate(floor, &w->floor))
		diag_error(r->d, e->line, "%s: lw_floor \"%s\" " RATE_WORDS, w->name, floor);
	if (w->rate && w->floor > w->rate)
		diag_error(r->d, e->line, "%s: its lw_floor %s is more than its lw_rate %s", w->name, floor, rate);
	if (delay && !parse_time(delay, &w->delay_us))
		diag_error(r->d, e->line, "%s: lw_delay \"%s\" " TIME_WORDS, w->name, delay);
	if (loss && !parse_share(loss, &w->loss))
		diag_error(r->d, e->line, "%s: lw_loss \"%s\" " SHARE_WORDS, w->name, loss);
}

/* said each time: nobody is to think that these are like the others */
static void check_plain(struct resolver *r, struct topo_wire *w, const struct graph_edge *e)
{
	if (!w->plain)
		return;
	diag_note(r->d, e->line, "%s: lw_cipher=none: who is on the way reads and changes what it carries", w->name);
	if (w->hold)
		diag_error(r->d, e->line, "%s: lw_hold: with lw_cipher=none nothing shows whether the peer is there",
			   w->name);
}

static bool has_family(const struct topo_end *end, uint8_t family)
{
	for (size_t i = 0; i < end->addrs; i++)
		if (end->addr[i].addr.family == family)
			return true;
	return false;
}

static void resolve_addresses(struct resolver *r, struct topo_wire *w, const struct graph_edge *e)
{
	static const char *const name[] = { "lw_tail_addr", "lw_head_addr" };
	const char *bad;

	for (int i = 0; i < 2; i++) {
		const char *text = attr_get(e->attrs, name[i]);
		const struct topo_node *node = &r->s->node[w->end[i].node];

		if (text && node->bridge)
			diag_error(r->d, e->line, "%s: %s: its end at %s is a port of a bridge, and has no address",
				   w->name, name[i], node->name);
		else if (text && !parse_addresses(r->s, &w->end[i], text, &bad))
			diag_error(r->d, e->line, "%s: %s \"%s\": \"%s\" is no address that an interface can have",
				   w->name, name[i], text, bad);
	}
	w->wants4 = r->s->pool4.on && !has_family(&w->end[0], AF_INET) && !has_family(&w->end[1], AF_INET);
	w->wants6 = r->s->pool6.on && !has_family(&w->end[0], AF_INET6) && !has_family(&w->end[1], AF_INET6);
	if (w->mtu < MTU_IPV6 && (r->s->pool6.on || has_family(&w->end[0], AF_INET6) || has_family(&w->end[1], AF_INET6)))
		diag_error(r->d, e->line, "%s: lw_mtu %u is too small for IPv6, which needs %d (lw_pool6=none: no IPv6)",
			   w->name, w->mtu, MTU_IPV6);
}

/*
 * A wire is what it joins, whichever way it was written: its ends are put in the order of node and interface. The
 * identity is hashed over names with their lengths, so that no two pairs of ends look alike.
 */
static void identify(struct topo_state *s, struct topo_wire *w)
{
	struct topo_end *a = &w->end[0], *b = &w->end[1];
	int order = strcmp(s->node[a->node].name, s->node[b->node].name) ?: strcmp(a->ifname, b->ifname);
	const char *text;

	if (order > 0) {
		struct topo_end swap = *a;

		*a = *b;
		*b = swap;
		w->tail = 1;
	}
	text = arena_printf(&s->mem, "%zu:%s %s %zu:%s %s", strlen(s->node[a->node].name), s->node[a->node].name,
			    a->ifname, strlen(s->node[b->node].name), s->node[b->node].name, b->ifname);
	snprintf(w->key, sizeof(w->key), "%016llx", (unsigned long long)strmap_hash(text, strlen(text)));
}

static void resolve_wire(struct resolver *r, const struct graph_edge *e, const struct port_names *names)
{
	const char *id = attr_get(e->attrs, "lw_id");
	struct topo_wire *w = state_add_wire(r->s);
	struct arena *mem = &r->s->mem;
	size_t other;

	w->name = graph_edge_name(mem, r->g, e);
	w->line = e->line;
	w->id = id ? arena_strdup(mem, id) : NULL;
	w->end[0] = (struct topo_end){ .node = e->tail, .port = e->tail_port ? arena_strdup(mem, e->tail_port) : NULL,
				       .ifname = names->tail };
	w->end[1] = (struct topo_end){ .node = e->head, .port = e->head_port ? arena_strdup(mem, e->head_port) : NULL,
				       .ifname = names->head };
	resolve_carrier(r, w, e);
	resolve_numbers(r, w, e);
	resolve_shaping(r, w, e);
	check_plain(r, w, e);
	resolve_addresses(r, w, e);
	identify(r->s, w);
	resolve_endpoints(r, w, e);
	if (!strmap_add(&r->s->by_key, arena_strdup(mem, w->key), r->s->wires - 1, &other) &&
	    strcmp(w->name, r->s->wire[other].name))
		diag_error(r->d, e->line, "%s and %s get the same identity %s: rename a port", w->name,
			   r->s->wire[other].name, w->key);
}

/**
 * resolve_wires() - make a wire of every edge that is one
 * @r: the work
 * @skip: edges that are none
 * @names: the interfaces of each edge
 */
void resolve_wires(struct resolver *r, const bool *skip, const struct port_names *names)
{
	state_expect_wires(r->s, r->g->edges);
	for (size_t i = 0; i < r->g->edges; i++)
		if (!skip[i])
			resolve_wire(r, &r->g->edge[i], &names[i]);
}
