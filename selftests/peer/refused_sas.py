# SPDX-License-Identifier: GPL-2.0
"""Commands on security associations that are refused."""

import errno
import secrets
import socket

import control
import netlink
import uapi
from netlink import attr, u8, u16, u32, u64
from refusals import genl, say, wire

A_ID, A_SA = uapi.LINKWIRE_A_ID, uapi.LINKWIRE_A_SA
RANGE = "integer out of range"
POLICY = "Attribute failed policy validation"
# of each cipher: the key, the salt
LENGTHS = {"aes-128-gcm": 20, "aes-256-gcm": 36, "chacha20-poly1305": 32}
# one key for all that is refused: at the end it must still be new
KEYS = {name: secrets.token_bytes(length) for name, length in LENGTHS.items()}
CIPHER = "aes-128-gcm"


def number(name):
    return uapi.VALUES["LINKWIRE_A_SA_" + name.upper()]


def within(name):
    return (A_SA, number(name))


def nest(direction, **given):
    """A good SA of wire 7, but for what is given (None: left out)."""
    good = {"dir": direction, "tag": 0x111 if direction == "tx" else 0x222, "cipher": CIPHER, "key": KEYS[CIPHER], **given}
    return attr(A_SA, control.sa_attrs({name: value for name, value in good.items() if value is not None}))


def raw(direction, name, value):
    """The same, with one attribute as bytes."""
    parts = {"dir": direction, "tag": 0x333, "cipher": CIPHER, "key": KEYS[CIPHER]}
    parts.pop(name, None)
    return attr(A_SA, control.sa_attrs(parts) + [attr(number(name), value)])


def new(judge):
    def refused(name, code, words, offender, *attributes, missing=None):
        judge.refused("sa_new: " + name, genl("SA_NEW", *attributes), code, words, offender, missing)

    seven = wire(7)
    refused("no SA", errno.EINVAL, "which SA\\? its attributes are missing", None, seven, missing=A_SA)
    refused("no direction", errno.EINVAL, "the direction is missing", None, seven, nest("rx", dir=None), missing=number("dir"))
    refused("no cipher", errno.EINVAL, "the cipher is missing", None, seven, nest("rx", cipher=None), missing=number("cipher"))
    refused("no key", errno.EINVAL, "the key is missing", None, seven, nest("rx", key=None), missing=number("key"))
    refused("transmitting without a tag", errno.EINVAL, "a transmitting SA needs the tag that the peer receives by", None,
            seven, nest("tx", tag=None), missing=number("tag"))
    refused("unmarked nest", errno.EINVAL, "NLA_F_NESTED is missing", (A_SA,), seven,
            attr(A_SA, b"".join(control.sa_attrs({"dir": "rx"}))))
    for value in (0, 3):
        refused("direction %d" % value, errno.ERANGE, RANGE, within("dir"), seven, raw("rx", "dir", u8(value)))
    for value in (0, 4):
        refused("cipher %d" % value, errno.ERANGE, RANGE, within("cipher"), seven, raw("rx", "cipher", u8(value)))
    refused("tag of 25 bits", errno.ERANGE, RANGE, within("tag"), seven, nest("rx", tag=1 << 24))
    for value in (0, 257):
        for direction in ("rx", "tx"):
            refused("%s, %d lanes" % (direction, value), errno.ERANGE, RANGE, within("lanes"), seven,
                    nest(direction, lanes=value))
    refused("lanes of 1 byte", errno.EINVAL, "invalid attribute length", within("lanes"), seven, raw("tx", "lanes", u8(2)))
    for value in (0, 1):
        refused("csum-partial %d of a receiving SA" % value, errno.EINVAL,
                "partial checksums are the transmitter's to send, or not", within("csum_partial"), seven,
                nest("rx", csum_partial=value))
    for value in (2, 255):
        refused("csum-partial %d" % value, errno.ERANGE, RANGE, within("csum_partial"), seven, nest("tx", csum_partial=value))
    refused("start of a receiving SA", errno.EINVAL, "a start is the transmitter's to say", within("start"), seven,
            nest("rx", start=1))
    for value in (1 << 56, (1 << 64) - 1):
        refused("start %#x" % value, errno.ERANGE, RANGE, within("start"), seven, nest("tx", start=value))
    refused("start of 4 bytes", errno.EINVAL, "invalid attribute length", within("start"), seven, raw("tx", "start", u32(1)))
    for what in ("packets", "bytes", "seconds"):
        soft, hard = "soft_" + what, "hard_" + what
        for direction in ("rx", "tx"):
            refused("%s, soft limit above the hard one, %s" % (direction, what), errno.EINVAL, "soft limit above the hard one",
                    within(soft), seven, nest(direction, **{soft: 11, hard: 10}))
    for name in ("state", "age", "counter", "packets", "bytes", "blocks", "failed", "driver"):
        refused("%s, which is the kernel's to say" % name, errno.EINVAL, "Unknown attribute type", within(name), seven,
                raw("rx", name, u64(1)))
    refused("unknown attribute in the nest", errno.EINVAL, "Unknown attribute type", (A_SA, 99), seven,
            attr(A_SA, control.sa_attrs({"dir": "rx"}) + [attr(99, u16(1))]))
    refused("unknown attribute", errno.EINVAL, "Unknown attribute type", (99,), seven, nest("rx"), attr(99, u32(1)))
    refused("which wire?", errno.EINVAL, "which wire\\? an id, ifindex or name is missing", None, nest("rx"))
    for direction in ("rx", "tx"):
        refused("%s, unknown wire" % direction, errno.ENODEV, "no such wire in this netns", (A_ID,), wire(4242), nest(direction))
    refused("a device that is no wire", errno.ENODEV, "no such wire in this netns", (uapi.LINKWIRE_A_IFINDEX,),
            attr(uapi.LINKWIRE_A_IFINDEX, u32(socket.if_nametoindex("va"))), nest("rx"))


def key_lengths(judge):
    wrong = "key of the wrong length for its cipher"
    for cipher, length in LENGTHS.items():
        for bad in sorted({0, 16, 32, length - 1, length + 1} | set(LENGTHS.values()) - {length}):
            if bad == length:
                continue
            material = (KEYS[cipher] + KEYS["aes-256-gcm"])[:bad]
            code, words = (errno.EINVAL, wrong) if bad <= 36 else (errno.ERANGE, POLICY)
            judge.refused("sa_new: %s with a key of %d bytes" % (cipher, bad),
                          genl("SA_NEW", wire(7), nest("rx", cipher=cipher, key=material)), code, words, within("key"))


def full(judge):
    """Tags in use, and all the receiving SAs that a wire may have."""
    under = judge.under
    for tag in (0x10, 0x11, 0x12, 0x13):
        under.sa_new(8, "rx", tag=tag, cipher=CIPHER, key=secrets.token_bytes(20))
    judge.before = None
    judge.refused("sa_new: a tag that another wire of the underlay receives by",
                  genl("SA_NEW", wire(7), nest("rx", tag=0x10)), errno.EEXIST, "tag in use", within("tag"))
    for tag, what in ((0x14, "with a new tag"), (None, "with a tag to be drawn")):
        judge.refused("sa_new: a fifth receiving SA, " + what, genl("SA_NEW", wire(8), nest("rx", tag=tag)), errno.ENOSPC,
                      "wire has four receiving SAs: delete one first", None)
    under.sa_new(7, "tx", tag=0x10, cipher=CIPHER, key=secrets.token_bytes(20))
    judge.before = None
    say("sa_new: a tag received by is free to be sent to", "")


def taken(judge):
    """What an SA says of itself is what it was told, and the defaults."""
    under = judge.under
    wrong = []
    for direction, given, lanes, partial in (("rx", {}, 1, None), ("rx", {"lanes": 2}, 2, None), ("rx", {"lanes": 256}, 256, None),
                                             ("tx", {}, 1, 1), ("tx", {"lanes": 1, "csum_partial": 1}, 1, 1),
                                             ("tx", {"lanes": 256, "csum_partial": 0}, 256, 0)):
        tag = under.sa_new(7, direction, tag=0x30, cipher=CIPHER, key=secrets.token_bytes(20), **given)
        answer, = under.family.request(uapi.LINKWIRE_CMD_SA_GET,
                                       [wire(7), attr(A_SA, control.sa_attrs({"dir": direction, "tag": tag}))])
        told = netlink.attrs(answer[1][A_SA])
        got = tuple(netlink.number(told[number(name)]) if number(name) in told else None for name in ("lanes", "csum_partial"))
        if got != (lanes, partial):
            wrong.append("%s %s: %s" % (direction, given, got))
        under.sa_del(7, direction, tag)
    judge.before = None
    say("sa_new: lanes and csum-partial as they are told", "; ".join(wrong))


def others(judge):
    """SA_DEL and SA_GET. Wire 8 receives by 0x10, wire 7 sends to 0x10."""
    for command in ("SA_DEL", "SA_GET"):
        def refused(name, code, words, offender, *attributes, missing=None):
            judge.refused("%s: %s" % (command.lower(), name), genl(command, *attributes), code, words, offender, missing)

        def which(**given):
            return attr(A_SA, control.sa_attrs(given))
        none = "the wire has no such SA"
        refused("no SA", errno.EINVAL, "which SA\\? its attributes are missing", None, wire(8), missing=A_SA)
        refused("no direction", errno.EINVAL, "the direction is missing", None, wire(8), which(tag=0x10), missing=number("dir"))
        refused("no tag", errno.EINVAL, "the tag is missing", None, wire(8), which(dir="rx"), missing=number("tag"))
        refused("unknown tag", errno.ENOENT, none, within("tag"), wire(8), which(dir="rx", tag=0x99))
        refused("the tag, in the other direction", errno.ENOENT, none, within("tag"), wire(8), which(dir="tx", tag=0x10))
        refused("the tag of another wire", errno.ENOENT, none, within("tag"), wire(7), which(dir="rx", tag=0x10))
        refused("unknown wire", errno.ENODEV, "no such wire in this netns", (A_ID,), wire(4242), which(dir="rx", tag=0x10))
        refused("which wire?", errno.EINVAL, "which wire\\? an id, ifindex or name is missing", None, which(dir="rx", tag=0x10))
        refused("a key", errno.EINVAL, "Unknown attribute type", within("key"), wire(8),
                which(dir="rx", tag=0x10, key=KEYS[CIPHER]))
        refused("tag of 25 bits", errno.ERANGE, RANGE, within("tag"), wire(8), which(dir="rx", tag=1 << 24))
    judge.refused("the dump of SAs: unknown wire", genl("SA_GET", wire(4242), flags=netlink.NLM_F_DUMP), errno.ENODEV,
                  "no such wire in this netns", (A_ID,))


def still_new(judge):
    """A request that was refused has not used up its key: it may be mended and sent again."""
    wrong = []
    judge.under.sa_del(7, "tx", 0x10)
    for cipher, key in KEYS.items():
        try:
            tag = judge.under.sa_new(7, "rx", cipher=cipher, key=key)
            judge.under.sa_del(7, "rx", tag)
        except netlink.Refused as refused:
            wrong.append("%s: %s" % (cipher, refused))
    say("sa_new: a key that was refused for another reason is not used up", "; ".join(wrong))


def run(judge):
    judge.under.wire_add("wire", up=False, id=7, encap="vxlan", mode="l3", local="10.0.0.1", remote="10.0.0.2")
    judge.under.wire_add("ipip", up=False, id=8, encap="ipip", remote="10.0.0.2")
    new(judge)
    key_lengths(judge)
    taken(judge)
    full(judge)
    others(judge)
    still_new(judge)
