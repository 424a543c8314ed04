# SPDX-License-Identifier: GPL-2.0
"""Traffic between two network namespaces, held from one process: datagrams and streams, each compared with what was sent.

An end is (netns, address). BULK_KB and BULK_MS bound a stream's size and time: it ends with whichever comes first, but never
below BULK_MIN, so that one test fits fast and slow machines.
"""

import hashlib
import os
import random
import select
import socket
import time

import netns

WAIT = int(os.environ.get("WAIT_MS", "10000")) / 1000
BULK_KB = int(os.environ.get("BULK_KB", "4096"))
BULK_MS = int(os.environ.get("BULK_MS", "300"))
BULK_MIN = 300000
CHUNK = 1 << 17

SOL_UDP, UDP_SEGMENT, UDP_GRO, SO_RCVBUFFORCE = 17, 103, 104, 33
IP_MTU_DISCOVER, IP_PMTUDISC_DONT, IP_PMTUDISC_DO = 10, 0, 2
IPV6_MTU_DISCOVER = 23

NOISE = random.Random(4790).randbytes(1 << 20)


class Lost(Exception):
    """What was sent did not arrive as it was sent."""


def kind(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def text(seed, size):
    """size bytes that look like those of no other seed."""
    start = seed * 7919 % (len(NOISE) - 70000)
    return NOISE[start:start + size]


def udp(end, peer, port=7000):
    """A UDP socket of end, connected to peer."""
    namespace, address = end
    with netns.inside(namespace):
        sock = socket.socket(kind(address), socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 21)
    sock.bind((address, port))
    sock.connect((peer[1], port))
    sock.settimeout(WAIT)
    return sock


def udp_pair(left, right, port=7000):
    return udp(left, right, port), udp(right, left, port)


def expect(sock, wanted, words):
    """The next datagram must be this one."""
    try:
        got = sock.recv(1 << 16)
    except TimeoutError:
        raise Lost("%s: nothing came" % words) from None
    if got != wanted:
        same = next((i for i, (x, y) in enumerate(zip(got, wanted)) if x != y), min(len(got), len(wanted)))
        raise Lost("%s: %d bytes for %d, alike up to %d" % (words, len(got), len(wanted), same))


def datagrams(left, right, sizes, port=7000):
    """A datagram of each size, there and back."""
    there, back = udp_pair(left, right, port)
    for size in sizes:
        for sender, receiver, words in ((there, back, "there"), (back, there, "back")):
            data = text(size, size)
            sender.send(data)
            expect(receiver, data, "UDP of %d bytes to %s, %s" % (size, right[1], words))
    there.close()
    back.close()


def tcp_pair(left, right, port=7001):
    """Connected TCP sockets: of left, of right. The left one connects."""
    with netns.inside(right[0]):
        listener = socket.create_server((right[1], port), family=kind(right[1]), backlog=1)
    with netns.inside(left[0]):
        near = socket.socket(kind(left[1]), socket.SOCK_STREAM)
    near.bind((left[1], 0))
    near.settimeout(WAIT)
    try:
        near.connect((right[1], port))
    except TimeoutError:
        raise Lost("TCP from %s to %s: no connection" % (left[1], right[1])) from None
    far = listener.accept()[0]
    listener.close()
    return near, far


class Stream:
    """One direction of a TCP connection, driven from both ends."""

    def __init__(self, sender, receiver, words):
        self.sender, self.receiver, self.words = sender, receiver, words
        sender.setblocking(False)
        receiver.setblocking(False)
        self.sent = self.got = 0
        self.into, self.out = hashlib.sha256(), hashlib.sha256()

    def send(self):
        start = self.sent % (len(NOISE) - CHUNK)
        done = self.sender.send(memoryview(NOISE)[start:start + CHUNK])
        self.into.update(memoryview(NOISE)[start:start + done])
        self.sent += done

    def run(self, more):
        """Sends while more(stream) is true and reads all of it; an end of progress for WAIT seconds is a loss."""
        last = time.monotonic()
        sending = True
        while sending or self.got < self.sent:
            sending = sending and more(self)
            readable, writable, _ = select.select([self.receiver], [self.sender] if sending else [], [], 0.2)
            if writable:
                self.send()
            if readable:
                data = self.receiver.recv(1 << 18)
                if not data:
                    raise Lost("%s: closed after %d bytes" % (self.words, self.got))
                self.out.update(data)
                self.got += len(data)
                last = time.monotonic()
            if time.monotonic() - last > WAIT:
                raise Lost("%s: stuck after %d of %d bytes" % (self.words, self.got, self.sent))
        if self.got != self.sent or self.into.digest() != self.out.digest():
            raise Lost("%s: %d bytes sent and %d received are not the same" % (self.words, self.sent, self.got))
        return self.got


def bounded(least=BULK_MIN, most=None, seconds=None):
    """For Stream.run: more, until it is enough."""
    most = most or max(BULK_KB * 1024, least)
    end = time.monotonic() + (BULK_MS / 1000 if seconds is None else seconds)
    return lambda stream: stream.sent < least or (stream.sent < most and time.monotonic() < end)


def bulk(left, right, port=7001, both=True, **bounds):
    """Streams from left to right and, if both, back; returns the bytes that crossed."""
    near, far = tcp_pair(left, right, port)
    words = "TCP %s - %s" % (left[1], right[1])
    crossed = Stream(near, far, words).run(bounded(**bounds))
    if both:
        crossed += Stream(far, near, words + ", back").run(bounded(**bounds))
    near.close()
    far.close()
    return crossed


def main(run, *argv):
    """Runs it; what it raises as Lost, or returns as a list, is printed as what is wrong. The exit status."""
    try:
        faults = run(*argv) or []
    except Lost as lost:
        faults = [lost]
    for fault in faults[:20]:
        print(fault)
    return 1 if faults else 0
