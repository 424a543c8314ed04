#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Numbered datagrams both ways, as fast as they go, while a command runs again and again; every one is counted.

    flood.py A B ADDRESS_A ADDRESS_B ROUNDS COMMAND...

The command gets ROUND (from 0) in its environment. Between two of them each way carries GAP datagrams at least. Exits
with 0 if the commands did and each datagram arrived once: none lost, none twice, none that was not sent. At most WINDOW
are under way, so that no queue of the path overflows.
"""

import os
import socket
import struct
import subprocess
import sys
import time

import netns

PORT, GAP, WINDOW, BURST = 7007, 200, 256, 16
# a receive buffer that holds a window of the largest, whatever the limit of the machine
SO_RCVBUFFORCE = 33
SIZES = (12, 64, 300, 900, 1200)
WAIT = int(os.environ.get("WAIT_MS", "10000")) / 1000


class Way:
    """One direction."""

    def __init__(self, name, source, sink, src, dst):
        kind = socket.AF_INET6 if ":" in dst else socket.AF_INET
        with netns.inside(source):
            self.out = socket.socket(kind, socket.SOCK_DGRAM)
        with netns.inside(sink):
            self.into = socket.socket(kind, socket.SOCK_DGRAM)
        self.into.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 22)
        self.into.bind((dst, PORT))
        self.out.bind((src, 0))
        self.out.connect((dst, PORT))
        self.into.setblocking(False)
        self.name, self.sent, self.highest, self.came = name, 0, -1, bytearray()
        self.twice = self.strange = 0
        self.progress = time.monotonic()

    def push(self):
        if self.sent - self.highest - 1 >= WINDOW and time.monotonic() - self.progress < 1:
            return
        for _ in range(BURST):
            size = SIZES[self.sent % len(SIZES)]
            self.out.send(struct.pack("!Q", self.sent) + bytes(size - 8))
            self.sent += 1
            self.came.append(0)

    def drain(self):
        while True:
            try:
                data = self.into.recv(2048)
            except BlockingIOError:
                return
            number, = struct.unpack_from("!Q", data)
            if number >= self.sent or len(data) != SIZES[number % len(SIZES)]:
                self.strange += 1
                continue
            self.twice += self.came[number]
            self.came[number] = 1
            if number > self.highest:
                self.highest, self.progress = number, time.monotonic()

    def lost(self):
        return self.came.count(0)

    def verdict(self):
        gone = [number for number, came in enumerate(self.came) if not came]
        print("%s: %d sent, %d lost, %d twice, %d strange%s" % (self.name, self.sent, len(gone), self.twice, self.strange,
                                                                 "; lost: %s ..." % gone[:10] if gone else ""))
        return not gone and not self.twice and not self.strange


def main():
    a, b, at_a, at_b, rounds = sys.argv[1:6]
    ways = (Way("a to b", a, b, at_a, at_b), Way("b to a", b, a, at_b, at_a))
    command, number, bad = None, 0, 0
    marks = [GAP] * 2
    while True:
        for way in ways:
            way.push()
            way.drain()
        if command:
            if command.poll() is None:
                continue
            if command.returncode:
                print("round %d: exit %d" % (number, command.returncode))
                bad += 1
            command, number = None, number + 1
            marks = [way.highest + GAP for way in ways]
        if any(way.highest < mark for way, mark in zip(ways, marks)):
            if max(time.monotonic() - way.progress for way in ways) > WAIT:
                print("nothing arrives any more, in round %d" % number)
                bad += 1
                break
            continue
        if number == int(rounds):
            break
        # pylint: disable=consider-using-with
        command = subprocess.Popen(sys.argv[6:], env={**os.environ, "ROUND": str(number)})
    end = time.monotonic() + WAIT / 2
    while any(way.lost() for way in ways) and time.monotonic() < end:
        for way in ways:
            way.drain()
        time.sleep(0.01)
    time.sleep(0.1)     # what would come twice
    for way in ways:
        way.drain()
    return 0 if all([way.verdict() for way in ways]) and not bad else 1


if __name__ == "__main__":
    sys.exit(main())
