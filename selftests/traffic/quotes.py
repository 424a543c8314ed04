#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""ICMP errors from a router in the underlay: which are believed.

    quotes.py A R ENCAP FAMILY REMOTE INNER OVERHEAD

A packet of a wire is captured at R's device ra and quoted to A: right, or with something changed. INNER is the peer's IPv4
address in the wire, REMOTE in the underlay.
"""

import socket
import struct
import sys

import ends
import flows
import inet
import netns
import paths
import wire

ROUTE_MTU = 1500


class Router:
    """Answers to A as a router would."""

    def __init__(self, namespace, family, to):
        self.family, self.to = family, to
        with netns.inside(namespace):
            self.socket = (socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) if family == 4 else
                           socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6))

    def too_big(self, quote, mtu, kind=None):
        """kind: (type, code) of another error"""
        if self.family == 4:
            head = struct.pack("!BB2xHH", *(kind or (3, 4)), 0, mtu)
            message = head + quote
            message = message[:2] + struct.pack("!H", inet.checksum(message)) + message[4:]
        else:
            message = struct.pack("!BB2xI", *(kind or (2, 0)), mtu) + quote	# the kernel sums
        self.socket.sendto(message, (self.to, 0))


    def tell(self, quote, mtu, kind=None):
        """Comes back when the error has been handled: an echo request after it has been answered."""
        self.too_big(quote, mtu, kind)
        self.too_big(b"", 0, (8, 0) if self.family == 4 else (128, 0))
        if not ends.until(self.answered):
            raise flows.Lost("%s does not answer" % self.to)

    def answered(self):
        self.socket.setblocking(False)
        try:
            data = self.socket.recv(1 << 16)
        except BlockingIOError:
            return False
        return data[20] == 0 if self.family == 4 else data[0] == 129


def believes_anything(router, a, packet, destination):
    """
    Linux 7.2 takes any error that quotes UDP, of whatever socket, into its routes: what is quoted here is of no wire.
    """
    other = resummed(packet[:destination] + bytes((77,)) + packet[destination + 1:])
    header = destination + 1
    router.tell(other[:header] + struct.pack("!HHHH", 40000, 9, 8, 0) + other[header + 8:], 1388)
    address = other[destination + 1 - (4 if router.family == 4 else 16):destination + 1]
    return paths.route_mtu(a, socket.inet_ntop(socket.AF_INET if router.family == 4 else socket.AF_INET6, address)) == 1388


def captured(a, r, encap, inner):
    """An outer packet of the wire, from A."""
    port = ends.Port(r, "ra")
    with netns.inside(a):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.connect((inner, 9))
    sock.send(b"quote me" * 20)
    found = []

    def caught():
        for frame in port.receive():
            ethertype, packet = inet.network(frame)
            if ethertype in (inet.ETH_IPV4, inet.ETH_IPV6) and wire.inside(encap, packet) and len(packet) > 200:
                found.append(packet)
        return found
    if not ends.until(caught):
        raise flows.Lost("no packet of the wire passes the router")
    return found[0]


def flipped(packet, at):
    return packet[:at] + bytes((packet[at] ^ 1,)) + packet[at + 1:]


def resummed(packet):
    """With a right IPv4 header checksum."""
    if packet[0] >> 4 == 6:
        return packet
    head = packet[:10] + b"\0\0" + packet[12:20]
    return head[:10] + struct.pack("!H", inet.checksum(head)) + packet[12:]


def main(a, r, encap, family, remote, inner, overhead):
    family, overhead = int(family), int(overhead)
    router = Router(r, family, ends.NEAR[family])
    packet = captured(a, r, encap, inner)
    header = 20 if family == 4 else 40
    shim = header + (12 if encap == "vxlan" else 0)
    source, destination = (15, 19) if family == 4 else (23, 39)
    least = header + 8

    wrong = [("another destination", resummed(flipped(packet, destination))),
             ("another destination, 8 bytes quoted", resummed(flipped(packet, destination))[:least]),
             ("another source", resummed(flipped(packet, source))),
             ("another source, 8 bytes quoted", resummed(flipped(packet, source))[:least]),
             ("another tag", flipped(packet, shim + 2)), ("another tag, quoted to its end", flipped(packet, shim)[:max(shim + 4, least)]),
             ("another protocol", resummed(flipped(packet, 9 if family == 4 else 6)))]
    if encap == "vxlan":
        wrong += [("another port", flipped(packet, header + 3)), ("another port, 8 bytes quoted", flipped(packet, header + 3)[:least])]
    else:
        wrong.append(("another tag, 8 bytes quoted", flipped(packet, shim + 2)[:least]))
    if encap == "vxlan" and believes_anything(router, a, packet, destination):
        print("this kernel believes any quote of UDP")
        wrong = []
    faults = []
    for words, quote in wrong:
        router.tell(quote, 1390)
        if paths.route_mtu(a, remote) != ROUTE_MTU:
            faults.append("believed: %s: the route's MTU is %d" % (words, paths.route_mtu(a, remote)))
            return faults
    router.tell(packet[:128], 1390, (3, 1) if family == 4 else (1, 3))
    for words, quote, mtu in (("all is quoted", packet[:128], 1390), ("up to the tag", packet[:max(shim + 4, least)], 1380),
                              ("8 bytes are quoted", packet[:least], 1370)):
        router.too_big(quote, mtu)
        if not ends.until(lambda: paths.route_mtu(a, remote) == mtu):
            faults.append("not believed: %s" % words)
    peer = flows.udp((a, inner[:-1] + "1"), (None, inner), 7030)
    paths.discover(peer, True)

    def told():
        try:
            peer.send(bytes(1350))
        except OSError:
            pass
        return paths.learnt(peer) == 1370 - overhead
    if not ends.until(told):
        faults.append("inside the wire the MTU is %d, not %d" % (paths.learnt(peer), 1370 - overhead))
    return faults


if __name__ == "__main__":
    if len(sys.argv) != 8:
        sys.exit(__doc__.strip())
    sys.exit(flows.main(main, *sys.argv[1:]))
