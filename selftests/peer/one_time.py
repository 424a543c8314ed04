#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Keys are one-time: what the kernel remembers of them. And the tags that it draws.

    one_time.py CASE A B
"""

import errno
import secrets
import sys

import control
import netlink
import uapi

LENGTHS = {"aes-128-gcm": 20, "aes-256-gcm": 36, "chacha20-poly1305": 32}
WORDS = "this key was installed before: keys are one-time"
CIPHER = "aes-128-gcm"
MANY = 2000
FAULTS = []


def fresh(cipher=CIPHER):
    return secrets.token_bytes(LENGTHS[cipher])


class Place:
    """An underlay with wires 1 to 3, all down: nothing is sent."""

    def __init__(self, namespace):
        self.under, self.tag = control.Underlay(namespace), 0x100
        for number in (1, 2, 3):
            self.make(number)

    def make(self, number):
        self.under.wire_add("w%d" % number, up=False, id=number, encap="ipip", remote="10.0.0.2")

    def remake(self, number):
        self.under.wire_del(number)
        self.make(number)

    def install(self, number, direction, key, cipher=CIPHER):
        """A tag that was not used before; the SA's tag."""
        self.tag += 1
        return self.under.sa_new(number, direction, tag=self.tag, cipher=cipher, key=key)

    def take(self, what, number, direction, key, cipher=CIPHER):
        try:
            return self.install(number, direction, key, cipher)
        except netlink.Refused as refused:
            FAULTS.append("%s: refused: %s" % (what, refused))
            return None

    def refuse(self, what, number, direction, key, cipher=CIPHER):
        try:
            self.install(number, direction, key, cipher)
            FAULTS.append("%s: taken" % what)
        except netlink.Refused as refused:
            if (refused.errno, refused.message) != (errno.EKEYREJECTED, WORDS) or refused.offset is None:
                FAULTS.append("%s: %s (attribute at %s)" % (what, refused, refused.offset))


def again(a, _):
    """In the same direction: while it is in use, when it was replaced or deleted, and on another wire."""
    for direction in ("tx", "rx"):
        key = fresh()
        tag = a.take(direction + ", new", 1, direction, key)
        a.refuse(direction + ", in use", 1, direction, key)
        a.refuse(direction + ", in use on another wire", 2, direction, key)
        if direction == "tx":
            tag = a.take("tx, another", 1, "tx", fresh())
            a.refuse("tx, replaced", 1, "tx", key)
        a.under.sa_del(1, direction, tag)
        a.refuse(direction + ", deleted", 1, direction, key)
        a.refuse(direction + ", deleted, on another wire", 2, direction, key)


def both_directions(a, _):
    """Of one wire: never. Of two wires, which may be the two ends of one: once each."""
    for first, second in (("tx", "rx"), ("rx", "tx")):
        key = fresh()
        a.take(first, 1, first, key)
        a.refuse("%s, then %s of the same wire" % (first, second), 1, second, key)
        a.take("%s of the other end" % second, 2, second, key)
        for number in (1, 2, 3):
            for direction in ("tx", "rx"):
                a.refuse("%s on wire %d, the third time" % (direction, number), number, direction, key)


def other_netns(a, b):
    key = fresh()
    a.take("tx", 1, "tx", key)
    b.refuse("tx in another underlay", 1, "tx", key)
    b.take("rx in another underlay", 1, "rx", key)
    a.refuse("rx, the second time", 2, "rx", key)


def remade(a, _):
    """A wire of the same name and id is another wire; its keys are those of the boot."""
    for direction in ("tx", "rx"):
        key = fresh()
        a.take(direction, 1, direction, key)
        a.remake(1)
        a.refuse(direction + ", the wire made anew", 1, direction, key)


def other_salt(a, _):
    """A key with another salt is the same key; so it is for another cipher."""
    for cipher in ("aes-128-gcm", "aes-256-gcm"):
        key = fresh(cipher)
        other = key[:-4] + bytes(byte ^ 0xFF for byte in key[-4:])
        for direction in ("tx", "rx"):
            a.take("%s, %s" % (cipher, direction), 1 if direction == "tx" else 2, direction, key, cipher)
            a.refuse("%s, %s, another salt" % (cipher, direction), 1 if direction == "tx" else 2, direction, other, cipher)
    key = fresh("aes-256-gcm")
    a.take("aes-256-gcm", 1, "tx", key, "aes-256-gcm")
    a.refuse("the same for chacha20-poly1305", 1, "tx", key[:32], "chacha20-poly1305")
    key = fresh("chacha20-poly1305")
    a.take("chacha20-poly1305", 1, "tx", key, "chacha20-poly1305")
    a.refuse("the same for aes-256-gcm", 2, "tx", key + b"salt", "aes-256-gcm")


def many(a, _):
    """All are remembered, the first as well as the last, and no one is taken for another."""
    keys = [fresh() for _ in range(MANY)]
    for number, key in enumerate(keys):
        a.take("key %d" % number, 1, "tx", key)
    for number, key in enumerate(keys):
        a.refuse("key %d again" % number, 2, "tx", key)


def tags(a, _):
    """Drawn from all of 24 bits, none twice (in 200 of 2^24 a repetition has a chance of 1 in 800: two are let pass)."""
    drawn = []
    for _ in range(200):
        drawn.append(a.under.sa_new(1, "rx", cipher=CIPHER, key=fresh()))
        if len(drawn) >= 4:
            a.under.sa_del(1, "rx", drawn[-4])
    if max(drawn) > uapi.LINKWIRE_TAG_MAX or len(set(drawn)) < 198:
        FAULTS.append("drawn: %s" % drawn)
    for bit in range(24):
        ones = sum(tag >> bit & 1 for tag in drawn)
        if not 50 <= ones <= 150:
            FAULTS.append("bit %d is set in %d of 200 tags" % (bit, ones))
    in_use = drawn[-3:]
    for tag in in_use:
        try:
            a.under.sa_new(2, "rx", tag=tag, cipher=CIPHER, key=fresh())
            FAULTS.append("tag %#x, in use, was taken" % tag)
        except netlink.Refused as refused:
            if (refused.errno, refused.message) != (errno.EEXIST, "tag in use"):
                FAULTS.append("tag in use: %s" % refused)
    a.under.sa_del(1, "rx", in_use[0])
    a.under.sa_new(2, "rx", tag=in_use[0], cipher=CIPHER, key=fresh())


def tags_of_netns(a, b):
    """Tags are a netns's own."""
    a.under.sa_new(1, "rx", tag=0x777, cipher=CIPHER, key=fresh())
    b.under.sa_new(1, "rx", tag=0x777, cipher=CIPHER, key=fresh())


def four_receiving(a, _):
    """As many as a wire may have; a fifth has to wait, and its key is not used up by asking."""
    drawn = [a.under.sa_new(1, "rx", cipher=CIPHER, key=fresh()) for _ in range(uapi.LINKWIRE_RX_SA_MAX)]
    key = fresh()
    try:
        a.under.sa_new(1, "rx", cipher=CIPHER, key=key)
        FAULTS.append("a fifth receiving SA was taken")
    except netlink.Refused as refused:
        if (refused.errno, refused.message) != (errno.ENOSPC, "wire has four receiving SAs: delete one first"):
            FAULTS.append("fifth receiving SA: %s" % refused)
    a.under.sa_del(1, "rx", drawn[2])
    a.under.sa_new(1, "rx", cipher=CIPHER, key=key)


CASES = {case.__name__: case for case in (again, both_directions, other_netns, remade, other_salt, many, tags, tags_of_netns,
                                          four_receiving)}


def main(case, a, b):
    CASES[case](Place(a), Place(b))
    print("\n".join(FAULTS[:20]))
    return 1 if FAULTS else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
