// SPDX-License-Identifier: MIT
#include <string.h>
#include <sys/socket.h>

#include "netlink/words.h"
#include "topology/comparing.h"
#include "topology/plain.h"
#include "topology/shape.h"

static const char *mode_name(uint8_t mode)
{
	return lw_mode_name(mode) ?: "?";
}

static const char *encap_name(uint8_t encap)
{
	return state_encap_name(encap) ?: "?";
}

/* the kernel's own devices cannot be told another peer by what is common to all of them */
static const char *plain_replaced(struct comparing *c, const struct topo_wire *w, int k, const struct topo_end *end)
{
	const char *name = c->want->node[w->end[k].node].name;

	if (end->tunnel != plain_kind(w))
		return arena_printf(&c->p->mem, "device %s -> %s", lw_tunnel_name(end->tunnel),
				    lw_tunnel_name(plain_kind(w)));
	if (!lw_addr_equal(&end->local, &w->end[k].local) || !lw_addr_equal(&end->remote, &w->end[k].remote))
		return arena_printf(&c->p->mem, "underlay addresses at %s", name);
	if (end->tunnel_key != plain_key(w))
		return arena_printf(&c->p->mem, "its key at %s", name);
	return NULL;
}

/**
 * why_replaced() - can a wire be changed, or does it take new devices?
 * @c: the comparison
 * @w: the wire wanted
 * @l: the live one
 *
 * Return: what cannot be changed, for people; NULL: its devices stay.
 */
const char *why_replaced(struct comparing *c, const struct topo_wire *w, const struct topo_wire *l)
{
	struct arena *mem = &c->p->mem;

	for (int i = 0; i < 2; i++) {
		const struct topo_end *end = &l->end[i];
		const struct topo_node *node = &c->want->node[w->end[i].node];
		const char *why;

		if (!end->present)
			return arena_printf(mem, "its end at %s is missing", node->name);
		if (node_replaced(node, &c->live->node[end->node]))
			return arena_printf(mem, "the namespace of %s becomes %s", node->name, node->netns);
		if (end->away)
			return arena_printf(mem, "its end at %s was moved to another namespace", node->name);
		if (!end->id != w->plain)
			return w->plain ? "cipher becomes none" : "cipher was none";
		if (end->encap != w->encap)
			return arena_printf(mem, "encap %s -> %s", encap_name(end->encap), encap_name(w->encap));
		if (end->mode != w->mode)
			return arena_printf(mem, "mode %s -> %s", mode_name(end->mode), mode_name(w->mode));
		why = w->plain ? plain_replaced(c, w, i, end) : NULL;
		if (why)
			return why;
	}
	return NULL;
}

static void compare_addrs(struct comparing *c, const struct topo_wire *w, const struct topo_end *want,
			  const struct topo_end *live)
{
	struct arena *mem = &c->p->mem;
	char text[LW_ADDR_STRLEN];

	for (size_t i = 0; i < want->addrs; i++) {
		if (state_has_addr(live, &want->addr[i]))
			continue;
		/* the kernel takes IPv6 addresses off a device that goes down */
		if (w->down && want->addr[i].addr.family == AF_INET6)
			continue;
		changed(c, CHANGE_ADDR, arena_printf(mem, "+%s/%u", lw_addr_format(&want->addr[i].addr, text),
						     want->addr[i].len));
	}
	for (size_t i = 0; i < live->addrs; i++) {
		if (state_has_addr(want, &live->addr[i]))
			continue;
		changed(c, CHANGE_ADDR, arena_printf(mem, "-%s/%u", lw_addr_format(&live->addr[i].addr, text),
						     live->addr[i].len));
	}
}

static void compare_peers(struct comparing *c, const struct topo_wire *w, const struct topo_wire *l)
{
	char was[LW_ADDR_STRLEN] = "none", will[LW_ADDR_STRLEN] = "none";

	for (int i = 0; i < 2 && !(c->changes & CHANGE_PEER); i++)
		if (!lw_addr_equal(&l->end[i].local, &w->end[i].local) ||
		    !lw_addr_equal(&l->end[i].remote, &w->end[i].remote))
			changed(c, CHANGE_PEER, "underlay addresses");
	for (int i = 0; i < 2 && !(c->changes & CHANGE_BACKUP); i++) {
		const struct lw_addr *a = &l->end[i].backup, *b = &w->end[i].backup;

		if (a->family == b->family && (!a->family || lw_addr_equal(a, b)))
			continue;
		if (a->family)
			lw_addr_format(a, was);
		if (b->family)
			lw_addr_format(b, will);
		changed(c, CHANGE_BACKUP, arena_printf(&c->p->mem, "backup %s -> %s", was, will));
	}
}

static void compare_keys(struct comparing *c, const struct topo_wire *w, const struct topo_wire *l)
{
	if (!state_keyed(l))
		changed(c, CHANGE_KEYS, "new keys: its ends do not hear each other");
	else if (l->cipher != w->cipher)
		changed(c, CHANGE_KEYS, arena_printf(&c->p->mem, "cipher %s -> %s (new keys)",
						     lw_cipher_name(l->cipher) ?: "?", lw_cipher_name(w->cipher)));
}

/* both lists are sorted */
static void compare_sources(struct comparing *c, const struct topo_end *w, const struct topo_end *l)
{
	size_t i = 0, k = 0, more = 0, less = 0;

	if (w->sources_on != l->sources_on) {
		changed(c, CHANGE_SOURCES, w->sources_on ? "allowed sources on" : "allowed sources off");
		return;
	}
	while (w->sources_on && (i < w->sources || k < l->sources)) {
		int order = i == w->sources ? 1 : k == l->sources ? -1 :
			    state_compare_addr(&w->source[i], &l->source[k]);

		more += order < 0;
		less += order > 0;
		i += order <= 0;
		k += order >= 0;
	}
	if (more || less)
		changed(c, CHANGE_SOURCES, arena_printf(&c->p->mem, "allowed sources at %s: %zu more, %zu less",
							c->want->node[w->node].name, more, less));
}

/* netem keeps what waits in it when its numbers change; to and from tbf a queue is another */
static void compare_shape(struct comparing *c, const struct topo_wire *w, const struct topo_end *l)
{
	struct arena *mem = &c->p->mem;
	uint32_t handle = shape_handle(w->rate, w->delay_us, w->loss);

	if (l->rate != w->rate)
		changed(c, CHANGE_SHAPE, arena_printf(mem, "rate %s -> %s", shape_rate(mem, l->rate),
						      shape_rate(mem, w->rate)));
	if (l->delay_us != w->delay_us)
		changed(c, CHANGE_SHAPE, arena_printf(mem, "delay %s -> %s", shape_delay(mem, l->delay_us),
						      shape_delay(mem, w->delay_us)));
	if (l->loss != w->loss)
		changed(c, CHANGE_SHAPE, arena_printf(mem, "loss %s -> %s", shape_loss(mem, l->loss),
						      shape_loss(mem, w->loss)));
	if (l->qdisc && handle && l->qdisc != handle)
		changed(c, CHANGE_SHAPE, "another queue: what waits in it is lost");
}

static void compare_floor(struct comparing *c, const struct topo_wire *w, const struct topo_end *l)
{
	struct arena *mem = &c->p->mem;

	if (l->floor != w->floor || !l->mark != !w->floor)
		changed(c, CHANGE_FLOOR, arena_printf(mem, "floor %s -> %s", shape_rate(mem, l->floor),
						      shape_rate(mem, w->floor)));
}

/**
 * compare_wire() - what changes of a wire whose devices stay
 * @c: the comparison
 * @w: the wire wanted
 * @l: the live one
 */
void compare_wire(struct comparing *c, const struct topo_wire *w, const struct topo_wire *l)
{
	struct arena *mem = &c->p->mem;

	for (int k = 0; k < 2 && !(c->changes & CHANGE_MTU); k++)
		if (l->end[k].mtu != w->mtu)
			changed(c, CHANGE_MTU, arena_printf(mem, "mtu %u -> %u", l->end[k].mtu, w->mtu));
	for (int k = 0; k < 2 && !w->plain && !(c->changes & CHANGE_HOLD); k++)
		if (l->end[k].hold != w->hold)
			changed(c, CHANGE_HOLD, arena_printf(mem, "hold %u -> %u", l->end[k].hold, w->hold));
	if (!w->plain) {
		compare_peers(c, w, l);
		compare_keys(c, w, l);
	}
	for (int k = 0; k < 2 && !(c->changes & CHANGE_SHAPE); k++)
		compare_shape(c, w, &l->end[k]);
	for (int k = 0; k < 2 && !w->plain && !(c->changes & CHANGE_FLOOR); k++)
		compare_floor(c, w, &l->end[k]);
	for (int k = 0; k < 2; k++)
		compare_addrs(c, w, &w->end[k], &l->end[k]);
	for (int k = 0; k < 2 && !w->plain; k++)
		compare_sources(c, &w->end[k], &l->end[k]);
	for (int k = 0; k < 2; k++) {
		bool bridge = c->want->node[w->end[k].node].bridge;

		if (l->end[k].bridged != bridge)
			changed(c, CHANGE_BRIDGE, arena_printf(mem, "%s the bridge of %s", bridge ? "joins" : "leaves",
							       c->want->node[w->end[k].node].name));
	}
	for (int k = 0; k < 2 && !(c->changes & CHANGE_ADMIN); k++)
		if (l->end[k].up == w->down)
			changed(c, CHANGE_ADMIN, w->down ? "admin up -> down" : "admin down -> up");
}
