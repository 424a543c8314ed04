#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The test vectors of Documentation/test-vectors.md.

    vectors.py              prints them
    vectors.py --write FILE puts them between the marks in FILE
    vectors.py --check FILE reads those in FILE and computes them anew: every packet is opened, and every one is made again
"""

import sys
import textwrap

import inet
import wire

BEGIN, END = "<!-- vectors: begin -->", "<!-- vectors: end -->"
ENDS = {4: ("192.0.2.1", "192.0.2.2"), 6: ("2001:db8::1", "2001:db8::2")}
TEXT = b"Linkwire carries this"


def count(first, length):
    """length bytes that count up from first."""
    return bytes((first + i) & 0xFF for i in range(length))


def plaintext(mode, partial):
    if mode == "l3":
        src, dst = inet.address("10.1.1.1"), inet.address("10.1.1.2")
    else:
        src, dst = inet.address("fd00::1"), inet.address("fd00::2")
    packet = inet.ip(src, dst, inet.UDP, inet.udp(src, dst, 4000, 4001, TEXT, partial=partial))
    if mode == "l3":
        return packet
    return inet.ethernet(inet.mac("02:00:00:00:00:02"), inet.mac("02:00:00:00:00:01"), packet)


def vector(name, encap, family, mode, cipher, index, inner, partial=False, lane=0):
    """All inputs, as text to text, and the packet that they make."""
    material = count(index * 16, wire.CIPHERS[cipher])
    tag, flags = 0x5A0000 + index, wire.mode_flag(mode) | wire.PARTIAL * partial
    counter = 0x63000000000000 + index
    number = wire.number(lane, counter)
    key = wire.Key(cipher, material)
    src, dst = ENDS[family]
    fields = {"name": name, "encapsulation": encap, "mode": mode, "cipher": cipher, "key material": material.hex(),
              "tag": "%06x" % tag, "flags": "%02x" % flags, "lane": str(lane), "counter": "%014x" % counter,
              "nonce": key.nonce(number).hex(), "associated data": wire.shim(tag, flags, number).hex(),
              "plaintext": inner.hex(), "outer source": src, "outer destination": dst}
    if encap == "vxlan":
        fields["UDP source port"] = "50000"
        fields["UDP destination port"] = str(wire.PORT)
    record = key.seal(tag, flags, number, inner)
    fields["packet"] = wire.outer(encap, inet.address(src), inet.address(dst), record).hex()
    return fields


def vectors():
    index = 0
    for encap in wire.ENCAPS:
        for family in (4, 6):
            for mode in wire.modes(encap):
                for cipher in wire.CIPHERS:
                    index += 1
                    name = "%s over IPv%d, %s, %s" % (encap, family, mode.upper(), cipher)
                    yield vector(name, encap, family, mode, cipher, index, plaintext(mode, False))
    yield vector("keepalive, L2", "vxlan", 4, "l2", "aes-256-gcm", index + 1, b"")
    yield vector("keepalive, L3", "ipip", 6, "l3", "chacha20-poly1305", index + 2, b"")
    yield vector("partial checksum, L2", "vxlan", 4, "l2", "aes-128-gcm", index + 3, plaintext("l2", True), partial=True)
    yield vector("partial checksum, L3", "ipip", 4, "l3", "aes-256-gcm", index + 4, plaintext("l3", True), partial=True)
    yield vector("lane 7", "vxlan", 6, "l3", "chacha20-poly1305", index + 5, plaintext("l3", False), lane=7)


def render():
    out = []
    for fields in vectors():
        out += ["### " + fields.pop("name"), "", "```"]
        for key, value in fields.items():
            lines = textwrap.wrap(value, 96) or ["(empty)"]
            out.append("%-22s%s" % (key + ":", lines[0]))
            out += [" " * 22 + line for line in lines[1:]]
        out += ["```", ""]
    return "\n".join(out)


def split(text, path):
    head, begin, rest = text.partition(BEGIN)
    body, end, tail = rest.partition(END)
    if not begin or not end:
        sys.exit("%s: no vectors" % path)
    return head, body, tail


def parse(body):
    """The vectors in a page, as dicts of text."""
    fields, inside, last = None, False, None
    for line in body.splitlines():
        if line.startswith("### "):
            fields = {"name": line[4:]}
        elif line == "```":
            if inside:
                yield fields
            inside = not inside
        elif inside and line.startswith(" "):
            fields[last] += line.strip()
        elif inside:
            last, _, value = line.partition(":")
            value = value.strip()
            fields[last] = "" if value == "(empty)" else value


def check(fields):
    """Opens one vector by its own inputs, and makes it again; returns what is wrong with it, or None."""
    key = wire.Key(fields["cipher"], bytes.fromhex(fields["key material"]))
    packet = bytes.fromhex(fields["packet"])
    number = wire.number(int(fields["lane"]), int(fields["counter"], 16))
    try:
        tag, flags, opened, inner = key.open(wire.inside(fields["encapsulation"], packet))
    except wire.Drop as reason:
        return str(reason)
    found = {"tag": "%06x" % tag, "flags": "%02x" % flags, "plaintext": inner.hex(), "nonce": key.nonce(number).hex(),
             "associated data": wire.shim(tag, flags, number).hex()}
    for name, value in found.items():
        if fields[name] != value:
            return "%s is %s, not %s" % (name, fields[name], value)
    if opened != number:
        return "packet number"
    ports = {}
    if fields["encapsulation"] == "vxlan":
        ports = {"sport": int(fields["UDP source port"]), "dport": int(fields["UDP destination port"])}
    again = wire.outer(fields["encapsulation"], inet.address(fields["outer source"]),
                       inet.address(fields["outer destination"]), key.seal(tag, flags, number, inner), **ports)
    return None if again == packet else "made again, the packet is another"


def main(*arguments):
    if not arguments:
        print(render(), end="")
        return 0
    if len(arguments) != 2 or arguments[0] not in ("--write", "--check"):
        sys.exit(__doc__.strip())
    path = arguments[1]
    with open(path, encoding="utf-8") as page:
        head, body, tail = split(page.read(), path)
    if arguments[0] == "--write":
        with open(path, "w", encoding="utf-8") as page:
            page.write("%s%s\n\n%s\n%s%s" % (head, BEGIN, render(), END, tail))
        return 0
    seen, wrong = 0, 0
    for fields in parse(body):
        seen += 1
        fault = check(fields)
        if fault:
            wrong += 1
            print("%s: vector `%s`: %s" % (path, fields["name"], fault), file=sys.stderr)
    wanted = {fields["name"] for fields in vectors()}
    missing = wanted - {fields["name"] for fields in parse(body)}
    for name in sorted(missing):
        wrong += 1
        print("%s: vector `%s` is missing" % (path, name), file=sys.stderr)
    print("%d vectors, %d wrong" % (seen, wrong))
    return 1 if wrong or not seen else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
