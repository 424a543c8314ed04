#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Packets that look like a wire's (ipip) and are not authentic.

    noise.py FROM TO TAG COUNT
"""

import os
import socket
import sys

import wire


def main():
    src, dst, tag, count = sys.argv[1], sys.argv[2], int(sys.argv[3], 0), int(sys.argv[4])
    out = socket.socket(socket.AF_INET6 if ":" in dst else socket.AF_INET, socket.SOCK_RAW, wire.PROTOCOL)
    out.bind((src, 0))
    for i in range(count):
        # far above any number that was used
        record = wire.shim(tag, wire.PACKET, wire.COUNTER_MAX - i) + os.urandom(64)
        out.sendto(record, (dst, 0))


if __name__ == "__main__":
    main()
