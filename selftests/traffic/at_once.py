#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A stream of each processor, there and back, all at once. Says how many segments came before one ahead of them.

TCP goes on on whichever processor an acknowledgement comes in by, and each has a queue of its own behind a veth: between
several processors that may happen over the underlay alone. On one it may not.

    at_once.py A B V4_A V4_B
"""

import os
import sys

import flows
import netns


def overtaken(namespace):
    """How many segments TCP had to put aside, since one before them was missing."""
    with netns.inside(namespace), open("/proc/net/netstat", encoding="ascii") as file:
        lines = [line.split() for line in file]
    for names, values in zip(lines[::2], lines[1::2]):
        if "TCPOFOQueue" in names:
            return int(values[names.index("TCPOFOQueue")])
    raise RuntimeError("no TCPOFOQueue in /proc/net/netstat")


def at_once(a, b, v4_a, v4_b):
    children = []
    for i, processor in enumerate(sorted(os.sched_getaffinity(0))):
        for direction, (left, right) in enumerate((((a, v4_a), (b, v4_b)), ((b, v4_b), (a, v4_a)))):
            child = os.fork()
            if not child:
                os.sched_setaffinity(0, {processor})
                os._exit(flows.main(lambda: flows.bulk(left, right, 7100 + 2 * i + direction) and []))
            children.append(child)
    faults = ["a stream failed" for child in children if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])]
    for namespace in (a, b):
        count = overtaken(namespace)
        print("%s: %d segments before their time" % (namespace, count))
        if count and len(os.sched_getaffinity(0)) == 1:
            faults.append("%s: %d segments came before their time" % (namespace, count))
    return faults


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__.strip())
    sys.exit(flows.main(lambda: at_once(*sys.argv[1:])))
