#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Packets that root of a tenant's namespace may send into a wire, and what it must not get for them.

    tenant_packets.py headers TENANT PEER DEVICE MODE    IPv4 headers with options, to be cut, in pieces of memory
    tenant_packets.py lies UNDERLAY WIRE TENANT PEER DEVICE MODE    headers that say they are shorter than any
    tenant_packets.py stamps TENANT PEER MODE SOURCE DESTINATION    time stamps of what was sent

DEVICE is the wire's name in TENANT and in PEER, which is the other end's namespace; MODE is l2 or l3.
"""
import errno
import os
import secrets
import socket
import struct
import sys
import time

import control
import ends
import inet
import netns

SOL_PACKET, PACKET_VNET_HDR = 263, 15
SOURCE, DESTINATION = "10.77.9.1", "10.77.9.2"
HEADER = 60     # with all the options that there is room for
IDENT = 0x4000  # no packet of the stack's own
SO_TIMESTAMPING, MSG_ERRQUEUE, SO_EE_ORIGIN_TIMESTAMPING = 37, 0x2000, 4
HARD_TX, SOFT_TX, SOFTWARE, RAW_HARDWARE, OPT_ID, SCHED_TX, TSONLY = 1, 2, 16, 64, 128, 256, 2048
SENT, SCHEDULED = 0, 1
RECVERR = {socket.AF_INET: (socket.IPPROTO_IP, 11), socket.AF_INET6: (socket.IPPROTO_IPV6, 25)}
PORT = 7040


class Sender:
    """Packets on a device, of which no more than `linear` octets need be in one piece of memory."""

    def __init__(self, namespace, device, mode, mac):
        with netns.inside(namespace):
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.socket.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
        self.socket.bind((device, 0))
        self.device = device
        self.frame = mac + mac + struct.pack("!H", inet.ETH_IPV4) if mode == "l2" else b""

    def send(self, packet, linear):
        head = struct.pack("=BBHHHH", 0, 0, len(self.frame) + linear, 0, 0, 0)
        self.socket.sendto(head + self.frame + packet, (self.device, inet.ETH_IPV4))


def packet(ident, ihl, size, options=b""):
    head = struct.pack("!BBHHHBBH", 0x40 | ihl, 0, size, ident, 0, 64, inet.UDP, 0)
    head += inet.address(SOURCE) + inet.address(DESTINATION) + options
    return head + secrets.token_bytes(size - len(head))


def pieces(port, mode, ident):
    """The IPv4 packets of that identification that came out at the other end since the last call."""
    found = []
    for frame in port.receive():
        at = 14 if mode == "l2" else 0
        if frame[at] >> 4 == 4 and struct.unpack_from("!H", frame, at + 4)[0] == ident:
            found.append(frame[at:])
    return found


def headers(tenant, peer, device, mode):
    """
    The header is copied into each fragment, options and all. Where it is not in one piece of memory, what stands behind
    that piece must not be taken for it: it is somebody else's.
    """
    port, faults = ends.Port(peer, device), []
    sender = Sender(tenant, device, mode, port.mac)
    ident = IDENT
    for size in (5000, 8000):
        for linear in (20, 21, 40, HEADER):
            ident += 1
            whole = packet(ident, HEADER // 4, size, secrets.token_bytes(HEADER - 20))
            sender.send(whole, linear)
            came = []

            def all_came():
                came.extend(pieces(port, mode, ident))
                return sum(len(piece) - HEADER for piece in came) >= size - HEADER
            ends.until(all_came)
            words = "%d octets, %d of them linear" % (size, linear)
            if len(came) < 2:
                faults.append("%s: came in %d pieces" % (words, len(came)))
                continue
            strange = [piece[20:HEADER].hex() for piece in came if piece[20:HEADER] != whole[20:HEADER]]
            if strange:
                faults.append("%s: options that nobody sent in %d of %d: %s" % (words, len(strange), len(came), strange[0]))
            came.sort(key=lambda piece: struct.unpack_from("!H", piece, 6)[0] & 0x1FFF)
            if b"".join(piece[HEADER:] for piece in came) != whole[HEADER:]:
                faults.append("%s: what came is not what was sent" % words)
    return faults


def lies(underlay, number, tenant, peer, device, mode):
    """A header too short for its own fields is no header, and nothing is cut by it: too big, and counted as that."""
    port, faults, number = ends.Port(peer, device), [], int(number)
    sender = Sender(tenant, device, mode, port.mac)
    under = control.Underlay(underlay)
    for ihl in range(5):
        before = under.stats(number)["tx_too_big"]
        for size in (3000, 8000):
            sender.send(packet(IDENT + ihl, ihl, size), 20)
        counted = under.stats(number)["tx_too_big"] - before
        if counted != 2:
            faults.append("ihl %d: tx_too_big is %d more, not 2" % (ihl, counted))
    sender.send(packet(IDENT + 9, 5, 1000), 20)
    if not ends.until(lambda: pieces(port, mode, IDENT + 9)):
        faults.append("a packet that fits did not come")
    # what was sent before it would have come before it
    for ihl in range(5):
        if pieces(port, mode, IDENT + ihl):
            faults.append("ihl %d: something came" % ihl)
    return faults


def stamps_of(sock, family):
    """(kind, id, the packet as it is shown) of each time stamp that waits."""
    found = []
    while True:
        try:
            data, control_data, _, _ = sock.recvmsg(1 << 16, 512, MSG_ERRQUEUE)
        except OSError as error:
            if error.errno != errno.EAGAIN:
                raise
            return found
        for level, kind, value in control_data:
            if (level, kind) == RECVERR[family]:
                _, origin, _, _, info, ident = struct.unpack_from("=IBBBxII", value)
                if origin == SO_EE_ORIGIN_TIMESTAMPING:
                    found.append((info, ident, data))


def stamps(tenant, peer, mode, source, destination):
    """One of each kind that was asked for, with the packet as the tenant's own devices have it, or with none."""
    family = socket.AF_INET6 if ":" in source else socket.AF_INET
    inner = (14 if mode == "l2" else 0) + (28 if family == socket.AF_INET else 48)
    faults = []
    with netns.inside(peer):
        sink = socket.socket(family, socket.SOCK_DGRAM)
    sink.bind((destination, PORT))
    sink.settimeout(ends.WAIT)
    for words, flags, kinds in (("software", SOFT_TX | SOFTWARE, {SENT}),
                                ("software, no data", SOFT_TX | SOFTWARE | TSONLY, {SENT}),
                                ("the queue's", SCHED_TX | SOFTWARE, {SCHEDULED}),
                                ("both", SCHED_TX | SOFT_TX | SOFTWARE, {SENT, SCHEDULED}),
                                ("both, no data", SCHED_TX | SOFT_TX | SOFTWARE | TSONLY, {SENT, SCHEDULED}),
                                ("hardware", HARD_TX | RAW_HARDWARE, set()),
                                ("all", HARD_TX | RAW_HARDWARE | SCHED_TX | SOFT_TX | SOFTWARE, {SENT, SCHEDULED})):
        with netns.inside(tenant):
            sock = socket.socket(family, socket.SOCK_DGRAM)
        sock.bind((source, 0))
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPING, flags | OPT_ID)
        sent = [os.urandom(size) for size in (10, 100, 1000)]
        for data in sent:
            sock.sendto(data, (destination, PORT))
            if sink.recv(1 << 16) != data:
                faults.append("%s: another packet came" % words)
        # the underlay's device has the packets by now, or they would not have come
        time.sleep(0.02)
        got = stamps_of(sock, family)
        wanted = sorted((kind, ident) for kind in kinds for ident in range(len(sent)))
        if sorted((kind, ident) for kind, ident, _ in got) != wanted:
            faults.append("%s: (kind, id) of time stamps: %s, not %s" % (words, sorted(stamp[:2] for stamp in got), wanted))
        for _, ident, data in got:
            if flags & TSONLY:
                right = not data
            else:
                right = len(data) == inner + len(sent[ident]) and data.endswith(sent[ident])
            if not right:
                faults.append("%s: %d octets are shown of a packet of %d: %s" %
                              (words, len(data), inner + len(sent[ident]), data.hex()[:200]))
        sock.close()
    return faults


def main(what, *arguments):
    faults = {"headers": headers, "lies": lies, "stamps": stamps}[what](*arguments)
    print("\n".join(faults[:20]))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
