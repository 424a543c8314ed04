#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""How fast TCP is between two namespaces: topo_speed.py FROM TO ADDRESS SECONDS, where ADDRESS is one of TO's.

Prints kbit/s of what has arrived in the last half of the time: what a shaper lets through at once is not its rate.
"""
import ctypes
import os
import socket
import sys
import threading
import time

CLONE_NEWNET = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)


def socket_in(netns, family):
    """Made by a thread of its own, which stays in that namespace."""
    made = []

    def make():
        fd = os.open("/run/netns/" + netns, os.O_RDONLY | os.O_CLOEXEC)
        if libc.setns(fd, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns " + netns)
        os.close(fd)
        made.append(socket.socket(family, socket.SOCK_STREAM))

    thread = threading.Thread(target=make)
    thread.start()
    thread.join()
    return made[0]


def main():
    sender, receiver, address, seconds = sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4])
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket_in(receiver, family)
    listener.bind((address, 0))
    listener.listen(1)
    client = socket_in(sender, family)
    client.settimeout(10)
    client.connect((address, listener.getsockname()[1]))
    server, _ = listener.accept()
    end = time.monotonic() + seconds

    def send():
        data = bytes(65536)
        try:
            while time.monotonic() < end:
                client.send(data)
        except OSError:
            pass

    thread = threading.Thread(target=send)
    thread.start()
    server.settimeout(0.2)
    half, got = end - seconds / 2, 0
    while time.monotonic() < end:
        try:
            n = len(server.recv(1 << 20))
        except TimeoutError:
            continue
        if time.monotonic() > half:
            got += n
    server.close()
    thread.join()
    print(int(got * 8 / 1000 / (seconds / 2)))


if __name__ == "__main__":
    main()
