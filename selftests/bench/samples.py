# SPDX-License-Identifier: GPL-2.0
"""What the bench left in its directory, read and judged sample by sample: a dict each, with "failed" where it is none.

A sample of throughput has "rate", by the clock; "cpu_share" and "rate_cpu", per second of processor time, where it is
known what the bed got of the processor. One of round trips has "us", each answer's time.
"""

from __future__ import annotations

import bisect
import csv
import json
import os
import re
from typing import Any, Callable

Sample = dict[str, Any]


def text(path: str, default: str = "") -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as f:
            return f.read()
    except OSError:
        return default


class Share:
    """What the bed got of its processor, by share.py."""

    def __init__(self, path: str) -> None:
        rows = [tuple(map(float, line.split())) for line in text(path).splitlines()]
        self.when = [r[0] for r in rows]
        self.run = [r[1] for r in rows]

    def of(self, begin: float, end: float) -> float | None:
        """The part of a processor it had between two times; None where that was not sampled."""
        if not self.when or begin < self.when[0] or end > self.when[-1] or begin >= end:
            return None
        return (self._at(end) - self._at(begin)) / (end - begin)

    def _at(self, t: float) -> float:
        i = min(max(bisect.bisect(self.when, t), 1), len(self.when) - 1)
        (t0, t1), (r0, r1) = self.when[i - 1:i + 1], self.run[i - 1:i + 1]
        return r0 + (r1 - r0) * (t - t0) / (t1 - t0)


class Reader:
    """Of one run: raw/N/NAME/WHAT and what lies beside it."""

    def __init__(self, out: str, pings: int) -> None:
        self.out, self.pings = out, pings
        self.share = Share(f"{out}/share")

    def sample(self, path: str, read: Callable[[str], Sample]) -> Sample | None:
        """None where nothing was measured, which is not a failure."""
        if os.path.exists(f"{path}.failed"):
            return {"failed": text(f"{path}.failed").strip() or "no reason was given"}
        if not os.path.exists(path):
            return None
        try:
            return read(path)
        except (KeyError, ValueError, IndexError, AttributeError) as err:
            return {"failed": f"a result that cannot be read: {err!r}"}

    def rated(self, rate: float, begin: float, end: float, **more: Any) -> Sample:
        if rate <= 0:
            return {"failed": "nothing was carried"}
        sample = {"rate": rate, **more}
        share = self.share.of(begin, end)
        if share:
            sample.update(cpu_share=share, rate_cpu=rate / share)
        return sample

    @staticmethod
    def times(path: str) -> tuple[float, float]:
        begin, end = map(float, text(f"{path}.time").split())
        return begin, end

    def tcp(self, path: str) -> Sample:
        """Mbit/s."""
        result = json.loads(text(path))
        if "error" in result:
            return {"failed": result["error"]}
        received = result["end"]["sum_received"]
        before, after = map(int, text(f"{path}.carried").split())
        if after - before < received["bytes"]:
            return {"failed": f"the link counted {after - before} bytes of {received['bytes']}"}
        # The run begins with a second that does not count, and ends with the exchange of results.
        begin, end = self.times(path)
        begin, end = end - min(received["seconds"], end - begin) - 0.1, end - 0.1
        return self.rated(received["bits_per_second"] / 1e6, begin, end, mss=result["start"].get("tcp_mss_default"),
                          retransmits=result["end"]["sum_sent"].get("retransmits"))

    def idle(self, path: str) -> Sample:
        times = [float(t) * 1000 for t in re.findall(r" time=([0-9.]+) ms", text(path))]
        if len(times) < self.pings:
            return {"failed": f"{len(times)} answers to {self.pings} pings"}
        return {"us": times}

    def loaded(self, path: str) -> Sample:
        """Beside a stream that fills queues some may be lost: how many is told."""
        times = [float(t) * 1000 for t in re.findall(r" time=([0-9.]+) ms", text(path))]
        if len(times) < self.pings * 0.9:
            return {"failed": f"{len(times)} answers to {self.pings} pings"}
        return {"us": times, "lost": self.pings - len(times)}

    def packets(self, path: str) -> Sample:
        """Packets a second."""
        sent, got, counted = map(int, text(path).split())
        begin, end = self.times(path)
        return self.rated(counted / (end - begin), begin, end, sent=sent, received=got)

    def web(self, path: str) -> Sample:
        """Requests a second."""
        said = text(path)
        if re.search(r"Socket errors|Non-2xx", said):
            return {"failed": re.search(r".*(Socket errors|Non-2xx).*", said).group(0).strip()}
        return self.rated(float(re.search(r"Requests/sec: *([0-9.]+)", said).group(1)), *self.times(path))

    def key_value(self, verb: str) -> Callable[[str], Sample]:
        def read(path: str) -> Sample:
            rows = {row["test"]: row for row in csv.DictReader(text(path).splitlines())}
            return self.rated(float(rows[verb]["rps"]), *self.times(path))
        return read

    def link(self, name: str, reps: int, sizes: list[str]) -> dict[str, list[Sample]]:
        files: dict[str, tuple[str, Callable[[str], Sample]]] = {
            "idle": ("idle", self.idle), "loaded": ("loaded", self.loaded), "web": ("web", self.web),
            "get": ("kv", self.key_value("GET")), "set": ("kv", self.key_value("SET"))}
        files.update({f"tcp-{n}": (f"tcp-{n}", self.tcp) for n in (1, 4, 8)})
        files.update({f"{way}-{size}": (f"{way}-{size}", self.packets) for way in ("p2v", "v2v") for size in sizes})
        found = {}
        for what, (file, read) in files.items():
            samples = [self.sample(f"{self.out}/raw/{n}/{name}/{file}", read) for n in range(1, reps + 1)]
            if any(s is not None for s in samples):
                found[what] = [s or {"failed": "not measured"} for s in samples]
        return found

    def wires(self, kind: str, reps: int, counts: list[str]) -> dict[str, list[Sample]]:
        found = {}
        for count in counts:
            samples = []
            for n in range(1, reps + 1):
                path = f"{self.out}/raw/{n}/wires-{kind}"
                whole = self.sample(path, lambda _: {})
                if whole is not None:
                    samples.append(self.sample(f"{path}/{count}", self.packets) or
                                   {"failed": text(f"{path}/failed").strip() or "not measured"})
            if samples:
                found[count] = samples
        return found

    def aead(self, reps: int) -> dict[str, list[int]]:
        """Nanoseconds a record, by cipher and how the kernel offers it: "aes-128-gcm api"."""
        found: dict[str, list[int]] = {}
        for n in range(1, reps + 1):
            for line in text(f"{self.out}/raw/{n}/aead").splitlines():
                if line:
                    how, ns = line.rsplit(" ", 1)
                    found.setdefault(how, []).append(int(ns))
        return found
