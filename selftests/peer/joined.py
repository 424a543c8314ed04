#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Trains of TCP segments: what a receiver makes of them, and what a sender makes of super-packets.

    joined.py WHAT UNDER PEER TENANT ENCAP MODE FAMILY CIPHER

WHAT is one of the functions of this file that are in CASES.
"""

import os
import socket
import sys
import time

import ends
import hostile
import netns
import segments
import wire

SOL_UDP, UDP_SEGMENT = 17, 103
SEGMENTS, MSS = 20, 1000
CWR, FIN, PSH, ACK, SYN = 0x80, 0x01, 0x08, 0x10, 0x02


class Trains:
    """A wire whose peer sends trains, and its ledger."""

    def __init__(self, bed, encap, mode, cipher):
        self.bed = bed
        self.end, self.ledger, _ = hostile.start(bed, encap, mode, cipher)
        with netns.inside(bed.peer):
            self.socket = socket.socket(socket.AF_INET if bed.family == 4 else socket.AF_INET6, socket.SOCK_DGRAM)
        self.socket.bind((ends.FAR[bed.family], 0))
        self.counter = hostile.COUNTER

    def flow(self, version):
        mac = self.end.device.mac if self.end.mode == "l2" else None
        return segments.Flow(self.end.mode, mac, self.end.number, version)

    def seal(self, plains, flags=wire.PARTIAL, **shim):
        """Their records, with what stands before each."""
        sealed = []
        for plain in plains:
            self.counter += 1
            sealed.append(wire.FIRST_WORD + self.end.record(plain, counter=self.counter, flags=flags, **shim))
        return sealed

    def send(self, payloads):
        self.socket.setsockopt(SOL_UDP, UDP_SEGMENT, len(payloads[0]))
        self.socket.sendto(b"".join(payloads), (ends.NEAR[self.bed.family], self.end.port))

    def stream(self, what, flow, plains, **reasons):
        """Each of these segments was delivered, as it is or in one with its neighbours; nothing else was."""
        self.ledger.expect_counted(what, rx_packets=len(plains), **reasons)
        wanted = flow.bytes_of(plains)
        got = {}

        def came():
            got.update(flow.bytes_of(self.end.device.receive()))
            return len(got) >= len(wanted)
        ends.until(came)
        if got != wanted:
            self.ledger.fault("%s: %d bytes of the stream came, not the %d that were sent" % (what, len(got), len(wanted)))


def versions(trains):
    for version in (4, 6):
        yield version, trains.flow(version)


def whole(bed, encap, mode, cipher):
    """Segments of one super-packet become that super-packet again, to the byte."""
    trains = Trains(bed, encap, mode, cipher)
    for version, flow in versions(trains):
        for count, last, first_flags, last_flags in ((2, MSS, ACK, ACK), (2, 1, ACK, ACK | PSH), (44, 7, ACK | CWR, ACK | PSH | FIN),
                                                     (SEGMENTS, MSS, ACK, ACK)):
            plains, joined = flow.segments(count, MSS, last, first_flags, last_flags)
            trains.send(trains.seal(plains))
            trains.ledger.expect("IPv%d: %d segments, the last of %d" % (version, count, last), [joined], rx_packets=count)
    return trains.ledger


def damaged(bed, encap, mode, cipher):
    """A record that is damaged, replayed or not ours costs only itself, wherever it is."""
    trains = Trains(bed, encap, mode, cipher)
    for version, flow in versions(trains):
        for bad in (0, 1, SEGMENTS // 2, SEGMENTS - 2, SEGMENTS - 1):
            for reason in ("rx_auth", "rx_replay", "rx_no_sa", "rx_malformed"):
                plains, _ = flow.segments(SEGMENTS, MSS, MSS)
                payloads = trains.seal(plains)
                if reason == "rx_replay":
                    trains.send([payloads[bad]] * 2)
                    trains.stream("IPv%d: twice in one" % version, flow, [plains[bad]], rx_replay=1)
                else:
                    at = {"rx_auth": -1, "rx_no_sa": 4, "rx_malformed": 0}[reason] % len(payloads[bad])
                    payloads[bad] = hostile.flipped(payloads[bad], at, 1)
                trains.send(payloads)
                del plains[bad]
                trains.stream("IPv%d: record %d, %s" % (version, bad, reason), flow, plains, **{reason: 1})
        # the whole once more, when what was forged is forgotten
        time.sleep(1.3)
        plains, joined = flow.segments(SEGMENTS, MSS, MSS)
        payloads = trains.seal(plains)
        trains.send(payloads)
        trains.ledger.expect("IPv%d: a train" % version, [joined], rx_packets=SEGMENTS)
        trains.send(payloads)
        trains.ledger.expect("IPv%d: the same train" % version, rx_replay=SEGMENTS)
        # the other way round: newer first
        plains, _ = flow.segments(SEGMENTS, MSS, MSS)
        trains.send(trains.seal(plains)[::-1])
        trains.stream("IPv%d: last first" % version, flow, plains)
        # what is too short to be a record, behind the others
        plains, _ = flow.segments(SEGMENTS, MSS, MSS)
        trains.send(trains.seal(plains) + [wire.FIRST_WORD + b"short"])
        trains.stream("IPv%d: a rest" % version, flow, plains, rx_malformed=1)
    return trains.ledger


def odd(bed, encap, mode, cipher):
    """Segments that are not what cutting one super-packet gives are delivered as they are."""
    trains = Trains(bed, encap, mode, cipher)
    fields = ("seq", "ack", "window", "flags", "options", "ident", "tos", "ttl", "sum", "dport", "urgent")
    for version, flow in versions(trains):
        for field in fields:
            if version == 6 and field == "ident":
                continue
            for where in (1, SEGMENTS // 2, SEGMENTS - 1):
                if field == "flags" and where == SEGMENTS - 1:
                    continue	# PSH there is as it should be
                plains, _ = flow.segments(SEGMENTS, MSS, MSS, odd=(where, field))
                trains.send(trains.seal(plains))
                trains.stream("IPv%d: another %s in segment %d" % (version, field, where), flow, plains)
        for words, count, last, first, end in (("SYN", 3, MSS, ACK | SYN, ACK), ("PSH", 3, MSS, ACK | PSH, ACK)):
            plains, _ = flow.segments(count, MSS, last, first, end)
            trains.send(trains.seal(plains))
            trains.stream("IPv%d: %s in the first" % (version, words), flow, plains)
        # checksums that are whole are not for us to say anything about
        plains, _ = flow.segments(SEGMENTS, MSS, MSS, partial=False)
        trains.send(trains.seal(plains, flags=0))
        trains.stream("IPv%d: whole checksums" % version, flow, plains)
    trains.send(trains.seal([b""] * SEGMENTS, flags=0))
    trains.ledger.expect("keepalives", rx_keepalives=SEGMENTS)
    return trains.ledger


def lanes(bed, encap, mode, cipher):
    """Each lane has a window of its own; a train of several lanes is as many trains."""
    trains = Trains(bed, encap, mode, cipher)
    trains.end.key_rx(lanes=4)
    for version, flow in versions(trains):
        counter = trains.counter
        for lane in (3, 0, 2):
            trains.counter = counter
            plains, joined = flow.segments(SEGMENTS, MSS, MSS)
            payloads = trains.seal(plains, lane=lane)
            trains.send(payloads)
            trains.ledger.expect("IPv%d: lane %d" % (version, lane), [joined], rx_packets=SEGMENTS)
            trains.send(payloads)
            trains.ledger.expect("IPv%d: lane %d, again" % (version, lane), rx_replay=SEGMENTS)
        plains, _ = flow.segments(SEGMENTS, MSS, MSS)
        trains.send([trains.seal([plain], lane=i % 5)[0] for i, plain in enumerate(plains)])
        trains.stream("IPv%d: lanes by turns" % version, flow, [plain for i, plain in enumerate(plains) if i % 5 < 4],
                      rx_lane=SEGMENTS // 5)
    return trains.ledger


def numbered(bed, encap, mode, cipher):
    """Each processor numbers what it sends in a lane of its own, as far as there are lanes; keepalives are lane 0's."""
    trains = Trains(bed, encap, mode, cipher)
    end, flow = trains.end, trains.flow(4)
    out = segments.Sender(bed.tenant, end.name)
    processors = os.sched_getaffinity(0)
    for lanes in (1, 2, 256):
        end.key_tx(lanes=lanes)
        first = {}
        for processor in sorted(processors):
            os.sched_setaffinity(0, {processor})
            for _ in range(3):
                plains, joined = flow.segments(SEGMENTS, MSS, MSS)
                bed.far.receive()
                out.send(flow, joined, MSS)
                numbers = []

                def came():
                    for packet in bed.far.receive():
                        payload = wire.FIRST_WORD + (wire.inside(encap, packet, end.port) or b"")
                        size = len(wire.FIRST_WORD) + wire.SHIM + len(plains[0]) + wire.ICV
                        for at in range(0, len(payload), size):
                            record = payload[at + len(wire.FIRST_WORD):at + size]
                            if record[:3] != end.to_far_tag.to_bytes(3, "big"):
                                continue
                            _, _, number, plain = end.to_far.open(record)
                            if len(plain) > 1:
                                numbers.append(number)
                    return len(numbers) >= SEGMENTS
                ends.until(came)
                words = "%d lanes, processor %d" % (lanes, processor)
                if {number >> 56 for number in numbers} != {processor % lanes}:
                    trains.ledger.fault("%s: lanes %s" % (words, {number >> 56 for number in numbers}))
                elif numbers != list(range(numbers[0], numbers[0] + SEGMENTS)):
                    trains.ledger.fault("%s: packet numbers %s" % (words, numbers))
                elif first.setdefault(processor % lanes, numbers[0]) > numbers[0]:
                    trains.ledger.fault("%s: the counter went back" % words)
        os.sched_setaffinity(0, processors)
    # one that is idle says that it is alive
    bed.far.receive()
    bed.under.wire_set(end.number, hold=300)
    said = []

    def spoken():
        said.extend(number for _, _, number, plain in end.opened(bed.far.receive()) if len(plain) <= 1)
        return len(said) > 5
    ends.until(spoken)
    if not said or any(number >> 56 for number in said):
        trains.ledger.fault("keepalives of lanes %s" % {number >> 56 for number in said})
    return trains.ledger


def sent(bed, encap, mode, cipher):
    """A super-packet leaves as one train, whose records are its segments, to the byte; with whole checksums if asked for."""
    trains = Trains(bed, encap, mode, cipher)
    end = trains.end
    out = segments.Sender(bed.tenant, end.name)
    for partial in (1, 0):
        end.key_tx(csum_partial=partial)
        for version, flow in versions(trains):
            for count, last, first_flags, last_flags in ((2, 1, ACK, ACK), (40, MSS, ACK | CWR, ACK | PSH | FIN), (SEGMENTS, 9, ACK, ACK)):
                plains, joined = flow.segments(count, MSS, last, first_flags, last_flags, partial=bool(partial))
                bed.far.receive()
                out.send(flow, joined, MSS)
                records, packets = [], []
                size = len(wire.FIRST_WORD) + wire.SHIM + len(plains[0]) + wire.ICV

                def came():
                    for packet in bed.far.receive():
                        payload = (wire.inside(encap, packet, end.port) or b"")
                        # keepalives, too, come as they please
                        if payload[:3] == end.to_far_tag.to_bytes(3, "big") and len(payload) > wire.SHIM + wire.ICV + 1:
                            packets.append(packet)
                            payload = wire.FIRST_WORD + payload
                            records.extend(payload[at:at + size] for at in range(0, len(payload), size))
                    return len(records) >= count
                ends.until(came)
                words = "IPv%d, %d segments, checksums %s" % (version, count, "partial" if partial else "whole")
                opened = [end.to_far.open(record[len(wire.FIRST_WORD):])[1:] for record in records]
                if len(packets) != 1:
                    trains.ledger.fault("%s: %d packets" % (words, len(packets)))
                if [plain for _, _, plain in opened] != plains:
                    trains.ledger.fault("%s: %d records, not the segments" % (words, len(opened)))
                if any(flags != end.flags | (wire.PARTIAL if partial else 0) for flags, _, _ in opened):
                    trains.ledger.fault("%s: flags %s" % (words, {flags for flags, _, _ in opened}))
                numbers = [number for _, number, _ in opened]
                if numbers != list(range(numbers[0], numbers[0] + count)):
                    trains.ledger.fault("%s: packet numbers %s" % (words, numbers))
    return trains.ledger


CASES = {case.__name__: case for case in (whole, damaged, odd, lanes, numbered, sent)}


def main(what, under, peer, tenant, encap, mode, family, cipher):
    return CASES[what](ends.Bed(under, peer, tenant, int(family)), encap, mode, cipher).close()


if __name__ == "__main__":
    if len(sys.argv) != 9 or sys.argv[1] not in CASES:
        sys.exit(__doc__.strip())
    sys.exit(main(*sys.argv[1:]))
