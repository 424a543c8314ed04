#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A wire's configuration is replaced from everywhere at once, while packets use it.

    moving.py UNDER PEER TENANT ENCAP MODE FAMILY CIPHER SECONDS

The peer shows up at other addresses all the time, with authentic packets, which replaces the configuration in a softirq;
requests do so in processes; packets both ways, the carrier and readers use what they find. One key is enough for all of it.
Each worker is a process. Prints how often each got something done.
"""

import os
import socket
import struct
import sys
import time
import traceback

import control
import ends
import inet
import inner
import netlink
import netns
import uapi
import wire

NUMBER = 1
HOMES = {4: ["10.0.0.%d" % host for host in range(2, 10)], 6: ["fd00::%d" % host for host in range(2, 10)]}
LATER = 1 << 40     # a counter that no worker comes to
EACH_TIME = 1 << 20     # nor to so many packets: the next ones must not take their numbers again
RTM_GETLINK, RTM_SETLINK = 18, 19
DEADLINE = 0.0


def more():
    return time.monotonic() < DEADLINE


def moves(bed, end):
    """A data packet and a keepalive, each from where the peer was not a moment ago."""
    done, homes = 0, [inet.address(home) for home in HOMES[bed.family]]
    plain = inner.plaintext(end.mode, inner.datagram(NUMBER, 4, bytes(100)), end.device.mac if end.mode == "l2" else None)
    while more():
        for content in (plain, b""):
            bed.far.send(end.outer(end.record(content), src=homes[done % len(homes)]))
            done += 1
        time.sleep(0.001)
    return done


def requests(bed, end):
    """The family's."""
    under, done = control.Underlay(bed.under.namespace), 0
    while more():
        done += 1
        change = ({"ttl": done % 200 + 1}, {"dscp": done % 60, "hold": (0, 1000)[done // 5 % 2]}, {"label": "x%d" % done},
                  {"fwmark": 0}, {"sources": (None, ["0.0.0.0/0", "fd00::/8"])[done // 5 % 2]})[done % 5]
        under.family.request(uapi.LINKWIRE_CMD_WIRE_SET, [netlink.attr(uapi.LINKWIRE_A_ID, netlink.u32(NUMBER)),
                                                          netlink.attr(uapi.LINKWIRE_A_LINK, control.link_attrs(change))])
        time.sleep(0.001)
    return done


def updown(bed, end):
    """The device goes down and up, which looks at the hold time."""
    route, done = netlink.Socket(netlink.NETLINK_ROUTE, bed.tenant), 0
    name = netlink.attr(control.IFLA_IFNAME, end.name)
    while more():
        for flags in (0, control.IFF_UP):
            route.request(RTM_SETLINK, 0, struct.pack("=BxHiII", socket.AF_UNSPEC, 0, 0, flags, control.IFF_UP) + name)
        done += 1
        time.sleep(0.005)
    return done


def reads(bed, end):
    """What is configured, as both families of netlink show it."""
    under, done = control.Underlay(bed.under.namespace), 0
    while more():
        under.wire(NUMBER)
        under.route.request(RTM_GETLINK, netlink.NLM_F_DUMP, struct.pack("=BxHiII", 0, 0, 0, 0, 0))
        done += 1
        time.sleep(0.001)
    return done


def sends(bed, end):
    """Into the wire, to be sent to wherever the peer is."""
    port, done = ends.Port(bed.tenant, end.name), 0
    packet = inner.datagram(NUMBER, 4, bytes(500), src=inner.near(NUMBER, 4), dst=inner.far(NUMBER, 4))
    frame = inner.plaintext(end.mode, packet)
    while more():
        try:
            for _ in range(8):
                port.send(frame)
            done += 1
        except OSError:
            pass    # the device is down
        time.sleep(0.002)
    return done


def run(workers, bed, end):
    """Who died; how often each got something done."""
    running, died, counts = {}, [], {}
    for work in workers:
        reader, writer = os.pipe()
        pid = os.fork()
        if not pid:
            try:
                os.write(writer, b"%d" % work(bed, end))
                os._exit(0)
            except BaseException:
                traceback.print_exc()
                sys.stdout.flush()
                os._exit(1)
        os.close(writer)
        running[pid] = (work.__name__, reader)
    for pid, (name, reader) in running.items():
        status = os.waitpid(pid, 0)[1]
        counts[name] = int(os.read(reader, 64) or 0)
        os.close(reader)
        if status:
            died.append("%s: status %d" % (name, status))
    return died, counts


def main(under, peer, tenant, encap, mode, family, cipher, seconds):
    global DEADLINE
    bed = ends.Bed(under, peer, tenant, int(family))
    end = ends.Wire(bed, NUMBER, encap, mode, cipher, roam=1)
    end.key_rx()
    end.key_tx()
    # the peer's kernel resolves all of its homes
    for home in HOMES[bed.family][1:]:
        ends.ip(peer, "addr", "add", home + ("/24" if bed.family == 4 else "/64"), "dev", "vb",
                *(() if bed.family == 4 else ("nodad",)))
    before = bed.under.stats(NUMBER)
    total, last = {}, time.monotonic() + ends.WAIT
    # as long as it takes until each has had its turn and packets crossed: on a busy machine, another time, and another
    while True:
        DEADLINE = time.monotonic() + float(seconds)
        faults, counts = run((moves, requests, updown, reads, sends), bed, end)
        end.counter += EACH_TIME
        after = bed.under.stats(NUMBER)
        for name in counts:
            total[name] = total.get(name, 0) + counts[name]
        crossed = {name: after[name] - before[name] for name in ("rx_packets", "rx_keepalives", "tx_packets")}
        if faults or time.monotonic() > last or (min(total.values()) > 0 and min(crossed.values()) >= 10):
            break
    for name, done in {**total, **crossed}.items():
        print("%s: %d" % (name, done))
    faults += ["%s: nothing done" % name for name, done in total.items() if not done]
    faults += ["%s: only %d" % (name, done) for name, done in crossed.items() if done < 10]

    # it follows still, both ways
    ends.ip(tenant, "link", "set", end.name, "up")
    end.counter = LATER
    for home in HOMES[bed.family][:3]:
        def is_there():
            end.send_from(home)
            link = netlink.attrs(bed.under.wire(NUMBER)[uapi.LINKWIRE_A_LINK])
            return link[uapi.IFLA_LINKWIRE_REMOTE] == inet.address(home)
        end.send_from = lambda src: bed.far.send(end.outer(end.record(b""), src=inet.address(src)))
        if not ends.until(is_there):
            faults.append("afterwards, the peer is not found at %s" % home)
        bed.far.receive()
        port = ends.Port(tenant, end.name)

        def comes():
            port.send(inner.plaintext(mode, inner.datagram(NUMBER, 4, b"afterwards")))
            return any(inet.parse_ip(packet)[1] == inet.address(home) for packet in bed.far.receive()
                       if wire.inside(encap, packet) is not None)
        if not ends.until(comes):
            faults.append("afterwards, no packet comes to the peer at %s" % home)
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    if len(sys.argv) != 9:
        sys.exit(__doc__.strip())
    sys.exit(main(*sys.argv[1:]))
