# SPDX-License-Identifier: GPL-2.0
"""The module as its underlay sees it: wires, SAs and counters, through netlink."""

import ipaddress
import os
import socket
import struct

import inet
import netlink
import netns
import uapi
from netlink import attr, be16, u16, u32, u64, u8

RTM_NEWLINK = 16
IFLA_ADDRESS, IFLA_IFNAME, IFLA_MTU, IFLA_LINKINFO, IFLA_NET_NS_FD = 1, 3, 4, 18, 28
IFLA_INFO_KIND, IFLA_INFO_DATA = 1, 2
IFF_UP = 1

ENCAPS = {"vxlan": uapi.LINKWIRE_ENCAP_VXLAN, "ipip": uapi.LINKWIRE_ENCAP_IPIP}
MODES = {"l2": uapi.LINKWIRE_MODE_L2, "l3": uapi.LINKWIRE_MODE_L3}
CIPHERS = {"aes-128-gcm": uapi.LINKWIRE_CIPHER_AES_128_GCM, "aes-256-gcm": uapi.LINKWIRE_CIPHER_AES_256_GCM,
           "chacha20-poly1305": uapi.LINKWIRE_CIPHER_CHACHA20_POLY1305}
DIRS = {"rx": uapi.LINKWIRE_DIR_RX, "tx": uapi.LINKWIRE_DIR_TX}
STATS = uapi.names("LINKWIRE_A_STAT_")


def sources(given):
    """Allowed sources: a list of prefixes and MAC addresses, or of attributes that are ready; None: any."""
    if given is None:
        return [attr(uapi.LINKWIRE_A_SOURCE_ANY, b"")]
    if given and isinstance(given[0], bytes):
        return given
    lists = {uapi.LINKWIRE_A_SOURCE_IPV4: b"", uapi.LINKWIRE_A_SOURCE_IPV6: b"", uapi.LINKWIRE_A_SOURCE_MAC: b""}
    for entry in given:
        if entry.count(":") == 5 and len(entry) == 17:
            lists[uapi.LINKWIRE_A_SOURCE_MAC] += inet.mac(entry)
            continue
        prefix = ipaddress.ip_network(entry)
        kind = uapi.LINKWIRE_A_SOURCE_IPV4 if prefix.version == 4 else uapi.LINKWIRE_A_SOURCE_IPV6
        lists[kind] += prefix.network_address.packed + u8(prefix.prefixlen)
    return [attr(kind, value) for kind, value in lists.items() if value]


# of a wire: how a value becomes bytes
LINK = {"id": u32, "port": be16, "remote_port": be16, "src_port": be16, "link": u32, "fwmark": u32, "ttl": u8, "dscp": u8,
        "roam": u8, "hold": u32, "local": inet.address, "remote": inet.address, "label": str.encode,
        "backup": lambda given: given if isinstance(given, bytes) else inet.address(given), "sources": sources,
        "encap": lambda name: u8(ENCAPS[name]), "mode": lambda name: u8(MODES[name])}
# of an SA
SA = {"tag": u32, "lanes": u16, "start": u64, "csum_partial": u8, "soft_packets": u64, "hard_packets": u64,
      "soft_bytes": u64, "hard_bytes": u64, "soft_seconds": u64, "hard_seconds": u64, "key": bytes,
      "cipher": lambda name: u8(CIPHERS[name]), "dir": lambda name: u8(DIRS[name])}


def link_attrs(given):
    return [attr(uapi.VALUES["IFLA_LINKWIRE_" + name.upper()], LINK[name](value)) for name, value in given.items()]


def sa_attrs(given):
    return [attr(uapi.VALUES["LINKWIRE_A_SA_" + name.upper()], SA[name](value)) for name, value in given.items()]


class Underlay:
    """Sockets of one netns, and the wires made in it."""

    def __init__(self, namespace):
        self.namespace = namespace
        self.route = netlink.Socket(netlink.NETLINK_ROUTE, namespace)
        self.family = netlink.Family(uapi.LINKWIRE_FAMILY_NAME, uapi.LINKWIRE_FAMILY_VERSION, namespace)

    def wire_add(self, name, device_in=None, mtu=None, mac=None, up=True, **link):
        """Makes a wire whose device is in the netns device_in; attributes as in LINK."""
        attributes = [attr(IFLA_IFNAME, name)]
        descriptor = None
        if device_in:
            descriptor = netns.handle(device_in)
            attributes.append(attr(IFLA_NET_NS_FD, u32(descriptor)))
        if mtu:
            attributes.append(attr(IFLA_MTU, u32(mtu)))
        if mac:
            attributes.append(attr(IFLA_ADDRESS, inet.mac(mac)))
        attributes.append(attr(IFLA_LINKINFO, [attr(IFLA_INFO_KIND, uapi.LINKWIRE_KIND.encode()),
                                               attr(IFLA_INFO_DATA, link_attrs(link))]))
        flags = IFF_UP if up else 0
        header = struct.pack("=BxHiII", socket.AF_UNSPEC, 0, 0, flags, flags)
        try:
            self.route.request(RTM_NEWLINK, netlink.NLM_F_CREATE | netlink.NLM_F_EXCL, header + b"".join(attributes))
        finally:
            if descriptor is not None:
                os.close(descriptor)

    def wire_set(self, number, **link):
        self.family.request(uapi.LINKWIRE_CMD_WIRE_SET, [attr(uapi.LINKWIRE_A_ID, u32(number)),
                                                         attr(uapi.LINKWIRE_A_LINK, link_attrs(link))])

    def wire_del(self, number):
        self.family.request(uapi.LINKWIRE_CMD_WIRE_DEL, [attr(uapi.LINKWIRE_A_ID, u32(number))])

    def wire(self, number):
        """The attributes of a wire."""
        answer, = self.family.request(uapi.LINKWIRE_CMD_WIRE_GET, [attr(uapi.LINKWIRE_A_ID, u32(number))])
        return answer[1]

    def carrier(self, number):
        return netlink.number(self.wire(number)[uapi.LINKWIRE_A_CARRIER])

    def sa_new(self, number, direction, **sa):
        """Installs an SA; returns its tag."""
        nest = attr(uapi.LINKWIRE_A_SA, sa_attrs({"dir": direction, **sa}))
        answer, = self.family.request(uapi.LINKWIRE_CMD_SA_NEW, [attr(uapi.LINKWIRE_A_ID, u32(number)), nest],
                                      netlink.NLM_F_ECHO)
        return netlink.number(netlink.attrs(answer[1][uapi.LINKWIRE_A_SA])[uapi.LINKWIRE_A_SA_TAG])

    def sa_del(self, number, direction, tag):
        self.family.request(uapi.LINKWIRE_CMD_SA_DEL, [attr(uapi.LINKWIRE_A_ID, u32(number)),
                                                       attr(uapi.LINKWIRE_A_SA, sa_attrs({"dir": direction, "tag": tag}))])

    def stats(self, *numbers):
        """Counters by name: those of the netns and of the wires added up."""
        sums = dict.fromkeys(STATS.values(), 0)
        nests = [self.family.request(uapi.LINKWIRE_CMD_UNDERLAY_GET, [])[0][1][uapi.LINKWIRE_A_STATS]]
        nests += [self.wire(number)[uapi.LINKWIRE_A_STATS] for number in numbers]
        for nest in nests:
            for kind, value in netlink.pairs(nest):
                if kind in STATS:
                    sums[STATS[kind]] += netlink.number(value)
        return sums
