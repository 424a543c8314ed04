#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The netlink spec against everything that it describes.

    spec.py WHAT [ARGUMENT...]

    schema SCHEMA    the spec is valid YNL, by the kernel's schema
    header           uapi/linux/linkwire.h has the same names with the same numbers
    manual           linkwire(4) describes every counter
    architecture     architecture.md names functions and files that are there
    source           kmod/ uses every attribute and command, and counts under every name
    family           the loaded module's family: version, commands with their flags, multicast groups
    policy           what the loaded module checks each request by: attributes, types, ranges, lengths
    ethtool NETNS DEVICE  `ethtool -S` of a wire has every counter
    lwctl FILE       `lwctl -j stat WIRE`, in FILE, has every counter

Prints what does not agree; exit status 1 if anything.
"""

import array
import fcntl
import json
import pathlib
import re
import socket
import struct
import sys

import yaml

import netlink
import netns
import uapi

ROOT = pathlib.Path(__file__).resolve().parents[2]
SPEC = ROOT / "Documentation/netlink/specs/linkwire.yaml"
FAULTS = []

# include/uapi/linux/genetlink.h, netlink.h
GENL_CMD_CAP_DO, GENL_CMD_CAP_DUMP, GENL_CMD_CAP_HASPOL, GENL_UNS_ADMIN_PERM = 2, 4, 8, 0x10
TYPES = {1: "flag", 2: "u8", 3: "u16", 4: "u32", 5: "u64", 6: "s8", 7: "s16", 8: "s32", 9: "s64", 10: "binary", 11: "string",
         12: "string", 13: "nest"}
# enums whose entries are not called LINKWIRE_ENUM_ENTRY
ENUM_PREFIX = {"sa-state": "SA"}
TYPE, MIN_S, MAX_S, MIN_U, MAX_U, MIN_LENGTH, MAX_LENGTH, POLICY_INDEX = 1, 2, 3, 4, 5, 6, 7, 8


def fault(*words):
    FAULTS.append(" ".join(map(str, words)))


def same(what, wanted, got):
    if wanted != got:
        fault("%s: the spec says %s, not %s" % (what, wanted, got))


class Spec:
    def __init__(self):
        with open(SPEC, encoding="utf-8") as text:
            self.yaml = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        self.definitions = {definition["name"]: definition for definition in self.yaml["definitions"]}
        self.sets = {space["name"]: space for space in self.yaml["attribute-sets"]}
        self.operations = self.yaml["operations"]["list"]
        number = 0
        for operation in self.operations:
            number = operation.get("value", number)
            operation["value"] = number
            number += 1

    def base(self, name):
        space = self.sets[name]
        return self.sets[space["subset-of"]] if "subset-of" in space else space

    def attributes(self, name):
        """name: (number, attribute) of a set; subsets take what they do not say from the whole set."""
        found, number = {}, 1
        for attribute in self.base(name)["attributes"]:
            number = attribute.get("value", number)
            found[attribute["name"]] = (number, attribute)
            number += 1
        space = self.sets[name]
        if "subset-of" in space:
            found = {narrow["name"]: (found[narrow["name"]][0], {**found[narrow["name"]][1], **narrow})
                     for narrow in space["attributes"]}
        return found

    def entries(self, enum):
        """name: value"""
        found, value = {}, self.definitions[enum].get("value-start", 0)
        for entry in self.definitions[enum]["entries"]:
            entry = entry if isinstance(entry, dict) else {"name": entry}
            value = entry.get("value", value)
            found[entry["name"]] = value
            value += 1
        return found

    def limit(self, value):
        return self.definitions[value]["value"] if isinstance(value, str) else value

    def counters(self):
        return [name.replace("-", "_") for name, (_, attribute) in self.attributes("stats").items()
                if attribute["type"] != "pad"]


def c_name(text):
    return text.upper().replace("-", "_")


def schema(spec, path):
    import jsonschema
    with open(path, encoding="utf-8") as text:
        rules = yaml.safe_load(text)
    for error in jsonschema.Draft7Validator(rules).iter_errors(spec.yaml):
        fault("/".join(map(str, error.absolute_path)), error.message)


def header(spec):
    wanted = {"LINKWIRE_KIND": spec.yaml["name"], "LINKWIRE_FAMILY_NAME": spec.yaml["name"],
              "LINKWIRE_FAMILY_VERSION": spec.yaml.get("version", 1)}
    for definition in spec.definitions.values():
        if definition["type"] == "const":
            wanted["LINKWIRE_" + c_name(definition["name"])] = definition["value"]
        else:
            for entry, value in spec.entries(definition["name"]).items():
                prefix = ENUM_PREFIX.get(definition["name"], c_name(definition["name"]))
                wanted["LINKWIRE_%s_%s" % (prefix, c_name(entry))] = value
    for name, space in spec.sets.items():
        if "subset-of" in space:
            continue
        prefix = c_name(space["name-prefix"])
        attributes = spec.attributes(name)
        wanted[prefix + "UNSPEC"] = 0
        for attribute, (number, _) in attributes.items():
            wanted[prefix + c_name(attribute)] = number
        wanted["__%sMAX" % prefix] = len(attributes) + 1
    prefix = c_name(spec.yaml["operations"]["name-prefix"])
    wanted[prefix + "UNSPEC"] = 0
    for operation in spec.operations:
        wanted[prefix + c_name(operation["name"])] = operation["value"]
    wanted["__%sMAX" % prefix] = len(spec.operations) + 1
    for group in spec.yaml["mcast-groups"]["list"]:
        wanted["LINKWIRE_MCGRP_" + c_name(group["name"])] = group["name"]
    for name in sorted(wanted.keys() | uapi.VALUES.keys()):
        if name not in uapi.VALUES:
            fault("the header has no", name)
        elif name not in wanted:
            fault("the spec has no", name)
        else:
            same(name, wanted[name], uapi.VALUES[name])


def source(spec):
    """Names that no line of the module mentions are promises that nobody keeps."""
    text = "\n".join(re.sub(r"/\*.*?\*/|//[^\n]*|^#define[^\n]*", "", path.read_text(encoding="utf-8"), flags=re.S | re.M)
                     for path in sorted((ROOT / "kmod").glob("*.[ch]")))
    words = set(re.findall(r"\w+", text))
    for name, space in spec.sets.items():
        if "subset-of" in space or name == "stats":
            continue
        for attribute, (_, described) in spec.attributes(name).items():
            constant = c_name(space["name-prefix"] + attribute)
            if constant not in words:
                fault("kmod/ never mentions", constant)
    prefix = c_name(spec.yaml["operations"]["name-prefix"])
    for operation in spec.operations:
        if prefix + c_name(operation["name"]) not in words:
            fault("kmod/ never mentions", prefix + c_name(operation["name"]))
    listed = re.findall(r'\[LW_STAT\((\w+)\)\]\s*=\s*"(\w+)"', text)
    same("names of counters in kmod/stats.c", spec.counters(), [name for _, name in listed])
    for constant, name in listed:
        same("the counter's constant", name.upper(), constant)
        used = len(re.findall(r"\b%s\b" % constant, text))
        if used < 2:
            fault("kmod/ never counts", name)


def manual(spec):
    page = (ROOT / "Documentation/linkwire.4").read_text(encoding="utf-8")
    counters = page[page.index("\n.SH COUNTERS"):page.index("\n.SH TRACEPOINTS")]
    same("counters in linkwire(4)", spec.counters(), re.findall(r"^\.TP\n\.B (\w+)$", counters, re.M))


def architecture(_):
    page = (ROOT / "Documentation/architecture.md").read_text(encoding="utf-8")
    sources = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "kmod").glob("*.[ch]")}
    words = set(re.findall(r"\w+", "\n".join(sources.values())))
    for word in sorted(set(re.findall(r"\blw_\w+", page)) - words):
        fault("architecture.md: kmod/ has no", word)
    for name in sorted(set(re.findall(r"\b\w+\.[ch]\b", page)) - sources.keys()):
        fault("architecture.md: kmod/ has no", name)


def family(spec):
    kernel = netlink.Family(spec.yaml["name"], 1)
    same("version", spec.yaml.get("version", 1), netlink.number(kernel.description[3]))
    wanted = {}
    for operation in spec.operations:
        flags = GENL_CMD_CAP_DO * ("do" in operation) | GENL_CMD_CAP_DUMP * ("dump" in operation)
        if not flags:
            continue
        flags |= GENL_UNS_ADMIN_PERM * ("uns-admin-perm" in operation.get("flags", ()))
        wanted[operation["value"]] = flags
    got = {command: flags & ~GENL_CMD_CAP_HASPOL for command, flags in kernel.operations().items()}
    same("commands with their flags", wanted, got)
    same("multicast groups", [group["name"] for group in spec.yaml["mcast-groups"]["list"]], sorted(kernel.groups()))


def wanted_fields(spec, attribute):
    """What the kernel must say of an attribute: type, least and most."""
    kind, checks = attribute["type"], attribute.get("checks", {})
    if kind in ("nest", "flag"):
        return (kind, None, None)
    if kind in ("string", "binary"):
        least, most = checks.get("min-len"), checks.get("max-len")
        if "exact-len" in checks:
            least = most = checks["exact-len"]
        return (kind, spec.limit(least), spec.limit(most))
    bits = int(kind[1:])
    least, most = (0, (1 << bits) - 1) if kind[0] == "u" else (-1 << bits - 1, (1 << bits - 1) - 1)
    if "enum" in attribute:
        values = spec.entries(attribute["enum"]).values()
        least, most = min(values), max(values)
    return (kind, spec.limit(checks.get("min", least)), spec.limit(checks.get("max", most)))


def live_fields(fields):
    kind = TYPES.get(netlink.number(fields[TYPE]), "type %d" % netlink.number(fields[TYPE]))
    if kind[0] == "s" and kind != "string":
        return (kind, struct.unpack("=q", fields[MIN_S])[0], struct.unpack("=q", fields[MAX_S])[0])
    least, most = (MIN_LENGTH, MAX_LENGTH) if kind in ("string", "binary") else (MIN_U, MAX_U)
    return (kind, netlink.number(fields[least]) if least in fields else None,
            netlink.number(fields[most]) if most in fields else None)


def nested(spec, operation, attribute):
    """The set that a nest of a request is of: of an SA, an operation takes less than it gives."""
    if attribute["name"] == "sa":
        return "sa-new-input" if operation == "sa-new" else "sa-name-input"
    return attribute["nested-attributes"]


def compare(spec, operation, where, space, names, index, policies):
    """One policy of the kernel against the attributes that a request may have."""
    attributes = spec.attributes(space)
    wanted = {attributes[name][0]: attributes[name][1] for name in names}
    policy = policies.get(index, {})
    for number in sorted(wanted.keys() | policy.keys()):
        if number not in policy:
            fault("%s: the kernel takes no %s" % (where, wanted[number]["name"]))
        elif number not in wanted:
            name = [name for name, (value, _) in attributes.items() if value == number]
            fault("%s: the spec does not let it have %s" % (where, name or number))
        else:
            attribute = wanted[number]
            path = "%s: %s" % (where, attribute["name"])
            same(path, wanted_fields(spec, attribute), live_fields(policy[number]))
            if attribute["type"] == "nest":
                if POLICY_INDEX not in policy[number]:
                    fault(path, "has no policy in the kernel")
                    continue
                inside = nested(spec, operation, attribute)
                names_inside = [name for name, (_, each) in spec.attributes(inside).items() if each["type"] != "pad"]
                compare(spec, operation, path, inside, names_inside, netlink.number(policy[number][POLICY_INDEX]), policies)


def policy(spec):
    """Of each command; its do and its dump have one policy in the kernel."""
    commands, policies = netlink.Family(spec.yaml["name"], 1).policies()
    for operation in spec.operations:
        uses = [use for use in ("do", "dump") if use in operation]
        names = {name for use in uses for name in operation[use].get("request", {}).get("attributes", [])}
        for use in uses:
            where = "%s %s" % (operation["name"], use)
            index = commands.get(operation["value"], {}).get(use)
            if index is not None:
                compare(spec, operation["name"], where, operation["attribute-set"], sorted(names), index, policies)
            elif names:
                fault(where, "has no policy in the kernel")


def ethtool(spec, namespace, device):
    """ETHTOOL_GSSET_INFO, then ETHTOOL_GSTRINGS of ETH_SS_STATS."""
    siocethtool, gsset, gstrings, stats, width = 0x8946, 0x37, 0x1B, 1, 32

    with netns.inside(namespace):
        control = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def call(data):
        buffer = array.array("B", data)
        request = struct.pack("16sP16x", device.encode(), buffer.buffer_info()[0])
        fcntl.ioctl(control, siocethtool, request)
        return buffer.tobytes()
    count, = struct.unpack_from("=I", call(struct.pack("=IIQI", gsset, 0, 1 << stats, 0)), 16)
    answer = call(struct.pack("=III", gstrings, stats, count) + bytes(width * count))
    names = [answer[12 + width * i:][:width].rstrip(b"\0").decode() for i in range(count)]
    same("ethtool -S", spec.counters(), names)


def lwctl(spec, path):
    def names(value):
        if isinstance(value, dict):
            yield from (name for name, each in value.items() if isinstance(each, int))
            value = list(value.values())
        if isinstance(value, list):
            for each in value:
                yield from names(each)
    with open(path, encoding="utf-8") as answer:
        found = set(names(json.load(answer)))
    for name in spec.counters():
        if name not in found:
            fault("lwctl -j stat has no", name)


CASES = {"schema": schema, "header": header, "manual": manual, "architecture": architecture, "source": source, "family": family,
         "policy": policy, "ethtool": ethtool, "lwctl": lwctl}


def main(what, *arguments):
    CASES[what](Spec(), *arguments)
    for words in FAULTS:
        print(words)
    return 1 if FAULTS else 0


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in CASES:
        sys.exit(__doc__.strip())
    sys.exit(main(*sys.argv[1:]))
