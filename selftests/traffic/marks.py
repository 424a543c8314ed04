#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What outer headers say, and what becomes of inner ones.

    marks.py outward A B V4_A V4_B V6_A V6_B DSCP TTL       fixed, or inherit: DSCP, ECN and TTL of packets from A to B over w
    marks.py congestion A B V4_A V4_B V6_A V6_B             B's nftables mark packets of DSCP 1 to 4: ECT(1), ECT(0), CE, none
    marks.py ports A B V4_A V4_B V6_A V6_B FILE PORT        source ports of many flows: by a hash (PORT is hash), or PORT;
                                                            others than in FILE, if it is there
    marks.py roam UNDER PEER TENANT ENCAP MODE FAMILY       a wire in UNDER whose peer moves

The underlay is lib.sh's: va in A, vb in B.
"""

import os
import socket
import struct
import sys

import control
import ends
import events
import flows
import inet
import inner
import netlink
import netns
import uapi
from netlink import attr, u32

IP_TTL, IP_TOS, IPV6_UNICAST_HOPS, IPV6_TCLASS = 2, 1, 16, 67
NEAR = [inet.address(one) for one in ends.NEAR.values()]
DSCPS, TTLS = (0, 46, 10), (33, 200)
FLOWS, EACH = 64, 3
PORTS = range(49152, 65536)
MARK = b"what is outside? "
LONG = MARK * 32  # longer than whatever the two ends say to each other by themselves, as neighbours do


def marked(sock, tos, ttl):
    if sock.family == socket.AF_INET:
        sock.setsockopt(socket.IPPROTO_IP, IP_TOS, tos)
        sock.setsockopt(socket.IPPROTO_IP, IP_TTL, ttl)
    else:
        sock.setsockopt(socket.IPPROTO_IPV6, IPV6_TCLASS, tos)
        sock.setsockopt(socket.IPPROTO_IPV6, IPV6_UNICAST_HOPS, ttl)


def packets(port, least, wanted):
    """At least so many of the IP packets on a port that wanted() takes, parsed."""
    found = []

    def come():
        for ethertype, packet in map(network(port), port.receive()):
            parsed = inet.parse_ip(packet) if ethertype in (inet.ETH_IPV4, inet.ETH_IPV6) else None
            if parsed and wanted(parsed):
                found.append(parsed)
        return len(found) >= least
    ends.until(come)
    return found


def network(port):
    """Of a frame; a device without addresses has packets alone."""
    return inet.network if len(port.mac) == 6 else lambda packet: (inet.ETH_IPV6 if packet[0] >> 4 == 6 else inet.ETH_IPV4, packet)


def outer(parsed):
    """A wire's packet from A, with something in it: neither keepalives nor what the underlay says itself."""
    return parsed[0] in NEAR and parsed[2] in (17, 253) and len(parsed[3]) > 60


def mine(parsed):
    return parsed[2] == 17 and MARK in parsed[3]


def pairs(a, b, addresses):
    return [flows.udp_pair((a, addresses[i]), (b, addresses[i + 1])) for i in (0, 2)]


def outward(a, b, *arguments):
    dscp, ttl = arguments[4:]
    below, inside = ends.Port(a, "va", outgoing=True), ends.Port(b, "w")
    for near, far in pairs(a, b, arguments):
        near.send(b"first")
        flows.expect(far, b"first", "first")
        for tos in [one << 2 | ecn for one in DSCPS for ecn in range(4)]:
            for hops in TTLS:
                marked(near, tos, hops)
                below.receive(), inside.receive()
                data = MARK + b"%d %d" % (tos, hops)
                near.send(data)
                flows.expect(far, data, "TOS %d, TTL %d" % (tos, hops))
                wanted = ((tos if dscp == "inherit" else int(dscp) << 2 | tos & 3), hops if ttl == "inherit" else int(ttl))
                got = [parsed[4:6] for parsed in packets(below, 1, outer)]
                if wanted not in got:
                    yield "TOS %d, TTL %d inside: %s outside, not %s" % (tos, hops, got, wanted)
                got = [parsed[4:6] for parsed in packets(inside, 1, mine)]
                if got != [(tos, hops)]:
                    yield "TOS %d, TTL %d inside: %s come out" % (tos, hops, got)


def congestion(a, b, *addresses):
    combine = {0: (0, 0, 0, None), 1: (1, 1, 1, 3), 2: (2, 1, 2, 3), 3: (3, 3, 3, 3)}  # inner: by outer 00, 01, 10, 11
    dscp_of = {1: 1, 2: 2, 3: 3, 0: 4}
    near_end, inside = control.Underlay(b), ends.Port(b, "w")
    for near, far in pairs(a, b, addresses):
        near.send(b"first")
        flows.expect(far, b"first", "first")
        for within, row in combine.items():
            for outside, wanted in enumerate(row):
                words = "IPv%d: inner %d, outer %d" % (4 if near.family == socket.AF_INET else 6, within, outside)
                marked(near, dscp_of[outside] << 2 | within, 64)
                inside.receive()
                dropped = near_end.stats(1)["rx_ecn"]
                near.send(MARK)
                if wanted is None:
                    if not ends.until(lambda: near_end.stats(1)["rx_ecn"] == dropped + 1):
                        yield words + ": not dropped"
                    continue
                flows.expect(far, MARK, words)
                got = [parsed[4] for parsed in packets(inside, 1, mine)]
                if got != [dscp_of[outside] << 2 | wanted]:
                    yield "%s: TOS %s inside" % (words, got)


def loose(namespace, address, port):
    """
    A UDP socket that is not connected: a connected one has a hash at random, which would vary the source ports by itself.
    This one's packets are told apart by their addresses and ports alone.
    """
    with netns.inside(namespace):
        sock = socket.socket(flows.kind(address), socket.SOCK_DGRAM)
    sock.bind((address, port))
    return sock


def ports(a, b, *arguments):
    file, fixed = arguments[4:]
    below = ends.Port(a, "va", outgoing=True)
    made = []
    for number in range(FLOWS):
        end = 2 * (number % 2)
        near, far = loose(a, arguments[end], 7100 + number), loose(b, arguments[end + 1], 7100 + number)
        below.receive()
        for _ in range(EACH):
            near.sendto(LONG, (arguments[end + 1], 7100 + number))
        sent = packets(below, EACH, lambda one: outer(one) and len(one[3]) > len(LONG))
        seen = [struct.unpack_from("!H", parsed[3])[0] for parsed in sent]
        near.close()
        far.close()
        if len(seen) < EACH or len(set(seen)) != 1:
            yield "flow %d: %d packets, from ports %s" % (number, len(seen), set(seen))
            return
        made.append(seen[0])
    if fixed != "hash":
        if set(made) != {int(fixed)}:
            yield "ports %s, not %s" % (set(made), fixed)
        return
    # 64 of 16384: eight or more that meet are hardly chance
    if len(set(made)) < FLOWS - 8:
        yield "%d flows have %d ports" % (FLOWS, len(set(made)))
    if not all(port in PORTS for port in made):
        yield "ports from %d to %d" % (min(made), max(made))
    if os.path.exists(file):
        with open(file, encoding="ascii") as before:
            same = sum(one == int(other) for one, other in zip(made, before.read().split()))
        if same > 8:
            yield "%d of %d flows have the port that they had under another key" % (same, FLOWS)
    with open(file, "w", encoding="ascii") as after:
        after.write(" ".join(map(str, made)))


ELSEWHERE = {4: ("10.0.0.77", "10.0.0.78"), 6: ("fd00::77", "fd00::78")}


class Mover:
    """The far end of a wire, which sends from where it likes."""

    def __init__(self, under, peer, tenant, encap, mode, family):
        self.family = int(family)
        self.bed = ends.Bed(under, peer, tenant, self.family)
        self.end = ends.Wire(self.bed, 1, encap, mode, "aes-128-gcm", roam=0)
        self.end.key_rx()
        self.end.key_tx()
        self.listener = events.Listener(under)
        self.moved = []
        for address in ELSEWHERE[self.family]:
            ends.ip(peer, "addr", "replace", address + ("/24" if self.family == 4 else "/64"), "dev", "vb",
                    *(("nodad",) if self.family == 6 else ()))

    def set(self, **link):
        self.bed.under.family.request(uapi.LINKWIRE_CMD_WIRE_SET, [attr(uapi.LINKWIRE_A_ID, u32(1)),
                                                                   attr(uapi.LINKWIRE_A_LINK, control.link_attrs(link))])

    def remote(self):
        fields = netlink.attrs(self.bed.under.wire(1)[uapi.LINKWIRE_A_LINK])
        return socket.inet_ntop(socket.AF_INET if self.family == 4 else socket.AF_INET6, fields[uapi.IFLA_LINKWIRE_REMOTE])

    def expect(self, words, counter, src, remote, number, moved=0):
        """A packet from src with that number is counted so; then the peer is at remote, and has moved so often."""
        before = self.bed.under.stats(1)[counter]
        packet = inner.datagram(1, 4, b"from " + src.encode())
        plain = inner.plaintext(self.end.mode, packet, self.end.device.mac or None)
        self.bed.far.send(self.end.outer(self.end.record(plain, counter=number), src=inet.address(src)))
        if not ends.until(lambda: self.bed.under.stats(1)[counter] == before + 1):
            yield "%s: %s does not count it" % (words, counter)
        if self.remote() != remote:
            yield "%s: the peer is at %s, not %s" % (words, self.remote(), remote)
        heard = [one[0] for one in self.listener.heard()]
        if heard.count("peer-moved") != moved:
            yield "%s: events %s" % (words, heard)
        told = [netlink.attrs(netlink.attrs(raw[4:])[uapi.LINKWIRE_A_LINK])[uapi.IFLA_LINKWIRE_REMOTE]
                for raw in self.listener.raw if uapi.LINKWIRE_CMD_PEER_MOVED_NTF == raw[0]]
        if moved and told != [inet.address(remote)]:
            yield "%s: the event says %s" % (words, [one.hex() for one in told])
        self.listener.raw.clear()

    def follows(self, words, remote):
        """What the near end sends now goes there."""
        self.bed.far.receive()
        packet = inner.datagram(1, 4, b"where are you?", src=inner.near(1, 4), dst=inner.far(1, 4))
        self.end.device.send(inner.plaintext(self.end.mode, packet))
        found = []

        def come():
            found.extend(inet.parse_ip(opened[0])[1] for opened in self.end.opened(self.bed.far.receive()))
            return found
        ends.until(come)
        if set(found) != {inet.address(remote)}:
            yield "%s: sent to %s" % (words, {one.hex() for one in found})


def roam(under, peer, tenant, encap, mode, family):
    mover = Mover(under, peer, tenant, encap, mode, family)
    home, (cafe, train) = ends.FAR[mover.family], ELSEWHERE[mover.family]
    ends.until(mover.end.device.running)
    yield from mover.expect("at home", "rx_packets", home, home, 2000)
    yield from mover.expect("moved, roam off", "rx_wrong_peer", cafe, home, 2001)
    mover.set(roam=1)
    yield from mover.expect("moved", "rx_packets", cafe, cafe, 2010, moved=1)
    yield from mover.follows("moved", cafe)
    yield from mover.expect("late, from where it was", "rx_packets", home, cafe, 2009)
    yield from mover.expect("late, from elsewhere", "rx_packets", train, cafe, 2008)
    yield from mover.expect("a replay from elsewhere", "rx_replay", train, cafe, 2010)
    key, mover.end.to_near = mover.end.to_near, mover.end.to_far
    yield from mover.expect("not authentic, from elsewhere", "rx_auth", train, cafe, 2020)
    mover.end.to_near = key
    yield from mover.follows("none of these moves it", cafe)
    yield from mover.expect("moved again", "rx_packets", train, train, 2021, moved=1)
    mover.set(roam=0)
    yield from mover.expect("where it was, roam off", "rx_wrong_peer", cafe, train, 2022)
    yield from mover.expect("at home, roam off", "rx_wrong_peer", home, train, 2023)
    yield from mover.expect("where it is, roam off", "rx_packets", train, train, 2024)


CASES = {case.__name__: (case, count) for case, count in ((outward, 8), (congestion, 6), (ports, 8), (roam, 6))}

if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in CASES or len(sys.argv) != 2 + CASES[sys.argv[1]][1]:
        sys.exit(__doc__.strip())
    sys.exit(flows.main(lambda: list(CASES[sys.argv[1]][0](*sys.argv[2:]))))
