#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Super-packets from the underlay: what somebody on the way says is many packets in one.

    super_packets.py WHAT UNDER PEER TENANT ENCAP MODE FAMILY CIPHER

WHAT is one of the functions of this file that are in CASES.
"""

import fcntl
import os
import socket
import struct
import sys

import ends
import hostile
import inet
import inner
import netns
import wire

SOL_UDP, UDP_SEGMENT = 17, 103
TUNSETIFF, IFF_TAP, IFF_NO_PI, IFF_VNET_HDR = 0x400454CA, 0x2, 0x1000, 0x4000
TAP_MAC = "02:00:00:00:00:aa"
NEEDS_CSUM, GSO_NONE, GSO_TCPV4, GSO_UDP, GSO_TCPV6, GSO_UDP_L4 = 1, 0, 1, 3, 4, 5
TCP_SUM, UDP_SUM = 16, 6
SEGMENTS = 12


def segments(bed, encap, mode, cipher):
    """
    One sendmsg() makes them one packet (UDP_SEGMENT), which a veth hands on whole. The stack cuts it up for our port: each
    record is then looked at once, be it a good one or not.
    """
    end, ledger, _ = hostile.start(bed, encap, mode, cipher)
    with netns.inside(bed.peer):
        sock = socket.socket(socket.AF_INET if bed.family == 4 else socket.AF_INET6, socket.SOCK_DGRAM)
    sock.bind((ends.FAR[bed.family], 0))
    there = ends.NEAR[bed.family], end.port
    number = hostile.COUNTER

    def record(data):
        nonlocal number
        number += 1
        plain, sealed = end.good(data, counter=number)
        return plain, wire.FIRST_WORD + sealed

    def send(*payloads):
        sock.setsockopt(SOL_UDP, UDP_SEGMENT, len(payloads[0]))
        sock.sendto(b"".join(payloads), there)

    def damaged(payload, at):
        return hostile.flipped(payload, at, 1)

    for count in (2, SEGMENTS, 40):
        plains, payloads = zip(*(record(b"segment %3d" % i) for i in range(count)))
        send(*payloads)
        ledger.expect("%d records in one" % count, plains)
    # the last may be shorter
    short, last = record(b"short")
    plain, first = record(b"the first segment")
    send(first, last)
    ledger.expect("records of two lengths in one", [plain, short])
    for bad in range(SEGMENTS):
        plains, payloads = map(list, zip(*(record(b"segment %3d" % i) for i in range(SEGMENTS))))
        del plains[bad]
        at, reason = ((0, "rx_malformed"), (len(wire.FIRST_WORD), "rx_no_sa"), (-1, "rx_auth"))[bad % 3]
        payloads[bad] = damaged(payloads[bad], at % len(payloads[bad]))
        send(*payloads)
        ledger.expect("record %d of %d, %s" % (bad, SEGMENTS, reason), plains, **{reason: 1})
    # nobody's, from one who has no key: this was enough
    send(*(os.urandom(len(last)) for _ in range(40)))
    ledger.expect("40 segments of noise", rx_malformed=40)
    send(*(wire.FIRST_WORD + os.urandom(60) for _ in range(40)))
    ends.until(lambda: sum(ledger.grown().values()) >= 40)
    if sum(ledger.grown().values()) != 40:
        ledger.fault("40 segments with the first word and noise: counted %s" % ledger.grown())
    ledger.last = ledger.read()
    plain, payload = record(b"after all that")
    sock.setsockopt(SOL_UDP, UDP_SEGMENT, 0)
    sock.sendto(payload, there)
    ledger.expect("one record, afterwards", [plain])
    return ledger


def tap(namespace):
    """A virtual machine's network card: what is written comes in by it."""
    with netns.inside(namespace):
        card = os.open("/dev/net/tun", os.O_RDWR)
        fcntl.ioctl(card, TUNSETIFF, struct.pack("16sH14x", b"tap0", IFF_TAP | IFF_NO_PI | IFF_VNET_HDR))
    ends.sysctl(namespace, "net.ipv4.conf.all.rp_filter=0", "net.ipv4.conf.tap0.rp_filter=0")
    ends.ip(namespace, "link", "set", "tap0", "address", TAP_MAC, "up")
    return card


def metadata(bed, encap, mode, cipher):
    """
    A virtual machine says of a packet whatever it likes (virtio_net_hdr). Of a record by protocol number, that it has
    segments: it is none, since opened in place it would keep what was said, and be cut up where it is forwarded.
    """
    end, ledger, _ = hostile.start(bed, encap, mode, cipher)
    card = tap(bed.under.namespace)
    l4 = 14 + (20 if bed.family == 4 else 40)
    tcp = GSO_TCPV4 if bed.family == 4 else GSO_TCPV6
    number = hostile.COUNTER

    def send(kind, size, field, plain):
        nonlocal number
        number += 1
        frame = inet.ethernet(inet.mac(TAP_MAC), bed.far.port.mac, end.outer(end.record(plain, counter=number)))
        head = struct.pack("=BBHHHH", NEEDS_CSUM if kind else 0, kind, l4 + 20 if kind else 0, size if kind else 0,
                           l4 if kind else 0, field if kind else 0)
        os.write(card, head + frame)

    said = (("TCP", tcp, TCP_SUM), ("a train of UDP", GSO_UDP_L4, UDP_SUM), ("fragments", GSO_UDP, UDP_SUM))
    refused = set()
    for inside in (inner.datagram, inner.segment):
        plain = inner.plaintext(mode, inside(end.number, 4, bytes(1000)))
        send(GSO_NONE, 0, 0, plain)
        ledger.expect("nothing is said", [plain])
        for words, kind, field in said:
            for size in (8, 100, 500):
                try:
                    send(kind, size, field, plain)
                except OSError:
                    refused.add(kind)       # this kernel knows no such thing
                    continue
                ledger.expect("%d octets each of %s" % (size, words), rx_malformed=1)
    if len(refused) == len(said):
        ledger.fault("nothing was sent that says anything")
    plain = inner.plaintext(mode, inner.datagram(end.number, 4, bytes(1000)))
    send(GSO_NONE, 0, 0, plain)
    ledger.expect("nothing is said, afterwards", [plain])
    return ledger


def lengths(bed, encap, mode, cipher):
    """
    Of many datagrams in one, UDP's header counts fewer octets than there are: UDP cuts off what it does not count, down to
    nothing at all.
    """
    end, ledger, _ = hostile.start(bed, encap, mode, cipher)
    card = tap(bed.under.namespace)
    l4 = 14 + (20 if bed.family == 4 else 40)
    plain = inner.plaintext(mode, inner.datagram(end.number, 4, bytes(600)))

    def send(counted, size):
        frame = bytearray(inet.ethernet(inet.mac(TAP_MAC), bed.far.port.mac, end.outer(end.record(plain, counter=1))))
        struct.pack_into("!H", frame, l4 + 4, counted)
        os.write(card, struct.pack("=BBHHHH", NEEDS_CSUM, GSO_UDP_L4, l4 + 8, size, l4, UDP_SUM) + frame)

    try:
        send(8, 500)
    except OSError:
        sizes = ()      # Linux before 6.2 takes no such thing from a machine
    else:
        sizes = (8, 31, 100, 500)
        ledger.expect("nothing is counted", rx_malformed=1)
    for size in sizes:
        send(8, size)
        ledger.expect("nothing is counted of datagrams of %d" % size, rx_malformed=1)
        send(8 + 3, size)
        ledger.expect("3 octets are counted of datagrams of %d" % size, rx_malformed=1)
    frame = inet.ethernet(inet.mac(TAP_MAC), bed.far.port.mac, end.outer(end.record(plain, counter=hostile.COUNTER + 1)))
    os.write(card, bytes(10) + frame)
    ledger.expect("a genuine packet, afterwards", [plain])
    return ledger


CASES = {case.__name__: case for case in (segments, metadata, lengths)}


def main(what, under, peer, tenant, encap, mode, family, cipher):
    return CASES[what](ends.Bed(under, peer, tenant, int(family)), encap, mode, cipher).close()


if __name__ == "__main__":
    if len(sys.argv) != 9 or sys.argv[1] not in CASES:
        sys.exit(__doc__.strip())
    sys.exit(main(*sys.argv[1:]))
