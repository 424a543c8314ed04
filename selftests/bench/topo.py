#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""topo.py LWCTL OUT: how fast `lwctl topo` is, beside `ip -batch` making as many vxlan devices of the kernel's.

Runs in a guest, as root, with the module loaded. Prints a report, and leaves OUT/topo.json.
Documentation/performance.md says what the figures mean.

BENCH_REPS=3                how often what is compared is measured, in turns; medians are reported
BENCH_EDGES="1000 10000 100000"     of the graphs that are only planned
BENCH_DEVICES="10000 40000"         of the topologies that are made: two a wire
BENCH_WIRES=10000                   of the live topology in which one edge is changed
BENCH_NODES=50                      of live topologies, between which the wires are at random; default: no more nodes
                                    than a full mesh of so many wires has
"""

import json
import math
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time

LWCTL, OUT = sys.argv[1:3]
REPS = int(os.environ.get("BENCH_REPS", "3"))
EDGES = [int(n) for n in os.environ.get("BENCH_EDGES", "1000 10000 100000").split()]
DEVICES = [int(n) for n in os.environ.get("BENCH_DEVICES", "10000 40000").split()]
WIRES = int(os.environ.get("BENCH_WIRES", "10000"))
NODES = int(os.environ.get("BENCH_NODES", "0"))
PLAN_NODES = 900    # of 1,000 that a topology can have here
TMP = tempfile.mkdtemp()


def run(words, status=0, **more):
    """One command: seconds by the clock, processor seconds, kilobytes at most, what it printed."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        begin = time.monotonic()
        with subprocess.Popen(words, stdout=out, stderr=err, stdin=subprocess.DEVNULL, **more) as process:
            _, code, usage = os.wait4(process.pid, 0)
            seconds = time.monotonic() - begin
            process.returncode = os.waitstatus_to_exitcode(code)
        out.seek(0)
        err.seek(0)
        text, said = out.read(), err.read()
    if process.returncode != status:
        sys.exit(f"{' '.join(words)}: exit {process.returncode}: {said[-500:]}")
    return {"seconds": seconds, "cpu": usage.ru_utime + usage.ru_stime, "kib": usage.ru_maxrss, "out": text}


def mesh(wires):
    """A full mesh, of which the last edges are missing: each node has as many as the others, or one more."""
    nodes = 2
    while nodes * (nodes - 1) // 2 < wires:
        nodes += 1
    pairs = ((a, (a + far) % nodes) for far in range(1, nodes // 2 + 1) for a in range(nodes))
    return [pair for pair, _ in zip(pairs, range(wires))]


def at_random(wires, nodes):
    """The same ones each time."""
    pick = random.Random(wires)
    return [(pick.randrange(nodes), pick.randrange(nodes)) for _ in range(wires)]


def write_graph(name, wires, nodes, change=""):
    """A topology; @change is what the first edge has. Returns the file."""
    path = f"{TMP}/{name}.dot"
    with open(path, "w", encoding="ascii") as f:
        f.write(f"graph {name} {{\n")
        for i, (a, b) in enumerate(at_random(wires, nodes) if nodes else mesh(wires)):
            f.write(f'\t"n{a}":"p{i}a" -- "n{b}":"p{i}b"{change if i == 0 else ""}\n')
        f.write("}\n")
    return path


def lw(verb, path, expect=None):
    result = run([LWCTL, "topo", verb, path])
    last = result.pop("out").rstrip().split("\n")[-1]
    if expect and expect not in last:
        sys.exit(f"lwctl topo {verb}: '{last}', not '{expect}'")
    return result


def processor_ticks():
    """Idle ones, and all."""
    with open("/proc/stat", encoding="ascii") as f:
        ticks = [int(word) for word in f.readline().split()[1:]]
    return ticks[3], sum(ticks)


def settle():
    """Namespaces are taken down some time after their names; that is not to be counted to what comes next. Returns
    how long it took, until the processors had nothing to do for a second (ten minutes at most)."""
    begin = time.monotonic()
    still, last = 0, processor_ticks()
    while still < 4 and time.monotonic() - begin < 600:
        time.sleep(0.25)
        now = processor_ticks()
        idle, total = now[0] - last[0], now[1] - last[1]
        still = still + 1 if total - idle <= 0.2 * total / os.cpu_count() else 0
        last = now
    return max(time.monotonic() - begin - 1, 0)


def vxlan(devices):
    """By `ip -batch`, all in one namespace, up: what scripts do."""
    batch = f"{TMP}/vxlan.{devices}"
    with open(batch, "w", encoding="ascii") as f:
        for i in range(devices):
            f.write(f"link add v{i} up type vxlan id {i + 1} local 192.0.2.1 remote 192.0.2.2 dstport 4789\n")
    run(["ip", "netns", "add", "bench"])
    run(["ip", "-n", "bench", "link", "set", "lo", "up"])
    made = run(["ip", "-n", "bench", "-batch", batch])["seconds"]
    run(["ip", "netns", "del", "bench"])
    settle()
    return {"devices": devices, "create": made}


def linkwire(devices):
    path = write_graph("bench", devices // 2, NODES)
    made = lw("apply", path, "done")
    gone = lw("destroy", path, "done")
    return {"devices": devices, "create": made["seconds"], "destroy": gone["seconds"], "after": settle(),
            "kib": made["kib"]}


def plans():
    rows = []
    for edges in EDGES:
        path = write_graph("plan", edges, PLAN_NODES)
        runs = [lw("plan", path, "to add") for _ in range(REPS)]
        rows.append({"edges": edges, "seconds": statistics.median(r["seconds"] for r in runs),
                     "cpu": statistics.median(r["cpu"] for r in runs), "kib": max(r["kib"] for r in runs)})
        print(f"# plan of {edges} edges: {rows[-1]['seconds']:.3f} s", flush=True)
    return rows


def changes():
    """In a live topology: nothing; one edge changed, taken away, added."""
    rows = {}
    path = write_graph("bench", WIRES, NODES)
    rows["apply"] = lw("apply", path, "done")["seconds"]
    # the kernel has work of its own with new devices for seconds: one edge is changed in what stands
    rows["the kernel after it"] = settle()
    rows["plan of no change"] = lw("plan", path, "nothing to change")["seconds"]
    verbs = {"plan": [], "apply": []}
    for rep in range(REPS):
        path = write_graph("bench", WIRES, NODES, f" [lw_mtu={1400 + rep}]")
        verbs["plan"].append(lw("plan", path, "0 to add, 1 to change, 0 to remove")["seconds"])
        verbs["apply"].append(lw("apply", path, "done")["seconds"])
    for verb, seconds in verbs.items():
        rows[f"one edge changed: {verb}"] = statistics.median(seconds)
    with open(path, encoding="ascii") as f:
        lines = f.readlines()
    for name, some in (("taken away", lines[:5] + lines[6:]), ("added", lines)):
        with open(path, "w", encoding="ascii") as f:
            f.writelines(some)
        rows[f"one edge {name}: plan"] = lw("plan", path, "0 to change")["seconds"]
        rows[f"one edge {name}: apply"] = lw("apply", path, "done")["seconds"]
    rows["destroy"] = lw("destroy", path, "done")["seconds"]
    settle()
    print(f"# {WIRES} wires live, one changed: {rows['one edge changed: apply']:.3f} s", flush=True)
    return rows


def made():
    """vxlan and linkwire in turns, so that what else the machine does strikes both."""
    rows = []
    for devices in DEVICES:
        few = devices > 20000       # vxlan takes minutes there, and says nothing about us
        for _ in range(1 if few else REPS):
            row = linkwire(devices)
            if not few:
                row["vxlan"] = vxlan(devices)["create"]
            rows.append(row)
            print(f"# {devices} devices: {row['create']:.2f} s, destroyed {row['destroy']:.2f} s, "
                  f"vxlan {row.get('vxlan', math.nan):.2f} s", flush=True)
    return rows


def median(rows, devices, key):
    values = [r[key] for r in rows if r["devices"] == devices and key in r]
    return statistics.median(values) if values else None


def verdict(is_so):
    return "met" if is_so else "MISSED"


def report(result):
    plan, rows = result["plans"], result["made"]
    print("\n| edges | plan, s | CPU, s | MiB |\n| ---: | ---: | ---: | ---: |")
    for r in plan:
        print(f"| {r['edges']:,} | {r['seconds']:.3f} | {r['cpu']:.3f} | {r['kib'] / 1024:.0f} |")
    floors = []
    if len(plan) > 1:
        exponent = math.log(plan[-1]["cpu"] / plan[0]["cpu"], plan[-1]["edges"] / plan[0]["edges"])
        result["exponent"] = exponent
        floors.append((f"growth of CPU time with the {exponent:.2f}th power of the edges (1.15)", exponent <= 1.15))
    if plan and plan[-1]["edges"] >= 100000:
        floors.append(("100,000 edges in 3 s", plan[-1]["seconds"] < 3))
        floors.append(("and 600 MB", plan[-1]["kib"] * 1024 < 600e6))
    print("\n| devices | apply, s | devices/s | wires/s | vxlan by ip -batch, devices/s | destroy, s | of apply "
          "| the kernel after it, s |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    rate = {}
    for d in DEVICES:
        create, destroy, after, other = (median(rows, d, k) for k in ("create", "destroy", "after", "vxlan"))
        rate[d] = d / create
        print(f"| {d:,} | {create:.2f} | {d / create:,.0f} | {d / 2 / create:,.0f} | "
              f"{f'{d / other:,.0f}' if other else '–'} | {destroy:.2f} | {destroy / create:.2f} | {after:.1f} |")
        if d == 10000:
            floors.append((f"10,000 devices: {d / create / (d / other):.2f} of vxlan's rate (1)", create <= other))
            floors.append((f"destroy in {destroy / create:.2f} of the time of apply (0.2)", destroy <= create / 5))
    if {10000, 40000} <= rate.keys():
        floors.append((f"40,000 devices: {rate[40000] / rate[10000]:.2f} of the rate at 10,000 (0.5)",
                       rate[40000] >= rate[10000] / 2))
    print(f"\n| {WIRES:,} wires live | s |\n| --- | ---: |")
    for name, seconds in result["changes"].items():
        print(f"| {name} | {seconds:.2f} |")
    if result["changes"]:
        once = result["changes"]["one edge changed: apply"]
        both = result["changes"]["one edge changed: plan"] + once
        floors.append((f"one edge changed: plan, and then apply, in {both:.2f} s (1)", both < 1))
        floors.append((f"one edge changed: apply alone, which plans, in {once:.2f} s (1)", once < 1))
    print("\n| floor | |\n| --- | --- |")
    for name, good in floors:
        print(f"| {name} | {verdict(good)} |")
    result["floors"] = [{"floor": name, "met": good} for name, good in floors]


def main():
    result = {"kernel": platform.release(), "nodes": NODES, "repetitions": REPS, "plans": plans(), "made": made(),
              "changes": changes() if WIRES else {}}
    report(result)
    with open(f"{OUT}/topo.json", "w", encoding="ascii") as f:
        json.dump(result, f, indent=1)


main()
