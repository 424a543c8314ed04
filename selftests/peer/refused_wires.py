# SPDX-License-Identifier: GPL-2.0
"""Commands on wires that are refused."""

import errno
import socket
import struct

import netlink
import uapi
from netlink import attr, u8, u32
from refusals import genl, link, say, wire

A_ID, A_IFINDEX, A_IFNAME = uapi.LINKWIRE_A_ID, uapi.LINKWIRE_A_IFINDEX, uapi.LINKWIRE_A_IFNAME
A_IDS, A_LINK, A_SA = uapi.LINKWIRE_A_IDS, uapi.LINKWIRE_A_LINK, uapi.LINKWIRE_A_SA
WHICH = "which wire\\? an id, ifindex or name is missing"
NONE = "no such wire in this netns"
UNKNOWN = "Unknown attribute type"
RANGE = "integer out of range"
EVERY = ("WIRE_GET", "WIRE_SET", "WIRE_DEL")


def number(name):
    return uapi.VALUES["IFLA_LINKWIRE_" + name.upper()]


def ids(*numbers):
    return attr(A_IDS, b"".join(map(u32, numbers)))


def which(judge):
    """No wire, or none that is the underlay's."""
    foreign = socket.if_nametoindex("foreign")
    for command in EVERY:
        rest = [attr(A_LINK, link(ttl=3))] if command == "WIRE_SET" else []

        def refused(name, code, words, offender, *given):
            judge.refused("%s: %s" % (command.lower(), name), genl(command, *given, *rest), code, words, offender)

        refused("which wire?", errno.EINVAL, WHICH, None)
        refused("unknown id", errno.ENODEV, NONE, (A_ID,), wire(4242))
        refused("id 0", errno.ERANGE, RANGE, (A_ID,), wire(0))
        refused("id of one byte", errno.EINVAL, "invalid attribute length", (A_ID,), attr(A_ID, u8(7)))
        refused("unknown ifindex", errno.ENODEV, NONE, (A_IFINDEX,), attr(A_IFINDEX, u32(9999)))
        refused("unknown name", errno.ENODEV, NONE, (A_IFNAME,), attr(A_IFNAME, "nobody"))
        refused("a name that is too long", errno.EINVAL, "Attribute failed policy validation", (A_IFNAME,),
                attr(A_IFNAME, "n" * 16))
        refused("a device that is no wire", errno.ENODEV, NONE, (A_IFINDEX,), attr(A_IFINDEX, u32(socket.if_nametoindex("va"))))
        refused("another underlay's wire, by ifindex", errno.ENODEV, NONE, (A_IFINDEX,), attr(A_IFINDEX, u32(foreign)))
        refused("another underlay's wire, by name", errno.ENODEV, NONE, (A_IFNAME,), attr(A_IFNAME, "foreign"))
        refused("another underlay's wire, by id", errno.ENODEV, NONE, (A_ID,), wire(1007))
        refused("unknown attribute", errno.EINVAL, UNKNOWN, (99,), wire(7), attr(99, u32(1)))
        refused("an attribute of another command", errno.EINVAL, UNKNOWN, (A_SA,), wire(7), attr(A_SA, []))


def dump(judge):
    """Which wire is not asked in a dump."""
    for kind, value in ((A_ID, u32(7)), (A_IFINDEX, u32(1)), (A_IFNAME, "w")):
        judge.refused("the dump of wires: of one, by attribute %d" % kind,
                      genl("WIRE_GET", attr(kind, value), flags=netlink.NLM_F_DUMP), errno.EINVAL, "a dump is of all wires", (kind,))


def change(judge):
    def refused(name, code, words, offender, *given, **more):
        judge.refused("wire_set: " + name, genl("WIRE_SET", wire(7), *given), code, words, offender, **more)

    def within(name):
        return (A_LINK, number(name))

    def to(**given):
        return attr(A_LINK, link(**given))

    refused("nothing to change", errno.EINVAL, "nothing to change", None, missing=A_LINK)
    refused("a nest that is not marked as one", errno.EINVAL, "NLA_F_NESTED is missing", (A_LINK,),
            attr(A_LINK, b"".join(link(ttl=3))))
    refused("unknown attribute in the nest", errno.EINVAL, UNKNOWN, (A_LINK, 99), attr(A_LINK, [attr(99, u32(1))]))
    fixed = "cannot be changed: make another wire"
    refused("encapsulation", errno.EOPNOTSUPP, fixed, within("encap"), to(encap="ipip"))
    refused("mode", errno.EOPNOTSUPP, fixed, within("mode"), to(mode="l2"))
    refused("id", errno.EOPNOTSUPP, fixed, within("id"), to(id=8))
    refused("one that can and one that cannot", errno.EOPNOTSUPP, fixed, within("mode"), to(remote="10.0.0.9", mode="l2"))
    refused("remote multicast", errno.EINVAL, "the peer's address must be unicast", within("remote"), to(remote="224.0.0.1"))
    refused("remote of 5 bytes", errno.EINVAL, "an address has 4 or 16 bytes", within("remote"),
            attr(A_LINK, [attr(number("remote"), b"12345")]))
    refused("port 0", errno.ERANGE, "a port is from 1 to 65535", within("port"), to(port=0))
    refused("DSCP 64, with a good TTL", errno.ERANGE, "DSCP is from 0 to 63, or 255 to inherit", within("dscp"),
            to(ttl=3, dscp=64))
    refused("hold 99 ms", errno.ERANGE, "hold time is 0, or 100 ms at least", within("hold"), to(hold=99))
    refused("label of 65 bytes", errno.ERANGE, "Attribute failed policy validation", within("label"), to(label="l" * 65))
    refused("bound to itself", errno.ELOOP, "a wire cannot be bound to itself", within("link"),
            to(link=socket.if_nametoindex("wire")))
    judge.refused("wire_set: port on ipip", genl("WIRE_SET", wire(8), to(port=5000)), errno.EINVAL,
                  "this encapsulation has no ports", within("port"))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        holder.bind(("", 5001))
        judge.before = None
        refused("to a port that another holds", errno.EADDRINUSE, "the UDP port is held by someone else", within("port"),
                to(port=5001))


def deletion(judge):
    judge.before = None
    array = "an array of 32-bit ids is wanted"
    judge.refused("wire_del: no ids", genl("WIRE_DEL", ids()), errno.EINVAL, array, (A_IDS,))
    judge.refused("wire_del: ids of 7 bytes", genl("WIRE_DEL", attr(A_IDS, b"\7\0\0\0\10\0\0")), errno.EINVAL, array, (A_IDS,))
    # 6.1 has no way to say a number
    unknown = "no wire has the id 4242|no such wire"
    for numbers in ((7, 8, 4242), (4242, 7, 8), (7, 4242, 8)):
        judge.refused("wire_del: an unknown id at place %d: none is deleted" % (numbers.index(4242) + 1),
                      genl("WIRE_DEL", ids(*numbers)), errno.ENODEV, unknown, (A_IDS,))
    judge.refused("wire_del: another underlay's among the ids", genl("WIRE_DEL", ids(7, 1007)), errno.ENODEV,
                  unknown.replace("4242", "1007"), (A_IDS,))
    judge.send(genl("WIRE_DEL", ids(7, 8, 7)))
    left = {struct.unpack("=I", fields[A_ID])[0] for _, fields in judge.family_dump("WIRE_GET")}
    say("wire_del: an id that is there twice is deleted once, with the others", left and "left: %s" % left)


def run(judge):
    judge.under.wire_add("wire", up=False, id=7, encap="vxlan", mode="l3", local="10.0.0.1", remote="10.0.0.2")
    judge.under.wire_add("ipip", up=False, id=8, encap="ipip", remote="10.0.0.2")
    for command in (200, uapi.LINKWIRE_CMD_SA_EXPIRING_NTF, uapi.LINKWIRE_CMD_WIRE_DEL_NTF):
        request = genl("WIRE_GET")
        request.kind = command
        judge.refused("command %d is none" % command, request, errno.EOPNOTSUPP, "")
    judge.refused("underlay_get takes no attributes", genl("UNDERLAY_GET", wire(7)), errno.EINVAL, UNKNOWN, (A_ID,))
    judge.refused("the dump of wires takes no unknown attribute",
                  genl("WIRE_GET", attr(99, u32(1)), flags=netlink.NLM_F_DUMP), errno.EINVAL, UNKNOWN, (99,))
    which(judge)
    dump(judge)
    change(judge)
    deletion(judge)
