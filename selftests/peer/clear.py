#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Nothing of what crosses a wire is to be seen on the underlay.

    clear.py A B DEVICE ENCAP MODE FAMILY TAG_AB TAG_BA

Sends known text both ways over the wire whose ends are called DEVICE in the netns A and B, captures what the underlay's va carries, and
looks for the text, the inner addresses and the MACs; then at the shims of what it has captured.
"""

import socket
import sys

import ends
import inet
import inner
import netns
import wire
from ends import until

PACKETS = 20
SIZES = (0, 1, 64, 512, 1200)


def texts(direction):
    for i in range(PACKETS):
        yield b"%s%s %d " % (inner.TEXT, direction, i) + inner.TEXT * (SIZES[i % len(SIZES)] // len(inner.TEXT))


def sockets(a, b, version):
    """UDP sockets of the two ends, each connected to the other."""
    kind = socket.AF_INET if version == 4 else socket.AF_INET6
    pair = []
    for namespace, own, peer in ((a, inner.near, inner.far), (b, inner.far, inner.near)):
        with netns.inside(namespace):
            pair.append(socket.socket(kind, socket.SOCK_DGRAM))
        pair[-1].bind((own(1, version), 4000))
        pair[-1].connect((peer(1, version), 4000))
        pair[-1].settimeout(ends.WAIT)
    return pair


def talk(a, b):
    """Sends the texts both ways, over IPv4 and IPv6; returns what was lost."""
    lost = []
    for version in (4, 6):
        left, right = sockets(a, b, version)
        for sender, receiver, direction in ((left, right, b"there"), (right, left, b"back")):
            for text in texts(direction):
                sender.send(text)
                try:
                    if receiver.recv(4000) != text:
                        lost.append(text)
                except TimeoutError:
                    lost.append(text)
    return lost


def secrets(ports, mode):
    """name: bytes that must not be seen."""
    found = {"the text": inner.TEXT.strip()}
    for version in (4, 6):
        for address in (inner.near(1, version), inner.far(1, version)):
            found["inner address " + address] = inet.address(address)
    if mode == "l2":
        for port in ports:
            found["MAC " + port.mac.hex(":")] = port.mac
    return found


def shims(encap, mode, family, packets, tags):
    """What is wrong with the outer packets; tags by outer source address."""
    numbers = {}
    for packet in packets:
        src, dst, protocol, payload = inet.parse_ip(packet)[:4]
        if protocol in (1, 58) or dst[0] == 0xFF:	# ICMP, neighbour and multicast listener discovery: the underlay's own
            continue
        try:
            record = wire.inside(encap, packet)
        except wire.Drop:
            record = None
        if record is None:
            yield "an outer packet of protocol %d that is not the wire's" % protocol
            continue
        tag, flags = int.from_bytes(record[:3], "big"), record[3]
        number = int.from_bytes(record[4:12], "big")
        if tag != tags[src]:
            yield "tag %06x, not %06x" % (tag, tags[src])
        if flags & ~wire.PARTIAL != wire.mode_flag(mode):
            yield "flags %#x" % flags
        if number >> 56:
            yield "lane %d" % (number >> 56)
        numbers.setdefault(src, []).append(number)
        if len(packet) > 1500:
            yield "an outer packet of %d bytes" % len(packet)
    for sent in numbers.values():
        # the kernel's own packets may come from another CPU, and one overtake another
        if sorted(sent) != list(range(min(sent), min(sent) + len(sent))):
            yield "packet numbers are not in a row: %s" % [hex(number) for number in sent]
    if len(numbers) != 2:
        yield "packets of %d directions, not of two" % len(numbers)


def main(a, b, device, encap, mode, family, tag_ab, tag_ba):
    family = int(family)
    under = ends.Port(a, "va", outgoing=True)
    inside = [ends.Port(namespace, device, outgoing=True) for namespace in (a, b)]
    faults = ["lost: %r" % text for text in talk(a, b)]
    captured, seen_inside = [], []

    def enough():
        captured.extend(under.receive())
        seen_inside.extend(frame for port in inside for frame in port.receive())
        return len(captured) >= 4 * PACKETS
    until(enough)
    for name, pattern in secrets(inside, mode).items():
        if not any(pattern in frame for frame in seen_inside):
            faults.append("%s was not even seen on the wire itself: nothing is proven" % name)
        if any(pattern in frame for frame in captured):
            faults.append("%s is seen on the underlay" % name)
    packets = [payload for ethertype, payload in map(inet.network, captured)
               if ethertype == (inet.ETH_IPV4 if family == 4 else inet.ETH_IPV6)]
    if len(packets) < 4 * PACKETS:
        faults.append("captured %d outer packets, not %d" % (len(packets), 4 * PACKETS))
    tags = {inet.address(ends.NEAR[family]): int(tag_ab, 0), inet.address(ends.FAR[family]): int(tag_ba, 0)}
    faults += shims(encap, mode, family, packets, tags)
    for fault in faults[:20]:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    if len(sys.argv) != 9:
        sys.exit(__doc__.strip())
    sys.exit(main(*sys.argv[1:]))
