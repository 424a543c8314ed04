#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Partial checksums (flag bit 0): delivered and forwarded with the right checksum where they may be; dropped elsewhere.

    partial_checksums.py UNDER PEER TENANT ENCAP MODE FAMILY CIPHER
"""

import socket
import struct
import sys

import ends
import inet
import inner
import netns
import wire
from ends import until

IN, OUT, VLAN = 1, 2, 5
MAC_NEXT = "02:77:00:00:00:03"
FAULTS = []


def expect(true, *words):
    if not true:
        FAULTS.append(" ".join(map(str, words)))
    return true


def configure(end, other):
    """The tenant's side: addresses, a VLAN device, forwarding, and neighbours that nobody has to ask for."""
    tenant = end.bed.tenant
    ends.sysctl(tenant, "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")
    devices = [(end.name, IN), (other.name, OUT)]
    if end.mode == "l2":
        ends.ip(tenant, "link", "add", "vlan", "link", end.name, "type", "vlan", "id", str(VLAN))
        ends.ip(tenant, "link", "set", "vlan", "up")
        devices.append(("vlan", VLAN))
    for device, number in devices:
        ends.ip(tenant, "addr", "add", inner.near(number, 4) + "/24", "dev", device)
        ends.ip(tenant, "addr", "add", inner.near(number, 6) + "/64", "dev", device, "nodad")
        if end.mode == "l2":
            for version in (4, 6):
                ends.ip(tenant, "neigh", "replace", inner.far(number, version), "lladdr", MAC_NEXT, "dev", device)


def framed(end, packet, vlan=None):
    return inner.plaintext(end.mode, packet, end.device.mac, vlan=vlan) if end.mode == "l2" else packet


def local_udp(end, version, vlan):
    number = VLAN if vlan else IN
    kind = socket.AF_INET if version == 4 else socket.AF_INET6
    with netns.inside(end.bed.tenant):
        receiver = socket.socket(kind, socket.SOCK_DGRAM)
    receiver.bind((inner.near(number, version), 4001))
    receiver.settimeout(ends.WAIT)
    for data in (b"", b"x", b"odd", bytes(range(256)) * 4):
        end.send(framed(end, inner.datagram(number, version, data, partial=True), vlan), flags=wire.PARTIAL)
        try:
            got = receiver.recv(2000)
        except TimeoutError:
            got = None
        expect(got == data, "UDP of %d bytes over IPv%d%s was not delivered" % (len(data), version, ", VLAN" if vlan else ""))
    receiver.close()


def local_tcp(end, version, vlan):
    """A SYN with a partial checksum is answered."""
    number = VLAN if vlan else IN
    kind = socket.AF_INET if version == 4 else socket.AF_INET6
    with netns.inside(end.bed.tenant):
        listener = socket.socket(kind, socket.SOCK_STREAM)
    listener.bind((inner.near(number, version), 4002))
    listener.listen(1)
    end.send(framed(end, inner.segment(number, version, b"", partial=True, flags=0x02), vlan), flags=wire.PARTIAL)

    def answered():
        for _, flags, _, plain in end.opened(end.bed.far.receive()):
            packet = inner.network(end.mode, plain)
            parsed = inet.parse_ip(packet)
            if parsed and parsed[2] == inet.TCP and struct.unpack_from("!HH", parsed[3]) == (4002, 4000):
                return (flags, parsed[3][13], inet.transport_ok(packet))
        return None
    got = until(answered)
    expect(got == (end.flags, 0x12, True), "TCP SYN over IPv%d%s: flags, answer, its checksum:" %
           (version, ", VLAN" if vlan else ""), got)
    listener.close()


def forwarded(end, other, version, make, vlan, partial):
    """Routed into another wire, whose peer must see it as it came, or with the whole checksum if it takes no other."""
    number = VLAN if vlan else IN
    packet = make(number, version, b"forwarded", dst=inner.far(OUT, version), partial=True)
    whole = make(number, version, b"forwarded", dst=inner.far(OUT, version))
    end.send(framed(end, packet, vlan), flags=wire.PARTIAL)

    def came():
        for _, flags, _, plain in other.opened(end.bed.far.receive()):
            got = inner.network(end.mode, plain)
            parsed = inet.parse_ip(got)
            if parsed and parsed[3][8:].endswith(b"forwarded"):
                return (flags == other.flags | partial * wire.PARTIAL and parsed[5] == 63 and
                        parsed[3] == inet.parse_ip(packet if partial else whole)[3])
        return None
    expect(until(came), "forwarded %s over IPv%d%s did not come with the right checksum" %
           (make.__name__, version, ", VLAN" if vlan else ""))


def bridged(end, other):
    """Across a bridge, tagged and not: the frame arrives as it was, with the whole checksum."""
    tenant = end.bed.tenant
    ends.ip(tenant, "link", "del", "vlan")
    ends.ip(tenant, "link", "add", "bridge", "type", "bridge", "mcast_snooping", "0")
    for name in (end.name, other.name, "bridge"):
        ends.ip(tenant, "addr", "flush", "dev", name)
    for name in (end.name, other.name):
        ends.ip(tenant, "link", "set", name, "master", "bridge")
    ends.ip(tenant, "link", "set", "bridge", "up")
    stranger = inet.mac(MAC_NEXT)
    for version in (4, 6):
        for make in (inner.datagram, inner.segment):
            for tag in ({}, {"vlan": VLAN}, {"vlan": VLAN, "vlan_type": inet.ETH_8021AD}):
                words = "bridged %s over IPv%d, padded, %s" % (make.__name__, version, tag)
                data = words.encode()
                sent = inner.plaintext("l2", make(IN, version, data, partial=True), stranger, **tag)
                whole = inner.plaintext("l2", make(IN, version, data), stranger, **tag)
                end.send(sent + b"padding", flags=wire.PARTIAL)
                seen = []

                def came():
                    seen.extend(plain for _, flags, _, plain in other.opened(end.bed.far.receive()) if flags == other.flags)
                    return whole in seen
                expect(until(came), words, "did not arrive as it was; came:", [frame.hex() for frame in seen])


def with_field(packet, offset, value):
    return packet[:offset] + value + packet[offset + len(value):]


def misfits(mode):
    """(what, plaintext) of all that may not have a partial checksum."""
    def of(packet, **frame):
        return inner.plaintext(mode, packet, b"\2\0\0\0\0\1", **frame)
    udp4, udp6 = inner.datagram(IN, 4, b"misfit", partial=True), inner.datagram(IN, 6, b"misfit", partial=True)
    tcp4, tcp6 = inner.segment(IN, 4, b"misfit", partial=True), inner.segment(IN, 6, b"misfit", partial=True)
    src4, dst4, src6, dst6 = udp4[12:16], udp4[16:20], udp6[8:24], udp6[24:40]
    yield "ICMP", of(inet.ip(src4, dst4, 1, bytes(8)))
    yield "ICMPv6", of(inet.ip(src6, dst6, 58, bytes(8)))
    yield "a first fragment", of(inner.datagram(IN, 4, b"misfit", partial=True, df=False, fragment=0x2000))
    yield "a later fragment", of(inner.datagram(IN, 4, b"misfit", partial=True, df=False, fragment=100))
    yield "IPv4 options", of(inet.ip(src4, dst4, inet.UDP, udp4[20:], options=bytes([1, 1, 1, 0])))
    yield "an IPv6 extension header", of(inet.ip(src6, dst6, 0, bytes([17, 0, 1, 4, 0, 0, 0, 0]) + udp6[40:]))
    yield "half a UDP header over IPv4", of(inet.ip(src4, dst4, inet.UDP, udp4[20:24]))
    yield "half a UDP header over IPv6", of(inet.ip(src6, dst6, inet.UDP, udp6[40:44]))
    yield "half a TCP header over IPv4", of(inet.ip(src4, dst4, inet.TCP, tcp4[20:36]))
    yield "half a TCP header over IPv6", of(inet.ip(src6, dst6, inet.TCP, tcp6[40:56]))
    if mode == "l2":
        yield "two VLAN tags", b"\2\0\0\0\0\1" + inet.mac(inner.MAC_FAR) + struct.pack(
            "!HHHH", inet.ETH_8021AD, 1, inet.ETH_8021Q, VLAN) + b"\x08\0" + udp4
        yield "ARP", inet.ethernet(b"\xff" * 6, inet.mac(inner.MAC_FAR), bytes(28), ethertype=0x0806)
        yield "an Ethernet header alone", of(b"", ethertype=inet.ETH_IPV4)
        yield "half an IPv4 header", of(udp4[:10], ethertype=inet.ETH_IPV4)
        yield "half an IPv6 header", of(udp6[:30], ethertype=inet.ETH_IPV6)
        yield "IPv6 in a frame of type IPv4", of(udp6, ethertype=inet.ETH_IPV4)
        yield "IPv4 in a frame of type IPv6", of(udp4, ethertype=inet.ETH_IPV6)
        yield "an IPv4 header of 16 bytes", of(with_field(udp4, 0, b"\x44"))
        yield "an IPv4 header longer than the frame", of(with_field(udp4, 0, b"\x4f"))
        yield "an IPv4 length above the frame", of(with_field(udp4, 2, b"\x05\0"))
        yield "an IPv6 length above the frame", of(with_field(udp6, 4, b"\x05\0"))


def main(under, peer, tenant, encap, mode, family, cipher):
    bed = ends.Bed(under, peer, tenant, int(family))
    end, other = (ends.Wire(bed, number, encap, mode, cipher) for number in (IN, OUT))
    for each in (end, other):
        each.key_rx()
        each.key_tx(csum_partial=0)
        until(each.device.running)
    configure(end, other)
    for partial in (0, 1, 0):
        other.key_tx(csum_partial=partial)
        for vlan in (None, VLAN) if mode == "l2" else (None,):
            for version in (4, 6):
                local_udp(end, version, vlan)
                local_tcp(end, version, vlan)
                forwarded(end, other, version, inner.datagram, vlan, partial)
                forwarded(end, other, version, inner.segment, vlan, partial)
    if mode == "l2":
        bridged(end, other)
    ledger = ends.Ledger(bed, end, other)
    for what, plain in misfits(mode):
        end.send(plain, flags=wire.PARTIAL)
        ledger.expect(what, rx_csum=1)
    end.send(b"", flags=wire.PARTIAL)
    ledger.expect("a keepalive", rx_keepalives=1)
    for fault in FAULTS:
        print(fault)
    return 1 if ledger.close() or FAULTS else 0


if __name__ == "__main__":
    if len(sys.argv) != 8:
        sys.exit(__doc__.strip())
    sys.exit(main(*sys.argv[1:]))
