#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Many things done to wires at once, for some seconds: races.py A B C SECONDS

A and B are underlay namespaces at 10.0.0.1 and 10.0.0.2, with the devices va and vb; C is another namespace. The wires k, c,
m, u lead from A to B, with ids 11 to 14, and packets cross them all the time (streams.py). Each worker is a process, and
does one kind of thing as fast as it may:

    keys      SAs of k are replaced on both sides, as rekeying does
    confs     c's configuration is changed
    moves     m's device goes from A to C and back
    updown    u's device goes up and down, is renamed, loses SAs and gets others
    churn     wires are made, keyed and deleted (three of these, on the same names and ids)
    dumps     wires, SAs and counters are read
    netns     namespaces with wires' devices, and with wires' underlays, are made and deleted
    routes    the route to the peer goes away and comes back

What the kernel refuses is no failure: most of it is asked for at the wrong time. Prints how often each worker got something
done, and fails if one of them never did, or died. In the end c, m and u are as they were in the beginning.
"""
import os
import pathlib
import random
import socket
import struct
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "peer"))
import control  # noqa: E402
import netlink  # noqa: E402
import netns  # noqa: E402
import uapi  # noqa: E402
from netlink import attr, u32  # noqa: E402

ADDRESSES = {"a": "10.0.0.1", "b": "10.0.0.2"}
SIZES = {"aes-128-gcm": 20, "aes-256-gcm": 36, "chacha20-poly1305": 32}
IDS = {"k": 11, "c": 12, "m": 13, "u": 14}
RTM_SETLINK, RTM_DELLINK, RTM_GETLINK = 19, 17, 18
CHURNED = range(100, 112)


class Races:
    """What a worker knows. Each is a process of its own, and makes its own sockets."""

    def __init__(self, a, b, c, deadline):
        self.names = {"a": a, "b": b, "c": c}
        self.deadline = deadline
        self.random = random.Random(os.getpid())
        self.a, self.b = control.Underlay(a), control.Underlay(b)

    def more(self):
        return time.monotonic() < self.deadline

    def cipher(self):
        return self.random.choice(list(SIZES))

    def link(self, name, ifname, kind=RTM_SETLINK, flags=0, mask=0, attributes=()):
        """A request of rtnetlink on a device by its name, in a namespace."""
        route = netlink.Socket(netlink.NETLINK_ROUTE, name)
        try:
            header = struct.pack("=BxHiII", socket.AF_UNSPEC, 0, 0, flags, mask)
            return route.request(kind, 0, header + attr(control.IFLA_IFNAME, ifname) + b"".join(attributes))
        finally:
            route.close()

    def key_both(self, number):
        """New SAs for both directions of a wire; returns the receiving tags, of a and of b."""
        cipher, to_a, to_b = self.cipher(), None, None
        keys = os.urandom(SIZES[cipher]), os.urandom(SIZES[cipher])
        try:
            to_a = self.a.sa_new(number, "rx", cipher=cipher, key=keys[0])
            to_b = self.b.sa_new(number, "rx", cipher=cipher, key=keys[1])
            self.a.sa_new(number, "tx", tag=to_b, cipher=cipher, key=keys[1])
            self.b.sa_new(number, "tx", tag=to_a, cipher=cipher, key=keys[0])
        finally:
            self.tags = to_a, to_b
        return to_a, to_b


def attempt(work, *arguments, **named):
    """1 if it was done, 0 if the kernel has refused it."""
    try:
        work(*arguments, **named)
    except netlink.Refused:
        return 0
    return 1


def keys(races):
    done, old = 0, None
    while races.more():
        new = races.key_both(IDS["k"])
        if old:
            races.a.sa_del(IDS["k"], "rx", old[0])
            races.b.sa_del(IDS["k"], "rx", old[1])
        old = new
        done += 1
    return done


def set_wire(underlay, number, **link):
    underlay.family.request(uapi.LINKWIRE_CMD_WIRE_SET, [attr(uapi.LINKWIRE_A_ID, u32(number)),
                                                         attr(uapi.LINKWIRE_A_LINK, control.link_attrs(link))])


def confs(races):
    with netns.inside(races.names["a"]):
        device = socket.if_nametoindex("va")
    choices = {"port": (4790, 4791, 4792), "dscp": (0, 10, 255), "ttl": (0, 1, 64), "roam": (0, 1), "hold": (0, 100, 1000),
               "link": (0, device), "fwmark": (0, 7), "remote": ("10.0.0.2", "10.0.0.9", "fd00::2"), "src_port": (0, 5555),
               "local": ("10.0.0.1", "fd00::1", "0.0.0.0"), "label": ("x", "y" * 64)}
    done = 0
    while races.more():
        names = races.random.sample(list(choices), races.random.randrange(1, 4))
        done += attempt(set_wire, races.a, IDS["c"], **{name: races.random.choice(choices[name]) for name in names})
    set_wire(races.a, IDS["c"], port=4790, remote_port=4790, dscp=0, ttl=64, roam=0, hold=0, link=0, fwmark=0,
             remote="10.0.0.2", local="10.0.0.1", src_port=0)
    return done


def move(races, here, there):
    descriptor = netns.handle(races.names[there])
    try:
        races.link(races.names[here], "m", attributes=[attr(control.IFLA_NET_NS_FD, u32(descriptor))])
    finally:
        os.close(descriptor)
    races.link(races.names[there], "m", flags=1, mask=1)


def moves(races):
    done = 0
    while races.more():
        move(races, "a", "c")
        move(races, "c", "a")
        done += 1
    return done


def updown(races):
    done, name = 0, races.names["b"]
    while races.more():
        races.link(name, "u", flags=0, mask=1)
        races.link(name, "u", attributes=[attr(control.IFLA_IFNAME, "u")])
        done += attempt(races.key_both, IDS["u"])
        races.link(name, "u", flags=1, mask=1)
        for underlay, tag in zip((races.a, races.b), races.tags):
            if tag is not None:
                attempt(underlay.sa_del, IDS["u"], "rx", tag)
    races.key_both(IDS["u"])
    return done


def churn(races):
    done = 0
    while races.more():
        number = races.random.choice(CHURNED)
        encap, mode = races.random.choice((("vxlan", "l2"), ("vxlan", "l3"), ("ipip", "l3")))
        made = 0
        for underlay, here, there in ((races.a, "a", "b"), (races.b, "b", "a")):
            made += attempt(underlay.wire_add, "x%d" % number, encap=encap, mode=mode, id=number, local=ADDRESSES[here],
                            remote=ADDRESSES[there], hold=races.random.choice((0, 100)))
        attempt(races.key_both, number)
        done += made
        if races.random.random() < 0.7:
            for underlay in (races.a, races.b):
                attempt(underlay.wire_del, number)
        else:
            attempt(races.link, races.names["a"], "x%d" % number, RTM_DELLINK)
    return done


def dumps(races):
    done = 0
    while races.more():
        for underlay in (races.a, races.b):
            for command in (uapi.LINKWIRE_CMD_WIRE_GET, uapi.LINKWIRE_CMD_SA_GET):
                underlay.family.request(command, [], netlink.NLM_F_DUMP)
            underlay.route.request(RTM_GETLINK, netlink.NLM_F_DUMP, struct.pack("=BxHiII", 0, 0, 0, 0, 0))
            done += attempt(underlay.stats, races.random.choice(CHURNED))
    return done


def namespaces(races):
    done, name = 0, "races-%d" % os.getpid()
    while races.more():
        subprocess.run(["ip", "netns", "add", name], check=True)
        done += attempt(races.a.wire_add, "n1", device_in=name, encap="vxlan", mode="l2", remote="10.0.0.2")
        other = control.Underlay(name)
        done += attempt(other.wire_add, "n2", device_in=races.names["a"], encap="vxlan", remote="10.0.0.1")
        done += attempt(other.wire_add, "n3", encap="ipip", remote="10.0.0.1")
        other.route.close()
        other.family.socket.close()
        subprocess.run(["ip", "netns", "del", name], check=True)
    return done


def routes(races):
    done = 0
    command = ["ip", "-n", races.names["a"], "-force", "-batch", "-"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        while races.more():
            process.stdin.write("route add blackhole 10.0.0.2/32\n")
            process.stdin.flush()
            time.sleep(0.01)
            process.stdin.write("route del blackhole 10.0.0.2/32\nlink set va mtu %d\n" % races.random.choice((1300, 1500)))
            process.stdin.flush()
            time.sleep(0.05)
            done += 1
        process.stdin.write("link set va mtu 1500\n")
    return done


def main(a, b, c, seconds):
    deadline = time.monotonic() + float(seconds)
    workers = {}
    for work in (keys, confs, moves, updown, churn, churn, churn, dumps, namespaces, routes):
        reader, writer = os.pipe()
        pid = os.fork()
        if not pid:
            os.close(reader)
            try:
                os.write(writer, b"%d" % work(Races(a, b, c, deadline)))
                os._exit(0)
            except BaseException:
                import traceback
                traceback.print_exc()
                os._exit(1)
        os.close(writer)
        workers[pid] = (work.__name__, reader)
    failed = 0
    for pid, (name, reader) in workers.items():
        status = os.waitpid(pid, 0)[1]
        done = int(os.read(reader, 64) or 0)
        print("%s: %d" % (name, done))
        failed |= status != 0 or not done
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
