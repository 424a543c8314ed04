#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The module against the peer in wire.py: what each seals, the other opens.

    known_answers.py UNDER PEER TENANT ENCAP MODE FAMILY CIPHER
"""

import sys
import time

import ends
import inet
import inner
from ends import until

NUMBER = 1
LENGTHS = (0, 1, 15, 16, 17, 33, 256, 1000, 1300)
FEW_LENGTHS = (0, 17, 1300)
FAULTS = []


def expect(true, *words):
    if not true:
        FAULTS.append(" ".join(map(str, words)))
    return true


def keepalive_of_module(end, before):
    """Sent when the transmitting SA is installed."""
    def look():
        seen.extend(end.opened(end.bed.far.receive()))
        return [number for _, flags, number, plain in seen if plain == b"" and flags == end.flags]
    seen = []
    numbers = until(look)
    if not expect(numbers, "no keepalive came when the transmitting SA was installed"):
        return
    clock = (before >> 6, time.time_ns() >> 6)
    expect(clock[0] <= numbers[0] <= clock[1], "first packet number %#x is not the wall clock's, %#x to %#x" %
           ((numbers[0],) + clock))


def keepalive_of_peer(end):
    before = end.bed.under.stats(NUMBER)
    end.send(b"")
    got = until(lambda: end.bed.under.stats(NUMBER)["rx_keepalives"] - before["rx_keepalives"])
    expect(got == 1, "rx_keepalives grew by", got)
    expect(end.bed.under.carrier(NUMBER), "no carrier with an SA each way")
    until(end.device.running)


def deliver(end, lengths):
    """What the peer seals comes out of the device as it was."""
    for version in (4, 6):
        for length in lengths:
            sent = inner.plaintext(end.mode, inner.datagram(NUMBER, version, bytes(i & 0xFF for i in range(length))),
                                   end.device.mac if end.mode == "l2" else None)
            seen = []
            # behind an IP packet there may be padding, which an L3 receiver cuts off
            end.send(sent + b"padding"[:length % 8] if end.mode == "l3" else sent)

            def look():
                seen.extend(end.device.receive())
                return sent in seen
            expect(until(look), "IPv%d with %d bytes of data was not delivered as it was; came:" % (version, length),
                   [frame.hex() for frame in seen])


def emit(end, lengths):
    """What goes into the device opens at the peer as it was; packet numbers are in a row, on lane 0."""
    numbers = []
    for version in (4, 6):
        for length in lengths:
            packet = inner.datagram(NUMBER, version, bytes(i & 0xFF for i in range(length)),
                                    src=inner.near(NUMBER, version), dst=inner.far(NUMBER, version))
            sent = inner.plaintext(end.mode, packet, inet.mac(inner.MAC_FAR))
            end.device.send(sent)
            seen = []

            def look():
                for _, flags, number, plain in end.opened(end.bed.far.receive()):
                    expect(flags == end.flags, "flags %#x" % flags)
                    numbers.append(number)
                    seen.append(plain)
                return sent in seen
            expect(until(look), "IPv%d with %d bytes of data did not come as it was; came:" % (version, length),
                   [plain.hex() for plain in seen])
    expect(numbers and all(number >> 56 == 0 for number in numbers), "a lane other than 0")
    # the kernel's own packets may come from another CPU, and one overtake another
    numbers.sort()
    expect(not numbers or numbers == list(range(numbers[0], numbers[0] + len(numbers))),
           "packet numbers", [hex(number) for number in numbers])


def outer_header(end):
    """DF, checksums and lengths of the module's outer packets."""
    end.device.send(inner.plaintext(end.mode, inner.datagram(NUMBER, 4, b"look"), inet.mac(inner.MAC_FAR)))
    seen = []

    def look():
        seen.extend(end.opened(end.bed.far.receive()))
        return seen
    if not expect(until(look), "nothing came"):
        return
    packet, _, _, plain = seen[0]
    src, dst, _, payload, _, ttl = inet.parse_ip(packet)
    expect((src, dst) == (end.near, end.far), "outer addresses")
    expect(ttl == 64, "outer TTL %d" % ttl)
    head = {("vxlan", 4): 60, ("vxlan", 6): 80, ("ipip", 4): 48, ("ipip", 6): 68}[end.encap, end.bed.family]
    expect(len(packet) - len(plain) == head, "overhead is %d bytes, not %d" % (len(packet) - len(plain), head))
    if end.bed.family == 4:
        expect(packet[6] & 0xE0 == 0x40, "DF is not set, or it is a fragment")
        expect(inet.fold(packet[:20]) == 0xFFFF, "IPv4 header checksum")
    if end.encap == "vxlan":
        expect(payload[6:8] != b"\0\0", "no UDP checksum")


def main(under, peer, tenant, encap, mode, family, cipher):
    bed = ends.Bed(under, peer, tenant, int(family))
    end = ends.Wire(bed, NUMBER, encap, mode, cipher)
    end.key_rx()
    before = time.time_ns()
    end.key_tx()
    keepalive_of_module(end, before)
    keepalive_of_peer(end)
    # with captures open, a packet is not the module's alone, and may not be encrypted or decrypted where it lies
    for lengths, captures in ((LENGTHS, ()), (FEW_LENGTHS, ((under, "va"), (tenant, end.name)))):
        ports = [ends.Port(namespace, device, outgoing=True) for namespace, device in captures]
        deliver(end, lengths)
        emit(end, lengths)
        for port in ports:
            port.close()
    outer_header(end)
    for fault in FAULTS:
        print(fault)
    return 1 if FAULTS else 0


if __name__ == "__main__":
    if len(sys.argv) != 8:
        sys.exit(__doc__.strip())
    sys.exit(main(*sys.argv[1:]))
