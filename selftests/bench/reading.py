#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""reading.py [EDGES...]: what lwctl-graph takes to read graphs in DOT and GraphML: processor seconds, memory, growth.

Needs no guest and no module: make -C userspace first.
"""

import math
import os
import resource
import subprocess
import sys
import tempfile

READER = os.path.join(os.path.dirname(__file__), "../../userspace/lwctl/lwctl-graph")
NODES = 1000


def ends(i):
    """Of edge number i: two nodes, and a port at each."""
    return i % NODES, (i * 7 + 1 + i // NODES) % NODES


def dot(edges, out):
    print("graph big {\n\tedge [lw_mtu=1400]", file=out)
    for i in range(edges):
        a, b = ends(i)
        print(f'\t"node {a}":p{i}a -- "node {b}":p{i}b [lw_hold={i % 5}]', file=out)
    print("}", file=out)


def graphml(edges, out):
    print("<graphml><key id='d0' for='edge' attr.name='lw_mtu'><default>1400</default></key>"
          "<key id='d1' for='edge' attr.name='lw_hold'/><graph id='big'>", file=out)
    for i in range(NODES):
        print(f"<node id='node {i}'/>", file=out)
    for i in range(edges):
        a, b = ends(i)
        print(f"<edge source='node {a}' sourceport='p{i}a' target='node {b}' targetport='p{i}b'>"
              f"<data key='d1'>{i % 5}</data></edge>", file=out)
    print("</graph></graphml>", file=out)


def measure(write, edges):
    """Processor seconds and MiB of reading one file."""
    with tempfile.TemporaryFile("w+") as f:
        write(edges, f)
        f.seek(0)
        with subprocess.Popen([READER], stdin=f, stdout=subprocess.PIPE) as process:
            while process.stdout.read(1 << 20):
                pass
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = status
    if status:
        sys.exit(f"{READER}: status {status}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


sizes = [int(n) for n in sys.argv[1:]] or [1000, 10000, 100000]
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
for language in (dot, graphml):
    took = []
    for n in sizes:
        seconds, mib = min(measure(language, n) for _ in range(3))
        took.append(seconds)
        print(f"{language.__name__:8} {n:7} edges: {seconds:6.3f} s, {mib:6.1f} MiB")
    if len(sizes) > 1:
        print(f"{language.__name__:8} grows with the edges to the power of "
              f"{math.log(took[-1] / took[-2]) / math.log(sizes[-1] / sizes[-2]):.2f}")
