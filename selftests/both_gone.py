#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A wire is deleted by the tenant who has its device, and the underlay's namespace while that waits for packets.

    both_gone.py {tx|rx} UNDERLAY WIRE TENANT DEVICE FROM ADDRESS COUNT

COUNT packets wait for an asynchronous cipher when the device is deleted, as in_flight.py has it. tx: they are sent from FROM
to ADDRESS beyond the wire. rx: they are authentic ones, sent from FROM to the underlay's ADDRESS. Until the last of them has
been dealt with the device is referred to, so its deletion does not come to its end; nor may that of the underlay, though it
has no wire any more. With - for DEVICE nobody deletes it, and it goes with the underlay. Fails if one of them does not come to its end, or too few packets waited.
"""
import os
import pathlib
import secrets
import socket
import struct
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "peer"))
import control  # noqa: E402
import in_flight  # noqa: E402
import netlink  # noqa: E402
import streams  # noqa: E402
import wire  # noqa: E402

RTM_DELLINK = 17
CIPHER = "aes-256-gcm"


def deleter(tenant, device, go):
    """A process that deletes the device when it is told to."""
    child = os.fork()
    if child:
        return child
    try:
        route = netlink.Socket(netlink.NETLINK_ROUTE, tenant)
        os.read(go, 1)
        route.request(RTM_DELLINK, 0, struct.pack("=BxHiII", socket.AF_UNSPEC, 0, 0, 0, 0)
                      + netlink.attr(control.IFLA_IFNAME, device))
        os._exit(0)
    finally:
        os._exit(1)


def authentic(underlay, number, count):
    """Under a key of their own."""
    material = secrets.token_bytes(wire.CIPHERS[CIPHER])
    tag = underlay.sa_new(number, "rx", cipher=CIPHER, key=material)
    key = wire.Key(CIPHER, material)
    plain = bytes.fromhex("4500001c00000000400100000a4d01020a4d01010800f7ff00000000")     # an echo request
    return [wire.FIRST_WORD + key.seal(tag, wire.PACKET, n, plain) for n in range(1, count + 1)]


def main(direction, underlay, number, tenant, device, here, address, count):
    count = int(count)
    reader, writer = os.pipe()
    child = deleter(tenant, device, reader) if device != "-" else 0
    state = in_flight.Wire(direction, underlay, int(number))
    sender = streams.open_socket(here, address, socket.SOCK_DGRAM)
    if direction == "rx":
        packets, there = authentic(state.underlay, int(number), count), (address, in_flight.PORT)
    else:
        packets, there = [os.urandom(64)] * count, (address, streams.PORT + 2)
    sender.setsockopt(17, in_flight.UDP_SEGMENT, len(packets[0]))
    sender.sendto(packets[0], there)    # neighbours and routes are known from here on
    data = [b"".join(packets[at:at + in_flight.SEGMENTS]) for at in range(1, count, in_flight.SEGMENTS)]
    time.sleep(0.5)
    before = state.dealt_with()[0]
    cpus = os.sched_getaffinity(0)
    cpu = min(cpus)
    if child and len(cpus) > 1:
        os.sched_setaffinity(child, cpus - {cpu})
    os.sched_setaffinity(0, {cpu})
    softirqs = in_flight.ksoftirqd(cpu)
    in_flight.real_time(os.SCHED_FIFO, softirqs)
    try:
        for packet in data:
            sender.sendto(packet, there)
        waiting = count - 1 - (state.dealt_with()[0] - before)
        if child:
            os.sched_setscheduler(child, os.SCHED_FIFO, os.sched_param(10))
            os.write(writer, b"!")
        # sockets keep a namespace alive
        sender.close()
        state.underlay.route.close()
        state.underlay.family.socket.close()
        # it has begun: the namespace's own deletion comes behind it
        if len(cpus) > 1:
            hold(0.05)
        else:
            os.sched_yield()
        in_flight.call("umount2", ("/run/netns/" + underlay).encode(), in_flight.MNT_DETACH)
        os.unlink("/run/netns/" + underlay)
        if len(cpus) > 1:
            hold(0.4)       # they wait on this CPU; the namespace is taken down on the other
    finally:
        in_flight.real_time(os.SCHED_OTHER, softirqs)
    if waiting < min(count, in_flight.ROOM) / 2:
        print("only %d were waiting" % waiting)
        return 1
    end = time.monotonic() + in_flight.SECONDS
    while child and time.monotonic() < end:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            print("%d waited; the deletion's status is %d" % (waiting, status))
            return 1 if status else 0
        time.sleep(0.05)
    if child:
        print("the device's deletion does not come to its end")
    return 1 if child else 0


def hold(seconds):
    """Keeps this CPU."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


if __name__ == "__main__":
    if len(sys.argv) != 9:
        sys.exit(__doc__.strip())
    sys.exit(main(*sys.argv[1:]))
