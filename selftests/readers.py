#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Those who read netlink, and what goes on while they do.

    readers.py sas NAMESPACE       dumps of SAs, from each of which the wire goes that the dump has stopped in
    readers.py shrink PROCESS      gives its netlink sockets the smallest receive buffers there are
"""
import collections
import ctypes
import os
import pathlib
import secrets
import socket
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "peer"))
import control  # noqa: E402
import netlink  # noqa: E402
import uapi  # noqa: E402

WIRES, EACH = 24, 5     # a transmitting SA and four receiving ones are as many as a wire may have
READS = 8192, 7800, 7300, 6900
SYS_PIDFD_OPEN, SYS_PIDFD_GETFD = 434, 438
LIBC = ctypes.CDLL(None, use_errno=True)


def dump(namespace, size):
    """
    The wires' ids of a dump's SAs, a list for each read, and before that one of nothing. At each the kernel has made the next
    already; how much is in that depends on the size of the reads.
    """
    family = netlink.Family(uapi.LINKWIRE_FAMILY_NAME, uapi.LINKWIRE_FAMILY_VERSION, namespace)
    family.socket.close()
    sock = netlink.Socket(netlink.NETLINK_GENERIC, namespace).socket
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    body = struct.pack("=BBH", uapi.LINKWIRE_CMD_SA_GET, uapi.LINKWIRE_FAMILY_VERSION, 0)
    sock.send(struct.pack("=IHHII", 16 + len(body), family.id, netlink.NLM_F_REQUEST | netlink.NLM_F_DUMP, 99, 0) + body)
    yield []
    while True:
        data, ids = sock.recv(size), []
        while data:
            length, kind, flags = struct.unpack_from("=IHH", data)
            if kind in (netlink.NLMSG_ERROR, netlink.NLMSG_DONE):
                netlink.finished(kind, flags, data[16:length])
                yield ids
                sock.close()
                return
            ids.append(netlink.number(netlink.attrs(data[20:length])[uapi.LINKWIRE_A_ID]))
            data = data[length + 3 & ~3:]
        yield ids


def stops(parts):
    """(part, wire): those that end within a wire's SAs, other wires behind it."""
    last = max(sum(parts, []))
    for part, ids in enumerate(parts[:-1]):
        if ids and ids[-1:] == parts[part + 1][:1] != [last]:
            yield part, ids[-1]


def sas(namespace):
    underlay = control.Underlay(namespace)
    for number in range(1, WIRES + 1):
        underlay.wire_add("d%02d" % number, id=number, encap="ipip", remote="10.0.0.2", up=False)
        underlay.sa_new(number, "tx", tag=number, cipher="aes-128-gcm", key=secrets.token_bytes(20))
        for _ in range(EACH - 1):
            underlay.sa_new(number, "rx", cipher="aes-128-gcm", key=secrets.token_bytes(20))
    wires, faults = set(range(1, WIRES + 1)), []
    for turn, size in enumerate(READS):
        before = list(dump(namespace, size))
        if collections.Counter(sum(before, [])) != dict.fromkeys(wires, EACH):
            faults.append("a dump at rest: %s" % before)
        found = list(stops(before))
        if not found:
            faults.append("no part of a dump ends within a wire: %s" % before)
            break
        part, victim = found[turn % len(found)]
        after = []
        for ids in dump(namespace, size):
            after.append(ids)
            if len(after) == part:  # the next one is made, and ends where it did before
                underlay.wire_del(victim)
        wires.remove(victim)
        if after[:part + 1] != before[:part + 1]:
            faults.append("two dumps of the same SAs are cut differently: %s and %s" % (before, after))
        came = collections.Counter(sum(after, []))
        for number in sorted(wires):
            if came[number] != EACH:
                faults.append("wire %d goes when part %d has ended in it: of wire %d came %d SAs, not %d" %
                              (victim, part, number, came[number], EACH))
    return faults


def shrink(process):
    pidfd = LIBC.syscall(SYS_PIDFD_OPEN, int(process), 0)
    found = 0
    for entry in os.listdir("/proc/%s/fd" % process):
        copy = LIBC.syscall(SYS_PIDFD_GETFD, pidfd, int(entry), 0)
        try:
            sock = socket.socket(fileno=copy)
        except OSError:
            continue
        if sock.family == socket.AF_NETLINK:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
            found += 1
        sock.close()
    return [] if found else ["process %s has no netlink socket" % process]


def main(what, argument):
    faults = {"sas": sas, "shrink": shrink}[what](argument)
    print("\n".join(faults[:20]))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
