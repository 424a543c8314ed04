/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/*
 * Linkwire: encrypted virtual wires.
 *
 * The one header that the module and its users share. Its attributes are described, with their meaning, in
 * Documentation/netlink/specs/linkwire.yaml; the bytes on the wire in Documentation/wire-format.md.
 */
#ifndef _UAPI_LINUX_LINKWIRE_H
#define _UAPI_LINUX_LINKWIRE_H

#include <linux/types.h>

#define LINKWIRE_KIND			"linkwire"	/* IFLA_INFO_KIND */
#define LINKWIRE_FAMILY_NAME		"linkwire"	/* generic netlink */
#define LINKWIRE_FAMILY_VERSION		1
#define LINKWIRE_MCGRP_EVENTS		"events"

#define LINKWIRE_DEFAULT_PORT		4790		/* UDP, of VXLAN-GPE (IANA) */
#define LINKWIRE_DEFAULT_TTL		64
#define LINKWIRE_DSCP_INHERIT		255
#define LINKWIRE_TTL_INHERIT		0
#define LINKWIRE_LABEL_MAX		64		/* bytes, no terminator */
#define LINKWIRE_TAG_MAX		0xffffff
#define LINKWIRE_LANES_MAX		256
#define LINKWIRE_RX_SA_MAX		4		/* receiving SAs of one wire at once */
#define LINKWIRE_KEY_MAX		36		/* bytes: key and salt */
#define LINKWIRE_COUNTER_MAX		0xffffffffffffffULL	/* 56 bits */
#define LINKWIRE_SOURCE_IPV4_MAX	4096		/* allowed sources of one wire: IPv4 prefixes */
#define LINKWIRE_SOURCE_IPV6_MAX	2048		/* IPv6 prefixes */
#define LINKWIRE_SOURCE_MAC_MAX		256		/* MAC addresses */

enum linkwire_encap {
	LINKWIRE_ENCAP_VXLAN = 1,
	LINKWIRE_ENCAP_IPIP,
};

enum linkwire_mode {
	LINKWIRE_MODE_L2 = 2,	/* the plaintext is an Ethernet frame */
	LINKWIRE_MODE_L3,	/* the plaintext is an IP packet */
};

enum linkwire_cipher {
	LINKWIRE_CIPHER_AES_128_GCM = 1,	/* key material: 16 bytes of key, 4 of salt */
	LINKWIRE_CIPHER_AES_256_GCM,		/* 32 bytes of key, 4 of salt */
	LINKWIRE_CIPHER_CHACHA20_POLY1305,	/* 32 bytes of key */
};

enum linkwire_dir {
	LINKWIRE_DIR_RX = 1,
	LINKWIRE_DIR_TX,
};

enum linkwire_sa_state {
	LINKWIRE_SA_ACTIVE = 1,
	LINKWIRE_SA_EXPIRING,	/* over a soft limit */
	LINKWIRE_SA_EXPIRED,	/* over a hard limit, or killed: carries nothing any more */
};

/* IFLA_INFO_DATA of kind linkwire, and the nest LINKWIRE_A_LINK */
enum {
	IFLA_LINKWIRE_UNSPEC,
	IFLA_LINKWIRE_ID,		/* u32: of the wire, unique in its underlay; drawn unless asked for */
	IFLA_LINKWIRE_ENCAP,		/* u8: enum linkwire_encap */
	IFLA_LINKWIRE_MODE,		/* u8: enum linkwire_mode */
	IFLA_LINKWIRE_LOCAL,		/* 4 or 16 bytes: our underlay address; absent: the route's choice */
	IFLA_LINKWIRE_REMOTE,		/* 4 or 16 bytes: the peer's underlay address */
	IFLA_LINKWIRE_PORT,		/* be16: UDP port that we listen on */
	IFLA_LINKWIRE_REMOTE_PORT,	/* be16: UDP port of the peer; default: PORT */
	IFLA_LINKWIRE_SRC_PORT,		/* be16: fixed UDP source port; 0: from a keyed hash of the inner flow */
	IFLA_LINKWIRE_LINK,		/* u32: ifindex in the underlay netns to bind to (a device or VRF); 0: none */
	IFLA_LINKWIRE_FWMARK,		/* u32: of the outer packets */
	IFLA_LINKWIRE_TTL,		/* u8: of the outer packets; 0: the inner one's */
	IFLA_LINKWIRE_DSCP,		/* u8: of the outer packets, 0 to 63; 255: the inner one's */
	IFLA_LINKWIRE_ROAM,		/* u8: 1: follow the peer's address */
	IFLA_LINKWIRE_HOLD,		/* u32, ms: carrier falls when nothing authentic came for that long; 0: never */
	IFLA_LINKWIRE_LABEL,		/* up to 64 bytes: a manager's own mark */
	IFLA_LINKWIRE_BACKUP,		/* 4 or 16 bytes: a second address of the peer; all zero: none */
	IFLA_LINKWIRE_SOURCES,		/* nest: LINKWIRE_A_SOURCE_*: what may come out, set as a whole */
	__IFLA_LINKWIRE_MAX
};

#define IFLA_LINKWIRE_MAX (__IFLA_LINKWIRE_MAX - 1)

/*
 * IFLA_LINKWIRE_SOURCES: the source addresses that a wire delivers packets from. Without a list of a kind, no
 * address of that kind is one of them; with ANY, which stands alone, all are.
 */
enum {
	LINKWIRE_A_SOURCE_UNSPEC,
	LINKWIRE_A_SOURCE_ANY,		/* flag: not looked at */
	LINKWIRE_A_SOURCE_IPV4,		/* array of struct linkwire_prefix4 */
	LINKWIRE_A_SOURCE_IPV6,		/* array of struct linkwire_prefix6 */
	LINKWIRE_A_SOURCE_MAC,		/* array of MAC addresses of 6 bytes; L2 */
	__LINKWIRE_A_SOURCE_MAX
};

#define LINKWIRE_A_SOURCE_MAX (__LINKWIRE_A_SOURCE_MAX - 1)

/* 5 bytes, without padding */
struct linkwire_prefix4 {
	__u8 addr[4];
	__u8 len;			/* bits of addr; the others are zero */
};

/* 17 bytes, without padding */
struct linkwire_prefix6 {
	__u8 addr[16];
	__u8 len;
};

/* generic netlink: commands. Requests need CAP_NET_ADMIN over the netns of the socket, which is the underlay's. */
enum {
	LINKWIRE_CMD_UNSPEC,
	LINKWIRE_CMD_WIRE_GET,		/* do, dump */
	LINKWIRE_CMD_WIRE_SET,
	LINKWIRE_CMD_WIRE_DEL,		/* one by ID, IFINDEX or IFNAME; many by IDS, all or none */
	LINKWIRE_CMD_SA_NEW,		/* NLM_F_ECHO: answered with the SA */
	LINKWIRE_CMD_SA_DEL,
	LINKWIRE_CMD_SA_GET,		/* do, dump */
	LINKWIRE_CMD_UNDERLAY_GET,	/* what was dropped before a wire was known */

	/* events, to LINKWIRE_MCGRP_EVENTS */
	LINKWIRE_CMD_SA_EXPIRING_NTF,
	LINKWIRE_CMD_SA_EXPIRED_NTF,
	LINKWIRE_CMD_PEER_UP_NTF,
	LINKWIRE_CMD_PEER_DOWN_NTF,
	LINKWIRE_CMD_PEER_MOVED_NTF,
	LINKWIRE_CMD_WIRE_DEL_NTF,
	__LINKWIRE_CMD_MAX
};

#define LINKWIRE_CMD_MAX (__LINKWIRE_CMD_MAX - 1)

/* attributes of every command */
enum {
	LINKWIRE_A_UNSPEC,
	LINKWIRE_A_PAD,
	LINKWIRE_A_ID,			/* u32: the wire */
	LINKWIRE_A_IFINDEX,		/* u32: the wire, by its device in this netns */
	LINKWIRE_A_IFNAME,		/* string: likewise */
	LINKWIRE_A_IDS,			/* array of u32: many wires */
	LINKWIRE_A_NETNS_COOKIE,	/* u64: netns that the device is in (SO_NETNS_COOKIE) */
	LINKWIRE_A_NETNSID,		/* s32: likewise, by this netns's id for it, if it is another */
	LINKWIRE_A_CARRIER,		/* u8: 0 or 1 */
	LINKWIRE_A_UP,			/* u8: 0 or 1: the device is administratively up */
	LINKWIRE_A_MTU,			/* u32: of the device */
	LINKWIRE_A_LINK,		/* nest: IFLA_LINKWIRE_* */
	LINKWIRE_A_SA,			/* nest: LINKWIRE_A_SA_* */
	LINKWIRE_A_STATS,		/* nest: LINKWIRE_A_STAT_* */
	LINKWIRE_A_ON_BACKUP,		/* u8: 0 or 1: packets are sent to the peer's second address */
	__LINKWIRE_A_MAX
};

#define LINKWIRE_A_MAX (__LINKWIRE_A_MAX - 1)

/* one security association */
enum {
	LINKWIRE_A_SA_UNSPEC,
	LINKWIRE_A_SA_PAD,
	LINKWIRE_A_SA_DIR,		/* u8: enum linkwire_dir */
	LINKWIRE_A_SA_TAG,		/* u32: 24 bits; receiving: drawn by the kernel if absent */
	LINKWIRE_A_SA_CIPHER,		/* u8: enum linkwire_cipher */
	LINKWIRE_A_SA_KEY,		/* binary: key and salt; never given back */
	LINKWIRE_A_SA_LANES,		/* u16: how many lanes it takes (transmitting: the peer does), 1 to 256 */
	LINKWIRE_A_SA_START,		/* u64: transmitting: the first counter; may only raise the kernel's own */
	LINKWIRE_A_SA_CSUM_PARTIAL,	/* u8: transmitting: 1: inner checksums may be left partial; 0: never */
	LINKWIRE_A_SA_SOFT_PACKETS,	/* u64: limits; 0 or absent: the cipher's */
	LINKWIRE_A_SA_HARD_PACKETS,	/* u64 */
	LINKWIRE_A_SA_SOFT_BYTES,	/* u64 */
	LINKWIRE_A_SA_HARD_BYTES,	/* u64 */
	LINKWIRE_A_SA_SOFT_SECONDS,	/* u64 */
	LINKWIRE_A_SA_HARD_SECONDS,	/* u64 */
	LINKWIRE_A_SA_STATE,		/* u8: enum linkwire_sa_state */
	LINKWIRE_A_SA_AGE,		/* u64: seconds since it was installed */
	LINKWIRE_A_SA_COUNTER,		/* u64: transmitting: the next; receiving: the highest authenticated (lane 0) */
	LINKWIRE_A_SA_PACKETS,		/* u64: sent, or received and authentic */
	LINKWIRE_A_SA_BYTES,		/* u64: plaintext of those */
	LINKWIRE_A_SA_BLOCKS,		/* u64: of 16 bytes under the key */
	LINKWIRE_A_SA_FAILED,		/* u64: receiving: failed openings */
	LINKWIRE_A_SA_DRIVER,		/* string: the kernel's implementation of the cipher */
	__LINKWIRE_A_SA_MAX
};

#define LINKWIRE_A_SA_MAX (__LINKWIRE_A_SA_MAX - 1)

/*
 * Counters, each a u64. The first six count what passed; every other one is a reason for which a packet was dropped.
 * Those marked (u) are known only to the underlay netns, since no wire was found: LINKWIRE_CMD_UNDERLAY_GET.
 */
enum {
	LINKWIRE_A_STAT_UNSPEC,
	LINKWIRE_A_STAT_PAD,
	LINKWIRE_A_STAT_RX_PACKETS,
	LINKWIRE_A_STAT_RX_BYTES,	/* plaintext */
	LINKWIRE_A_STAT_TX_PACKETS,
	LINKWIRE_A_STAT_TX_BYTES,	/* plaintext */
	LINKWIRE_A_STAT_RX_KEEPALIVES,	/* passed, too: authentic, nothing in them, or a word */
	LINKWIRE_A_STAT_TX_KEEPALIVES,
	LINKWIRE_A_STAT_RX_MALFORMED,	/* (u) outer header or length is not ours */
	LINKWIRE_A_STAT_RX_NO_SA,	/* (u) no SA has the tag */
	LINKWIRE_A_STAT_RX_WRONG_ENCAP,	/* the SA's wire is of another encapsulation or port */
	LINKWIRE_A_STAT_RX_WRONG_LOCAL,	/* came to another local address or device */
	LINKWIRE_A_STAT_RX_WRONG_PEER,	/* came from another address than the peer's */
	LINKWIRE_A_STAT_RX_FLAGS,	/* unknown flag */
	LINKWIRE_A_STAT_RX_MODE,	/* frame on an L3 wire, IP packet on an L2 wire */
	LINKWIRE_A_STAT_RX_LANE,	/* a lane that the SA does not take */
	LINKWIRE_A_STAT_RX_EXPIRED,	/* the SA is at a hard limit */
	LINKWIRE_A_STAT_RX_REPLAY,	/* packet number seen, or below the window */
	LINKWIRE_A_STAT_RX_AUTH,	/* not authentic */
	LINKWIRE_A_STAT_RX_INNER,	/* authentic, but no frame or IP packet */
	LINKWIRE_A_STAT_RX_CSUM,	/* partial checksum where none can be */
	LINKWIRE_A_STAT_RX_SOURCE,	/* from a source address that is not allowed */
	LINKWIRE_A_STAT_RX_ECN,		/* outer congestion mark on a packet that cannot carry it (RFC 6040) */
	LINKWIRE_A_STAT_RX_DOWN,	/* the device is down */
	LINKWIRE_A_STAT_RX_BUSY,	/* too many packets wait for the cipher */
	LINKWIRE_A_STAT_RX_NO_MEM,
	LINKWIRE_A_STAT_RX_OVERRUN,	/* the device's receive queue is full */
	LINKWIRE_A_STAT_TX_NO_SA,
	LINKWIRE_A_STAT_TX_EXPIRED,	/* the SA is at a hard limit */
	LINKWIRE_A_STAT_TX_NO_ROUTE,	/* no route, or no socket, to the peer */
	LINKWIRE_A_STAT_TX_LOOP,	/* the route to the peer leads through the wire itself, or too many others */
	LINKWIRE_A_STAT_TX_TOO_BIG,	/* over the path MTU (the sender is told where that is possible) */
	LINKWIRE_A_STAT_TX_INNER,	/* no IP packet, on an L3 wire */
	LINKWIRE_A_STAT_TX_SEGMENT,	/* segmentation or checksum failed */
	LINKWIRE_A_STAT_TX_CRYPTO,	/* the cipher failed */
	LINKWIRE_A_STAT_TX_BUSY,	/* too many packets wait for the cipher */
	LINKWIRE_A_STAT_TX_NO_MEM,
	__LINKWIRE_A_STAT_MAX
};

#define LINKWIRE_A_STAT_MAX (__LINKWIRE_A_STAT_MAX - 1)

#endif /* _UAPI_LINUX_LINKWIRE_H */
