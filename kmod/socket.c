// SPDX-License-Identifier: GPL-2.0
/*
 * UDP sockets. Wildcard, IPv6-only for IPv6, opened in the underlay netns. Wires that are bound to
 * devices or VRFs and wires that are not share a port by a socket each.
 */

#include <linux/in.h>
#include <linux/net.h>
#include <linux/rtnetlink.h>
#include <net/inet_sock.h>
#include <net/udp_tunnel.h>
#include "compat.h"
#include "encap.h"
#include "socket.h"

const struct rhashtable_params lw_ports_params = {
	.key_len		= sizeof(struct lw_port_key),
	.key_offset		= offsetof(struct lw_port, key),
	.head_offset		= offsetof(struct lw_port, node),
	.automatic_shrinking	= true,
};

static int lw_socket_bind(struct socket *sock, u16 family, __be16 port, int link)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = port };
	struct sockaddr_in in4 = { .sin_family = AF_INET, .sin_port = port };
	int err;

	if (link) {
		err = sock_bindtoindex(sock->sk, link, true);
		if (err)
			return err;
	}
	if (family == AF_INET)
		return lw_kernel_bind(sock, &in4, sizeof(in4));
	ip6_sock_set_v6only(sock->sk);
	return lw_kernel_bind(sock, &in6, sizeof(in6));
}

static void lw_port_share(struct lw_port *p, bool share)
{
	struct lw_socket *s;

	list_for_each_entry(s, &p->sockets, siblings)
		s->sk->sk_reuseport = share;
}

/*
 * The first socket of a port binds alone, so that a port which someone else holds is refused. Our
 * own further ones, bound to other devices, are let in by port reuse, which is among sockets of one
 * user only: ours are of the netns's root. (By address reuse, any user could bind beside us and take
 * our packets.) It is on for the moment of binding only: lookups would prefer a group to a device.
 */
static struct socket *lw_socket_open(struct lw_underlay *ul, struct lw_port *p, int link,
				     struct netlink_ext_ack *extack)
{
	struct udp_tunnel_sock_cfg cfg = {
		.encap_type		= 1,
		.encap_rcv		= lw_vxlan_receive,
		.encap_err_lookup	= lw_vxlan_error,
	};
	kuid_t root = make_kuid(ul->net->user_ns, 0);
	struct socket *sock;
	int err;

	err = sock_create_kern(ul->net, p->key.family, SOCK_DGRAM, 0, &sock);
	if (err) {
		NL_SET_ERR_MSG(extack, "cannot open a UDP socket of this family");
		return ERR_PTR(err);
	}
	SOCK_INODE(sock)->i_uid = uid_valid(root) ? root : GLOBAL_ROOT_UID;
	sock->sk->sk_uid = SOCK_INODE(sock)->i_uid;
	sock->sk->sk_reuseport = !list_empty(&p->sockets);
	lw_port_share(p, true);
	err = lw_socket_bind(sock, p->key.family, p->key.port, link);
	lw_port_share(p, false);
	sock->sk->sk_reuseport = 0;
	if (err) {
		if (err == -EADDRINUSE)
			NL_SET_ERR_MSG(extack, "the UDP port is held by someone else");
		else
			NL_SET_ERR_MSG(extack, "cannot bind the UDP port");
		kernel_sock_shutdown(sock, SHUT_RDWR);
		sock_release(sock);
		return ERR_PTR(err);
	}
	lw_setup_udp_tunnel_sock(ul->net, sock, &cfg);
	/* which would sum every byte for a checksum that the inner packets have no use for */
	inet_dec_convert_csum(sock->sk);
	lw_udp_take_trains(sock->sk);
	sock->sk->sk_allocation = GFP_ATOMIC;
	return sock;
}

static struct lw_port *lw_port_get(struct lw_underlay *ul, u16 family, __be16 port)
{
	struct lw_port_key key = { .family = family, .port = port };
	struct lw_port *p;
	int err;

	p = rhashtable_lookup_fast(&ul->ports, &key, lw_ports_params);
	if (p)
		return p;
	p = kzalloc(sizeof(*p), GFP_KERNEL);
	if (!p)
		return ERR_PTR(-ENOMEM);
	p->key = key;
	INIT_LIST_HEAD(&p->sockets);
	err = rhashtable_insert_fast(&ul->ports, &p->node, lw_ports_params);
	if (err) {
		kfree(p);
		return ERR_PTR(err);
	}
	if (!ul->open_ports++)
		lw_keep_begin(ul);
	return p;
}

static void lw_port_put(struct lw_underlay *ul, struct lw_port *p)
{
	if (!list_empty(&p->sockets))
		return;
	rhashtable_remove_fast(&ul->ports, &p->node, lw_ports_params);
	if (!--ul->open_ports)
		lw_keep_end(ul);
	kfree_rcu(p, rcu);	/* lw_keep() looks for ports */
}

/**
 * lw_socket_get - the socket for a wire's port
 * @ul: the underlay
 * @family: AF_INET or AF_INET6
 * @port: UDP
 * @link: ifindex to be bound to; 0: none
 * @extack: says what is wrong
 * Context: process, rtnl. Return: the socket, with one more user; or an error.
 */
struct lw_socket *lw_socket_get(struct lw_underlay *ul, u16 family, __be16 port, int link,
				struct netlink_ext_ack *extack)
{
	struct lw_socket *s;
	struct lw_port *p;
	int err = -ENOMEM;

	ASSERT_RTNL();
	p = lw_port_get(ul, family, port);
	if (IS_ERR(p))
		return ERR_CAST(p);
	list_for_each_entry(s, &p->sockets, siblings) {
		if (s->link == link) {
			s->users++;
			return s;
		}
	}
	s = kzalloc(sizeof(*s), GFP_KERNEL);
	if (!s)
		goto err_port;
	s->sock = lw_socket_open(ul, p, link, extack);
	if (IS_ERR(s->sock)) {
		err = PTR_ERR(s->sock);
		kfree(s);
		goto err_port;
	}
	s->sk = s->sock->sk;
	s->port = p;
	s->link = link;
	s->users = 1;
	list_add(&s->siblings, &p->sockets);
	return s;
err_port:
	lw_port_put(ul, p);
	return ERR_PTR(err);
}

/**
 * lw_socket_put - a wire needs its socket no longer
 * @ul: the underlay
 * @s: closed with its last user; senders under RCU may still look at it
 * Context: process, rtnl.
 */
void lw_socket_put(struct lw_underlay *ul, struct lw_socket *s)
{
	ASSERT_RTNL();
	if (--s->users)
		return;
	list_del(&s->siblings);
	lw_port_put(ul, s->port);
	lw_udp_tunnel_sock_release(s->sock);
	kfree_rcu(s, rcu);
}
