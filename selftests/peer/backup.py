#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What a wire whose peer has two addresses says and believes (Documentation/wire-format.md, Keepalives).

    backup.py UNDER PEER TENANT ENCAP MODE FAMILY CIPHER
"""

import sys
import time

import ends
import inet
import inner
import netlink
import uapi

NUMBER = 1
DEAF, PROBE, REPLY = 1, 2, 4
SECOND = {4: "10.0.0.3", 6: "fd00::3"}
STRANGER = {4: "10.0.0.77", 6: "fd00::77"}
HOLD = 600


class Backed(ends.Wire):
    """The module's end; the peer, who has two addresses on one device."""

    def __init__(self, bed, encap, mode, cipher):
        ends.ip(bed.peer, "addr", "add", SECOND[bed.family] + ("/24" if bed.family == 4 else "/64"), "dev", "vb",
                *(("nodad",) if bed.family == 6 else ()))
        super().__init__(bed, NUMBER, encap, mode, cipher, backup=SECOND[bed.family], hold=3600000)
        self.first, self.second = self.far, inet.address(SECOND[bed.family])
        self.key_rx()
        self.key_tx()
        self.faults = []
        self.said()

    def say(self, plain, src=None):
        self.bed.far.send(self.outer(self.record(plain), src=src or self.first))

    def said(self):
        """(where to, what) of each packet since the last call."""
        found = self.opened(self.bed.far.receive())
        return [(inet.parse_ip(packet)[1], plain) for packet, _, _, plain in found]

    def wait(self, what, *wanted):
        """Each of the wanted (where to, what) must be sent; returns all that was."""
        heard = []

        def came():
            heard.extend(self.said())
            return all(each in heard for each in wanted)
        if not ends.until(came):
            self.faults.append("%s: said %s" % (what, heard))
        return heard

    def where(self, what, backup):
        """Which address is in use."""
        def there():
            return netlink.number(self.bed.under.wire(NUMBER)[uapi.LINKWIRE_A_ON_BACKUP]) == backup
        if not ends.until(there):
            self.faults.append("%s: it is not sent to the %s address" % (what, "second" if backup else "first"))

    def shown(self):
        link = netlink.attrs(self.bed.under.wire(NUMBER)[uapi.LINKWIRE_A_LINK])
        if (link[uapi.IFLA_LINKWIRE_REMOTE], link[uapi.IFLA_LINKWIRE_BACKUP]) != (self.first, self.second):
            self.faults.append("remote and backup are shown as others than they were given")


def pinned(end, ledger):
    """Who is believed."""
    plain = inner.plaintext(end.mode, inner.datagram(NUMBER, 4, b"data"), end.device.mac if end.mode == "l2" else None)
    for src in (end.first, end.second):
        end.say(plain, src)
    ledger.expect("from both addresses", [plain, plain])
    end.say(plain, inet.address(STRANGER[end.bed.family]))
    ledger.expect("from another", rx_wrong_peer=1)
    end.where("packets from the second address move nothing", 0)


def notes(end, ledger):
    """Keepalives with a word in them."""
    end.said()
    record = end.record(bytes([PROBE]))
    end.bed.far.send(end.outer(record))
    ledger.expect("a probe", rx_keepalives=1)
    end.wait("a probe is answered to both", (end.first, bytes([REPLY])), (end.second, bytes([REPLY])))
    end.bed.far.send(end.outer(record))
    ledger.expect("a probe again", rx_replay=1)
    for note in (DEAF, REPLY, DEAF | REPLY):
        end.say(bytes([note]))
    ledger.expect("the others", rx_keepalives=3)
    for note in (0, 8, 16, 128, 255, DEAF | 8):
        end.say(bytes([note]))
    end.say(b"\1\1")
    ledger.expect("what none of them is", rx_inner=7)
    if end.said():
        end.faults.append("something else than a probe was answered")
    end.where("a word that comes too early, or unasked, moves nothing", 0)


def answer(end, often):
    """Answers so many probes, each once; returns how many there were."""
    answered = 0

    def enough():
        nonlocal answered
        for where, what in end.said():
            if where == end.first and what and what[0] & PROBE:
                end.say(bytes([REPLY]), end.second)
                answered += 1
        return answered >= often
    ends.until(enough)
    return answered


def silence(end, ledger):
    """The peer says nothing, then answers."""
    end.bed.under.wire_set(NUMBER, hold=HOLD)
    end.where("after the hold time", 1)
    end.shown()
    end.wait("on the backup, without a sign of the peer", (end.second, bytes([DEAF])), (end.first, bytes([PROBE | DEAF])))
    ends.until(lambda: not end.bed.under.carrier(NUMBER))
    if end.bed.under.carrier(NUMBER):
        end.faults.append("carrier, with a peer that is silent")
    end.said()
    end.say(b"", end.second)
    end.wait("the peer is there", (end.second, b""), (end.first, bytes([PROBE])))
    answer(end, 2)
    time.sleep(HOLD * 2 / 3 / 1000)  # a probe without an answer
    end.said()
    end.where("two answers and a silence", 1)
    if answer(end, 3) < 3:
        end.faults.append("probes stopped")
    end.where("three answers in a row", 0)
    end.shown()
    if not end.bed.under.carrier(NUMBER):
        end.faults.append("no carrier, with a peer that answers")


def deafness(end, ledger):
    """The peer is heard, and does not hear: it has to say so for long enough that it can be meant."""
    end.bed.under.wire_set(NUMBER, hold=HOLD)
    began = time.monotonic()
    end.say(bytes([DEAF]))

    def moved():
        end.say(bytes([DEAF]))
        time.sleep(HOLD / 10 / 1000)
        return netlink.number(end.bed.under.wire(NUMBER)[uapi.LINKWIRE_A_ON_BACKUP])
    if not ends.until(moved):
        end.faults.append("a peer that is deaf is sent nothing at its second address")
    if time.monotonic() - began < HOLD / 1000:
        end.faults.append("a peer was left before it could have heard")
    for _ in range(15):     # it is heard, so it is not told that it is not
        end.say(b"")
        time.sleep(HOLD / 10 / 1000)
    said = end.said()
    if (end.second, b"") not in said or (end.first, bytes([PROBE])) not in said[-4:]:
        end.faults.append("to a peer that is heard was said %s" % said[-6:])


def told_early(end, ledger):
    """What the peer said while it had one address is not held against it when it has two."""
    end.bed.under.wire_set(NUMBER, backup=bytes(4), hold=HOLD)
    end.say(bytes([DEAF]))
    for number in range(20):
        time.sleep(HOLD / 10 / 1000)
        end.say(b"")
        if number == 12:
            end.bed.under.wire_set(NUMBER, backup=end.second)
    end.where("a backup that is new, and a peer that was deaf once", 0)


def interrupted(end, ledger):
    """Probes that were answered before the device went down say nothing of the time after it."""
    end.bed.under.wire_set(NUMBER, hold=HOLD)
    end.where("after the hold time", 1)
    end.said()
    answer(end, 3)
    ends.ip(end.bed.tenant, "link", "set", end.device.device, "down")
    ends.ip(end.bed.tenant, "link", "set", end.device.device, "up")
    # whether it says that it hears nothing depends on how long that took
    if not ends.until(lambda: any(where == end.first and what and what[0] & PROBE for where, what in end.said())):
        end.faults.append("up again: no probe")
    end.where("no answer since", 1)


def main(under, peer, tenant, encap, mode, family, cipher):
    bed = ends.Bed(under, peer, tenant, int(family))
    end = Backed(bed, encap, mode, cipher)
    ledger = ends.Ledger(bed, end)
    pinned(end, ledger)
    notes(end, ledger)
    silence(end, ledger)
    # from the start
    bed.under.wire_set(NUMBER, hold=3600000)
    deafness(end, ledger)
    told_early(end, ledger)
    interrupted(end, ledger)
    for fault in ledger.faults + end.faults:
        print(fault)
    return 1 if ledger.faults or end.faults else 0


if __name__ == "__main__":
    if len(sys.argv) != 8:
        sys.exit(__doc__.strip())
    sys.exit(main(*sys.argv[1:]))
