#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What a key may be used for, to the packet: limits, and packet numbers at both ends of their range.

    limits.py CASE UNDER PEER TENANT ENCAP MODE FAMILY CIPHER
"""

import sys
import time

import control
import ends
import events
import inner
import netlink
import uapi
import wire
from ends import until
from netlink import attr, u32

NUMBER = 1
STATES = {"active": uapi.LINKWIRE_SA_ACTIVE, "expiring": uapi.LINKWIRE_SA_EXPIRING, "expired": uapi.LINKWIRE_SA_EXPIRED}
SIZE = 100      # of the plaintext that a case sends, bytes
FAULTS = []


def expect(what, want, got):
    if got != want:
        FAULTS.append("%s: %s, not %s" % (what, got, want))
    return got == want


class Limited:
    """A wire, the SA that is looked at, and all that is known of them."""

    def __init__(self, bed, encap, mode, cipher, **link):
        self.bed, self.mode, self.events, self.packets, self.seen = bed, mode, [], [], []
        self.listener = events.Listener(bed.under.namespace)
        self.end = ends.Wire(bed, NUMBER, encap, mode, cipher, **link)
        self.start = bed.under.stats(NUMBER)

    def key(self, direction, **sa):
        """The other direction's SA has no limits. A keepalive is the first packet of a new transmitting SA."""
        self.direction = direction
        if direction == "tx":
            self.end.key_rx()
            self.end.key_tx(**sa)
            self.tag = self.end.to_far_tag
        else:
            self.end.key_tx()
            self.end.key_rx(**sa)
            self.tag = self.end.to_near_tag
        expect("carrier with a new SA", 1, self.carrier())
        until(self.end.device.running)
        self.look()

    def out(self, count):
        """The stack sends."""
        for _ in range(count):
            packet = inner.datagram(NUMBER, 4, bytes(SIZE - 28), src=inner.near(NUMBER, 4), dst=inner.far(NUMBER, 4))
            self.end.device.send(inner.plaintext(self.mode, packet, self.end.device.mac))

    def into(self, count):
        """The peer sends."""
        for _ in range(count):
            self.end.send(inner.plaintext(self.mode, inner.datagram(NUMBER, 4, bytes(SIZE - 28))))

    def carrier(self):
        return self.bed.under.carrier(NUMBER)

    def grown(self, name):
        return self.bed.under.stats(NUMBER)[name] - self.start[name]

    def sa(self):
        nest = control.sa_attrs({"dir": self.direction, "tag": self.tag})
        answer, = self.bed.under.family.request(uapi.LINKWIRE_CMD_SA_GET,
                                                [attr(uapi.LINKWIRE_A_ID, u32(NUMBER)), attr(uapi.LINKWIRE_A_SA, nest)])
        return netlink.attrs(answer[1][uapi.LINKWIRE_A_SA])

    def look(self):
        """Takes in what has come by now."""
        self.events += self.listener.heard()
        self.seen += self.end.opened(self.bed.far.receive())
        self.packets += self.end.device.receive()

    def numbers(self):
        return [number for _, _, number, _ in self.seen]

    def is_now(self, when, state, carrier, *names):
        """The SA's state, the carrier, and the events since the beginning."""
        want = [(name, NUMBER, self.direction, self.tag, name[len("sa-"):]) for name in names]

        def come():
            self.look()
            return len(self.events) >= len(want)
        until(come)
        expect(when + ", state", STATES[state], netlink.number(self.sa()[uapi.LINKWIRE_A_SA_STATE]))
        expect(when + ", carrier", carrier, self.carrier())
        expect(when + ", events", want, self.events)

    def sent(self, when, count):
        """How many the peer has seen, each opened and numbered by one more than that before; and how many are said to be."""
        def come():
            self.look()
            return len(self.seen) >= count
        until(come)
        time.sleep(0.05)
        self.look()
        numbers = self.numbers()
        expect(when + ", packets at the peer", count, len(numbers))
        if numbers:
            expect(when + ", their numbers", list(range(numbers[0], numbers[0] + len(numbers))), numbers)
        expect(when + ", packets of the SA", count, netlink.number(self.sa()[uapi.LINKWIRE_A_SA_PACKETS]))

    def delivered(self, when, count):
        def come():
            self.look()
            return len(self.packets) >= count
        until(come)
        time.sleep(0.05)
        self.look()
        expect(when + ", delivered", count, len(self.packets))
        expect(when + ", packets of the SA", count, netlink.number(self.sa()[uapi.LINKWIRE_A_SA_PACKETS]))

    def dropped(self, name, count):
        until(lambda: self.grown(name) >= count)
        expect(name, count, self.grown(name))


def tx_packets(wire_):
    wire_.key("tx", soft_packets=5, hard_packets=8)
    wire_.out(3)
    wire_.sent("one before the soft limit", 4)
    wire_.is_now("one before the soft limit", "active", 1)
    wire_.out(1)
    wire_.is_now("at the soft limit", "expiring", 1, "sa-expiring")
    wire_.out(3)
    wire_.sent("at the hard limit", 8)
    wire_.is_now("at the hard limit", "expiring", 1, "sa-expiring")
    wire_.out(1)
    wire_.is_now("beyond the hard limit", "expired", 0, "sa-expiring", "sa-expired")
    wire_.sent("beyond the hard limit", 8)
    wire_.dropped("tx_expired", 1)


def tx_bytes(wire_):
    wire_.key("tx", soft_bytes=3 * SIZE, hard_bytes=5 * SIZE)
    wire_.out(2)
    wire_.sent("before the soft limit", 3)
    wire_.is_now("before the soft limit", "active", 1)
    wire_.out(1)
    wire_.is_now("at the soft limit", "expiring", 1, "sa-expiring")
    wire_.out(2)
    wire_.sent("at the hard limit", 6)
    wire_.is_now("at the hard limit", "expiring", 1, "sa-expiring")
    wire_.out(1)
    wire_.is_now("beyond the hard limit", "expired", 0, "sa-expiring", "sa-expired")
    wire_.sent("beyond the hard limit", 6)
    wire_.dropped("tx_expired", 1)


def rx_packets(wire_):
    wire_.key("rx", soft_packets=3, hard_packets=5)
    wire_.into(2)
    wire_.delivered("one before the soft limit", 2)
    wire_.is_now("one before the soft limit", "active", 1)
    wire_.into(1)
    wire_.is_now("at the soft limit", "expiring", 1, "sa-expiring")
    wire_.into(1)
    wire_.delivered("one before the hard limit", 4)
    wire_.is_now("one before the hard limit", "expiring", 1, "sa-expiring")
    wire_.into(1)
    wire_.is_now("at the hard limit", "expired", 0, "sa-expiring", "sa-expired")
    wire_.into(2)
    wire_.dropped("rx_expired", 2)
    wire_.delivered("beyond the hard limit", 5)


def rx_bytes(wire_):
    wire_.key("rx", soft_bytes=2 * SIZE, hard_bytes=4 * SIZE)
    wire_.into(1)
    wire_.delivered("before the soft limit", 1)
    wire_.is_now("before the soft limit", "active", 1)
    wire_.into(1)
    wire_.is_now("at the soft limit", "expiring", 1, "sa-expiring")
    wire_.into(2)
    wire_.is_now("at the hard limit", "expired", 0, "sa-expiring", "sa-expired")
    wire_.into(3)
    wire_.dropped("rx_expired", 3)
    wire_.delivered("beyond the hard limit", 4)


def seconds(wire_, direction):
    begin = time.monotonic()
    wire_.key(direction, soft_seconds=3, hard_seconds=5)
    wire_.is_now("new", "active", 1)
    wire_.is_now("at the soft limit", "expiring", 1, "sa-expiring")
    soft = time.monotonic() - begin
    wire_.is_now("at the hard limit", "expired", 0, "sa-expiring", "sa-expired")
    hard = time.monotonic() - begin
    # never early; a slow machine installs, and looks, late
    if not 2.9 < soft < 6 or not 4.9 < hard < 9:
        FAULTS.append("soft limit after %.1f s, hard one after %.1f s, not 3 and 5" % (soft, hard))


def tx_seconds(wire_):
    seconds(wire_, "tx")
    # without carrier the stack sends nothing; keepalives, which go past it, are no drops where no key can seal them
    names = "tx_expired", "tx_no_sa", "tx_keepalives"
    before = [wire_.grown(name) for name in names]
    wire_.bed.under.family.request(uapi.LINKWIRE_CMD_WIRE_SET, [attr(uapi.LINKWIRE_A_ID, u32(NUMBER)),
                                                                attr(uapi.LINKWIRE_A_LINK, control.link_attrs({"hold": 100}))])
    time.sleep(0.5)
    after = [wire_.grown(name) for name in names]
    if after != before:
        FAULTS.append("nobody sends into the wire, and yet %s go from %s to %s" % (names, before, after))
    wire_.sent("after the hard limit", 1)


def rx_seconds(wire_):
    seconds(wire_, "rx")
    wire_.into(2)
    wire_.dropped("rx_expired", 2)
    wire_.delivered("after the hard limit", 0)


def last_numbers(wire_):
    """Ten numbers are left: the keepalive has one of them."""
    wire_.key("tx", start=wire.COUNTER_MAX - 9)
    wire_.sent("new", 1)
    wire_.out(9)
    wire_.sent("with the last number", 10)
    wire_.is_now("with the last number", "active", 1)
    expect("the last number", wire.COUNTER_MAX, wire_.numbers()[-1])
    wire_.out(1)
    wire_.is_now("with no number left", "expired", 0, "sa-expired")
    wire_.out(3)
    wire_.sent("with no number left", 10)
    if wire_.grown("tx_expired") < 1:
        FAULTS.append("tx_expired does not count what has no number")


def last_numbers_of_a_device_that_was_down(wire_):
    """Nobody says hello: all ten are the stack's."""
    wire_.end.key_rx()
    wire_.direction = "tx"
    wire_.end.key_tx(start=wire.COUNTER_MAX - 9)
    wire_.tag = wire_.end.to_far_tag
    ends.ip(wire_.bed.tenant, "link", "set", wire_.end.name, "up")
    wire_.end.device.close()    # bound to a device that is down, it would have that error to tell first
    wire_.end.device = ends.Port(wire_.bed.tenant, wire_.end.name)
    until(wire_.end.device.running)
    wire_.out(10)
    wire_.sent("with the last number", 10)
    expect("the last number", wire.COUNTER_MAX, wire_.numbers()[-1])
    wire_.out(2)
    wire_.is_now("with no number left", "expired", 0, "sa-expired")
    wire_.sent("with no number left", 10)


def start_in_the_past(wire_):
    """A start below the clock's is no start."""
    before = time.time_ns() >> 6
    wire_.key("tx", start=1)
    wire_.sent("new", 1)
    first, after = wire_.numbers()[0], time.time_ns() >> 6
    if not before <= first <= after:
        FAULTS.append("first number %#x, not the clock's, %#x to %#x" % (first, before, after))


def start_in_the_future(wire_):
    start = (time.time_ns() >> 6) + (1 << 40)
    wire_.key("tx", start=start)
    wire_.out(2)
    wire_.sent("new", 3)
    expect("first number", start, wire_.numbers()[0])


CASES = {case.__name__: case for case in (tx_packets, tx_bytes, tx_seconds, rx_packets, rx_bytes, rx_seconds, last_numbers,
                                          last_numbers_of_a_device_that_was_down, start_in_the_past, start_in_the_future)}


def main(case, under, peer, tenant, encap, mode, family, cipher):
    bed = ends.Bed(under, peer, tenant, int(family))
    CASES[case](Limited(bed, encap, mode, cipher, **({"up": False} if "down" in case else {})))
    print("\n".join(FAULTS))
    return 1 if FAULTS else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
