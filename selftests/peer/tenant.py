#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What those may do who have a wire's device, or sit in its underlay, and are no administrators of the underlay. Runs where
they are, as root of their own user namespace.

    tenant.py refused DEVICE ID TAG       the device's netns: nothing of the wire can be changed, or asked for
    tenant.py shown DEVICE SECRET...      the device's netns: nothing of the underlay is seen (secrets in hex)
    tenant.py guest ID TAG                the underlay netns, which is another user namespace's
    tenant.py link-netnsid NSID           makes a wire whose underlay is the netns that NSID names
"""

import errno
import os
import secrets
import socket
import struct
import subprocess
import sys

import control
import netlink
import uapi
from netlink import attr, u32
from refusals import genl, link, newlink, wire

IFLA_LINK, IFLA_LINK_NETNSID = 5, 37
RTM_GETLINK = 18
ELSEWHERE = "the wire's underlay is another netns: only from there can it be changed"
NO_WIRE = "no such wire in this netns"
FAULTS = []
# every attribute, with a value that could be taken from the underlay
CHANGES = {"id": 77, "encap": "vxlan", "mode": "l3", "local": "10.9.9.1", "remote": "10.9.9.9", "port": 5555,
           "remote_port": 5556, "src_port": 5557, "link": 0, "fwmark": 9, "ttl": 9, "dscp": 9, "roam": 1, "hold": 900,
           "label": "mine", "backup": "10.9.9.8", "sources": None}


def family():
    return netlink.Family(uapi.LINKWIRE_FAMILY_NAME, uapi.LINKWIRE_FAMILY_VERSION)


def refuse(what, request, code, words, via):
    try:
        if request.protocol == netlink.NETLINK_ROUTE:
            via.request(request.kind, request.flags, request.header + request.attributes)
        else:
            via.request(request.kind, [request.attributes], request.flags)
        FAULTS.append(what + ": was carried out")
    except netlink.Refused as refused:
        if refused.errno != code or words is not None and refused.message != words:
            FAULTS.append("%s: %s '%s', not %s '%s'" % (what, errno.errorcode[refused.errno], refused.message,
                                                       errno.errorcode[code], words))


def commands(name, tag):
    """Every command on a wire, such that its underlay's administrator's would be carried out."""
    new = {"dir": "rx", "cipher": "aes-128-gcm", "key": secrets.token_bytes(20)}
    which = attr(uapi.LINKWIRE_A_SA, control.sa_attrs({"dir": "rx", "tag": tag}))
    yield "WIRE_GET", [name]
    yield "WIRE_SET", [name, attr(uapi.LINKWIRE_A_LINK, link(ttl=9))]
    yield "WIRE_DEL", [name]
    yield "SA_NEW", [name, attr(uapi.LINKWIRE_A_SA, control.sa_attrs(new))]
    yield "SA_NEW", [name, attr(uapi.LINKWIRE_A_SA, control.sa_attrs({**new, "dir": "tx", "tag": tag}))]
    yield "SA_GET", [name, which]
    yield "SA_DEL", [name, which]


def refused(device, number, tag):
    route, ours = netlink.Socket(netlink.NETLINK_ROUTE), family()
    index = socket.if_nametoindex(device)
    for name, value in CHANGES.items():
        for how, request in (("name", newlink(device, link(**{name: value}), flags=0)),
                             ("ifindex", newlink(None, link(**{name: value}), flags=0, index=index))):
            refuse("change of %s, by %s" % (name, how), request, errno.EPERM, ELSEWHERE, route)
    names = {"id": wire(int(number)), "ifindex": attr(uapi.LINKWIRE_A_IFINDEX, u32(index)),
             "name": attr(uapi.LINKWIRE_A_IFNAME, device)}
    for by, name in names.items():
        for command, attributes in commands(name, int(tag, 0)):
            refuse("%s by %s" % (command, by), genl(command, *attributes), errno.ENODEV, NO_WIRE, ours)
        refuse("dump of SAs by " + by, genl("SA_GET", name, flags=netlink.NLM_F_DUMP), errno.ENODEV, NO_WIRE, ours)
    ids = genl("WIRE_DEL", attr(uapi.LINKWIRE_A_IDS, u32(int(number))))
    refuse("WIRE_DEL of many", ids, errno.ENODEV, None, ours)
    for command in ("WIRE_GET", "SA_GET"):
        answers = ours.request(uapi.VALUES["LINKWIRE_CMD_" + command], [], netlink.NLM_F_DUMP)
        if answers:
            FAULTS.append("%s dumps %s" % (command, answers))
    answer, = ours.request(uapi.LINKWIRE_CMD_UNDERLAY_GET, [])
    counted = [kind for kind, value in netlink.pairs(answer[1][uapi.LINKWIRE_A_STATS]) if netlink.number(value)]
    if counted:
        FAULTS.append("counters %s of an underlay that has no wire" % counted)


def shown(device, *hidden):
    """All that is to be read of the device; of the wire, its mode and no more."""
    route = netlink.Socket(netlink.NETLINK_ROUTE)
    index = socket.if_nametoindex(device)
    header = struct.pack("=BxHiII", 0, 0, index, 0, 0)
    answer, = route.request(RTM_GETLINK, 0, header)
    fields = netlink.attrs(answer[16:])
    info = netlink.attrs(fields[control.IFLA_LINKINFO])
    if info[control.IFLA_INFO_KIND].rstrip(b"\0").decode() != uapi.LINKWIRE_KIND:
        FAULTS.append("%s is no wire" % device)
    data = set(netlink.attrs(info.get(control.IFLA_INFO_DATA, b"")))
    if data != {uapi.IFLA_LINKWIRE_MODE}:
        FAULTS.append("shown: attributes %s of the wire" % sorted(data))
    for number, name in ((IFLA_LINK, "IFLA_LINK"), (IFLA_LINK_NETNSID, "IFLA_LINK_NETNSID")):
        if number in fields:
            FAULTS.append("shown: " + name)
    read = {"RTM_GETLINK": answer, "its dump": b"".join(route.request(RTM_GETLINK, netlink.NLM_F_DUMP, bytes(16)))}
    for words in (("ip", "-d", "-s", "link"), ("ip", "-d", "-s", "-j", "link", "show", "dev", device), ("ip", "addr"),
                  ("ip", "route", "show", "table", "all"), ("ss", "-H", "-a", "-u", "-n", "-e")):
        read[" ".join(words)] = subprocess.run(words, stdout=subprocess.PIPE, check=False).stdout
    for path in ("/proc/self/net/udp", "/proc/self/net/udp6", "/proc/self/net/dev"):
        with open(path, "rb") as file:
            read[path] = file.read()
    for secret in map(bytes.fromhex, hidden):
        for where, text in read.items():
            if secret in text:
                FAULTS.append("shown: %s in %s" % (secret, where))


def guest(number, tag):
    """Root of a user namespace that owns nothing here."""
    route, ours = netlink.Socket(netlink.NETLINK_ROUTE), family()
    try:
        ours.join(uapi.LINKWIRE_MCGRP_EVENTS)
        FAULTS.append("joined the events")
    except PermissionError:
        pass
    for command, attributes in commands(wire(int(number)), int(tag, 0)):
        refuse(command, genl(command, *attributes), errno.EPERM, None, ours)
    refuse("WIRE_DEL of many", genl("WIRE_DEL", attr(uapi.LINKWIRE_A_IDS, u32(int(number)))), errno.EPERM, None, ours)
    refuse("UNDERLAY_GET", genl("UNDERLAY_GET"), errno.EPERM, None, ours)
    for command in ("WIRE_GET", "SA_GET"):
        refuse("dump by " + command, genl(command, flags=netlink.NLM_F_DUMP), errno.EPERM, None, ours)
    refuse("new wire", newlink("x", link(encap="ipip", remote="10.0.0.2")), errno.EPERM, None, route)


def link_netnsid(nsid):
    extra = [attr(IFLA_LINK_NETNSID, u32(int(nsid)))]
    route = netlink.Socket(netlink.NETLINK_ROUTE)
    request = newlink("x", link(encap="ipip", remote="10.0.0.2"), extra=extra)
    try:
        route.request(request.kind, request.flags, request.header + request.attributes)
        print("made")
    except netlink.Refused as error:
        FAULTS.append("refused: " + errno.errorcode[error.errno])


def main():
    {"refused": refused, "shown": shown, "guest": guest, "link-netnsid": link_netnsid}[sys.argv[1]](*sys.argv[2:])
    print("\n".join(FAULTS[:20]))
    return 1 if FAULTS else 0


if __name__ == "__main__":
    os.umask(0o077)
    sys.exit(main())
