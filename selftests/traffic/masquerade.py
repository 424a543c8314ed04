#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What senders behind a wire's masquerading end learn of the path.

    masquerade.py MTU LEFT RIGHT V4_LEFT V4_RIGHT V6_LEFT V6_RIGHT V4_SEEN V6_SEEN

LEFT sends to RIGHT, which sees it as V4_SEEN or V6_SEEN. MTU is what fits, and the route that LEFT has says more.
"""

import contextlib
import socket
import sys
import time

import flows
import netns
import paths
import shrink
from flows import Lost

PORT = 7050
LEAST = 300000


def datagrams(left, right, seen, mtu):
    """Of a packet with DF that is too big, its sender is told: whoever its source was said to be further on."""
    family = flows.kind(right[1])
    with netns.inside(left[0]):
        near = socket.socket(family, socket.SOCK_DGRAM)
    with netns.inside(right[0]):
        far = socket.socket(family, socket.SOCK_DGRAM)
    near.bind((left[1], 0))
    near.connect((right[1], PORT))
    far.bind((right[1], PORT))
    far.settimeout(flows.WAIT)
    paths.discover(near, True)
    near.send(b"who am I?")
    source = far.recvfrom(1 << 16)[1][0]
    if source != seen:
        raise Lost("%s comes to %s as %s, not %s" % (left[1], right[1], source, seen))
    size = paths.learnt(near) - paths.headers(near)
    if paths.learnt(near) <= mtu:
        raise Lost("%s has an MTU of %d to %s before anything was said" % (left[1], paths.learnt(near), right[1]))
    end = time.monotonic() + flows.WAIT
    while paths.learnt(near) > mtu and time.monotonic() < end:
        with contextlib.suppress(OSError):
            near.send(flows.text(size, size))
        time.sleep(0.005)
    if paths.learnt(near) != mtu:
        raise Lost("%s learns an MTU of %d to %s, not %d" % (left[1], paths.learnt(near), right[1], mtu))
    time.sleep(0.02)
    paths.drained(near)     # of the error, which the next call would return
    fits = mtu - paths.headers(near)
    near.send(flows.text(fits, fits))
    flows.expect(far, flows.text(fits, fits), "%d bytes with DF to %s" % (fits, right[1]))


def stream(left, right):
    """TCP, which offers super-packets of segments that are too big."""
    near, far = flows.tcp_pair(left, right)
    flows.Stream(near, far, "TCP %s - %s" % (left[1], right[1])).run(lambda stream: stream.sent < LEAST)


def main(mtu, left, right, *addresses):
    for version in (0, 1):
        near, far, seen = addresses[version * 2], addresses[version * 2 + 1], addresses[4 + version]
        datagrams((left, near), (right, far), seen, int(mtu))
        shrink.forget(left)
        stream((left, near), (right, far))
    return []


if __name__ == "__main__":
    if len(sys.argv) != 10:
        sys.exit(__doc__.strip())
    sys.exit(flows.main(main, *sys.argv[1:]))
