# SPDX-License-Identifier: GPL-2.0
"""Ethernet, IPv4, IPv6, UDP and TCP as bytes: no more than what the tests send and look at."""

import ipaddress
import struct

ETH_IPV4, ETH_IPV6, ETH_8021Q, ETH_8021AD = 0x0800, 0x86DD, 0x8100, 0x88A8
TCP, UDP = 6, 17


def fold(data, start=0):
    """The one's complement 16-bit sum of data, added to start."""
    if len(data) % 2:
        data += b"\0"
    total = start + sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def checksum(data, start=0):
    return fold(data, start) ^ 0xFFFF


def address(text):
    return ipaddress.ip_address(text).packed


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def pseudo_header(src, dst, protocol, length):
    """src and dst packed, of one family."""
    if len(src) == 4:
        return src + dst + struct.pack("!BBH", 0, protocol, length)
    return src + dst + struct.pack("!IHBB", length, 0, 0, protocol)


def ethernet(dst, src, payload, ethertype=None, vlan=None, vlan_type=ETH_8021Q):
    """A frame. The type follows from an IP payload unless given."""
    if ethertype is None:
        ethertype = ETH_IPV6 if payload[0] >> 4 == 6 else ETH_IPV4
    tag = struct.pack("!HH", vlan_type, vlan) if vlan is not None else b""
    return dst + src + tag + struct.pack("!H", ethertype) + payload


def ip(src, dst, protocol, payload, ttl=64, tos=0, df=True, ident=0, fragment=0, options=b""):
    """An IPv4 or IPv6 packet, by the length of src. fragment: the offset field with MF, IPv4 only."""
    if len(src) == 16:
        return struct.pack("!IHBB", 6 << 28 | tos << 20, len(payload), protocol, ttl) + src + dst + payload
    ihl = 5 + len(options) // 4
    head = struct.pack("!BBHHHBBH", 0x40 | ihl, tos, ihl * 4 + len(payload), ident,
                       0x4000 * df | fragment, ttl, protocol, 0) + src + dst + options
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def transport_sum(src, dst, protocol, segment, partial):
    """What the checksum field holds: the whole checksum, or the pseudo-header's folded sum."""
    pseudo = fold(pseudo_header(src, dst, protocol, len(segment)))
    if partial:
        return pseudo
    total = checksum(segment, pseudo)
    return 0xFFFF if protocol == UDP and total == 0 else total


def udp(src, dst, sport, dport, data, partial=False):
    segment = struct.pack("!HHHH", sport, dport, 8 + len(data), 0) + data
    return segment[:6] + struct.pack("!H", transport_sum(src, dst, UDP, segment, partial)) + data


def tcp(src, dst, sport, dport, data, partial=False, seq=1, flags=0x18):
    segment = struct.pack("!HHIIBBHHH", sport, dport, seq, 1, 5 << 4, flags, 1024, 0, 0) + data
    return segment[:16] + struct.pack("!H", transport_sum(src, dst, TCP, segment, partial)) + segment[18:]


def network(frame):
    """The type of an Ethernet frame and what is behind its header (VLAN tags looked through)."""
    offset = 12
    ethertype, = struct.unpack_from("!H", frame, offset)
    while ethertype in (ETH_8021Q, ETH_8021AD):
        offset += 4
        ethertype, = struct.unpack_from("!H", frame, offset)
    return ethertype, frame[offset + 2:]


def parse_ip(packet):
    """(src, dst, protocol, payload, tos, ttl) of an IP packet, cut to the length in its header; None if it is none."""
    if len(packet) >= 20 and packet[0] >> 4 == 4:
        header = (packet[0] & 15) * 4
        total, = struct.unpack_from("!H", packet, 2)
        return packet[12:16], packet[16:20], packet[9], packet[header:total], packet[1], packet[8]
    if len(packet) >= 40 and packet[0] >> 4 == 6:
        word, length, following, ttl = struct.unpack_from("!IHBB", packet)
        return packet[8:24], packet[24:40], following, packet[40:40 + length], word >> 20 & 0xFF, ttl
    return None


def transport_ok(packet):
    """Whether the TCP or UDP checksum of an IP packet is right."""
    src, dst, protocol, segment = parse_ip(packet)[:4]
    return fold(segment, fold(pseudo_header(src, dst, protocol, len(segment)))) == 0xFFFF
