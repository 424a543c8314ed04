#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""report.py DIR: judges what the bench left in DIR; writes DIR/bench.json and DIR/bench.svg, prints the report.

Exit status: 0; 1 if a link could not be set up or a measurement failed: it is shown as failed, and in no median.
Documentation/performance.md says what the figures mean. The settings are those of run, by the environment.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any, Iterator

import tables
from figures import Figures
from machine import bed, machine
from plot import plot
from samples import Reader, text

ABSENT = "not in this kernel"


def collect(out: str) -> dict[str, Any]:
    reps, pings = int(os.environ["BENCH_REPS"]), int(os.environ["BENCH_PINGS"])
    sizes, counts = os.environ["BENCH_SIZES"].split(), os.environ["BENCH_WIRES"].split()
    reader = Reader(out, pings)
    links = []
    for line in text(f"{out}/raw/links").splitlines():
        name, kind, cipher, condition = line.split()
        link = {"name": name, "kind": kind, "cipher": cipher, "condition": condition}
        if os.path.exists(f"{out}/raw/{name}.failed"):
            link["failed"] = text(f"{out}/raw/{name}.failed").strip()
        link["samples"] = reader.link(name, reps, sizes)
        links.append(link)
    return {
        "date": text(f"{out}/date").strip(),
        "commit": text(f"{out}/commit").strip(),
        "uncommitted": text(f"{out}/uncommitted").splitlines(),
        "settings": {"repetitions": reps, "seconds": int(os.environ["BENCH_SECONDS"]), "pings": pings,
                     "sizes": sizes, "wires": counts, "parts": os.environ["BENCH_PARTS"].split()},
        "machine": machine(out),
        "bed": bed(out),
        "links": links,
        "wires": {kind: reader.wires(kind, reps, counts) for kind in ("linkwire", "vxlan")},
        "aead": reader.aead(reps),
    }


def failures(result: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for link in result["links"]:
        if link.get("failed", ABSENT) != ABSENT:
            yield link["name"], f"cannot be set up: {link['failed']}"
        for what, samples in link["samples"].items():
            for n, sample in enumerate(samples, 1):
                if "failed" in sample:
                    yield f"{link['name']}, {what}, repetition {n}", sample["failed"]
    for kind, found in result["wires"].items():
        for count, samples in found.items():
            for n, sample in enumerate(samples, 1):
                if "failed" in sample:
                    yield f"{count} at once of {kind}, repetition {n}", sample["failed"]


def head(result: dict[str, Any]) -> None:
    where, s = result["machine"], result["settings"]
    print(f"Measured {result['date']} on commit {result['commit'][:12]}"
          + (", with uncommitted changes:" if result["uncommitted"] else "."))
    for line in result["uncommitted"]:
        print(f"    {line}")
    print(f"Processor: {where['processor']}, {where['processors']} of them; load (1, 5, 15 minutes) before "
          f"{where['load_before']}, after {where['load_after']}. Kernel in the bed: {result['bed']['kernel']}.")
    print("Drivers: " + ", ".join(f"{n} {d}" for n, d in result["bed"]["drivers"].items()) + ".")
    print(f"{s['repetitions']} interleaved repetitions of {', '.join(s['parts'])}; {s['seconds']} s of each TCP run and "
          f"{s['pings']} pings; medians (minimum–maximum).\n")


def report(result: dict[str, Any]) -> bool:
    f = Figures(result)
    head(result)
    result["targets"] = tables.reached(f)
    tables.throughput(f)
    if f.links:
        tables.compared(f)
    tables.limits(f)
    tables.round_trips(f)
    tables.routed(f, result["settings"]["sizes"])
    tables.wires(f)
    tables.loads(f)
    absent = [link["name"] for link in f.links if link.get("failed") == ABSENT]
    if absent:
        print(f"Not in this kernel: {', '.join(absent)}.")
    failed = list(failures(result))
    print(f"{len(failed)} failed." if failed else "No measurement failed.")
    for what, why in failed:
        print(f"- FAILED: {what}: {why}")
    return not failed and bool(f.links)


def main(out: str) -> None:
    result = collect(out)
    fine = report(result)
    with open(f"{out}/bench.json", "w", encoding="utf-8") as f:
        json.dump(result, f, indent=1)
        f.write("\n")
    with open(f"{out}/bench.svg", "w", encoding="utf-8") as f:
        f.write(plot(Figures(result)))
    sys.exit(0 if fine else 1)


main(sys.argv[1])
