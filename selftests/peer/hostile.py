#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Packets that a receiver must drop, each counted once and under its own reason, none delivered.

    hostile.py WHAT UNDER PEER TENANT ENCAP MODE FAMILY CIPHER

WHAT is one of the functions of this file that are in CASES.
"""

import os
import random
import sys

import ends
import inet
import inner
import netlink
import uapi
import wire

NUMBER, OTHER = 1, 2
STRANGER = {4: "10.0.0.77", 6: "fd00::77"}
ALIAS = {4: "10.0.0.9", 6: "fd00::9"}
COUNTER = 1 << 40


class Victim(ends.Wire):
    """A wire with a receiving SA whose window is at COUNTER, and the packet that took it there."""

    def __init__(self, bed, encap, mode, cipher, number=NUMBER, **link):
        super().__init__(bed, number, encap, mode, cipher, **link)
        self.key_rx()
        self.key_tx()

    def good(self, data=b"genuine", counter=None, **shim):
        """A plaintext that would be delivered, and its record."""
        plain = inner.plaintext(self.mode, inner.datagram(self.number, 4, data),
                                self.device.mac if self.mode == "l2" else None)
        return plain, self.record(plain, counter=counter, **shim)

    def hit(self, record, **outer):
        self.bed.far.send(self.outer(record, **outer))


def start(bed, encap, mode, cipher):
    """A victim that has accepted COUNTER."""
    end = Victim(bed, encap, mode, cipher)
    ledger = ends.Ledger(bed, end)
    plain, record = end.good(counter=COUNTER)
    end.hit(record)
    ledger.expect("a genuine packet", [plain])
    return end, ledger, record


def replay(bed, encap, mode, cipher):
    end, ledger, record = start(bed, encap, mode, cipher)
    for _ in range(10):
        end.hit(record)
    ledger.expect("the same packet ten times", rx_replay=10)
    captured, plains = [], []
    for i in range(1, 33):
        plain, record = end.good(b"packet %d" % i, counter=COUNTER + i)
        captured.append(end.outer(record))
        plains.append(plain)
    for packet in captured:
        bed.far.send(packet)
    ledger.expect("32 new packets", plains)
    for packet in captured + captured[::-1]:
        bed.far.send(packet)
    ledger.expect("32 captured packets twice", rx_replay=64)
    end.key_rx()
    ledger.expect("a new SA")
    for packet in captured:
        bed.far.send(packet)
    ledger.expect("captured packets beside a new SA", rx_replay=32)
    old = int.from_bytes(wire.inside(encap, captured[0])[:3], "big")
    bed.under.sa_del(NUMBER, "rx", old)
    for packet in captured:
        bed.far.send(packet)
    ledger.expect("captured packets when their SA is gone", rx_no_sa=32)
    return ledger


def flipped(record, offset, mask):
    return record[:offset] + bytes([record[offset] ^ mask]) + record[offset + 1:]


def shim_reason(offset, mask):
    """What a flip of bits in octet offset of the shim must be counted as."""
    if offset < 3:
        return "rx_no_sa"
    if offset == 3:
        return "rx_flags" if mask & 0xFC else "rx_mode" if mask & 0x02 else "rx_auth"
    if offset == 4:
        return "rx_lane"
    counter = COUNTER + 1 ^ mask << 8 * (11 - offset)
    return "rx_replay" if counter == COUNTER or counter <= COUNTER - wire.WINDOW else "rx_auth"


def flips(bed, encap, mode, cipher):
    """Every bit of the shim and every octet of ciphertext and ICV of a packet that is new."""
    end, ledger, _ = start(bed, encap, mode, cipher)
    plain, record = end.good(b"flip me", counter=COUNTER + 1)
    for offset in range(wire.SHIM):
        wanted = {}
        for bit in range(8):
            end.hit(flipped(record, offset, 1 << bit))
            reason = shim_reason(offset, 1 << bit)
            wanted[reason] = wanted.get(reason, 0) + 1
        ledger.expect("flips of each bit of octet %d of the shim" % offset, **wanted)
    for offset in range(wire.SHIM, len(record)):
        end.hit(flipped(record, offset, random.randrange(1, 256)))
    ledger.expect("a flip in each octet of ciphertext and ICV", rx_auth=len(record) - wire.SHIM)
    end.hit(record)
    ledger.expect("the packet itself, afterwards", [plain])
    return ledger


def first_word(bed, encap, mode, cipher):
    """Every bit of the word before the shim."""
    end, ledger, _ = start(bed, encap, mode, cipher)
    _, record = end.good(counter=COUNTER + 1)
    for bit in range(32):
        word = (int.from_bytes(wire.FIRST_WORD, "big") ^ 1 << bit).to_bytes(4, "big")
        bed.far.send(inet.ip(end.far, end.near, inet.UDP, inet.udp(end.far, end.near, 50000, wire.PORT, word + record)))
    ledger.expect("flips of each bit of the first word", rx_malformed=32)
    return ledger


def truncations(bed, encap, mode, cipher):
    """Cut at each length from nothing to one octet less than whole, the outer lengths saying so."""
    end, ledger, _ = start(bed, encap, mode, cipher)
    plain, record = end.good(b"cut me", counter=COUNTER + 1)
    payload = (wire.FIRST_WORD if encap == "vxlan" else b"") + record
    least = len(payload) - len(record) + wire.SHIM + wire.ICV
    for length in range(len(payload)):
        cut = payload[:length]
        if encap == "vxlan":
            cut = inet.udp(end.far, end.near, 50000, wire.PORT, cut)
        bed.far.send(inet.ip(end.far, end.near, inet.UDP if encap == "vxlan" else wire.PROTOCOL, cut))
    ledger.expect("cut at each length", rx_malformed=least, rx_auth=len(payload) - least)
    end.hit(record + b"\0")
    ledger.expect("one octet too long", rx_auth=1)
    end.hit(record)
    ledger.expect("the packet itself, afterwards", [plain])
    return ledger


def wrong_shims(bed, encap, mode, cipher):
    """Sealed with the right key, but with a tag, flags, mode or lane that the SA does not take."""
    end, ledger, _ = start(bed, encap, mode, cipher)
    for distance in (1, 0x800000):
        end.hit(end.good(tag=end.to_near_tag ^ distance)[1])
    ledger.expect("unknown tags", rx_no_sa=2)
    for bit in range(2, 8):
        end.hit(end.good(counter=COUNTER + bit, flags=1 << bit)[1])
    ledger.expect("unknown flags, authentic", rx_flags=6)
    end.hit(end.good(counter=COUNTER + 20, flags=wire.PACKET)[1])
    end.hit(end.record(b"", counter=COUNTER + 21, flags=wire.PACKET))
    ledger.expect("the other mode's flag, authentic", rx_mode=2)
    for lane in (1, 2, 128, 255):
        end.hit(end.good(counter=COUNTER + 30, lane=lane)[1])
    ledger.expect("lanes that the SA does not take, authentic", rx_lane=4)
    end.hit(end.good(counter=COUNTER + 40, flags=0xFC, lane=9)[1])
    ledger.expect("an unknown flag comes before a wrong lane", rx_flags=1)
    key = end.to_near
    end.key_rx()
    for counter in (1, COUNTER, wire.COUNTER_MAX):
        end.hit(key.seal(end.to_near_tag, end.flags, counter, b""))
    ledger.expect("another SA's key under the new tag", rx_auth=3)
    if mode == "l3":
        inner_wrong = [b"\0" * 40, b"\x45" + bytes(18), b"\x60" + bytes(38),
                       b"\x44" + inner.datagram(1, 4, b"")[1:], b"\x4f" + inner.datagram(1, 4, b"")[1:],
                       inner.datagram(1, 4, b"longer")[:-1], inner.datagram(1, 6, b"longer")[:-1],
                       inet.ethernet(bytes(6), bytes(6), inner.datagram(1, 4, b""))]
    else:
        inner_wrong = [b"\xff" * length for length in (1, 7, 13)]
    for plain in inner_wrong:
        end.send(plain)
    ledger.expect("authentic, but nothing that the wire carries", rx_inner=len(inner_wrong))
    return ledger


def wrong_addresses(bed, encap, mode, cipher):
    """From somebody else, to another of our addresses, with another encapsulation or port."""
    end = Victim(bed, encap, mode, cipher)
    other = Victim(bed, "ipip" if encap == "vxlan" else "vxlan", "l3", cipher, number=OTHER)
    beside = Victim(bed, "vxlan", "l3", cipher, number=OTHER + 1, port=wire.PORT + 1)
    ends.ip(bed.under.namespace, "addr", "add", ALIAS[bed.family] + ("/24" if bed.family == 4 else "/64"), "dev", "va",
            *(("nodad",) if bed.family == 6 else ()))
    ledger = ends.Ledger(bed, end, other, beside)
    for count in range(3):
        end.hit(end.good()[1], src=inet.address(STRANGER[bed.family]))
    ledger.expect("from an unknown peer", rx_wrong_peer=3)
    end.hit(end.good()[1], dst=inet.address(ALIAS[bed.family]))
    ledger.expect("to another local address", rx_wrong_local=1)
    end.hit(end.good()[1], src=inet.address(STRANGER[bed.family]), dst=inet.address(ALIAS[bed.family]))
    ledger.expect("to another local address from an unknown peer", rx_wrong_local=1)
    bed.far.send(other.outer(end.good()[1]))
    bed.far.send(end.outer(other.good()[1]))
    ledger.expect("each under the other's encapsulation", rx_wrong_encap=2)
    if encap == "vxlan":
        end.hit(end.good()[1], dport=wire.PORT + 1)
        beside.hit(beside.good()[1], dport=wire.PORT)
        ledger.expect("each on the other's port", rx_wrong_encap=2)
    for each in (end, other, beside):
        plain, record = each.good()
        each.hit(record, sport=1) if each.encap == "vxlan" else each.hit(record)
        ledger.expect("wire %d itself" % each.number, [plain])
    return ledger


def window(bed, encap, mode, cipher):
    """The edges of the replay window, to the packet."""
    end, ledger, _ = start(bed, encap, mode, cipher)
    top, seen = COUNTER, {COUNTER}

    def try_(what, counter, fresh):
        plain, record = end.good(b"%d" % counter, counter=counter)
        end.hit(record)
        seen.add(counter)
        if fresh:
            ledger.expect("%s accepted" % what, [plain])
        else:
            ledger.expect("%s rejected" % what, rx_replay=1)

    for back, fresh in ((8191, True), (8191, False), (8192, False), (8193, False), (8190, True), (1, True), (1, False),
                        (0, False), (64, True), (63, True), (65, True), (64, False), (COUNTER, False), (COUNTER - 1, False)):
        try_("%d back" % back, top - back, fresh)
    for step in (1, 63, 64, 65, 8127, 8128, 8191, 8192, 8193, 1 << 20):
        top += step
        try_("%d forward" % step, top, True)
        try_("%d forward, again" % step, top, False)
        try_("8191 below it", top - 8191, top - 8191 not in seen)
        try_("8192 below it", top - 8192, False)
        try_("the old top", top - step, False)
    forged = end.good(b"forged", counter=wire.COUNTER_MAX)[1]
    end.hit(flipped(forged, len(forged) - 1, 1))
    ledger.expect("forged, far forward", rx_auth=1)
    try_("after the forgery, one forward", top + 1, True)
    try_("the highest counter", wire.COUNTER_MAX, True)
    try_("the highest counter again", wire.COUNTER_MAX, False)
    try_("8191 below the highest", wire.COUNTER_MAX - 8191, True)
    try_("8192 below the highest", wire.COUNTER_MAX - 8192, False)
    return ledger


def window_at_random(bed, encap, mode, cipher):
    """A few thousand packets in any order, against a set of all counters seen."""
    end = Victim(bed, encap, mode, cipher)
    ledger = ends.Ledger(bed, end)
    chance = random.Random(os.environ.get("SEED", "linkwire"))
    seen, top, batch = set(), None, 64
    for round_ in range(40):
        accepted = rejected = 0
        for _ in range(batch):
            if top is None:
                counter = COUNTER
            else:
                counter = max(0, top + chance.choice((
                    chance.randint(-20, 20), chance.randint(-8300, 1), chance.randint(-8194, -8189), chance.randint(1, 9000))))
            end.hit(end.record(b"", counter=counter))
            if counter in seen or top is not None and counter <= top - wire.WINDOW:
                rejected += 1
            else:
                accepted += 1
                seen.add(counter)
                top = counter if top is None else max(top, counter)
        ledger.expect("round %d" % round_, rx_keepalives=accepted, rx_replay=rejected)
    return ledger


def congestion(bed, encap, mode, cipher):
    """Every pair of outer and inner ECN (RFC 6040), IPv4 and IPv6 inside."""
    end = Victim(bed, encap, mode, cipher)
    ledger = ends.Ledger(bed, end)
    combine = {0: (0, 0, 0, None), 1: (1, 1, 1, 3), 2: (2, 1, 2, 3), 3: (3, 3, 3, 3)}  # inner: by outer 00, 01, 10, 11
    for version in (4, 6):
        for inside, row in combine.items():
            for outside, wanted in enumerate(row):
                def made(ecn):
                    packet = inner.datagram(NUMBER, version, b"mark", tos=0x28 | ecn)
                    return inner.plaintext(mode, packet, end.device.mac if mode == "l2" else None)
                end.send(made(inside), tos=outside)
                words = "IPv%d, inner %d, outer %d" % (version, inside, outside)
                if wanted is None:
                    ledger.expect(words, rx_ecn=1)
                else:
                    ledger.expect(words, [made(wanted)])
    end.send(b"", tos=3)
    ledger.expect("a keepalive with a congestion mark", rx_keepalives=1)
    return ledger


def any_content(bed, encap, mode, cipher):
    """Whatever the holder of the key puts in: each packet is delivered or dropped, and counted once."""
    end = Victim(bed, encap, mode, cipher)
    ledger = ends.Ledger(bed, end)
    seed = os.environ.get("SEED") or os.urandom(4).hex()
    chance = random.Random(seed)
    frame = {"dst_mac": end.device.mac} if mode == "l2" else {}
    tags = ({}, {"vlan": 5}, {"vlan": 5, "vlan_type": inet.ETH_8021AD}) if mode == "l2" else ({},)
    batch = 50
    for round_ in range(12):
        for _ in range(batch):
            make, version = chance.choice((inner.datagram, inner.segment)), chance.choice((4, 6))
            packet = make(NUMBER, version, bytes(chance.randrange(40)), partial=chance.random() < 0.5)
            plain = bytearray(inner.plaintext(mode, packet, **frame, **chance.choice(tags)))
            for _ in range(chance.randrange(4)):
                plain[chance.randrange(min(len(plain), 60))] = chance.randrange(256)
            if chance.random() < 0.3:
                plain = plain[:chance.randrange(1, len(plain) + 1)]
            if chance.random() < 0.2:
                plain += os.urandom(chance.randrange(1, 20))
            end.send(bytes(plain), flags=wire.PARTIAL * (chance.random() < 0.5), tos=chance.randrange(4))
        ends.until(lambda: sum(ledger.grown().values()) >= batch)
        grown = ledger.grown()
        # of one octet, some are keepalives
        if sum(grown.values()) != batch or not grown.keys() <= {"rx_packets", "rx_keepalives", "rx_inner", "rx_csum", "rx_ecn"}:
            ledger.fault("round %d (SEED=%s): %d packets were counted %s" % (round_, seed, batch, grown))
        end.device.receive()
        ledger.last = ledger.read()
    return ledger


def stopped(bed, encap, mode, cipher):
    """An SA at its hard limit, and a device that is down, take nothing."""
    end = Victim(bed, encap, mode, cipher)
    ledger = ends.Ledger(bed, end)
    end.key_rx(hard_packets=3)
    for count in range(3):
        plain, record = end.good()
        end.hit(record)
        ledger.expect("packet %d of 3" % (count + 1), [plain])
    end.hit(end.good()[1])
    end.hit(record)
    ledger.expect("a fourth packet, and a replay", rx_expired=1, rx_replay=1)
    end.key_rx()
    plain, record = end.good()
    ends.ip(bed.tenant, "link", "set", end.name, "down")
    end.hit(record)
    end.hit(end.record(b""))
    ledger.expect("while the device is down", rx_down=2)
    ends.ip(bed.tenant, "link", "set", end.name, "up")
    end.hit(record)
    ledger.expect("the same packet when it is up again", [plain])
    return ledger


def roaming(bed, encap, mode, cipher):
    """A wire that follows its peer is moved by a new, authentic packet of lane 0 only."""
    fixed = {"src_port": 5000} if encap == "vxlan" else {}
    end = Victim(bed, encap, mode, cipher, roam=1, **fixed)
    ledger = ends.Ledger(bed, end)
    home, away = inet.address(ends.FAR[bed.family]), inet.address(STRANGER[bed.family])

    def at(what, address, port):
        link = netlink.attrs(bed.under.wire(NUMBER)[uapi.LINKWIRE_A_LINK])
        if link[uapi.IFLA_LINKWIRE_REMOTE] != address:
            ledger.fault("%s: the peer is thought to be at %s" % (what, link[uapi.IFLA_LINKWIRE_REMOTE].hex()))
        if fixed and link[uapi.IFLA_LINKWIRE_REMOTE_PORT] != netlink.be16(port):
            ledger.fault("%s: the peer's port is thought to be %s" % (what, link[uapi.IFLA_LINKWIRE_REMOTE_PORT].hex()))

    def hit(record, src, sport):
        end.hit(record, src=src, **({"sport": sport} if encap == "vxlan" else {}))

    late_plain, late = end.good(b"late", counter=COUNTER - 1)
    plain, first = end.good(b"first", counter=COUNTER)
    hit(first, src=home, sport=wire.PORT)
    ledger.expect("from home", [plain])
    at("from home", home, wire.PORT)
    forged = end.good(b"forged", counter=COUNTER + 10)[1]
    hit(flipped(forged, len(forged) - 1, 1), src=away, sport=6000)
    ledger.expect("forged, from away", rx_auth=1)
    at("forged, from away", home, wire.PORT)
    hit(first, src=away, sport=6000)
    ledger.expect("replayed, from away", rx_replay=1)
    at("replayed, from away", home, wire.PORT)
    hit(late, src=away, sport=6000)
    ledger.expect("late, from away", [late_plain])
    at("late, from away", home, wire.PORT)
    plain, record = end.good(b"moved", counter=COUNTER + 1)
    hit(record, src=away, sport=6000)
    ledger.expect("new, from away", [plain])
    at("new, from away", away, 6000)
    hit(end.record(b"", counter=COUNTER + 2), src=home, sport=wire.PORT)
    ledger.expect("a keepalive from home", rx_keepalives=1)
    at("a keepalive from home", home, wire.PORT)
    held_plain, held = end.good(b"held back", counter=COUNTER + 3)
    end.key_rx()
    plain, record = end.good(b"new key", counter=1)
    hit(record, src=home, sport=wire.PORT)
    ledger.expect("of a new key, from home", [plain])
    hit(held, src=away, sport=6000)
    ledger.expect("held back from the old key, from away", [held_plain])
    at("held back from the old key, from away", home, wire.PORT)
    plain, record = end.good(b"new key", counter=2)
    hit(record, src=away, sport=6000)
    ledger.expect("of the new key, from away", [plain])
    at("of the new key, from away", away, 6000)
    return ledger


CASES = {case.__name__: case for case in (replay, flips, first_word, truncations, wrong_shims, wrong_addresses, window,
                                          window_at_random, congestion, any_content, stopped, roaming)}


def main(what, under, peer, tenant, encap, mode, family, cipher):
    return CASES[what](ends.Bed(under, peer, tenant, int(family)), encap, mode, cipher).close()


if __name__ == "__main__":
    if len(sys.argv) != 9 or sys.argv[1] not in CASES:
        sys.exit(__doc__.strip())
    sys.exit(main(*sys.argv[1:]))
