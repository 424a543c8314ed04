# SPDX-License-Identifier: GPL-2.0
"""What the tests put into wires: addresses of both ends, frames and packets between them."""

import inet

# the module's device of wire N, and who stands behind the peer
MAC_FAR = "02:77:00:00:00:02"
TEXT = b"this must never be seen on the underlay; "


def near(number, version):
    return "10.77.%d.1" % number if version == 4 else "fd77:%d::1" % number


def far(number, version):
    return "10.77.%d.2" % number if version == 4 else "fd77:%d::2" % number


def datagram(number, version, data, sport=4000, dport=4001, src=None, dst=None, partial=False, **ip):
    """A UDP packet from the far end of wire number to its near end."""
    src, dst = inet.address(src or far(number, version)), inet.address(dst or near(number, version))
    return inet.ip(src, dst, inet.UDP, inet.udp(src, dst, sport, dport, data, partial), **ip)


def segment(number, version, data, sport=4000, dport=4002, src=None, dst=None, partial=False, flags=0x18, **ip):
    """The same of TCP."""
    src, dst = inet.address(src or far(number, version)), inet.address(dst or near(number, version))
    return inet.ip(src, dst, inet.TCP, inet.tcp(src, dst, sport, dport, data, partial, flags=flags), **ip)


def plaintext(mode, packet, dst_mac=None, **ethernet):
    """What a wire of that mode carries for an IP packet."""
    if mode == "l3":
        return packet
    return inet.ethernet(dst_mac or b"\xff" * 6, inet.mac(MAC_FAR), packet, **ethernet)


def network(mode, plain):
    """The IP packet (or whatever else) in what a wire carries; nothing, of a keepalive."""
    return inet.network(plain)[1] if mode == "l2" and plain else plain
