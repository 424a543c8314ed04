#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""share.py PID: what a process and all below it got of the processor, until it ends.

A line every tenth of a second: seconds since 1970, seconds run, and seconds that they could have run but waited
because others had the processor (/proc/PID/schedstat). The report needs the last to take out what a busy machine did.
"""

import os
import sys
import time


def threads(pid):
    """(pid, tid) of a process and its descendants."""
    pids = [pid]
    for p in pids:
        try:
            tids = os.listdir(f"/proc/{p}/task")
        except OSError:
            continue
        for tid in tids:
            yield p, tid
            try:
                with open(f"/proc/{p}/task/{tid}/children", encoding="ascii") as f:
                    pids += [int(child) for child in f.read().split()]
            except OSError:
                pass


def main():
    root = int(sys.argv[1])
    seen = {}           # (pid, tid) -> (run, wait), also of those that have ended
    while os.path.exists(f"/proc/{root}"):
        now = time.time()
        for p, tid in threads(root):
            try:
                with open(f"/proc/{p}/task/{tid}/schedstat", encoding="ascii") as f:
                    run, wait, _ = f.read().split()
            except OSError:
                continue
            seen[p, tid] = int(run), int(wait)
        run = sum(r for r, _ in seen.values()) / 1e9
        wait = sum(w for _, w in seen.values()) / 1e9
        print(f"{now:.3f} {run:.4f} {wait:.4f}", flush=True)
        time.sleep(0.1)


main()
