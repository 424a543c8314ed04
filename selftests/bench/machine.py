# SPDX-License-Identifier: GPL-2.0
"""On what was measured: the machine, the bed's kernel, and the drivers of the ciphers."""

from __future__ import annotations

import os
import re
from typing import Any

from samples import text


def drivers(crypto: str) -> dict[str, str]:
    """Of each algorithm that matters, the driver the kernel prefers."""
    best: dict[str, tuple[int, str]] = {}
    for entry in crypto.split("\n\n"):
        field = dict(re.findall(r"^(\w+) *: (.*)$", entry, re.M))
        name = field.get("name", "")
        if re.search(r"gcm|chacha20.*poly1305", name) and field.get("type") == "aead":
            rank = int(field.get("priority", 0))
            if rank >= best.get(name, (-1, ""))[0]:
                best[name] = rank, field.get("driver", "")
    return {name: driver for name, (_, driver) in sorted(best.items())}


def machine(out: str) -> dict[str, Any]:
    cpuinfo = text("/proc/cpuinfo")
    first = dict(re.findall(r"^(model name|flags)\s*: (.*)$", cpuinfo.split("\n\n", maxsplit=1)[0], re.M))
    load = text(f"{out}/load").split("\n")
    return {
        "processor": first.get("model name", "unknown"),
        "flags": first.get("flags", ""),
        "processors": len(re.findall(r"^processor", cpuinfo, re.M)),
        "kernel": os.uname().release,
        "load_before": " ".join(load[0].split()[:3]),
        "load_after": " ".join(load[1].split()[:3]) if len(load) > 1 else "",
    }


def bed(out: str) -> dict[str, Any]:
    return {"kernel": text(f"{out}/raw/kernel").strip(), "drivers": drivers(text(f"{out}/raw/crypto"))}
