# SPDX-License-Identifier: GPL-2.0
"""Offloads of devices, by ethtool's older requests: one system call each instead of one process."""

import array
import fcntl
import itertools
import socket
import struct

import netns

SIOCETHTOOL = 0x8946
# name: get, set
VALUES = {"tx": (0x16, 0x17), "sg": (0x18, 0x19), "tso": (0x1E, 0x1F), "gso": (0x23, 0x24), "gro": (0x2B, 0x2C)}
GET_FLAGS, SET_FLAGS, FLAG_TXVLAN, FLAG_RXVLAN = 0x25, 0x26, 1 << 7, 1 << 8


class Device:
    """A device of a netns."""

    def __init__(self, namespace, name):
        with netns.inside(namespace):
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.words = "%s in %s" % (name, namespace)
        self.name = name.encode()

    def request(self, command, value=0):
        buffer = array.array("I", (command, value))
        fcntl.ioctl(self.socket, SIOCETHTOOL, struct.pack("16sP8x", self.name, buffer.buffer_info()[0]))
        return buffer[1]

    def get(self):
        return {name: bool(self.request(get)) for name, (get, _) in VALUES.items()}

    def set(self, **wanted):
        """Raises OSError if the device has them differently afterwards."""
        for name, value in wanted.items():
            self.request(VALUES[name][1], value)
        got = self.get()
        if any(got[name] != value for name, value in wanted.items()):
            raise OSError("%s: offloads %s, not %s" % (self.words, got, wanted))

    def vlan(self, offloaded):
        """Whether a VLAN tag stands beside the packet, or in it."""
        flags = self.request(GET_FLAGS) & ~(FLAG_TXVLAN | FLAG_RXVLAN)
        self.request(SET_FLAGS, flags | (FLAG_TXVLAN | FLAG_RXVLAN if offloaded else 0))
        if bool(self.request(GET_FLAGS) & FLAG_TXVLAN) != offloaded:
            raise OSError("%s: VLAN offload cannot be changed" % self.words)


def combinations():
    """All that a device can have: without checksums no scattered data, without that no segmentation."""
    for values in itertools.product((True, False), repeat=len(VALUES)):
        one = dict(zip(VALUES, values))
        if (one["sg"] and not one["tx"]) or ((one["tso"] or one["gso"]) and not one["sg"]):
            continue
        yield one


def words(combination):
    return " ".join("%s %s" % (name, "on" if value else "off") for name, value in combination.items())
