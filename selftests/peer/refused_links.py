# SPDX-License-Identifier: GPL-2.0
"""RTM_NEWLINK that is refused: wires that cannot be made, and changes that cannot be."""

import errno
import os
import socket

import control
import inet
import netns
import uapi
from netlink import attr, u8, u16, u32
from refusals import NEW, link, newlink, say

GOOD = {"encap": "vxlan", "mode": "l3", "remote": "10.0.0.2"}
IN_DATA = (control.IFLA_LINKINFO, control.IFLA_INFO_DATA)
RANGE = "integer out of range"
UNICAST = "the peer's address must be unicast"
NO_PORTS = "this encapsulation has no ports"
FIXED = "cannot be changed: make another wire"


def number(name):
    return uapi.VALUES["IFLA_LINKWIRE_" + name.upper()]


def within(name):
    return IN_DATA + (number(name),)


def raw(name, value):
    return attr(number(name), value)


def new(name=NEW, extra=(), **given):
    """A wire that would be made, but for what is given (None: left out)."""
    merged = {key: value for key, value in {**GOOD, **given}.items() if value is not None}
    return newlink(name, link(**merged), extra=extra)


def new_raw(name, value):
    """The same, with one attribute as bytes."""
    rest = {key: value for key, value in GOOD.items() if key != name}
    return newlink(NEW, link(**rest) + [raw(name, value)])


def creation(judge):
    judge.refused("new wire: no attributes at all", newlink(NEW, None), errno.EINVAL, "the encapsulation is missing")
    judge.refused("new wire: no encapsulation", new(encap=None), errno.EINVAL, "the encapsulation is missing")
    judge.refused("new wire: no remote", new(remote=None), errno.EINVAL, "the peer's address is missing")
    judge.refused("new wire: unknown attribute", newlink(NEW, link(**GOOD) + [attr(99, u32(1))]), errno.EINVAL,
                  "Unknown attribute type", IN_DATA + (99,))
    for value in (0, 3):
        judge.refused("new wire: encapsulation %d" % value, new_raw("encap", u8(value)), errno.ERANGE, RANGE, within("encap"))
    for value in (0, 1, 4):
        judge.refused("new wire: mode %d" % value, new_raw("mode", u8(value)), errno.ERANGE, RANGE, within("mode"))
    judge.refused("new wire: ipip of mode l2", new(encap="ipip", mode="l2"), errno.EINVAL,
                  r"this encapsulation carries IP packets only \(mode l3\)", within("mode"))
    judge.refused("new wire: id 0", new(id=0), errno.ERANGE, RANGE, within("id"))
    judge.refused("new wire: id in use", new(id=7), errno.EEXIST, "id in use", within("id"))
    judge.refused("new wire: id of two bytes", new_raw("id", u16(1)), errno.EINVAL, "invalid attribute length", within("id"))
    judge.refused("new wire: name in use", new(name="wire"), errno.EEXIST, None)
    judge.refused("new wire: bound to a device that is not there", new(link=9999), errno.ENODEV,
                  "no such device in the underlay", within("link"))
    judge.refused("new wire: roam 2", new(roam=2), errno.ERANGE, RANGE, within("roam"))
    for value in (64, 254):
        judge.refused("new wire: DSCP %d" % value, new(dscp=value), errno.ERANGE,
                      "DSCP is from 0 to 63, or 255 to inherit", within("dscp"))
    for name in ("ttl", "dscp", "roam"):
        judge.refused("new wire: %s of two bytes" % name, new_raw(name, u16(1)), errno.EINVAL, "invalid attribute length",
                      within(name))
    for value in (1, 99):
        judge.refused("new wire: hold %d ms" % value, new(hold=value), errno.ERANGE,
                      "hold time is 0, or 100 ms at least", within("hold"))
    judge.refused("new wire: hold over an hour", new(hold=3600001), errno.ERANGE, RANGE, within("hold"))
    judge.refused("new wire: label of 65 bytes", new(label="l" * 65), errno.ERANGE, "Attribute failed policy validation",
                  within("label"))
    judge.refused("new wire: MTU below IPv4's least", new(extra=[attr(control.IFLA_MTU, u32(67))]), errno.EINVAL,
                  "mtu less than device minimum")
    judge.refused("new wire: MTU above what a packet holds", new(extra=[attr(control.IFLA_MTU, u32(65536))]), errno.EINVAL,
                  "mtu greater than device maximum")
    judge.refused("new wire: MAC address on an L3 wire", new(extra=[attr(control.IFLA_ADDRESS, inet.mac("020000000001"))]),
                  errno.EOPNOTSUPP, "an L3 wire has no MAC address", (control.IFLA_ADDRESS,))
    for mac in ("010000000001", "000000000000", "0200000000"):
        judge.refused("new wire: MAC address " + mac, new(mode="l2", extra=[attr(control.IFLA_ADDRESS, inet.mac(mac))]),
                      errno.EADDRNOTAVAIL, "no unicast MAC address", (control.IFLA_ADDRESS,))


def addresses(judge):
    for name in ("remote", "local"):
        for length in (5, 8, 15):
            judge.refused("new wire: %s of %d bytes" % (name, length), new_raw(name, b"\x0a" * length), errno.EINVAL,
                          "an address has 4 or 16 bytes", within(name))
        for length in (0, 3, 17):
            judge.refused("new wire: %s of %d bytes" % (name, length), new_raw(name, b"\x0a" * length), errno.ERANGE,
                          "binary attribute size out of range", within(name))
    for remote in ("0.0.0.0", "224.0.0.1", "239.255.255.255", "255.255.255.255", "::", "ff02::1", "::ffff:10.0.0.2"):
        judge.refused("new wire: remote " + remote, new(remote=remote), errno.EINVAL, UNICAST, within("remote"))
    for local in ("224.0.0.1", "255.255.255.255", "ff02::1"):
        remote = "fd00::2" if ":" in local else "10.0.0.2"
        judge.refused("new wire: local " + local, new(local=local, remote=remote), errno.EINVAL,
                      "our address must be unicast", within("local"))
    mixed = "local and remote are of different families"
    judge.refused("new wire: local IPv6, remote IPv4", new(local="fd00::1"), errno.EINVAL, mixed, within("local"))
    judge.refused("new wire: local IPv4, remote IPv6", new(local="10.0.0.1", remote="fd00::2"), errno.EINVAL, mixed,
                  within("local"))
    judge.refused("new wire: link-local remote and no device", new(remote="fe80::2"), errno.EINVAL,
                  "a link-local address needs the device it is on", within("remote"))


def backups(judge):
    good = {"backup": "10.0.0.3", "hold": 1000}
    for length in (5, 8, 15):
        judge.refused("new wire: backup of %d bytes" % length, new(hold=1000, backup=b"\x0a" * length), errno.EINVAL,
                      "an address has 4 or 16 bytes", within("backup"))
    judge.refused("new wire: backup of 17 bytes", new(hold=1000, backup=b"\x0a" * 17), errno.ERANGE,
                  "binary attribute size out of range", within("backup"))
    judge.refused("new wire: backup multicast", new(**{**good, "backup": "224.0.0.1"}), errno.EINVAL, UNICAST, within("backup"))
    judge.refused("new wire: backup of the other family", new(**{**good, "backup": "fd00::3"}), errno.EINVAL,
                  "remote and backup are of different families", within("backup"))
    judge.refused("new wire: backup is the remote", new(**{**good, "backup": "10.0.0.2"}), errno.EINVAL,
                  "remote and backup are the same", within("backup"))
    judge.refused("new wire: backup without a hold time", new(backup="10.0.0.3"), errno.EINVAL,
                  "without a hold time a backup is never used", within("backup"))
    judge.refused("new wire: backup and roam", new(roam=1, **good), errno.EINVAL,
                  "a wire that follows its peer has no backup", within("backup"))
    judge.refused("new wire: link-local backup and no device", new(remote="fd00::2", backup="fe80::2", hold=1000), errno.EINVAL,
                  "a link-local address needs the device it is on", within("backup"))


def sources(judge):
    def refused(name, code, words, kind, entries, **given):
        inside = within("sources") + ((uapi.VALUES["LINKWIRE_A_SOURCE_" + kind],) if kind else ())
        judge.refused("new wire: sources: " + name, new(sources=entries, **given), code, words, inside)

    def entry(kind, value):
        return [attr(uapi.VALUES["LINKWIRE_A_SOURCE_" + kind], value)]

    def packed(address, length):
        return inet.address(address) + u8(length)
    behind, longer = "an address has bits set behind its prefix", "a prefix is longer than its address"
    for address, length in (("10.0.0.1", 31), ("10.0.0.1", 0), ("10.128.0.0", 8)):
        refused("%s/%d" % (address, length), errno.EINVAL, behind, "IPV4", entry("IPV4", packed(address, length)))
    for address, length in (("fd00::1", 127), ("fd00:0:0:1::", 63), ("::1", 0), ("fd00::8000:0:0:0", 64)):
        refused("%s/%d" % (address, length), errno.EINVAL, behind, "IPV6", entry("IPV6", packed(address, length)))
    for length in (33, 255):
        refused("10.0.0.0/%d" % length, errno.EINVAL, longer, "IPV4", entry("IPV4", packed("10.0.0.0", length)))
    refused("the last of three is wrong", errno.EINVAL, longer, "IPV6",
            entry("IPV6", packed("fd00::", 64) + packed("fd01::", 128) + packed("fd02::", 129)))
    for kind, size in (("IPV4", 5), ("IPV6", 17), ("MAC", 6)):
        refused("%s that ends within an entry" % kind, errno.EINVAL, "a list that ends within an entry", kind,
                entry(kind, bytes(2 * size - 1)), mode="l2")
    for kind, size, most in (("IPV4", 5, uapi.LINKWIRE_SOURCE_IPV4_MAX), ("IPV6", 17, uapi.LINKWIRE_SOURCE_IPV6_MAX),
                             ("MAC", 6, uapi.LINKWIRE_SOURCE_MAC_MAX)):
        refused("one %s more than there may be" % kind, errno.ERANGE, "Attribute failed policy validation", kind,
                entry(kind, bytes(size * (most + 1))), mode="l2")
    refused("any and some", errno.EINVAL, "any source, or some: not both", "IPV4",
            control.sources(None) + control.sources(["10.0.0.0/8"]))
    refused("any that says something", errno.ERANGE, "Attribute failed policy validation", "ANY", entry("ANY", b"1"))
    refused("MAC addresses on an L3 wire", errno.EINVAL, "an L3 wire has no MAC addresses", "MAC",
            control.sources(["02:00:00:00:00:01"]))
    for mac in ("01:00:00:00:00:01", "00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff"):
        refused(mac, errno.EINVAL, "no unicast MAC address", "MAC", control.sources(["02:00:00:00:00:01", mac]), mode="l2")
    judge.refused("new wire: sources: unknown attribute", new(sources=[attr(99, b"")]), errno.EINVAL, "Unknown attribute type",
                  within("sources") + (99,))


def ports(judge):
    for name in ("port", "remote_port"):
        judge.refused("new wire: %s 0" % name, new(**{name: 0}), errno.ERANGE, "a port is from 1 to 65535", within(name))
    for name in ("port", "remote_port", "src_port"):
        judge.refused("new wire: ipip with %s" % name, new(encap="ipip", **{name: 5000}), errno.EINVAL, NO_PORTS, within(name))
    holders = []

    def hold(what, family, address, port, remote, reuse=False):
        holders.append(socket.socket(family, socket.SOCK_DGRAM))
        if reuse:
            holders[-1].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            holders[-1].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        holders[-1].bind((address, port))
        judge.before = None
        judge.refused("new wire: port held by " + what, new(port=port, remote=remote), errno.EADDRINUSE,
                      "the UDP port is held by someone else", within("port"))
    hold("another's wildcard socket", socket.AF_INET, "", 5001, "10.0.0.2")
    hold("another's socket on one address", socket.AF_INET, "10.0.0.1", 5002, "10.0.0.2")
    hold("another's socket that would share it", socket.AF_INET, "", 5003, "10.0.0.2", reuse=True)
    hold("another's IPv6 socket", socket.AF_INET6, "::", 5004, "fd00::2")
    hold("another's IPv6 socket that takes IPv4", socket.AF_INET6, "::", 5005, "10.0.0.2")
    for holder in holders:
        holder.close()
    judge.before = None

    wrong = []
    for family, address in ((socket.AF_INET, ""), (socket.AF_INET6, "::")):
        for option in (None, socket.SO_REUSEADDR, socket.SO_REUSEPORT):
            with socket.socket(family, socket.SOCK_DGRAM) as other:
                if option:
                    other.setsockopt(socket.SOL_SOCKET, option, 1)
                try:
                    other.bind((address, 4790))
                    wrong.append("bound, option %s, %s" % (option, family.name))
                except OSError as error:
                    if error.errno != errno.EADDRINUSE:
                        wrong.append(str(error))
    say("nobody binds beside a wire's socket", "; ".join(wrong))


def late(judge):
    """What fails only when the device is registered: its socket was open by then."""
    for name in ("a/b", "a b", "."):
        judge.refused("new wire: called '%s'" % name, new(name=name, port=6000), errno.EINVAL, None)
    tenant = netns.handle(judge.tenant_name)
    target = [attr(control.IFLA_NET_NS_FD, u32(tenant))]
    judge.refused("new wire: name in use in the device's netns", new(name="taken", port=6001, extra=target), errno.EEXIST, None)
    os.close(tenant)


def change(judge):
    index, itself = socket.if_nametoindex("va"), socket.if_nametoindex("wire")

    def refused(name, code, words, offender, **given):
        judge.refused("change: " + name, newlink("wire", link(**given), flags=0), code, words, offender)

    refused("encapsulation", errno.EOPNOTSUPP, FIXED, within("encap"), encap="ipip")
    refused("mode", errno.EOPNOTSUPP, FIXED, within("mode"), mode="l2")
    refused("id", errno.EOPNOTSUPP, FIXED, within("id"), id=8)
    refused("one that can and one that cannot", errno.EOPNOTSUPP, FIXED, within("mode"), ttl=3, mode="l2", remote="10.0.0.9")
    refused("remote of the other family than local", errno.EINVAL, "local and remote are of different families",
            within("remote"), remote="fd00::2")
    refused("remote multicast", errno.EINVAL, UNICAST, within("remote"), remote="224.0.0.1")
    refused("port 0", errno.ERANGE, "a port is from 1 to 65535", within("port"), port=0)
    refused("bound to itself", errno.ELOOP, "a wire cannot be bound to itself", within("link"), link=itself)
    refused("bound to a device that is not there", errno.ENODEV, "no such device in the underlay", within("link"), link=9999)
    refused("backup without a hold time", errno.EINVAL, "without a hold time a backup is never used", within("backup"),
            backup="10.0.0.3")
    refused("sources, the second of which is wrong", errno.EINVAL, "an address has bits set behind its prefix",
            within("sources") + (uapi.LINKWIRE_A_SOURCE_IPV4,),
            sources=[attr(uapi.LINKWIRE_A_SOURCE_IPV4, inet.address("10.0.0.0") + u8(8) + inet.address("10.0.0.1") + u8(8))])
    refused("hold 50 ms, with a good remote", errno.ERANGE, "hold time is 0, or 100 ms at least", within("hold"),
            remote="10.0.0.9", hold=50)
    for name, words, offender, given in (
            ("remote to its backup", "remote and backup are the same", "remote", {"remote": "10.0.0.3"}),
            ("remote to another family than its backup", "remote and backup are of different families", "remote",
             {"remote": "fd00::2"}),
            ("hold time of a wire with a backup", "without a hold time a backup is never used", "hold", {"hold": 0}),
            ("roam of a wire with a backup", "a wire that follows its peer has no backup", "roam", {"roam": 1})):
        judge.refused("change: " + name, newlink("backed", link(**given), flags=0), errno.EINVAL, words, within(offender))
    judge.refused("change: unknown attribute", newlink("wire", [attr(99, u32(1))], flags=0), errno.EINVAL,
                  "Unknown attribute type", IN_DATA + (99,))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        holder.bind(("", 5001))
        judge.before = None
        refused("to a port that another holds", errno.EADDRINUSE, "the UDP port is held by someone else", within("port"),
                port=5001, link=index)


def run(judge):
    judge.under.wire_add("wire", up=False, id=7, local="10.0.0.1", **GOOD)
    # the port's IPv6 socket, too
    judge.under.wire_add("wire6", up=False, id=9, **{**GOOD, "remote": "fd00::2"})
    judge.under.wire_add("backed", up=False, id=10, backup="10.0.0.3", hold=1000, sources=["10.0.0.0/8"], **GOOD)
    creation(judge)
    addresses(judge)
    backups(judge)
    sources(judge)
    ports(judge)
    late(judge)
    change(judge)
