#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""report.py DIR REPS SECONDS PINGS: judges what the bench left in DIR; writes DIR/bench.json, prints the report.

Exit status: 0; 1 if a link could not be set up or a measurement failed: it is shown as failed, and in no median.
Documentation/performance.md says what the figures mean.
"""

import bisect
import json
import os
import re
import statistics
import sys


def text(path, default=""):
    try:
        with open(path, encoding="utf-8", errors="replace") as f:
            return f.read()
    except OSError:
        return default


class Share:
    """What the bed got of its processor, by share.py."""

    def __init__(self, path):
        rows = [tuple(map(float, line.split())) for line in text(path).splitlines()]
        self.when = [r[0] for r in rows]
        self.run = [r[1] for r in rows]

    def ran(self, begin, end):
        """Seconds of processor time between two times; None where it was not sampled."""
        if not self.when or begin < self.when[0] or end > self.when[-1]:
            return None
        return self._at(end) - self._at(begin)

    def _at(self, t):
        i = min(max(bisect.bisect(self.when, t), 1), len(self.when) - 1)
        (t0, t1), (r0, r1) = self.when[i - 1:i + 1], self.run[i - 1:i + 1]
        return r0 + (r1 - r0) * (t - t0) / (t1 - t0)


def tcp_sample(raw, n, share):
    """One TCP run: a dict, with a reason under "failed" if it is none."""
    failed = text(f"{raw}.{n}.failed").strip()
    try:
        result = json.loads(text(f"{raw}.{n}.tcp"))
    except ValueError:
        return {"failed": failed or "no result of iperf3"}
    if failed or "error" in result:
        return {"failed": "; ".join(filter(None, [failed, result.get("error")]))}
    try:
        received = result["end"]["sum_received"]
        begin, end = map(float, text(f"{raw}.{n}.time").split())
        before, after = map(int, text(f"{raw}.{n}.carried").split())
        sample = {
            "mbit_s": received["bits_per_second"] / 1e6,
            "mss": result["start"].get("tcp_mss_default"),
            "retransmits": result["end"]["sum_sent"].get("retransmits"),
        }
        got = received["bytes"]
    except (KeyError, ValueError) as err:
        return {"failed": f"a result of iperf3 that cannot be read: {err!r}"}
    if got <= 0 or after - before < got:
        return {"failed": f"the link counted {after - before} bytes of {got}"}
    # The run begins with a second that does not count, and ends with the exchange of results.
    seconds = received.get("seconds", 0)
    begin, end = end - min(seconds, end - begin) - 0.1, end - 0.1
    ran = share.ran(begin, end)
    if ran:
        sample["cpu_share"] = ran / (end - begin)
        sample["mbit_cpu_s"] = sample["mbit_s"] / sample["cpu_share"]
    return sample


def rtt_sample(raw, n, pings):
    times = [float(t) * 1000 for t in re.findall(r" time=([0-9.]+) ms", text(f"{raw}.{n}.ping"))]
    if len(times) < pings:
        return {"failed": f"{len(times)} answers to {pings} pings", "us": times}
    return {"us": times}


def drivers(crypto):
    """Of each algorithm that matters, the driver the kernel prefers."""
    best = {}
    for entry in crypto.split("\n\n"):
        field = dict(re.findall(r"^(\w+) *: (.*)$", entry, re.M))
        name = field.get("name", "")
        if re.search(r"gcm|chacha20.*poly1305", name) and field.get("type") == "aead":
            rank = int(field.get("priority", 0))
            if rank >= best.get(name, (-1, ""))[0]:
                best[name] = rank, field.get("driver", "")
    return {name: driver for name, (_, driver) in sorted(best.items())}


def machine(out):
    cpuinfo = text("/proc/cpuinfo")
    first = dict(re.findall(r"^(model name|flags)\s*: (.*)$", cpuinfo.split("\n\n")[0], re.M))
    load = text(f"{out}/load").split("\n")
    return {
        "processor": first.get("model name", "unknown"),
        "flags": first.get("flags", ""),
        "processors": len(re.findall(r"^processor", cpuinfo, re.M)),
        "kernel": os.uname().release,
        "load_before": " ".join(load[0].split()[:3]),
        "load_after": " ".join(load[1].split()[:3]) if len(load) > 1 else "",
    }


def collect(out, reps, seconds, pings):
    share = Share(f"{out}/share")
    links = []
    for line in text(f"{out}/raw/links").splitlines():
        name, kind, cipher = line.split()
        raw = f"{out}/raw/{name}"
        link = {"name": name, "kind": kind, "cipher": cipher}
        reason = text(f"{raw}.failed").strip()
        if os.path.exists(f"{raw}.failed"):
            link["failed"] = f"cannot be set up: {reason}"
        else:
            link["tcp"] = [tcp_sample(raw, n, share) for n in range(1, reps + 1)]
            link["rtt"] = [rtt_sample(raw, n, pings) for n in range(1, reps + 1)]
        links.append(link)
    return {
        "date": text(f"{out}/date").strip(),
        "commit": text(f"{out}/commit").strip(),
        "uncommitted": text(f"{out}/uncommitted").splitlines(),
        "settings": {"repetitions": reps, "seconds": seconds, "pings": pings},
        "machine": machine(out),
        "bed": {"kernel": text(f"{out}/raw/kernel").strip(), "drivers": drivers(text(f"{out}/raw/crypto"))},
        "links": links,
    }


# ------------------------------------------------------------------------------------------------------ the figures


def values(link, key):
    """By repetition; None where it failed."""
    return [s.get(key) if "failed" not in s else None for s in link.get("tcp", [])]


def basis(links):
    """Figures are per second of processor time if every sample has that, else by the clock."""
    good = [s for link in links for s in link.get("tcp", []) if "failed" not in s]
    return "mbit_cpu_s" if good and all("mbit_cpu_s" in s for s in good) else "mbit_s"


def ratios(link, other, key):
    """Of the same repetition to each other: what strikes both alike falls out."""
    pairs = zip(values(link, key), values(other, key))
    return [a / b for a, b in pairs if a and b]


def spread(numbers, form):
    if not numbers:
        return "failed"
    low, mid, high = min(numbers), statistics.median(numbers), max(numbers)
    if len(numbers) == 1:
        return form.format(mid)
    return f"{form.format(mid)} ({form.format(low)}–{form.format(high)})"


def failed_of(link):
    failed = sum("failed" in s for s in link.get("tcp", []))
    return f", {failed} failed" if 0 < failed < len(link["tcp"]) else ""


def rtts(link):
    return [t for s in link.get("rtt", []) if "failed" not in s for t in s["us"]]


def percentile(numbers, p):
    numbers = sorted(numbers)
    return numbers[min(len(numbers) - 1, int(len(numbers) * p / 100))]


def failures(result):
    for link in result["links"]:
        if "failed" in link:
            yield link["name"], link["failed"]
        for what in "tcp", "rtt":
            for n, sample in enumerate(link.get(what, []), 1):
                if "failed" in sample:
                    yield f"{link['name']}, {what}, repetition {n}", sample["failed"]


def table(head, rows):
    print("| " + " | ".join(head) + " |")
    print("| --- |" + " ---: |" * (len(head) - 1))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print()


def absolute(links):
    rows = []
    for link in links:
        shares = [v for v in values(link, "cpu_share") if v]
        times = rtts(link)
        mss = {s["mss"] for s in link.get("tcp", []) if s.get("mss")}
        rows.append([
            link["name"],
            "/".join(str(m) for m in sorted(mss)) or "–",
            spread([v for v in values(link, "mbit_cpu_s") if v], "{:.0f}") if shares else "–",
            spread([v for v in values(link, "mbit_s") if v], "{:.0f}") + failed_of(link),
            f"{statistics.median(shares):.2f}" if shares else "–",
            f"{statistics.median(times):.0f}" if times else "failed",
            f"{percentile(times, 99):.0f}" if times else "failed",
        ])
    table(["link", "MSS", "Mbit per CPU second", "Mbit/s", "CPU share", "RTT median, µs", "p99"], rows)


def compared(links, key):
    by_name = {link["name"]: link for link in links}
    others = [("veth", lambda c: "veth"), ("WireGuard", lambda c: "wireguard"),
              ("ESP, same cipher", lambda c: f"esp-{c}"), ("MACsec, same cipher", lambda c: f"macsec-{c}")]
    rows = []
    for link in links:
        if link["cipher"] == "none":
            continue
        row = [link["name"]]
        for _, name in others:
            other = by_name.get(name(link["cipher"]))
            if other is None or other is link:
                row.append("–")
            else:
                row.append(spread(ratios(link, other, key), "{:.2f}"))
        rows.append(row)
    table(["throughput, as a ratio to"] + [title for title, _ in others], rows)


def floor(links, key):
    """Not slower than WireGuard with the same cipher."""
    wireguard = [link for link in links if link["kind"] == "wireguard"]
    ours = [link for link in links
            if link["kind"].startswith("linkwire") and link["cipher"] == "chacha20-poly1305"]
    if not wireguard or not ours:
        print("Floor (not slower than WireGuard with the same cipher): not measured.")
        return
    for link in ours:
        got = ratios(link, wireguard[0], key)
        verdict = "not measured" if not got else "met" if statistics.median(got) >= 1 else "NOT met"
        print(f"- Floor, {link['name']} not slower than WireGuard: **{verdict}**, {spread(got, '{:.2f}')}")
    print()


def report(result):
    links, where = result["links"], result["machine"]
    key = basis(links)
    print(f"Measured {result['date']} on commit {result['commit'][:12]}"
          + (", with uncommitted changes:" if result["uncommitted"] else "."))
    for line in result["uncommitted"]:
        print(f"    {line}")
    print(f"Processor: {where['processor']}, {where['processors']} of them; load (1, 5, 15 minutes) before "
          f"{where['load_before']}, after {where['load_after']}. Kernel in the bed: {result['bed']['kernel']}.")
    print("Drivers: " + ", ".join(f"{n} {d}" for n, d in result["bed"]["drivers"].items()) + ".")
    s = result["settings"]
    print(f"{s['repetitions']} interleaved repetitions of {s['seconds']} s TCP and {s['pings']} pings; "
          "medians (minimum–maximum).\n")
    absolute(links)
    compared(links, key)
    floor(links, key)
    failed = list(failures(result))
    print(f"{len(failed)} failed." if failed else "No measurement failed.")
    for what, why in failed:
        print(f"- FAILED: {what}: {why}")
    return not failed and bool(links)


def main():
    out, reps, seconds, pings = sys.argv[1], *map(int, sys.argv[2:5])
    result = collect(out, reps, seconds, pings)
    with open(f"{out}/bench.json", "w", encoding="utf-8") as f:
        json.dump(result, f, indent=1)
        f.write("\n")
    sys.exit(0 if report(result) else 1)


main()
