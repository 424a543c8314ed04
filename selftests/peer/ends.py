# SPDX-License-Identifier: GPL-2.0
"""Both ends of a wire as a test holds them: the module's, through netlink and the device; the peer's, in Python.

The near end is a wire of the module, made in the netns UNDER, its device in the netns TENANT. The far end is a veth device
in the netns PEER, on which packets are sent and captured whole; nothing of the module runs there.
"""

import errno
import fcntl
import os
import secrets
import socket
import struct
import subprocess
import time

import control
import inet
import netns
import wire

ETH_P_ALL = 3
SIOCGIFFLAGS, IFF_RUNNING = 0x8913, 0x40
SOL_PACKET, PACKET_AUXDATA, PACKET_IGNORE_OUTGOING = 263, 8, 23
TP_STATUS_CSUMNOTREADY, TP_STATUS_VLAN_VALID, TP_STATUS_VLAN_TPID_VALID = 0x8, 0x10, 0x40
WAIT = int(os.environ.get("WAIT_MS", "10000")) / 1000

# underlay addresses: lib.sh's setup_underlay
NEAR = {4: "10.0.0.1", 6: "fd00::1"}
FAR = {4: "10.0.0.2", 6: "fd00::2"}


def ip(namespace, *words):
    subprocess.run(("ip", "-n", namespace) + words, check=True)


def sysctl(namespace, *settings):
    subprocess.run(("ip", "netns", "exec", namespace, "sysctl", "-qw") + settings, check=True)


def until(true):
    """Calls until it returns something true, WAIT at most; returns what it returned last."""
    end = time.monotonic() + WAIT
    while True:
        found = true()
        if found or time.monotonic() > end:
            return found
        time.sleep(0.01)


class Port:
    """A device of a netns, to send frames on (L3 devices: packets) and to capture those that come in (or all).

    What is sent is not captured unless asked for: a packet that a capture holds a copy of may not be changed in place, and
    so takes another way through the module.
    """

    def __init__(self, namespace, device, outgoing=False):
        with netns.inside(namespace):
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.socket.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        self.socket.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 0 if outgoing else 1)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.socket.bind((device, ETH_P_ALL))
        self.socket.setblocking(False)
        self.device, self.mac = device, self.socket.getsockname()[4]
        self.partial = 0

    def send(self, frame, ethertype=0):
        """ethertype matters on L3 devices only: there it is the packet's, unless given."""
        ethertype = ethertype or (inet.ETH_IPV6 if frame[0] >> 4 == 6 else inet.ETH_IPV4)
        self.socket.sendto(frame, (self.device, ethertype))

    def running(self):
        """Whether the stack lets packets out: up, with carrier, and the kernel's link watch has seen it."""
        request = struct.pack("16sH14x", self.device.encode(), 0)
        flags, = struct.unpack_from("=16xH", fcntl.ioctl(self.socket, SIOCGIFFLAGS, request))
        return flags & IFF_RUNNING

    def receive(self):
        """The frames since the last call, VLAN tags where they were."""
        frames = []
        while True:
            try:
                frame, aux, _, _ = self.socket.recvmsg(1 << 16, 256)
            except BlockingIOError:
                return frames
            except OSError as error:
                if error.errno != errno.ENETDOWN:	# said once when the device goes down; it may come up again
                    raise
                continue
            for level, kind, data in aux:
                if (level, kind) != (SOL_PACKET, PACKET_AUXDATA):
                    continue
                status, _, _, _, _, tci, tpid = struct.unpack_from("=IIIHHHH", data)
                self.partial += bool(status & TP_STATUS_CSUMNOTREADY)
                if status & TP_STATUS_VLAN_VALID:
                    tpid = tpid if status & TP_STATUS_VLAN_TPID_VALID else inet.ETH_8021Q
                    frame = frame[:12] + struct.pack("!HH", tpid, tci) + frame[12:]
            frames.append(frame)

    def close(self):
        self.socket.close()


class Far:
    """The peer's end of the underlay."""

    def __init__(self, namespace, family, near_mac, device="vb"):
        self.port = Port(namespace, device)
        self.family, self.near_mac = family, near_mac
        # The peer's kernel has the addresses, and must not answer that nobody listens.
        with netns.inside(namespace):
            kind = socket.AF_INET if family == 4 else socket.AF_INET6
            self.silencers = [socket.socket(kind, socket.SOCK_RAW, wire.PROTOCOL)]
            for port in (wire.PORT, wire.PORT + 1):
                self.silencers.append(socket.socket(kind, socket.SOCK_DGRAM))
                self.silencers[-1].bind(("", port))

    def send(self, packet):
        """An outer IP packet."""
        self.port.send(inet.ethernet(self.near_mac, self.port.mac, packet))

    def receive(self):
        """The outer IP packets that came since the last call."""
        return [payload for ethertype, payload in map(inet.network, self.port.receive())
                if ethertype in (inet.ETH_IPV4, inet.ETH_IPV6)]


class Wire:
    """One wire: the module's end, its two SAs, and the same SAs in the peer's hands."""

    def __init__(self, bed, number, encap, mode, cipher, name=None, port=wire.PORT, **link):
        self.bed, self.number, self.encap, self.mode, self.cipher = bed, number, encap, mode, cipher
        self.name, self.port = name or "w%d" % number, port
        self.near, self.far = inet.address(NEAR[bed.family]), inet.address(FAR[bed.family])
        if encap == "vxlan":
            link["port"] = port
        bed.under.wire_add(self.name, device_in=bed.tenant, id=number, encap=encap, mode=mode,
                           local=NEAR[bed.family], remote=FAR[bed.family], **link)
        self.device = Port(bed.tenant, self.name)
        self.flags = wire.mode_flag(mode)

    def key_rx(self, cipher=None, **sa):
        """A new SA from the peer to the module."""
        cipher = cipher or self.cipher
        material = secrets.token_bytes(wire.CIPHERS[cipher])
        self.to_near = wire.Key(cipher, material)
        self.to_near_tag = self.bed.under.sa_new(self.number, "rx", cipher=cipher, key=material, **sa)
        self.counter = 1000

    def key_tx(self, cipher=None, tag=None, **sa):
        """A new SA from the module to the peer."""
        cipher = cipher or self.cipher
        material = secrets.token_bytes(wire.CIPHERS[cipher])
        self.to_far = wire.Key(cipher, material)
        self.to_far_tag = secrets.randbelow(1 << 24) if tag is None else tag
        self.bed.under.sa_new(self.number, "tx", cipher=cipher, key=material, tag=self.to_far_tag, **sa)

    def record(self, plaintext, counter=None, lane=0, flags=0, tag=None):
        """Seals for the module; the next counter unless one is given, flags besides the mode's own."""
        if counter is None:
            self.counter += 1
            counter = self.counter
        tag = self.to_near_tag if tag is None else tag
        return self.to_near.seal(tag, self.flags ^ flags, wire.number(lane, counter), plaintext)

    def outer(self, record, src=None, dst=None, tos=0, **ports):
        """The outer packet, from the peer to the module."""
        ports.setdefault("dport", self.port)
        return wire.outer(self.encap, src or self.far, dst or self.near, record, tos=tos, **ports)

    def send(self, plaintext, tos=0, **shim):
        self.bed.far.send(self.outer(self.record(plaintext, **shim), tos=tos))

    def opened(self, packets):
        """(outer packet, flags, packet number, plaintext) of those among the packets that are this wire's; raises wire.Drop."""
        found = []
        for packet in packets:
            record = wire.inside(self.encap, packet, self.port)
            if record is not None and int.from_bytes(record[:3], "big") == self.to_far_tag:
                found.append((packet,) + self.to_far.open(record)[1:])
        return found


class Bed:
    """The namespaces of a test."""

    def __init__(self, under, peer, tenant, family):
        self.family, self.peer, self.tenant = family, peer, tenant
        self.under = control.Underlay(under)
        near = Port(under, "va")
        self.far = Far(peer, family, near.mac)
        near.close()


class Ledger:
    """What wires received and dropped, held against what they were sent. Nothing else may have been counted, ever."""

    def __init__(self, bed, *wires):
        self.bed, self.wires = bed, wires
        self.last, self.faults = self.read(), []
        for end in wires:
            end.device.receive()

    def read(self):
        counters = self.bed.under.stats(*(end.number for end in self.wires))
        return {name: value for name, value in counters.items() if name.startswith("rx_") and name != "rx_bytes"}

    def grown(self):
        now = self.read()
        return {name: value - self.last[name] for name, value in now.items() if value != self.last[name]}

    def expect_counted(self, what, **reasons):
        """Since the last call, the counters grew by reasons and nothing else."""
        reasons = {name: count for name, count in reasons.items() if count}
        until(lambda: sum(self.grown().values()) >= sum(reasons.values()))
        got = self.grown()
        if got != reasons:
            self.fault("%s: counted %s, not %s" % (what, got, reasons))
        self.last = self.read()

    def expect(self, what, delivered=(), **reasons):
        """Since the last call, the counters grew by reasons and nothing else, and only delivered came out of the devices."""
        if delivered:
            reasons.setdefault("rx_packets", len(delivered))
        self.expect_counted(what, **reasons)
        out = []

        def came():
            for end in self.wires:
                out.extend(end.device.receive())
            return len(out) >= len(delivered)
        until(came)
        if sorted(out) != sorted(delivered):
            self.fault("%s: %d packets came out, not %d: %s" % (what, len(out), len(delivered),
                                                              [frame[:200].hex() for frame in out[:3]]))

    def fault(self, text):
        self.faults.append(text)

    def close(self):
        """Exit status; says what was wrong."""
        self.expect("afterwards")
        for fault in self.faults[:20]:
            print(fault)
        return 1 if self.faults else 0
