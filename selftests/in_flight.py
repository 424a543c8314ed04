#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Something happens to a wire while many of its packets wait for an asynchronous cipher.

    in_flight.py {tx|rx} UNDERLAY WIRE FROM ADDRESS COUNT ACTION [ARGUMENT]

tx: COUNT small packets are sent from the namespace FROM to ADDRESS, beyond the wire whose id in the namespace UNDERLAY
is WIRE, and wait to be sealed. rx: COUNT packets with the tag ARGUMENT, from no one who has the key, are sent to port
4790 of ADDRESS, and wait to be opened. This process is a real-time one on one CPU, so no worker of that CPU takes any of
them off its queue before the action is under way; ksoftirqd, which brings them there when softirqs take long, goes first:

    none                nothing; prints the wire's counters when all of them have been dealt with
    wire                the wire is deleted
    sa-del TAG          the SA in the direction given is deleted (rx: TAG is left out)
    sa-new TAG:CIPHER   another transmitting SA takes the place of the one that they wait for, under a fresh key
    netns NAME          that namespace is deleted
    unload              so is the module

Fails if fewer than half of those that the queue has room for were waiting when the action began.
"""
import ctypes
import json
import os
import pathlib
import socket
import struct
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "peer"))
import control  # noqa: E402
import streams  # noqa: E402

SECONDS = float(os.environ.get("WAIT_MS", "10000")) / 1000
ROOM = 1024  # LW_ORDER_MAX of kmod/aead.c
UDP_SEGMENT, SEGMENTS = 103, 48
PORT = 4790
GPE_WORD = 0x0C0000FE
KEY_SIZES = {"aes-128-gcm": 20, "aes-256-gcm": 36, "chacha20-poly1305": 32}
MNT_DETACH, O_NONBLOCK, SYS_DELETE_MODULE = 2, os.O_NONBLOCK, 176
LIBC = ctypes.CDLL(None, use_errno=True)
WAITED = {"tx": ("tx_packets", "tx_keepalives", "tx_busy", "tx_no_sa", "tx_no_route", "tx_crypto"),
          "rx": ("rx_packets", "rx_keepalives", "rx_busy", "rx_auth")}


def call(name, *arguments):
    if getattr(LIBC, name)(*arguments):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()) + ": " + name)


def ksoftirqd(cpu):
    name = "ksoftirqd/%d\n" % cpu
    for comm in pathlib.Path("/proc").glob("[0-9]*/comm"):
        try:
            if comm.read_text() == name:
                return int(comm.parent.name)
        except OSError:
            pass  # has ended
    raise OSError("no ksoftirqd of CPU %d" % cpu)


def real_time(policy, softirqs):
    for process, priority in (softirqs, 20), (0, 10):
        os.sched_setscheduler(process, policy, os.sched_param(priority if policy == os.SCHED_FIFO else 0))


def datagrams(direction, count, tag):
    """COUNT datagrams, put together to super-packets."""
    if direction == "tx":
        one = [os.urandom(64)] * count
    else:
        # beyond any number that the clock has given, and none twice
        one = [struct.pack("!IIQ", GPE_WORD, tag << 8 | 0x02, (1 << 55) + n) + bytes(48) for n in range(count)]
    return len(one[0]), [b"".join(one[at : at + SEGMENTS]) for at in range(0, count, SEGMENTS)]


class Wire:
    """What is counted of a wire, and what is done to it."""

    def __init__(self, direction, underlay, number):
        self.direction, self.number = direction, number
        self.underlay = control.Underlay(underlay)

    def dealt_with(self):
        """How many packets have left the queue, or never got into it."""
        stats = self.underlay.stats(self.number)
        return sum(stats[name] for name in WAITED[self.direction]), stats

    def settle(self, sent, before):
        end = time.monotonic() + SECONDS
        done, stats = self.dealt_with()
        while done - before < sent and time.monotonic() < end:
            time.sleep(0.05)
            done, stats = self.dealt_with()
        return done - before, stats


def act(wire, sender, action, argument):
    if action == "wire":
        wire.underlay.wire_del(wire.number)
    elif action == "sa-del":
        wire.underlay.sa_del(wire.number, wire.direction, argument)
    elif action == "sa-new":
        tag, cipher = argument
        wire.underlay.sa_new(wire.number, "tx", tag=tag, cipher=cipher, key=os.urandom(KEY_SIZES[cipher]))
    elif action == "netns":
        # sockets keep a namespace alive
        sender.close()
        wire.underlay.route.close()
        wire.underlay.family.socket.close()
        call("umount2", ("/run/netns/" + argument).encode(), MNT_DETACH)
        os.unlink("/run/netns/" + argument)
    elif action == "unload":
        if LIBC.syscall(SYS_DELETE_MODULE, b"linkwire", O_NONBLOCK):
            raise OSError(ctypes.get_errno(), "delete_module: " + os.strerror(ctypes.get_errno()))


def main(direction, underlay, number, here, address, count, action, argument=""):
    count, tag = int(count), 0
    if direction == "rx" or action == "sa-del":
        tag = argument = int(argument.split(":")[0], 0)
    elif action == "sa-new":
        argument = (int(argument.split(":")[0], 0), argument.split(":")[1])
    wire = Wire(direction, underlay, int(number))
    sender = streams.open_socket(here, address, socket.SOCK_DGRAM)
    there = (address, PORT if direction == "rx" else streams.PORT + 2)
    size, data = datagrams(direction, count, tag)
    sender.setsockopt(17, UDP_SEGMENT, size)
    sender.sendto(data[0][:size], there)  # neighbours and routes are known from here on
    time.sleep(0.5)
    before = wire.dealt_with()[0]
    cpu = min(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cpu})
    softirqs = ksoftirqd(cpu)
    real_time(os.SCHED_FIFO, softirqs)
    try:
        for packet in data:
            sender.sendto(packet, there)
        done, stats = wire.dealt_with()
        waiting = count - (done - before)
        act(wire, sender, action, argument)
        end = time.monotonic() + 0.02
        while time.monotonic() < end:
            pass
    finally:
        real_time(os.SCHED_OTHER, softirqs)
    if waiting < min(count, ROOM) / 2:
        print("only %d were waiting" % waiting)
        return 1
    if action in ("wire", "netns", "unload"):
        return 0
    done, stats = wire.settle(count, before)
    print(json.dumps({"sent": count, "waited": waiting, "dealt_with": done, **{n: v for n, v in stats.items() if v}}))
    # a device has a few packets of its own (multicast listener reports)
    if not count <= done < count + 20:
        print("%d were sent, and %d dealt with" % (count, done))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
