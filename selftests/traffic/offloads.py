#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Super-packets, checksums and pages of files over wires.

    offloads.py segments A B V4_A V4_B V6_A V6_B ENCAP  the wire is w, of id 1, over va
    offloads.py whole A B V4_A V4_B V6_A V6_B ENCAP     how long TCP makes super-packets
    offloads.py trains A B V4_A V4_B V6_A V6_B ENCAP    UDP_SEGMENT and UDP_GRO
    offloads.py matrix H B V4_H V4_B V6_H V6_B DEVICE@NETNS,...     behind H's veth, which is named first
    offloads.py plain A B V4_A V4_B V6_A V6_B [DEVICE@NETNS,...]    all traffic; with VLAN tags in packets of the devices too
    offloads.py pages A B V4_A V4_B V6_A V6_B FILE
"""

import hashlib
import itertools
import mmap
import os
import socket
import struct
import sys

import control
import ends
import features
import flows
import inet
import netlink
import netns
import uapi
from flows import Lost

ID = 1
SO_ZEROCOPY, MSG_ZEROCOPY = 60, 0x4000000
UDP_CORK = 1
ROUTE_MTU = 1500
UDP, GPE, SHIM_AND_ICV = 8, 4, 28
NEAR = [inet.address(one) for one in ends.NEAR.values()]
TRAIN, SEGMENT = 12, 1100


def versions(left, right, addresses):
    """Ends of IPv4 and of IPv6."""
    return (((left, addresses[0]), (right, addresses[1])), ((left, addresses[2]), (right, addresses[3])))


def port(namespace, device, outgoing=False):
    made = ends.Port(namespace, device, outgoing)
    made.socket.setsockopt(socket.SOL_SOCKET, flows.SO_RCVBUFFORCE, 1 << 26)
    return made


def checksum_errors(namespace):
    """What the stack of a netns found to be wrong."""
    with netns.inside(namespace):
        with open("/proc/net/snmp", encoding="ascii") as file:
            lines = [line.split() for line in file]
        with open("/proc/net/snmp6", encoding="ascii") as file:
            six = dict(line.split() for line in file)
    found = {name: int(value) for name, value in six.items() if name.endswith("InCsumErrors")}
    for head, values in zip(lines[::2], lines[1::2]):
        if "InCsumErrors" in head:
            found[head[0]] = int(values[head.index("InCsumErrors")])
    return found


def all_correct(*namespaces):
    for namespace in namespaces:
        errors = checksum_errors(namespace)
        if len(errors) < 4:
            yield "%s: no counters of checksum errors: %s" % (namespace, errors)
        for name, value in errors.items():
            if value:
                yield "%s: %d checksum errors of %s" % (namespace, value, name)


# ------------------------------------------------------------------------------------------------------- super-packets

def records(packets, mtu, frame):
    """How many records there are in outer packets: each but the last of a train is as long as the wire's MTU allows."""
    longest = GPE + SHIM_AND_ICV + frame + mtu
    return sum(-(-(len(inet.parse_ip(packet)[3]) - UDP) // longest) for packet in packets)


def segments(a, b, *arguments):
    """The stack hands over super-packets; each segment is sealed; trains of them leave; the receiver joins them again.

    Without GRO at the receiver, or super-packets at the sender, there are none.
    """
    addresses, trained = arguments[:4], arguments[4] == "vxlan"
    near = control.Underlay(a)
    mtu = netlink.number(near.wire(ID)[uapi.LINKWIRE_A_MTU])
    sender, receiver, faults = features.Device(a, "w"), features.Device(b, "w"), []
    above, below, up = port(a, "w", outgoing=True), port(a, "va", outgoing=True), port(b, "w")
    header = 14 if len(above.mac) == 6 else 0
    for gso, gro in itertools.product((True, False), repeat=2):
        sender.set(tso=gso, gso=gso)
        receiver.set(gro=gro)
        for left, right in versions(a, b, addresses):
            for end in (above, below, up):
                end.receive()
            before = near.stats(ID)["tx_packets"]
            total = flows.bulk(left, right, both=False, most=flows.BULK_MIN)
            sent = near.stats(ID)["tx_packets"] - before
            words = "to %s, GSO %s, GRO %s: " % (right[1], "on" if gso else "off", "on" if gro else "off")
            handed = [len(frame) - header for frame in above.receive()]
            outer = list(sealed(below.receive()))
            longest = max(map(len, outer))
            got = [len(frame) - header for frame in up.receive()]
            if gso != (max(handed) > 2 * mtu):
                faults.append(words + "%d bytes were handed over at once" % max(handed))
            if (gso and trained) != (longest > ROUTE_MTU):
                faults.append(words + "an outer packet of %d bytes" % longest)
            count = records(outer, mtu, header) if trained else len(outer)
            if count < total // mtu or abs(count - sent) > 5:
                faults.append(words + "%d records left, %d were sealed, for %d bytes" % (count, sent, total))
            if gro and max(got) <= 2 * mtu:
                faults.append(words + "no aggregate: the longest was %d" % max(got))
            if not gro and max(got) > mtu:
                faults.append(words + "%d bytes at once" % max(got))
    return faults + list(all_correct(a, b))


def whole(a, b, *arguments):
    """TCP is told how long a train is: but for its first super-packets, each leaves as one, and not as two halves."""
    faults = []
    above, below = port(a, "w", outgoing=True), port(a, "va", outgoing=True)
    for left, right in versions(a, b, arguments[:4]):
        above.receive()
        below.receive()
        flows.bulk(left, right, both=False, least=1 << 22, most=1 << 22)
        handed = sum(len(frame) > ROUTE_MTU for frame in above.receive())
        left_here = sum(len(packet) > ROUTE_MTU for packet in sealed(below.receive()))
        if left_here > 1.3 * handed + 4:
            faults.append("to %s: %d super-packets left as %d trains" % (right[1], handed, left_here))
    return faults


def sealed(frames):
    """The outer packets that the near end sent, of what its underlay device has sent or received."""
    for frame in frames:
        ethertype, packet = inet.network(frame)
        parsed = inet.parse_ip(packet) if ethertype in (inet.ETH_IPV4, inet.ETH_IPV6) else None
        if parsed and parsed[0] in NEAR and parsed[2] not in (1, 58):
            yield packet


def send_train(sender, receiver, words):
    """One sendmsg, many datagrams; the last is shorter. Each must come alone, and be right."""
    data = flows.text(TRAIN, TRAIN * SEGMENT - 100)
    sender.setsockopt(flows.SOL_UDP, flows.UDP_SEGMENT, SEGMENT)
    sender.send(data)
    for start in range(0, len(data), SEGMENT):
        flows.expect(receiver, data[start:start + SEGMENT], words + ", at %d" % start)
    sender.setsockopt(flows.SOL_UDP, flows.UDP_SEGMENT, 0)


def receive_train(receiver, size):
    """(bytes, the number of datagrams that came at most in one)"""
    data, most = b"", 1
    while len(data) < size:
        try:
            part, control_data, _, _ = receiver.recvmsg(1 << 16, 256)
        except TimeoutError:
            raise Lost("%d of %d bytes came" % (len(data), size)) from None
        data += part
        for level, kind, value in control_data:
            if (level, kind) == (flows.SOL_UDP, flows.UDP_GRO):
                most = max(most, -(-len(part) // struct.unpack_from("=H", value)[0]))
    return data, most


def trains(a, b, *arguments):
    addresses, trained = arguments[:4], arguments[4] == "vxlan"
    sender, faults = features.Device(a, "w"), []
    features.Device(b, "w").set(gro=True)
    for left, right in versions(a, b, addresses):
        near, far = flows.udp_pair(left, right)
        above, below = port(a, "w", outgoing=True), port(a, "va", outgoing=True)
        # without GSO, UDP's own neither
        for gso in (False, True):
            sender.set(gso=gso)
            above.receive()
            below.receive()
            send_train(near, far, "train to " + right[1])
            handed = above.receive()
            outer = [len(packet) for packet in sealed(below.receive()) if len(packet) > SEGMENT // 2]	# no ARP
            words = "to %s, GSO %s: " % (right[1], "on" if gso else "off")
            if gso != (max(map(len, handed)) > TRAIN * SEGMENT // 2):
                faults.append(words + "%d bytes were handed over at once" % max(map(len, handed)))
            if len(outer) != (1 if gso and trained else TRAIN) or (gso and trained and outer[0] < TRAIN * SEGMENT):
                faults.append(words + "%d outer packets, the longest of %d" % (len(outer), max(outer)))
        send_train(far, near, "train to " + left[1])
        # and as one on both sides
        data = flows.text(1, TRAIN * SEGMENT)
        far.setsockopt(flows.SOL_UDP, flows.UDP_GRO, 1)
        near.setsockopt(flows.SOL_UDP, flows.UDP_SEGMENT, SEGMENT)
        near.send(data)
        got, most = receive_train(far, len(data))
        if got != data:
            faults.append("to %s: %d bytes came in aggregates, not those sent" % (right[1], len(got)))
        if most < 2:
            faults.append("to %s: no datagrams were put together" % right[1])
        for sock in (near, far):
            sock.close()
    return faults + list(all_correct(a, b))


# ----------------------------------------------------------------------------------------------------------- checksums

def exchange(left, right, trained, least=flows.BULK_MIN):
    """A bit of everything, both ways."""
    flows.bulk(left, right, least=least, most=least)
    flows.datagrams(left, right, (1, 1000, 5001))
    if trained:
        near, far = flows.udp_pair(left, right, 7010)
        send_train(near, far, "train to " + right[1])
        send_train(far, near, "train to " + left[1])
        near.close()
        far.close()


def devices(text):
    return [features.Device(*reversed(one.split("@"))) for one in text.split(",")]


def matrix(host, b, *arguments):
    """Every combination of offloads: of each pair of devices alone, then of all of them at once."""
    made = devices(arguments[4])
    both = versions(host, b, arguments[:4])
    count = 0
    for place in [made[i:i + 2] for i in range(0, len(made), 2)] + [made]:
        for combination in features.combinations():
            for device in place:
                device.set(**combination)
            count += 1
            left, right = both[count % 2]
            try:
                # a device without checksums is refused trains by some kernels (EIO)
                exchange(left, right, combination["tx"], 64000)
            except Lost as lost:
                yield "%s: %s: %s" % (", ".join(device.words for device in place), features.words(combination), lost)
        for device in place:
            device.set(**dict.fromkeys(features.VALUES, True))
    if count != 48:
        yield "%d combinations were tried, not 48" % count
    yield from all_correct(host, b)


def plain(a, b, *arguments):
    tagged = devices(arguments[4]) if len(arguments) > 4 else []
    for left, right in versions(a, b, arguments[:4]):
        for offloaded in (True, False) if tagged else (True,):
            for device in tagged:
                device.vlan(offloaded)
            exchange(left, right, True)
            flows.datagrams(left, right, (0, 20000, 65000))
    return list(all_correct(a, b))


# --------------------------------------------------------------------------------------------------------------- pages

def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def push(sender, receiver, size, send):
    """Sends size bytes by send(socket, offset), and reads in between, so that neither side waits for the other."""
    sender.setblocking(False)
    receiver.settimeout(flows.WAIT)
    got, sent, read = hashlib.sha256(), 0, 0
    while read < size:
        if sent < size:
            try:
                sent += send(sender, sent)
            except BlockingIOError:
                pass
        if read < sent:
            try:
                data = receiver.recv(min(sent - read, 1 << 18))
            except TimeoutError:
                data = b""
            if not data:
                raise Lost("%d of %d bytes came" % (read, size))
            got.update(data)
            read += len(data)
    return got.hexdigest()


def pages(a, b, *arguments):
    """sendfile over TCP and UDP, and MSG_ZEROCOPY from a mapped file: what arrives is the file, which stays as it was."""
    path, faults = arguments[4], []
    content = flows.NOISE[:500000]
    with open(path, "wb") as file:
        file.write(content)
    wanted = hashlib.sha256(content).hexdigest()
    size = len(content)
    with open(path, "r+b") as file, mmap.mmap(file.fileno(), size) as mapped:
        for left, right in versions(a, b, arguments[:4]):
            near, far = flows.tcp_pair(left, right)
            near.setsockopt(socket.SOL_SOCKET, SO_ZEROCOPY, 1)
            for words, send in (
                    ("sendfile", lambda sock, at: os.sendfile(sock.fileno(), file.fileno(), at, size - at)),
                    ("MSG_ZEROCOPY", lambda sock, at: sock.send(memoryview(mapped)[at:at + 60000], MSG_ZEROCOPY))):
                if push(near, far, size, send) != wanted:
                    faults.append("TCP to %s, %s: not the file" % (right[1], words))
            near.close()
            far.close()
            near, far = flows.udp_pair(left, right)
            # within a page, over a page's end, over the MTU
            for at, length in ((0, 1000), (4096, 1), (4000, 200), (8000, 1300), (12288, 9000), (100001, 30000)):
                # corked: 6.1 would send a datagram for each page
                near.setsockopt(socket.IPPROTO_UDP, UDP_CORK, 1)
                os.sendfile(near.fileno(), file.fileno(), at, length)
                near.setsockopt(socket.IPPROTO_UDP, UDP_CORK, 0)
                flows.expect(far, content[at:at + length], "UDP to %s, sendfile of %d at %d" % (right[1], length, at))
            near.close()
            far.close()
            if digest(path) != wanted or hashlib.sha256(mapped).hexdigest() != wanted:
                faults.append("the file has changed")
    return faults + list(all_correct(a, b))


CASES = {case.__name__: case for case in (segments, whole, trains, matrix, plain, pages)}

if __name__ == "__main__":
    if len(sys.argv) < 8 or sys.argv[1] not in CASES:
        sys.exit(__doc__.strip())
    sys.exit(flows.main(lambda: list(CASES[sys.argv[1]](*sys.argv[2:]))))
