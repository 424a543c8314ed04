#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Traffic between two network namespaces, from one process that has sockets in both.

    streams.py bulk FROM ADDRESS TO BYTES          TCP to ADDRESS in TO; what arrives must be what was sent (SHA-256)
    streams.py numbered FROM ADDRESS TO COUNT      numbered UDP: none may come twice, changed, or after a later one
    streams.py flood FROM ADDRESS TO SECONDS       UDP of many sizes, until then; whatever happens to it

FROM and TO are namespaces as `ip netns` names them. bulk and numbered exit with 1 if it was not so. numbered prints how
many of them came; none at all is a failure, fewer is not. flood takes a seventh of a CPU at most, so that others get to run too.
"""
import hashlib
import os
import pathlib
import select
import socket
import struct
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "peer"))
import netns  # noqa: E402

SECONDS = float(os.environ.get("WAIT_MS", "10000")) / 1000
PORT = 5201
SO_SNDBUFFORCE, SO_RCVBUFFORCE = 32, 33
BUFFER = 1 << 24
UNDER_WAY = 256
SIZES = (16, 100, 700, 1300, 3000)


def open_socket(name, address, kind):
    """A socket of a netns, of the address's family."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with netns.inside(name):
        sock = socket.socket(family, kind)
    sock.setsockopt(socket.SOL_SOCKET, SO_SNDBUFFORCE, BUFFER)
    sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER)
    return sock


def bulk(here, address, there, count):
    count = int(count)
    server = open_socket(there, address, socket.SOCK_STREAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind((address, PORT))
    server.listen(1)
    server.settimeout(SECONDS)
    client = open_socket(here, address, socket.SOCK_STREAM)
    client.settimeout(SECONDS)
    sent, got = hashlib.sha256(), hashlib.sha256()
    received = 0

    def send():
        left = count
        try:
            client.connect((address, PORT))
            while left:
                data = os.urandom(min(left, 1 << 16))
                client.sendall(data)
                sent.update(data)
                left -= len(data)
            client.shutdown(socket.SHUT_WR)
        except OSError as error:
            print("sender:", error)

    sender = threading.Thread(target=send)
    sender.start()
    try:
        connection = server.accept()[0]
        connection.settimeout(SECONDS)
        while True:
            data = connection.recv(1 << 18)
            if not data:
                break
            got.update(data)
            received += len(data)
    except OSError as error:
        print("receiver:", error)
    sender.join()
    same = received == count and sent.digest() == got.digest()
    print("%d of %d bytes%s" % (received, count, "" if same else ", not those that were sent"))
    return 0 if same else 1


def numbered_packet(number, size):
    head = struct.pack("!Q", number)
    return head + hashlib.sha256(head).digest() * (size // 32)


def numbered(here, address, there, count):
    """Never more on their way than a wire's queues have room for, however late their cipher takes them."""
    count = int(count)
    receiver = open_socket(there, address, socket.SOCK_DGRAM)
    receiver.bind((address, PORT))
    receiver.setblocking(False)
    sender = open_socket(here, address, socket.SOCK_DGRAM)
    # packets of one CPU keep their order, and a process is moved between CPUs now and then
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    came, last, seen, early, twice, changed, next_one, lost = 0, -1, set(), 0, 0, 0, 0, 0
    while came + lost < count:
        while next_one < min(count, came + lost + UNDER_WAY):
            sender.sendto(numbered_packet(next_one, next_one % 1300), (address, PORT))
            next_one += 1
        if not select.select([receiver], [], [], SECONDS / 5)[0]:
            lost = next_one - came
            continue
        try:
            while True:
                data = receiver.recv(1 << 16)
                number, = struct.unpack_from("!Q", data)
                changed += data != numbered_packet(number, number % 1300)
                twice += number in seen
                early += number < last
                seen.add(number)
                last = max(last, number)
                came += 1
        except BlockingIOError:
            pass
        lost = min(lost, next_one - came)
    print("%d of %d came, %d after a later one, %d twice, %d changed" % (came, count, early, twice, changed))
    return 1 if early or twice or changed or not came else 0


def flood(here, address, there, seconds):
    sink = open_socket(there, address, socket.SOCK_DGRAM)
    sink.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sink.bind(("", PORT + 1))
    sink.setblocking(False)
    sender = open_socket(here, address, socket.SOCK_DGRAM)
    sender.setblocking(False)
    payload = os.urandom(max(SIZES))
    end = time.monotonic() + float(seconds)
    while time.monotonic() < end:
        begin = time.monotonic()
        for size in SIZES * 2:
            try:
                sender.sendto(payload[:size], (address, PORT + 1))
            except OSError:  # no route, no device, no room: whatever is done to the wire meanwhile
                pass
        try:
            while sink.recv(1 << 16):
                pass
        except OSError:
            pass
        time.sleep(max(0.005, 6 * (time.monotonic() - begin)))
    return 0


if __name__ == "__main__":
    sys.exit({"bulk": bulk, "numbered": numbered, "flood": flood}[sys.argv[1]](*sys.argv[2:]))
