// SPDX-License-Identifier: GPL-2.0
/* The netdevice: what it is, and how it comes and goes. */

#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/ip_tunnels.h>
#include "compat.h"
#include "encap.h"
#include "events.h"
#include "sa.h"
#include "socket.h"

/* what an outer IPv6 packet of the largest size has left, with the longest of our headers */
#define LW_MTU_MAX	(IP_MAX_MTU - LW_HEADROOM - LW_ICV_LEN - ETH_HLEN)

static int lw_device_init(struct net_device *dev)
{
	struct lw_wire *wire = netdev_priv(dev);
	int err;

	wire->stats = lw_stats_alloc();
	if (!wire->stats)
		return -ENOMEM;
	err = gro_cells_init(&wire->cells, dev);
	if (err) {
		free_percpu(wire->stats);
		wire->stats = NULL;
		return err;
	}
	lw_underlay_hold(wire->underlay);
	return 0;
}

/*
 * The device is down and unlisted, and a grace period has passed: no sender is inside. Receivers
 * still find the wire by its SAs until lw_underlay_del() has taken those, and packets that they, or
 * asynchronous drivers, hold then end at lw_rx_up(), where a device that is down takes nothing, or
 * in lw_tx_finish(), which looks for the socket. All of them are counted: @stats goes last.
 */
static void lw_device_uninit(struct net_device *dev)
{
	struct lw_wire *wire = netdev_priv(dev);
	struct lw_socket *sock = rtnl_dereference(wire->sock);

	if (wire->id) {
		lw_event_wire(wire, LINKWIRE_CMD_WIRE_DEL_NTF);
		lw_underlay_del(wire);
	}
	RCU_INIT_POINTER(wire->sock, NULL);
	if (sock)
		lw_socket_put(wire->underlay, sock);
	gro_cells_destroy(&wire->cells);
}

/*
 * The last reference to the device is gone: those of packets in asynchronous drivers too, and a
 * grace period has passed since its SAs were taken. Nobody reads @conf or counts any more.
 */
static void lw_device_destroy(struct net_device *dev)
{
	struct lw_wire *wire = netdev_priv(dev);

	if (rcu_access_pointer(wire->conf))
		lw_conf_set(wire, NULL);
	free_percpu(wire->stats);
	lw_underlay_put(wire->underlay);
}

static int lw_device_open(struct net_device *dev)
{
	lw_carrier_start(netdev_priv(dev));
	return 0;
}

static int lw_device_stop(struct net_device *dev)
{
	lw_carrier_stop(netdev_priv(dev));
	return 0;
}

/* without gso, nothing is handed over to be segmented here, UDP's neither; TCP's is tso's to say */
static netdev_features_t lw_device_fix_features(struct net_device *dev, netdev_features_t features)
{
	return features & NETIF_F_GSO ? features :
	       features & ~(NETIF_F_GSO_SOFTWARE & ~NETIF_F_ALL_TSO);
}

static const struct net_device_ops lw_l3_ops = {
	.ndo_init		= lw_device_init,
	.ndo_uninit		= lw_device_uninit,
	.ndo_open		= lw_device_open,
	.ndo_stop		= lw_device_stop,
	.ndo_start_xmit		= lw_xmit,
	.ndo_fix_features	= lw_device_fix_features,
	.ndo_get_stats64	= lw_stats_link,
};

static const struct net_device_ops lw_l2_ops = {
	.ndo_init		= lw_device_init,
	.ndo_uninit		= lw_device_uninit,
	.ndo_open		= lw_device_open,
	.ndo_stop		= lw_device_stop,
	.ndo_start_xmit		= lw_xmit,
	.ndo_fix_features	= lw_device_fix_features,
	.ndo_get_stats64	= lw_stats_link,
	.ndo_set_mac_address	= eth_mac_addr,
	.ndo_validate_addr	= eth_validate_addr,
};

/**
 * lw_is_wire - is this device one of ours?
 * @dev: any
 * Return: true if it is a wire.
 */
bool lw_is_wire(const struct net_device *dev)
{
	return dev->netdev_ops == &lw_l2_ops || dev->netdev_ops == &lw_l3_ops;
}

static const struct device_type lw_device_type = { .name = LINKWIRE_KIND };

/**
 * lw_device_setup - a new device; its mode is not known yet
 * @dev: zeroed
 */
void lw_device_setup(struct net_device *dev)
{
	netdev_features_t features = NETIF_F_SG | NETIF_F_FRAGLIST | NETIF_F_HIGHDMA |
				     NETIF_F_HW_CSUM | NETIF_F_RXCSUM | NETIF_F_GSO_SOFTWARE;

	/* an address for now; a type that IFLA_ADDRESS of a creation request is checked against */
	ether_setup(dev);
	dev->netdev_ops = &lw_l2_ops;
	dev->ethtool_ops = &lw_ethtool_ops;
	dev->needs_free_netdev = true;
	dev->priv_destructor = lw_device_destroy;
	dev->priv_flags |= IFF_NO_QUEUE | IFF_LIVE_ADDR_CHANGE;
	dev->priv_flags &= ~IFF_TX_SKB_SHARING;
	dev->features |= features;
	dev->hw_features |= features;
	dev->hw_enc_features |= features;
	dev->vlan_features |= features;
	dev->min_mtu = ETH_MIN_MTU;
	dev->max_mtu = LW_MTU_MAX;
	dev->needed_headroom = LL_MAX_HEADER + LW_HEADROOM;
	dev->needed_tailroom = LW_ICV_LEN;
	lw_dev_set_lltx(dev);
	netif_keep_dst(dev);
	SET_NETDEV_DEVTYPE(dev, &lw_device_type);
}

/**
 * lw_device_set_mode - frames or packets
 * @dev: not yet registered
 * @mode: enum linkwire_mode
 */
void lw_device_set_mode(struct net_device *dev, u8 mode)
{
	struct lw_wire *wire = netdev_priv(dev);

	wire->mode = mode;
	if (mode == LINKWIRE_MODE_L2) {
		if (is_zero_ether_addr(dev->dev_addr))
			eth_hw_addr_random(dev);
		return;
	}
	dev->netdev_ops = &lw_l3_ops;
	dev->header_ops = &ip_tunnel_header_ops;
	dev->type = ARPHRD_NONE;
	dev->hard_header_len = 0;
	dev->min_header_len = 0;
	dev->addr_len = 0;
	dev->flags = IFF_POINTOPOINT | IFF_NOARP | IFF_MULTICAST;
	dev->priv_flags &= ~IFF_LIVE_ADDR_CHANGE;
}
