# SPDX-License-Identifier: GPL-2.0
"""The names and numbers of uapi/linux/linkwire.h, read from the header itself."""

import pathlib
import re

HEADER = pathlib.Path(__file__).resolve().parents[2] / "uapi/linux/linkwire.h"


def read(path=HEADER):
    """Every enumerator and every defined number or string, by name; and the enums as lists of names."""
    text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.S)
    values, enums = {}, []
    for name, value in re.findall(r"^#define[ \t]+(\w+)[ \t]+(\S.*)$", text, re.M):
        if value.startswith('"'):
            values[name] = value.strip().strip('"')
        elif re.fullmatch(r"(0x)?[0-9a-fA-F]+U?L?L?", value.strip()):
            values[name] = int(value.strip().rstrip("UL"), 0)
    for tag, body in re.findall(r"enum\s*(\w*)\s*\{(.*?)\}", text, re.S):
        names, value = [], 0
        for entry in filter(None, (part.strip() for part in body.split(","))):
            name, _, given = (part.strip() for part in entry.partition("="))
            value = int(given, 0) if given else value
            names.append(name)
            values[name] = value
            value += 1
        enums.append((tag, names))
    return values, enums


VALUES, ENUMS = read()


def __getattr__(name):
    try:
        return VALUES[name]
    except KeyError:
        raise AttributeError("%s has no %s" % (HEADER.name, name)) from None


def names(prefix):
    """Number to name, prefix cut off, of what belongs to an enum: LINKWIRE_A_STAT_RX_AUTH is rx_auth of LINKWIRE_A_STAT_."""
    found = {}
    for _, members in ENUMS:
        if not any(name == prefix + "UNSPEC" for name in members):
            continue
        for name in members:
            if name.startswith(prefix) and not name.endswith(("UNSPEC", "_PAD", "_MAX")):
                found[VALUES[name]] = name[len(prefix):].lower()
    return found
