# SPDX-License-Identifier: GPL-2.0
"""A TCP flow as bytes: its segments, the super-packet that they are cut from, and how the stack is given one."""

import socket
import struct

import inet
import inner
import netns

SOL_PACKET, PACKET_VNET_HDR = 263, 15
NEEDS_CSUM, GSO_TCPV4, GSO_TCPV6, GSO_ECN = 1, 1, 4, 0x80
ETH_P = {4: inet.ETH_IPV4, 6: inet.ETH_IPV6}
OPTIONS = bytes.fromhex("0101080a") + b"\1\2\3\4\5\6\7\x08"
ACK, CWR = 0x10, 0x80


class Flow:
    """From the far end of a wire to its near end. Each call goes on where the one before stopped."""

    def __init__(self, mode, mac, number, version):
        self.mode, self.mac, self.version = mode, mac, version
        self.src, self.dst = inet.address(inner.far(number, version)), inet.address(inner.near(number, version))
        self.seq, self.ident = 0xFFFFF000, 0xFFF0	# over their ends

    def packet(self, seq, ident, data, flags, partial=True, other=None):
        """What the wire carries for a segment; other: the field that differs from those of its neighbours."""
        options = OPTIONS[:-1] + b"\xff" if other == "options" else OPTIONS
        head = struct.pack("!HHIIBBHHH", 4000, 4003 if other == "dport" else 4002, (seq + (other == "seq")) % (1 << 32),
                           8 if other == "ack" else 7, (20 + len(options)) // 4 << 4, flags | (8 if other == "flags" else 0),
                           1025 if other == "window" else 1024, 0, 3 if other == "urgent" else 0) + options
        total = inet.transport_sum(self.src, self.dst, inet.TCP, head + data, partial) ^ (other == "sum")
        packet = inet.ip(self.src, self.dst, inet.TCP, head[:16] + struct.pack("!H", total) + head[18:] + data,
                         ident=(ident + (other == "ident")) % (1 << 16), tos=4 if other == "tos" else 0,
                         ttl=63 if other == "ttl" else 64)
        return inner.plaintext(self.mode, packet, self.mac)

    def segments(self, count, mss, last, first_flags=ACK, last_flags=ACK, odd=(None, None), partial=True):
        """(the segments, the super-packet)"""
        data = bytes(i * 7 % 251 for i in range(self.seq % 251, self.seq % 251 + (count - 1) * mss + last))
        flags = [first_flags] + [first_flags & ~CWR] * (count - 1)
        flags[-1] |= last_flags
        plains = [self.packet((self.seq + i * mss) % (1 << 32), (self.ident + i) % (1 << 16), data[i * mss:(i + 1) * mss], flags[i],
                              partial, odd[1] if odd[0] == i else None) for i in range(count)]
        joined = self.packet(self.seq, self.ident, data, first_flags | last_flags)
        self.seq = (self.seq + len(data)) % (1 << 32)
        self.ident = (self.ident + count) % (1 << 16)
        return plains, joined

    def bytes_of(self, frames):
        """{(port, place in the stream): byte} of the segments in frames."""
        found = {}
        for frame in frames:
            packet = inner.network(self.mode, frame)
            parsed = inet.parse_ip(packet)
            if parsed and parsed[2] == inet.TCP:
                port, seq, offset = *struct.unpack_from("!2xHI", parsed[3]), parsed[3][12] >> 4 << 2
                found.update(((port, (seq + i) % (1 << 32)), byte) for i, byte in enumerate(parsed[3][offset:]))
        return found


class Sender:
    """Hands super-packets to a device, as a virtual machine's network card would."""

    def __init__(self, namespace, device):
        with netns.inside(namespace):
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.socket.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
        self.device = device

    def send(self, flow, frame, mss):
        l3 = len(frame) - len(inner.network(flow.mode, frame))
        l4 = l3 + (20 if flow.version == 4 else 40)
        kind = GSO_TCPV4 if flow.version == 4 else GSO_TCPV6
        if frame[l4 + 13] & CWR:
            kind |= GSO_ECN
        head = struct.pack("=BBHHHH", NEEDS_CSUM, kind, l4 + (frame[l4 + 12] >> 4 << 2), mss, l4, 16)
        self.socket.sendto(head + frame, (self.device, ETH_P[flow.version]))
