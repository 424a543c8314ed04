#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What the kernel refuses: each request of refused_*.py with its errno, its words and the attribute that offends; and that
nothing half-made is left: no device, no socket, no wire, no SA, no change.

    ip netns exec UNDER refusals.py UNDER TENANT {links|wires|sas|users}

prints "ok NAME" or "not ok NAME", a tab and why, for each.
"""

import errno
import os
import re
import socket
import struct
import subprocess
import sys

import control
import netlink
import uapi
from netlink import attr, u32

RTM_GETLINK = 18
# requests of both kinds, and where their attributes begin
HEADERS = {netlink.NETLINK_ROUTE: 32, netlink.NETLINK_GENERIC: 20}
NEW = "x"  # what a wire is called that must not be made


def offset(payload, start, path):
    """Where an attribute stands in a request whose attributes begin at start: its place, counted from the request's start."""
    at, end, place = start, start + len(payload), None
    for kind in path:
        while True:
            length, here = struct.unpack_from("=HH", payload, at - start)
            if here & netlink.NLA_TYPE_MASK == kind:
                break
            at += length + 3 & ~3
            if at >= end:
                raise ValueError("no attribute %d in the request" % kind)
        place, end, at = at, at + length, at + 4
    return place


class Judge:
    """Sends requests that must be refused, and looks at what they leave."""

    def __init__(self, under, tenant):
        self.under = control.Underlay(under)
        self.tenant = netlink.Socket(netlink.NETLINK_ROUTE, tenant)
        self.tenant_name = tenant
        self.before = None  # the last snapshot, until something is made on purpose

    def snapshot(self):
        """All that a request could have made or changed."""
        links = [netlink.attrs(data[16:])[control.IFLA_IFNAME]
                 for data in self.tenant.request(RTM_GETLINK, netlink.NLM_F_DUMP, struct.pack("=B15x", 0))]
        ports = []
        for table in ("udp", "udp6"):
            with open("/proc/self/net/" + table, encoding="ascii") as lines:
                ports.append(sorted((line.split()[1], line.split()[9]) for line in list(lines)[1:]))
        wires = []
        for _, fields in self.family_dump("WIRE_GET"):
            for volatile in ("STATS", "CARRIER"):
                fields.pop(uapi.VALUES["LINKWIRE_A_" + volatile])
            wires.append(sorted(fields.items()))
        sas = [netlink.attrs(fields[uapi.LINKWIRE_A_SA]) for _, fields in self.family_dump("SA_GET")]
        sas = sorted((sa[uapi.LINKWIRE_A_SA_DIR], sa[uapi.LINKWIRE_A_SA_TAG]) for sa in sas)
        return {"devices": sorted(socket.if_nameindex()), "the tenant's devices": sorted(links), "sockets": ports,
                "wires": wires, "SAs": sas}

    def family_dump(self, command):
        return self.under.family.request(uapi.VALUES["LINKWIRE_CMD_" + command], [], netlink.NLM_F_DUMP)

    def send(self, request):
        if request.protocol == netlink.NETLINK_ROUTE:
            link = request.via or self.under.route
            link.request(request.kind, request.flags, request.header + request.attributes)
        else:
            (request.via or self.under.family).request(request.kind, [request.attributes], request.flags)

    def why(self, request, code, words, offender=None, missing=None):
        """What is wrong with the refusal, or nothing."""
        before, wrong = self.before or self.snapshot(), []
        try:
            self.send(request)
            wrong.append("it was accepted")
            subprocess.run(("ip", "link", "del", NEW), stderr=subprocess.DEVNULL, check=False)
        except netlink.Refused as refused:
            if refused.errno != code:
                wrong.append("%s, not %s" % (errno.errorcode[refused.errno], errno.errorcode[code]))
            if words is not None and not re.fullmatch(words, refused.message):
                wrong.append("it said '%s', not '%s'" % (refused.message, words))
            place = offset(request.attributes, HEADERS[request.protocol], offender) if offender else None
            # 6.1's answers to dumps have words only
            if refused.offset != place and not (request.flags & netlink.NLM_F_DUMP and refused.offset is None):
                wrong.append("it blamed the attribute at %s, not that at %s" % (refused.offset, place))
            if refused.missing != missing:
                wrong.append("it missed attribute %s, not %s" % (refused.missing, missing))
        self.before = after = self.snapshot()
        wrong += ["%s: %s became %s" % (what, before[what], after[what]) for what in before if before[what] != after[what]]
        return "; ".join(wrong)

    def refused(self, name, request, code, words, offender=None, missing=None):
        say(name, self.why(request, code, words, offender, missing))


def say(name, wrong):
    """The verdict on one case."""
    print("not ok %s\t%s" % (name, wrong) if wrong else "ok " + name, flush=True)


class Request:
    """A request as bytes, for a netlink protocol."""

    def __init__(self, protocol, kind, flags, header, attributes, via=None):
        self.protocol, self.kind, self.flags, self.header = protocol, kind, flags, header
        self.attributes, self.via = b"".join(attributes), via


def newlink(name, info, flags=netlink.NLM_F_CREATE | netlink.NLM_F_EXCL, extra=(), index=0):
    """RTM_NEWLINK of our kind; info: attributes of IFLA_INFO_DATA, None: without it."""
    nest = [attr(control.IFLA_INFO_KIND, uapi.LINKWIRE_KIND.encode())]
    if info is not None:
        nest.append(attr(control.IFLA_INFO_DATA, info))
    attributes = ([attr(control.IFLA_IFNAME, name)] if name else []) + list(extra)
    attributes.append(attr(control.IFLA_LINKINFO, nest))
    return Request(netlink.NETLINK_ROUTE, control.RTM_NEWLINK, flags, struct.pack("=BxHiII", 0, 0, index, 0, 0), attributes)


def link(**given):
    return control.link_attrs(given)


def genl(command, *attributes, flags=0):
    return Request(netlink.NETLINK_GENERIC, uapi.VALUES["LINKWIRE_CMD_" + command], flags, b"", attributes)


def wire(number):
    return attr(uapi.LINKWIRE_A_ID, u32(number))


def main():
    under, tenant, part = sys.argv[1:]
    sys.dont_write_bytecode = True
    module = __import__("refused_" + part)
    module.run(Judge(under, tenant))


if __name__ == "__main__":
    # the same module under both names
    sys.modules["refusals"] = sys.modules["__main__"]
    os.umask(0o077)
    main()
