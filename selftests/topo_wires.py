#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Proves each wire of a live topology: lwctl -j topo show FILE | topo_wires.py [NAME...]

A wire between two nodes: an echo request is sent out of its interface in either node's namespace to the address at the
other end, IPv4 and IPv6, and must be answered. A wire from a node to itself: raw frames with a text of their own are
sent out of one end and must come in at the other, both ways (a ping between two addresses of one namespace would stay
on the loopback device). L3 wires from a node to itself carry IP packets to an address that is nobody's.

Over the wires named nothing must be answered: they pass a chain by.

Prints what is not proven; the exit status is 0 if everything is, and a last line says how many were.
"""
import ctypes
import json
import os
import socket
import struct
import sys
import time

CLONE_NEWNET = 0x40000000
ETH_P_LOCAL = 0x88B5  # IEEE 802, for local experiments
SECONDS = float(os.environ.get("WAIT_MS", "10000")) / 1000
FRAMES = 5
libc = ctypes.CDLL(None, use_errno=True)


def enter(netns):
    fd = os.open("/run/netns/" + netns, os.O_RDONLY | os.O_CLOEXEC)
    if libc.setns(fd, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns " + netns)
    os.close(fd)


def checksum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Echo:
    """Echo requests to one address out of one interface, until one is answered."""

    def __init__(self, ifname, peer, ident):
        self.v6 = ":" in peer
        self.peer = socket.inet_pton(socket.AF_INET6 if self.v6 else socket.AF_INET, peer)
        self.ident = ident
        self.address = (peer, 0)
        if self.v6:
            self.sock = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
        else:
            self.sock = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, ifname.encode())
        self.sock.settimeout(0.5)

    def answered(self, seconds=SECONDS):
        request = struct.pack("!BBHHH", 128 if self.v6 else 8, 0, 0, self.ident, 1) + b"each wire"[:8]
        if not self.v6:  # the kernel fills in ICMPv6's
            request = request[:2] + struct.pack("!H", checksum(request)) + request[4:]
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                self.sock.sendto(request, self.address)
                while True:
                    data, source = self.sock.recvfrom(2048)
                    icmp = data if self.v6 else data[(data[0] & 15) * 4 :]
                    kind, _, _, ident, _ = struct.unpack("!BBHHH", icmp[:8])
                    family = socket.AF_INET6 if self.v6 else socket.AF_INET
                    if (
                        kind == (129 if self.v6 else 0)
                        and ident == self.ident
                        and socket.inet_pton(family, source[0]) == self.peer
                    ):
                        return True
            except OSError:  # no answer in time; or the neighbour is not known yet
                time.sleep(0.05)
        return False


def raw_socket(ifname, protocol):
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(protocol))
    sock.bind((ifname, protocol))
    sock.settimeout(0.5)
    return sock


def crosses(sender, receiver, mode):
    """Raw frames, or IP packets to 203.0.113.1, all FRAMES of them, in order."""
    text = ("%s to %s " % (sender, receiver)).encode() + os.urandom(16)
    protocol = ETH_P_LOCAL if mode == "l2" else 0x0800
    tx, rx = raw_socket(sender, protocol), raw_socket(receiver, protocol)
    sent = []
    for i in range(FRAMES):
        data = text + bytes([i])
        if mode == "l3":
            header = struct.pack(
                "!BBHHHBBH4s4s", 0x45, 0, 20 + len(data), i, 0, 64, 253, 0,
                socket.inet_aton("203.0.113.2"), socket.inet_aton("203.0.113.1"),
            )
            data = header[:10] + struct.pack("!H", checksum(header)) + header[12:] + data
        sent.append(data)
        tx.sendto(data, (sender, protocol, 0, 0, b"\xff" * 6))
    got = []
    end = time.monotonic() + SECONDS
    while len(got) < FRAMES and time.monotonic() < end:
        try:
            data, where = rx.recvfrom(2048)
        except TimeoutError:
            continue
        if where[2] != socket.PACKET_OUTGOING and text in data:
            got.append(data[: len(sent[0])])
    return got == sent


def segments(topology):
    """For each end, by node and interface: all addresses of ends that bridges join it to, with their own."""
    bridges = {node["name"] for node in topology["nodes"] if node.get("bridge")}
    joined = {}

    def ends_from(bridge, seen):
        for wire in topology["wires"]:
            names = [end["node"] for end in wire["ends"]]
            if bridge not in names:
                continue
            for end in wire["ends"]:
                if end["node"] not in bridges:
                    yield end
                elif end["node"] not in seen:
                    yield from ends_from(end["node"], seen | {end["node"]})

    for bridge in bridges:
        ends = list(ends_from(bridge, {bridge}))
        addresses = [address for end in ends for address in end["addresses"]]
        for end in ends:
            joined[end["node"], end["ifname"]] = addresses
    return bridges, joined


def prove(topology, closed):
    netns = {node["name"]: node["netns"] for node in topology["nodes"]}
    bridges, joined = segments(topology)
    failed, proven, loops, pings = [], 0, 0, 0
    for number, wire in enumerate(topology["wires"]):
        ends, bad = wire["ends"], []
        if wire["state"] == "down" and wire.get("admin") == "down":
            continue
        if wire["state"] != "up":
            bad.append("state " + wire["state"])
        for here, there in ((ends[0], ends[1]), (ends[1], ends[0])):
            if here["node"] in bridges:
                continue
            enter(netns[here["node"]])
            if ends[0]["node"] == ends[1]["node"]:
                if not crosses(here["ifname"], there["ifname"], wire["mode"]):
                    bad.append("frames from %s to %s" % (here["ifname"], there["ifname"]))
                continue
            addresses = joined[here["node"], here["ifname"]] if there["node"] in bridges else there["addresses"]
            for address in addresses:
                if address in here["addresses"]:
                    continue
                pings += 1
                echo = Echo(here["ifname"], address["local"], number + 1)
                if wire["name"] in closed:
                    if echo.answered(1):
                        bad.append("answered from %s to %s, past the chain" % (here["node"], address["local"]))
                elif not echo.answered():
                    bad.append("echo from %s to %s" % (here["node"], address["local"]))
        loops += ends[0]["node"] == ends[1]["node"]
        if bad:
            failed.append("%s: %s" % (wire["name"], ", ".join(bad)))
        else:
            proven += 1
    return failed, proven, loops, pings


def main():
    failed, proven, loops, pings = prove(json.load(sys.stdin), sys.argv[1:])
    for line in failed:
        print("not proven:", line)
    print("%d wires proven, %d of them from a node to itself, %d pings" % (proven, loops, pings))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
