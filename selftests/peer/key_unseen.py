#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Keys are installed in every way, and refused in every way; then their bytes are looked for in all that anybody is told.

    key_unseen.py NETNS DIRECTORY

Looked for: any six bytes in a row of a key or its salt, and eight digits of its base64, twelve of its hex.
"""

import base64
import os
import resource
import secrets
import signal
import socket
import struct
import subprocess
import sys
import time

import control
import events
import netlink
import netns
import uapi
from ends import until
from netlink import attr, u32

LWCTL = os.environ["LWCTL"]
CIPHER, LENGTH = "aes-256-gcm", 36
TRACING = "/sys/kernel/tracing/"
RTM_GETLINK = 18
NUMBER = 1
FAULTS = []


class Search:
    """Key material, and everything that must not have it."""

    def __init__(self):
        self.keys, self.seen = [], []

    def fresh(self):
        self.keys.append(secrets.token_bytes(LENGTH))
        return self.keys[-1]

    def add(self, where, data):
        self.seen.append((where, data))

    def forms(self):
        """What gives a key away, each as bytes."""
        for key in self.keys:
            text = base64.b64encode(key)
            for at in range(len(key) - 5):
                piece = key[at:at + 6]
                yield "raw", piece
                yield "hex", piece.hex().encode()
                yield "HEX", piece.hex().upper().encode()
                yield "hex with blanks", piece.hex(" ").encode()
                yield "hex with colons", piece.hex(":").encode()
            for at in range(len(text) - 7):
                yield "base64", text[at:at + 8]

    def found(self):
        forms = set(self.forms())
        return sorted({(where, how) for where, data in self.seen for how, form in forms if form in data})


class Tapped:
    """All netlink datagrams that this process receives, as they came."""

    def __init__(self, search):
        plain = netlink.Socket.receive

        def receive(taker):
            data = taker.socket.recv(1 << 17, socket.MSG_PEEK)
            search.add("netlink, answers and events", data)
            return plain(taker)
        netlink.Socket.receive = receive


def sa(direction, key, **more):
    return attr(uapi.LINKWIRE_A_SA, control.sa_attrs({"dir": direction, "cipher": CIPHER, "key": key, **more}))


def raw_answer(namespace, family, search, what, attributes):
    """An error's answer as those get it who do not ask for it to be short: the kernel sends the request back.

    (What its policy refuses comes back as it was sent, before the module has seen it, and to the sender only.)
    """
    with netns.inside(namespace):
        plain = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, netlink.NETLINK_GENERIC)
    plain.bind((0, 0))
    payload = struct.pack("=BBH", uapi.LINKWIRE_CMD_SA_NEW, 1, 0) + b"".join(attributes)
    plain.send(struct.pack("=IHHII", 16 + len(payload), family, netlink.NLM_F_REQUEST | netlink.NLM_F_ACK, 1, 0) + payload)
    answer = plain.recv(1 << 16)
    plain.close()
    code, = struct.unpack_from("=i", answer, 16)
    if code >= 0:
        FAULTS.append("%s: taken" % what)
    if len(answer) < 36 + len(payload):
        FAULTS.append("%s: the answer has not the request in it" % what)
    search.add("the answer to a refused request: " + what, answer)


def by_netlink(namespace, search):
    under = control.Underlay(namespace)
    listener = events.Listener(namespace)
    key, wire = search.fresh(), attr(uapi.LINKWIRE_A_ID, u32(NUMBER))
    under.sa_new(NUMBER, "rx", tag=0x11, cipher=CIPHER, key=key)
    # the keepalive is the only packet that it is good for
    under.sa_new(NUMBER, "tx", tag=0x12, cipher=CIPHER, key=search.fresh(), soft_packets=1, hard_packets=1)
    family = under.family.id
    raw_answer(namespace, family, search, "used before", [wire, sa("rx", key)])
    for what, attributes in (("no direction", {"cipher": CIPHER}), ("no cipher", {"dir": "rx"})):
        key = search.fresh()
        raw_answer(namespace, family, search, what, [wire, attr(uapi.LINKWIRE_A_SA, control.sa_attrs({**attributes, "key": key}))])
    raw_answer(namespace, family, search, "soft limit above the hard one",
               [wire, sa("rx", search.fresh(), soft_packets=2, hard_packets=1)])
    raw_answer(namespace, family, search, "checksums of a receiving SA", [wire, sa("rx", search.fresh(), csum_partial=0)])
    raw_answer(namespace, family, search, "start of a receiving SA", [wire, sa("rx", search.fresh(), start=1)])
    raw_answer(namespace, family, search, "too short", [wire, sa("rx", search.fresh()[:-1])])
    raw_answer(namespace, family, search, "no wire", [sa("rx", search.fresh())])
    raw_answer(namespace, family, search, "unknown wire", [attr(uapi.LINKWIRE_A_ID, u32(4242)), sa("rx", search.fresh())])
    raw_answer(namespace, family, search, "no tag", [wire, sa("tx", search.fresh())])

    # the next keepalive is one packet too many
    under.family.request(uapi.LINKWIRE_CMD_WIRE_SET, [wire, attr(uapi.LINKWIRE_A_LINK, control.link_attrs({"hold": 100}))])
    if not until(lambda: [name for name, *_ in listener.heard() if name == "sa-expired"]):
        FAULTS.append("no event came")
    for command in ("SA_GET", "WIRE_GET"):
        under.family.request(uapi.VALUES["LINKWIRE_CMD_" + command], [], netlink.NLM_F_DUMP)
    under.family.request(uapi.LINKWIRE_CMD_UNDERLAY_GET, [])
    under.route.request(RTM_GETLINK, netlink.NLM_F_DUMP, struct.pack("=B15x", 0))
    return under


def by_lwctl(namespace, directory, search):
    """What lwctl says, well used and badly used."""
    def say(what, *words, stdin=None, status=None):
        done = subprocess.run((LWCTL, "-n", namespace) + words, input=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              check=False)
        search.add("lwctl: " + what, done.stdout)
        if status is not None and done.returncode != status:
            FAULTS.append("%s: exit %d, not %d: %s" % (what, done.returncode, status, done.stdout))

    def text():
        return base64.b64encode(search.fresh()).decode()

    path, good = directory + "/unseen.key", text()
    with open(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
        file.write(good + "\n")
    add = ("sa", "add", "w", "rx", "cipher", CIPHER)
    say("a key file", *add, "key-file", path, status=0)
    say("the same again", *add, "key-file", path, status=2)
    os.chmod(path, 0o644)
    say("a file that others can read", *add, "key-file", path, status=1)
    say("standard input", *add, "key-file", "-", stdin=text().encode() + b"\n", status=0)
    say("standard input, cut", *add, "key-file", "-", stdin=text().encode()[:-3] + b"\n", status=1)
    say("the key instead of a file", *add, "key-file", text(), status=1)
    say("the key as a word", *add, "key", text(), status=1)
    line = " ".join(add) + " key "
    for what, wrong in (("a bad word behind the key", " bogus"), ("a key too long", "AAAA"), ("a quote left open", " '"),
                        ("a tag that is none", " tag x")):
        say("a batch, " + what, "-batch", "-", stdin=(line + text() + wrong + "\n").encode(), status=1)
    say("a batch, the wrong cipher", "-batch", "-", stdin=(line.replace("256", "128") + text() + "\n").encode(), status=1)
    say("a batch, cut off", "-batch", "-", stdin=(line + text()).encode(), status=1)
    for words in (("sa", "show"), ("-d", "-s", "sa", "show"), ("-j", "-d", "-s", "sa", "show"), ("-d", "link", "show"),
                  ("-j", "stat"), ("-d", "stat", "underlay")):
        say(" ".join(words), *words, status=0)


def core_of(command, directory, line):
    """The core of a process that got a line and was killed: b"" if it leaves none."""
    where = directory + "/core"
    os.makedirs(where, exist_ok=True)

    def unlimited():
        resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    with subprocess.Popen(command, cwd=where, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          preexec_fn=unlimited) as process:
        process.stdin.write(line)
        process.stdin.flush()
        time.sleep(1)
        process.send_signal(signal.SIGABRT)
    if process.returncode != -signal.SIGABRT:
        FAULTS.append("%s: ended with %d before it was killed" % (command[0], process.returncode))
    cores = [where + "/" + name for name in os.listdir(where)]
    data = b"".join(open(core, "rb").read() for core in cores)
    for core in cores:
        os.unlink(core)
    return data


def cores(namespace, directory, search):
    line = "sa add w rx cipher %s key %s\n" % (CIPHER, base64.b64encode(search.fresh()).decode())
    mark = secrets.token_hex(16).encode() + b"\n"
    if mark.strip() not in core_of(("/bin/cat", "-"), directory, mark):
        print("no cores here to look at")
    core = core_of((LWCTL, "-n", namespace, "-batch", "-"), directory, line.encode())
    search.add("lwctl's core", core)


def whole(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def main(namespace, directory):
    search = Search()
    Tapped(search)
    traced = os.path.isdir(TRACING + "events/linkwire")
    if traced:
        with open(TRACING + "events/linkwire/enable", "w", encoding="ascii") as switch:
            switch.write("1")
    control.Underlay(namespace).wire_add("w", id=NUMBER, encap="ipip", local="10.0.0.1", remote="10.0.0.2")
    under = by_netlink(namespace, search)
    by_lwctl(namespace, directory, search)
    under.sa_del(NUMBER, "rx", 0x11)
    cores(namespace, directory, search)
    search.add("the kernel's log", subprocess.run(("dmesg",), stdout=subprocess.PIPE, check=True).stdout)
    search.add("/proc/crypto", whole("/proc/crypto"))
    if traced:
        trace = whole(TRACING + "trace")
        with open(TRACING + "events/linkwire/enable", "w", encoding="ascii") as switch:
            switch.write("0")
        if b"lw_sa:" not in trace:
            FAULTS.append("the trace has no end of an SA in it")
        search.add("the trace", trace)

    FAULTS.extend("%s has a key in it, %s" % found for found in search.found())
    # the search finds what is there
    places = len(search.seen)
    for how, form in list(search.forms())[:6] + list(search.forms())[-1:]:
        search.seen = [("here", b"\0" + form + b"\0")]
        if ("here", how) not in search.found():
            FAULTS.append("the search does not find %s" % how)
    if places < 40:
        FAULTS.append("only %d places to look at" % places)
    print("\n".join(FAULTS))
    return 1 if FAULTS else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
