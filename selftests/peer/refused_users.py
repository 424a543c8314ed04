# SPDX-License-Identifier: GPL-2.0
"""Requests of those who are no administrators of the underlay: every command, and the group of events."""

import contextlib
import errno
import os
import secrets

import control
import netlink
import uapi
from netlink import attr, u32
from refusals import NEW, genl, link, newlink, say, wire

NOBODY = 65534


@contextlib.contextmanager
def as_nobody():
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def requests(tag):
    """Each command, such that an administrator's would be carried out."""
    key = {"dir": "rx", "cipher": "aes-128-gcm", "key": secrets.token_bytes(20)}
    ids = attr(uapi.LINKWIRE_A_IDS, u32(7))
    yield "makes no wire", newlink(NEW, link(encap="ipip", remote="10.0.0.2"))
    yield "changes no wire", newlink("wire", link(ttl=3), flags=0)
    yield "sees no wire", genl("WIRE_GET", wire(7))
    yield "dumps no wires", genl("WIRE_GET", flags=netlink.NLM_F_DUMP)
    yield "sets no wire", genl("WIRE_SET", wire(7), attr(uapi.LINKWIRE_A_LINK, link(ttl=3)))
    yield "deletes no wire", genl("WIRE_DEL", wire(7))
    yield "deletes no wires", genl("WIRE_DEL", ids)
    yield "adds no SA", genl("SA_NEW", wire(7), attr(uapi.LINKWIRE_A_SA, control.sa_attrs(key)))
    yield "sees no SA", genl("SA_GET", wire(7), attr(uapi.LINKWIRE_A_SA, control.sa_attrs({"dir": "rx", "tag": tag})))
    yield "dumps no SAs", genl("SA_GET", flags=netlink.NLM_F_DUMP)
    yield "sees no counters", genl("UNDERLAY_GET")
    yield "deletes no SA", genl("SA_DEL", wire(7), attr(uapi.LINKWIRE_A_SA, control.sa_attrs({"dir": "rx", "tag": tag})))


def refuse_all(judge, who, tag, route, family, sending):
    """Each request through somebody's sockets, sent with the rights that sending gives."""
    for name, request in requests(tag):
        request.via = route if request.protocol == netlink.NETLINK_ROUTE else family
        with_rights, judge.send = judge.send, lambda what, send=judge.send: limited(send, what, sending)
        wrong = judge.why(request, errno.EPERM, None)
        judge.send = with_rights
        say("%s %s" % (who, name), wrong)


def limited(send, request, sending):
    with sending():
        send(request)


def run(judge):
    judge.under.wire_add("wire", up=False, id=7, encap="vxlan", mode="l3", local="10.0.0.1", remote="10.0.0.2")
    tag = judge.under.sa_new(7, "rx", cipher="aes-128-gcm", key=secrets.token_bytes(20))
    with as_nobody():
        route = netlink.Socket(netlink.NETLINK_ROUTE)
        family = netlink.Family(uapi.LINKWIRE_FAMILY_NAME, uapi.LINKWIRE_FAMILY_VERSION)
        try:
            family.join(uapi.LINKWIRE_MCGRP_EVENTS)
            joined = "it did"
        except PermissionError:
            joined = ""
    say("another user joins no events", joined)
    refuse_all(judge, "another user", tag, route, family, as_nobody)
    # a socket that its owner opened without rights gives none to an administrator who is made to write to it
    refuse_all(judge, "an administrator at another user's socket", tag, route, family, contextlib.nullcontext)
    # and the other way round
    own = netlink.Family(uapi.LINKWIRE_FAMILY_NAME, uapi.LINKWIRE_FAMILY_VERSION)
    refuse_all(judge, "another user at an administrator's socket", tag, netlink.Socket(netlink.NETLINK_ROUTE), own, as_nobody)

    # all of them would have been carried out for the administrator
    wrong = []
    for name, request in requests(tag):
        if "deletes no wire" not in name:
            try:
                judge.send(request)
            except netlink.Refused as refused:
                wrong.append("%s: %s" % (name, refused))
    say("the same requests of an administrator are carried out", "; ".join(wrong))
