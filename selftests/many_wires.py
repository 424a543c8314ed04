#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Batches that make many wires between two underlay namespaces, with fresh keys: many_wires.py DIR COUNT A B [FIRST]

Leaves in DIR, for lwctl -batch (they hold keys: private to root):

    add.a add.b     `link add` of wFIRST, wFIRST+1, ..., with that number as id; encapsulation, mode and cipher change from
                    one to the next, so that all kinds are there; addresses A and B, one of the families for all
    key.1 ... key.N one file for each set of keys, in two parts each: key.N.a.rx key.N.b.rx, then key.N.a.tx key.N.b.tx
    up.a up.b       for ip -batch: addresses 10.80.x.y/30, and up

COUNT may be COUNT:SETS.
"""
import base64
import os
import sys

KINDS = [("vxlan", "l2"), ("vxlan", "l3"), ("ipip", "l3")]
CIPHERS = [("aes-128-gcm", 20), ("aes-256-gcm", 36), ("chacha20-poly1305", 32)]
TAG = 0x200000


def keys(names, first, sets, write):
    """Each wire receives by a tag of its own, each set by other ones."""
    for generation in range(1, sets + 1):
        for at, name in enumerate(names):
            number = first + at
            cipher, size = CIPHERS[number // len(KINDS) % len(CIPHERS)]
            for sender, receiver, side in (("a", "b", 0), ("b", "a", 1)):
                tag = TAG + ((number * sets + generation - 1) * 2 + side) % 0x400000
                words = "tag %d cipher %s key %s" % (tag, cipher, base64.b64encode(os.urandom(size)).decode())
                write("key.%d.%s.rx" % (generation, receiver), "sa add %s rx %s" % (name, words))
                write("key.%d.%s.tx" % (generation, sender), "sa add %s tx %s" % (name, words))


def main(directory, count, a, b, first="1"):
    count, sets = ([int(part) for part in count.split(":")] + [1])[:2]
    first = int(first)
    os.umask(0o077)
    lines = {}

    def write(name, line):
        lines.setdefault(name, []).append(line)

    names = ["w%d" % number for number in range(first, first + count)]
    for number, name in enumerate(names, first):
        encap, mode = KINDS[number % len(KINDS)]
        base = (10 << 24) + (80 << 16) + 4 * (number - first)
        for side, local, remote in (("a", a, b), ("b", b, a)):
            write("add." + side, "link add %s id %d encap %s mode %s local %s remote %s" % (name, number, encap, mode, local, remote))
            address = base + (1 if side == "a" else 2)
            dotted = ".".join(str(address >> shift & 255) for shift in (24, 16, 8, 0))
            write("up." + side, "addr add %s/30 dev %s" % (dotted, name))
            write("up." + side, "link set %s up" % name)
    keys(names, first, sets, write)
    for name, content in lines.items():
        with open(os.path.join(directory, name), "w", encoding="ascii") as file:
            file.write("\n".join(content) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
