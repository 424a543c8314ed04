#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Proves the routes of a live topology: lwctl -j topo show FILE | topo_pairs.py [LEAST]

Every node sends an echo request to every address that every other node has on its loopback device, IPv4 and IPv6, and
each must be answered. Bridges have none. Prints who does not reach whom; the exit status is 0 if all do and there are
at least LEAST pairs, and a last line says how many there were.
"""
import json
import os
import select
import socket
import struct
import subprocess
import sys
import time

from topo_wires import checksum, enter

SECONDS = float(os.environ.get("WAIT_MS", "10000")) / 1000
AT_ONCE = 64  # requests between two looks at the answers: no socket's buffer has to hold more
PROTOCOL = {4: (socket.AF_INET, socket.IPPROTO_ICMP, 8, 0), 6: (socket.AF_INET6, socket.IPPROTO_ICMPV6, 128, 129)}


def loopbacks(netns):
    """{4: [...], 6: [...]}: what a namespace has on lo, but what every host has there."""
    found = {4: [], 6: []}
    shown = subprocess.run(["ip", "-n", netns, "-j", "address", "show", "dev", "lo"], check=True, capture_output=True)
    for address in json.loads(shown.stdout)[0]["addr_info"]:
        if address["scope"] != "host":
            found[6 if address["family"] == "inet6" else 4].append(address["local"])
    return found


def ask(netns, version, peers):
    """The peers that do not answer a node."""
    family, protocol, request, reply = PROTOCOL[version]
    enter(netns)
    sock = socket.socket(family, socket.SOCK_RAW | socket.SOCK_NONBLOCK, protocol)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    ident = os.getpid() & 0xFFFF
    waiting = {socket.inet_pton(family, peer): peer for peer in peers}
    end = time.monotonic() + SECONDS

    def listen(seconds):
        until = time.monotonic() + seconds
        while waiting and select.select([sock], [], [], max(0, until - time.monotonic()))[0]:
            data, source = sock.recvfrom(2048)
            icmp = data if version == 6 else data[(data[0] & 15) * 4:]
            kind, _, _, got, _ = struct.unpack("!BBHHH", icmp[:8])
            if kind == reply and got == ident:
                waiting.pop(socket.inet_pton(family, source[0].partition("%")[0]), None)

    while waiting and time.monotonic() < end:
        for number, peer in enumerate(list(waiting.values())):
            packet = struct.pack("!BBHHH", request, 0, 0, ident, number & 0xFFFF) + b"all pairs!"
            if version == 4:  # the kernel fills in ICMPv6's
                packet = packet[:2] + struct.pack("!H", checksum(packet)) + packet[4:]
            try:
                sock.sendto(packet, (peer, 0))
            except OSError as error:  # no route (yet): it is asked again until the time is over
                if time.monotonic() + 1 > end:
                    print("%s to %s: %s" % (netns, peer, error))
            if number % AT_ONCE == AT_ONCE - 1:
                listen(0)
        listen(0.5)
    sock.close()
    return list(waiting.values())


def main():
    topology = json.load(sys.stdin)
    least = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    nodes = {node["netns"]: loopbacks(node["netns"]) for node in topology["nodes"]}
    nodes = {netns: found for netns, found in nodes.items() if found[4] or found[6]}
    pairs = failed = 0
    for netns in nodes:
        for version in PROTOCOL:
            peers = [address for other, found in nodes.items() if other != netns for address in found[version]]
            silent = ask(netns, version, peers) if nodes[netns][version] and peers else []
            pairs += len(peers)
            failed += len(silent)
            if silent:
                print("not reached from %s: %s" % (netns, " ".join(silent)))
    print("%d pairs, %d of them silent" % (pairs, failed))
    return 1 if failed or pairs < least else 0


if __name__ == "__main__":
    sys.exit(main())
