#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Floods each wire of a live topology, both ways, until a file is there: lwctl -j topo show FILE | topo_flood.py STOP

Says "flooding" when each wire has carried something. At the end it waits for what is under way, and the last line says
how much was sent and how much was lost. Never more datagrams are under way than a socket has room for, so whatever is
lost was lost on the wire.
"""
import json
import os
import socket
import sys
import time

from topo_wires import enter

SECONDS = float(os.environ.get("WAIT_MS", "10000")) / 1000
WINDOW = 8
PORT = 7300


class Way:
    """One direction of one wire."""

    def __init__(self, number, sender, receiver, netns):
        self.name = "%s:%s" % (sender["node"], sender["ifname"])
        self.near = self.socket(number, sender, netns)
        self.far = self.socket(number, receiver, netns)
        self.to = (receiver["addresses"][0]["local"], PORT + number)
        self.sent = self.got = 0

    @staticmethod
    def socket(number, end, netns):
        enter(netns[end["node"]])
        address = end["addresses"][0]["local"]
        sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, end["ifname"].encode())
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((address, PORT + number))
        return sock

    def take(self):
        try:
            while True:
                self.far.recv(2048)
                self.got += 1
        except BlockingIOError:
            pass

    def turn(self):
        self.take()
        while self.sent - self.got < WINDOW:
            try:
                self.near.sendto(b"%d of %s" % (self.sent, self.name.encode()) + b"." * 600, self.to)
            except OSError:  # its carrier is not up yet; once it was, it stays
                if self.got:
                    raise
                break
            self.sent += 1
        self.take()


def main():
    topology = json.load(sys.stdin)
    netns = {node["name"]: node["netns"] for node in topology["nodes"]}
    ways = []
    for number, wire in enumerate(topology["wires"]):
        one, other = wire["ends"]
        if one["node"] != other["node"] and wire["state"] != "not-in-file":
            ways += [Way(2 * number, one, other, netns), Way(2 * number + 1, other, one, netns)]
    flooding, began = False, time.monotonic()
    while not os.path.exists(sys.argv[1]):
        for way in ways:
            way.turn()
        if not flooding and all(way.got for way in ways):
            flooding = True
            print("flooding %d ways" % len(ways), flush=True)
        if not flooding and time.monotonic() > began + SECONDS:
            print("silent: " + " ".join(way.name for way in ways if not way.got))
            return 1
    end = time.monotonic() + SECONDS
    while any(way.got < way.sent for way in ways) and time.monotonic() < end:
        for way in ways:
            way.take()
        time.sleep(0.01)
    for way in ways:
        if way.got < way.sent:
            print("%s: %d of %d lost" % (way.name, way.sent - way.got, way.sent))
    sent = sum(way.sent for way in ways)
    print("%d sent, lost %d" % (sent, sent - sum(way.got for way in ways)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
