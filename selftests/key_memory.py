#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Looks for keys in the memory of a process.

    key_memory.py PID KNOWN FILE...

Each FILE holds one key in base64. Looked for: any eight bytes in a row of the key, and any eleven characters of its
base64. KNOWN is a text that the process does have in its memory: it must be found, or nothing else would be either.
"""

import base64
import sys


def memory(pid):
    """Each mapping that the process can write to."""
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb") as mem:
        for line in maps:
            where, mode, *rest = line.split()
            if "rw" not in mode:
                continue
            start, end = (int(x, 16) for x in where.split("-"))
            mem.seek(start)
            yield f"{where} {rest[-1]}", mem.read(end - start)


def pieces(key, length):
    return {key[i:i + length] for i in range(len(key) - length + 1)}


def main():
    pid, known, *files = sys.argv[1:]
    wanted = set()
    for name in files:
        with open(name, "rb") as file:
            text = file.read().strip()
        wanted |= pieces(text, 11) | pieces(base64.b64decode(text), 8)
    seen, found = False, []
    for name, data in memory(pid):
        seen = seen or known.encode() in data
        found += [f"{name} at {data.index(piece):#x}: {piece!r}" for piece in wanted if piece in data]
    if not seen:
        sys.exit(f"{known!r} is not to be found: this looks in the wrong place")
    if found or not files:
        sys.exit("\n".join(found) or "no key to look for")


if __name__ == "__main__":
    main()
