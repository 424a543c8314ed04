#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The family's events.

    events.py [NETNS]

prints "joined", then each event of that netns (or of its own) as it comes: ms since the epoch, its name, and what it says.
"""

import sys
import time

import netlink
import uapi

NAMES = {value: name[len("LINKWIRE_CMD_"):-len("_NTF")].lower().replace("_", "-")
         for name, value in uapi.VALUES.items() if name.startswith("LINKWIRE_CMD_") and name.endswith("_NTF")}
DIRS = {uapi.LINKWIRE_DIR_RX: "rx", uapi.LINKWIRE_DIR_TX: "tx"}
STATES = {uapi.LINKWIRE_SA_ACTIVE: "active", uapi.LINKWIRE_SA_EXPIRING: "expiring", uapi.LINKWIRE_SA_EXPIRED: "expired"}


class Listener:
    """Hears the events of a netns from now on."""

    def __init__(self, namespace=None):
        self.family = netlink.Family(uapi.LINKWIRE_FAMILY_NAME, uapi.LINKWIRE_FAMILY_VERSION, namespace)
        self.family.join(uapi.LINKWIRE_MCGRP_EVENTS)
        self.raw = []   # messages as they came

    def wait(self):
        """The events of the next datagram: (name, id, dir, tag, state), the last three None where it is of no SA."""
        for kind, _, _, payload in self.family.socket.receive():
            if kind == self.family.id:
                self.raw.append(payload)
                yield describe(payload)

    def heard(self):
        """The events that came since the last call."""
        found = []
        self.family.socket.socket.setblocking(False)
        try:
            while True:
                found.extend(self.wait())
        except BlockingIOError:
            return found
        finally:
            self.family.socket.socket.setblocking(True)


def describe(payload):
    fields = netlink.attrs(payload[4:])
    sa = netlink.attrs(fields.get(uapi.LINKWIRE_A_SA, b""))
    state = tag = direction = None
    if sa:
        state = STATES[netlink.number(sa[uapi.LINKWIRE_A_SA_STATE])]
        tag = netlink.number(sa[uapi.LINKWIRE_A_SA_TAG])
        direction = DIRS[netlink.number(sa[uapi.LINKWIRE_A_SA_DIR])]
    return NAMES.get(payload[0], payload[0]), netlink.number(fields[uapi.LINKWIRE_A_ID]), direction, tag, state


def main():
    listener = Listener(*sys.argv[1:])
    print("joined", flush=True)
    while True:
        for name, number, direction, tag, state in listener.wait():
            of_sa = " %s tag %#08x %s" % (direction, tag, state) if direction else ""
            print("%d %s id %d%s" % (time.time() * 1000, name, number, of_sa), flush=True)


if __name__ == "__main__":
    main()
