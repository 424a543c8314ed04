#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Packets out of a wire with allowed sources, from addresses that are allowed and from others, in every shape that the
holder of the key can give them: what is refused is counted as rx_source, each once; the others come out as they went in.

    sources.py WHAT UNDER PEER TENANT ENCAP MODE FAMILY CIPHER

WHAT is one of the functions of this file that are in CASES.
"""

import ipaddress
import os
import random
import struct
import sys

import control
import ends
import inet
import inner
import netlink
import uapi

NUMBER = 1
ICMP, ICMPV6, HOP_BY_HOP, ROUTING, FRAGMENT, DESTINATION, NONE = 1, 58, 0, 43, 44, 60, 59
ARP, RARP = 0x0806, 0x8035
ADVERTISEMENT, SOLICITATION, ECHO = 136, 135, 128
MAC, OTHER_MAC = inner.MAC_FAR, "02:77:00:00:00:03"
ALLOWED = ["10.9.0.0/16", "192.0.2.7/32", "fd09::/32", "2001:db8::7/128"]


class Gate(ends.Wire):
    """A wire with allowed sources, and the peer's packets for it."""

    def __init__(self, bed, encap, mode, cipher, sources=ALLOWED):
        super().__init__(bed, NUMBER, encap, mode, cipher, sources=sources)
        self.key_rx()
        self.key_tx()
        self.ledger = ends.Ledger(bed, self)

    def frame(self, packet, ethertype=None, src=MAC, **tag):
        """What the wire carries for a packet: it itself, or a frame around it."""
        if self.mode == "l3":
            return packet
        return inet.ethernet(self.device.mac, inet.mac(src), packet, ethertype, **tag)

    def verdict(self, what, allowed=(), refused=()):
        """Each is sent; those allowed come out, the others are counted."""
        for plain in list(allowed) + list(refused):
            self.send(plain)
        self.ledger.expect(what, list(allowed), rx_source=len(refused))

    def set(self, sources):
        self.bed.under.wire_set(NUMBER, sources=sources)


def v4(src, data=b"v4", protocol=inet.UDP, **ip):
    src, dst = inet.address(src), inet.address(inner.near(NUMBER, 4))
    payload = inet.udp(src, dst, 4000, 4001, data) if protocol == inet.UDP else data
    return inet.ip(src, dst, protocol, payload, **ip)


def v6(src, payload=None, protocol=inet.UDP, dst=None):
    src, dst = inet.address(src), inet.address(dst or inner.near(NUMBER, 6))
    if payload is None:
        payload = inet.udp(src, dst, 4000, 4001, b"v6")
    return inet.ip(src, dst, protocol, payload)


def icmp6(kind, body=bytes(4)):
    return struct.pack("!BBH", kind, 0, 0) + body


def neighbour(kind, target):
    return icmp6(kind, bytes(4) + inet.address(target))


def behind(protocol, payload, header=HOP_BY_HOP):
    """(next header, payload): an IPv6 extension header of 8 octets, and what is behind it."""
    return header, struct.pack("!BBBB4x", protocol, 0, 1, 4) + payload


def fragment(protocol, payload, offset=0, more=True, ident=7):
    return FRAGMENT, struct.pack("!BBHI", protocol, 0, offset | more, ident) + payload


def arp(sender, operation=1, mac=MAC, target="10.9.0.1", hardware=1, protocol=0x0800, hlen=6, plen=4):
    return (struct.pack("!HHBBH", hardware, protocol, hlen, plen, operation) + inet.mac(mac) + inet.address(sender) +
            bytes(6) + inet.address(target))


def lists(bed, encap, mode, cipher):
    """Nothing, something, everything; each set as a whole."""
    end = Gate(bed, encap, mode, cipher, sources=None)
    inside = [end.frame(packet) for packet in (v4("10.9.1.1"), v4("192.0.2.7"), v6("fd09::1"), v6("2001:db8::7"))]
    outside = [end.frame(packet) for packet in (v4("10.8.255.255"), v4("192.0.2.6"), v6("fd08::1"), v6("2001:db8::6"))]
    end.verdict("any, as at first", inside + outside)
    end.set(ALLOWED)
    end.verdict("some", inside, outside)
    end.set(["10.8.0.0/16"])
    end.verdict("some others", outside[:1], inside + outside[1:])
    end.set([])
    end.verdict("none", [], inside + outside)
    end.set(["0.0.0.0/0"])
    end.verdict("all of IPv4", inside[:2] + outside[:2], inside[2:] + outside[2:])
    end.set(["::/0"])
    end.verdict("all of IPv6", inside[2:] + outside[2:], inside[:2] + outside[:2])
    end.bed.under.wire_set(NUMBER, ttl=9, hold=0)
    end.verdict("another change leaves them as they are", inside[2:], inside[:2])
    end.set(None)
    end.verdict("any", inside + outside)
    return end.ledger


def edges(bed, encap, mode, cipher):
    end = Gate(bed, encap, mode, cipher)
    end.verdict("the edges of each prefix",
                [end.frame(v4(src)) for src in ("10.9.0.0", "10.9.255.255", "192.0.2.7")] +
                [end.frame(v6(src)) for src in ("fd09::", "fd09:0:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db8::7")],
                [end.frame(v4(src)) for src in ("10.8.255.255", "10.10.0.0", "192.0.2.6", "192.0.2.8")] +
                [end.frame(v6(src)) for src in ("fd08:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fd09:1::", "2001:db8::6",
                                                "2001:db8::8")])
    end.verdict("what is like one, and is none", [],
                [end.frame(v4(src)) for src in ("0.0.0.0", "169.254.1.1", "255.255.255.255", "224.0.0.1", "127.0.0.1")] +
                [end.frame(v6(src)) for src in ("::1", "::ffff:10.9.0.1", "::10.9.0.1", "ff02::1", "ff02:fe80::1",
                                                "fec0::1", "fe7f::1", "fd0a::")])
    end.set(["255.255.255.255/32", "0.0.0.0/32", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128", "::1/128"])
    end.verdict("the first and the last address of all",
                [end.frame(v4(src)) for src in ("0.0.0.0", "255.255.255.255")] +
                [end.frame(v6(src)) for src in ("::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")],
                [end.frame(v4(src)) for src in ("0.0.0.1", "255.255.255.254")] +
                [end.frame(v6(src)) for src in ("::2", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe")])
    return end.ledger


def discovery(bed, encap, mode, cipher):
    """What IPv6 itself needs passes, and nothing that only looks like it."""
    end = Gate(bed, encap, mode, cipher, sources=[])
    solicitation = neighbour(SOLICITATION, "fe80::2")
    end.verdict("link-local", [end.frame(v6(src)) for src in ("fe80::1", "fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff")],
                [end.frame(v6(src)) for src in ("fe7f:ffff::1", "fec0::1")])
    hop, report = behind(ICMPV6, icmp6(143, bytes(4)))
    end.verdict("the unspecified address",
                [end.frame(v6("::", solicitation, ICMPV6, "ff02::1")), end.frame(v6("::", report, hop, "ff02::16"))],
                [end.frame(v6("::")), end.frame(v6("::", b"", NONE)),
                 end.frame(v6("::", *reversed(behind(inet.UDP, bytes(8))))),
                 end.frame(v6("::", *reversed(fragment(ICMPV6, solicitation)))),
                 end.frame(v6("::", *reversed(fragment(ICMPV6, solicitation, offset=8)))),
                 end.frame(v6("::", b"\x3a\x05", HOP_BY_HOP))])
    end.verdict("IPv4 has none of that", [], [end.frame(v4(src)) for src in ("0.0.0.0", "169.254.0.1")])
    return end.ledger


def shapes(bed, encap, mode, cipher):
    """Fragments, options, extension headers; the source is what counts, whatever stands behind it."""
    end = Gate(bed, encap, mode, cipher)

    def each(src4, src6):
        route = b"\x83\x07\x04" + inet.address("10.9.0.1") + b"\0"  # loose source route
        yield v4(src4, options=bytes([1, 1, 1, 0]))
        yield v4(src4, options=route)
        yield v4(src4, fragment=0x2000, df=False)
        yield v4(src4, fragment=0x0010, df=False)
        yield v4(src4, fragment=0x2010, df=False)
        yield v4(src4, protocol=ICMP, data=b"\x08\0\xf7\xff\0\0\0\0")
        yield v4(src4, protocol=4, data=v4("10.9.0.1"))
        yield v4(src4, protocol=41, data=v6("fd09::1"))
        yield v4(src4, protocol=253, data=b"")
        yield v6(src6, *reversed(behind(inet.UDP, bytes(8))))
        yield v6(src6, *reversed(behind(inet.UDP, bytes(8), DESTINATION)))
        yield v6(src6, *reversed(fragment(inet.UDP, bytes(8))))
        yield v6(src6, *reversed(fragment(inet.UDP, bytes(8), offset=8, more=False)))
        yield v6(src6, *reversed(fragment(ICMPV6, b"", offset=8)))
        yield v6(src6, v4("10.9.0.1"), 4)
        yield v6(src6, icmp6(ECHO), ICMPV6)
    end.verdict("from where it may", [end.frame(packet) for packet in each("10.9.0.1", "fd09::1")])
    end.verdict("from elsewhere", [], [end.frame(packet) for packet in each("10.10.0.1", "fd0a::1")])
    return end.ledger


def frames(bed, encap, mode, cipher):
    """VLAN tags, other types, headers cut short: L2."""
    end = Gate(bed, encap, mode, cipher)
    good, bad = (v4("10.9.0.1"), v6("fd09::1")), (v4("10.10.0.1"), v6("fd0a::1"))

    def tagged(packet, *types, ethertype=None):
        """Behind as many tags as types."""
        for kind in reversed(types):
            inside = ethertype or (inet.ETH_IPV6 if packet[0] >> 4 == 6 else inet.ETH_IPV4)
            packet, ethertype = struct.pack("!HH", 5, inside) + packet, kind
        return end.frame(packet, ethertype)
    one, two = (inet.ETH_8021Q,), (inet.ETH_8021AD, inet.ETH_8021Q)
    end.verdict("behind tags", [tagged(packet, *tags) for packet in good for tags in (one, two, two[:1], one * 2)],
                [tagged(packet, *tags) for packet in bad for tags in (one, two, two[:1], one * 2)])
    end.verdict("behind more tags than are looked behind", [], [tagged(packet, *two, *one) for packet in good + bad])
    end.verdict("tags that end there", [], [end.frame(b"", inet.ETH_8021Q), end.frame(b"\0\5", inet.ETH_8021Q),
                                            end.frame(b"\0\5\x81\0\0", inet.ETH_8021Q)])
    end.verdict("other types", [],
                [end.frame(good[0], kind) for kind in (0x8847, 0x8864, 0x6558, 0x88E7, 0x9100, 0x88E5, 0x894F, 0x88CC, RARP)] +
                [end.frame(b"\x42\x42\x03" + bytes(35), 38), end.frame(b"\xaa\xaa\x03\0\0\0\x08\0" + good[0], 8 + len(good[0]))])
    end.verdict("a type that the packet is not of", [],
                [end.frame(good[0], inet.ETH_IPV6), end.frame(good[1], inet.ETH_IPV4)])
    end.verdict("headers cut short", [],
                [end.frame(good[0][:length], inet.ETH_IPV4) for length in (0, 1, 12, 19)] +
                [end.frame(good[1][:length], inet.ETH_IPV6) for length in (0, 1, 24, 39)] +
                [end.frame(v6("fd09::1", *reversed(behind(inet.UDP, b"")))[:44], inet.ETH_IPV6)])
    return end.ledger


def address_resolution(bed, encap, mode, cipher):
    """ARP, and what IPv6 has in its place: L2."""
    end = Gate(bed, encap, mode, cipher)

    def frame(packet):
        return end.frame(packet, ARP)
    end.verdict("ARP", [frame(arp("10.9.0.1")), frame(arp("10.9.0.1", 2)), frame(arp("10.9.0.1", target="10.9.0.1")),
                        frame(arp("10.9.0.1", mac=OTHER_MAC)), frame(arp("10.9.0.1") + bytes(18)), frame(arp("0.0.0.0"))],
                [frame(arp("10.10.0.1")), frame(arp("10.10.0.1", 2)), frame(arp("10.10.0.1", target="10.10.0.1")),
                 frame(arp("169.254.0.1")), frame(arp("0.0.0.0", 2)), frame(arp("0.0.0.0", 8))])
    end.verdict("ARP of other kinds", [],
                [frame(arp("10.9.0.1", **other)) for other in ({"hardware": 6}, {"hardware": 0}, {"protocol": 0x86DD}, {"hlen": 0},
                                                               {"hlen": 8}, {"hlen": 255}, {"plen": 0}, {"plen": 16})] +
                [frame(arp("10.9.0.1")[:length]) for length in (0, 7, 8, 14, 18, 27)])
    tag = struct.pack("!HH", 5, ARP)
    end.verdict("ARP behind a tag", [end.frame(tag + arp("10.9.0.1"), inet.ETH_8021Q)],
                [end.frame(tag + arp("10.10.0.1"), inet.ETH_8021Q)])

    def advertises(target, src="fe80::1", wrap=lambda proto, data: (proto, data)):
        proto, data = wrap(ICMPV6, neighbour(ADVERTISEMENT, target))
        return end.frame(v6(src, data, proto))
    whole = neighbour(ADVERTISEMENT, "fd09::1")
    # of these, receivers see nothing behind the length in the IP header: a first fragment, and its type in the second
    padding = icmp6(ECHO)
    end.verdict("a type behind the packet's end", [end.frame(v6("fd09::1") + padding)],
                [end.frame(v6("fe80::1", *reversed(fragment(ICMPV6, b""))) + padding),
                 end.frame(v6("fe80::1", *reversed(fragment(*behind(ICMPV6, b"", DESTINATION)))) + padding)])
    end.verdict("neighbour advertisements",
                [advertises("fd09::1"), advertises("fe80::1"), advertises("fd09::1", "fd09::2"), advertises("fd09::1", wrap=behind),
                 advertises("fd09::1", wrap=lambda proto, data: fragment(proto, data, more=False)),
                 end.frame(v6("fe80::1", neighbour(SOLICITATION, "fd0a::1"), ICMPV6))],
                [advertises("fd0a::1"), advertises("fd0a::1", "fd09::2"), advertises("fd0a::1", wrap=behind), advertises("::"),
                 advertises("fd0a::1", wrap=lambda proto, data: fragment(proto, data, more=False)),
                 advertises("fd09::1", wrap=fragment), end.frame(v6("fe80::1", whole[:23], ICMPV6)),
                 end.frame(v6("fe80::1", whole[:8], ICMPV6)), end.frame(v6("fe80::1", whole[:3], ICMPV6)),
                 end.frame(v6("fe80::1", *reversed(fragment(ICMPV6, b""))))])
    return end.ledger


def machines(bed, encap, mode, cipher):
    """MAC addresses, with prefixes and without: L2."""
    end = Gate(bed, encap, mode, cipher, sources=ALLOWED + [MAC])
    good, bad, lldp = v4("10.9.0.1"), v4("10.10.0.1"), bytes(46)
    end.verdict("prefixes and a machine",
                [end.frame(good), end.frame(arp("10.9.0.1"), ARP), end.frame(lldp, 0x88CC),
                 end.frame(b"\x42\x42\x03" + bytes(35), 38), end.frame(v6("fe80::1"))],
                [end.frame(good, src=OTHER_MAC), end.frame(bad), end.frame(bad, src=OTHER_MAC),
                 end.frame(arp("10.9.0.1", mac=OTHER_MAC), ARP), end.frame(arp("10.9.0.1"), ARP, src=OTHER_MAC),
                 end.frame(arp("0.0.0.0", mac=OTHER_MAC), ARP), end.frame(lldp, 0x88CC, src=OTHER_MAC),
                 end.frame(v6("fe80::1"), src=OTHER_MAC), end.frame(good[:19], inet.ETH_IPV4),
                 end.frame(struct.pack("!HHHH", 5, inet.ETH_8021Q, 5, inet.ETH_8021Q) + b"\0\5\x08\0" + good, inet.ETH_8021Q)])
    end.set([MAC, OTHER_MAC])
    end.verdict("machines, and no prefix", [end.frame(lldp, 0x88CC), end.frame(lldp, 0x88CC, src=OTHER_MAC)],
                [end.frame(good), end.frame(arp("10.9.0.1"), ARP)])
    end.set(["0.0.0.0/0", "::/0", MAC])
    end.verdict("a machine, and any prefix", [end.frame(bad), end.frame(v6("fd0a::1"))], [end.frame(bad, src=OTHER_MAC)])
    return end.ledger


def bounds(prefix):
    """Of a prefix: the first and the last address, and those beside it."""
    first, last = int(prefix.network_address), int(prefix.broadcast_address)
    most = (1 << prefix.max_prefixlen) - 1
    return {first, last, max(first - 1, 0), min(last + 1, most)}


def many(bed, encap, mode, cipher):
    """As many prefixes as there may be, at random: overlapping, touching, equal. Looked up at their edges."""
    chance = random.Random(os.environ.get("SEED", "linkwire"))
    prefixes = []
    for base, version, most in ((0x0A000000, 4, uapi.LINKWIRE_SOURCE_IPV4_MAX),
                                (0xFD09 << 112, 6, uapi.LINKWIRE_SOURCE_IPV6_MAX)):
        bits, network = (32, ipaddress.IPv4Network) if version == 4 else (128, ipaddress.IPv6Network)
        for _ in range(most):
            length = bits - chance.choice((0, 0, 0, 1, 2, 4, 8, 12))
            start = base + (chance.getrandbits(24) << bits - length if chance.random() < 0.1 else chance.getrandbits(20))
            prefixes.append(network((start & (1 << bits) - 1, length), strict=False))
    chance.shuffle(prefixes)
    end = Gate(bed, encap, mode, cipher, sources=[str(prefix) for prefix in prefixes])
    nest = b"".join(control.sources([str(prefix) for prefix in prefixes]))
    which = netlink.attr(uapi.LINKWIRE_A_ID, netlink.u32(NUMBER))
    for what, attributes, flags in (("asked for", [which], 0), ("in the dump", [], netlink.NLM_F_DUMP)):
        answer, = bed.under.family.request(uapi.LINKWIRE_CMD_WIRE_GET, attributes, flags)
        link = netlink.attrs(answer[1][uapi.LINKWIRE_A_LINK])
        if link.get(uapi.IFLA_LINKWIRE_SOURCES) != nest:
            end.ledger.fault("%s, they are not those that were set" % what)
    merged = [list(ipaddress.collapse_addresses(prefix for prefix in prefixes if prefix.version == version))
              for version in (4, 6)]
    sample = [prefix for group in merged for prefix in chance.sample(group, 40) + [group[0], group[-1]]]
    for start in range(0, len(sample), 12):
        allowed, refused = [], []
        for prefix in sample[start:start + 12]:
            make, kind = (v4, ipaddress.IPv4Address) if prefix.version == 4 else (v6, ipaddress.IPv6Address)
            group = merged[prefix.version == 6]
            for address in map(kind, bounds(prefix)):
                inside = any(address in each for each in group)
                (allowed if inside else refused).append(end.frame(make(str(address))))
        end.verdict("%d prefixes, around %s" % (len(prefixes), sample[start]), allowed, refused)
    return end.ledger


CASES = {case.__name__: case for case in (lists, edges, discovery, shapes, frames, address_resolution, machines, many)}


def main(what, under, peer, tenant, encap, mode, family, cipher):
    return CASES[what](ends.Bed(under, peer, tenant, int(family)), encap, mode, cipher).close()


if __name__ == "__main__":
    if len(sys.argv) != 9 or sys.argv[1] not in CASES:
        sys.exit(__doc__.strip())
    sys.exit(main(*sys.argv[1:]))
