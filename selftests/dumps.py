#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Requests that lwctl would not make this way, on the many wires of a namespace.

    dumps.py resume NAMESPACE REMOTE FIRST LAST    a dump of wires, read bit by bit, while others are made and deleted
    dumps.py delete NAMESPACE ID...                WIRE_DEL with IDS; prints the kernel's words if it is refused

resume: the wires FIRST to LAST are there all the time, and must be in the dump once each, in the order of their ids; of the
wires made and deleted meanwhile (ids above LAST, and FIRST's predecessors, which are deleted) none may be there twice.
"""
import pathlib
import socket
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "peer"))
import control  # noqa: E402
import netlink  # noqa: E402
import uapi  # noqa: E402


def dump(namespace, command):
    """The ids of a dump's messages, as they are read; each read asks the kernel for no more than one buffer."""
    family = netlink.Family(uapi.LINKWIRE_FAMILY_NAME, uapi.LINKWIRE_FAMILY_VERSION, namespace)
    sock = family.socket.socket
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    body = struct.pack("=BBH", command, uapi.LINKWIRE_FAMILY_VERSION, 0)
    sock.send(struct.pack("=IHHII", 16 + len(body), family.id, netlink.NLM_F_REQUEST | netlink.NLM_F_DUMP, 99, 0) + body)
    while True:
        ids = []
        for kind, flags, _, data in family.socket.receive():
            if kind in (netlink.NLMSG_ERROR, netlink.NLMSG_DONE):
                netlink.finished(kind, flags, data)
                if ids:
                    yield ids
                return
            ids.append(netlink.number(netlink.attrs(data[4:])[uapi.LINKWIRE_A_ID]))
        yield ids


def resume(namespace, remote, first, last):
    first, last = int(first), int(last)
    underlay = control.Underlay(namespace)
    came, reads, fresh = [], 0, last + 1
    for ids in dump(namespace, uapi.LINKWIRE_CMD_WIRE_GET):
        came += ids
        reads += 1
        if reads < first:
            underlay.wire_del(reads)  # was there when the dump began
        underlay.wire_add("x%d" % fresh, encap="vxlan", remote=remote, id=fresh, up=False)
        if reads % 2:
            underlay.wire_del(fresh)
        fresh += 1
        if reads > 5000:
            break
    missing = set(range(first, last + 1)) - set(came)
    print("%d wires in %d reads, %d of those that stayed missing, %d twice" %
          (len(came), reads, len(missing), len(came) - len(set(came))))
    ok = not missing and len(came) == len(set(came)) and came == sorted(came) and reads > 3
    return 0 if ok else 1


def delete(namespace, *ids):
    family = control.Underlay(namespace).family
    value = b"".join(struct.pack("=I", int(number)) for number in ids)
    try:
        family.request(uapi.LINKWIRE_CMD_WIRE_DEL, [netlink.attr(uapi.LINKWIRE_A_IDS, value)])
    except netlink.Refused as refused:
        print(refused)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit({"resume": resume, "delete": delete}[sys.argv[1]](*sys.argv[2:]))
