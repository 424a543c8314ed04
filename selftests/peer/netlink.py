# SPDX-License-Identifier: GPL-2.0
"""Netlink as bytes: messages, attributes, extended acknowledgements; generic netlink's controller."""

import os
import socket
import struct

import netns

NLM_F_REQUEST, NLM_F_ACK, NLM_F_ECHO, NLM_F_DUMP = 0x1, 0x4, 0x8, 0x300
NLM_F_CREATE, NLM_F_EXCL = 0x400, 0x200
NLMSG_ERROR, NLMSG_DONE = 2, 3
NLM_F_CAPPED, NLM_F_ACK_TLVS = 0x100, 0x200
NLMSGERR_ATTR_MSG, NLMSGERR_ATTR_OFFS, NLMSGERR_ATTR_MISS_TYPE = 1, 2, 5
NLA_F_NESTED, NLA_TYPE_MASK = 0x8000, 0x3FFF
SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, NETLINK_CAP_ACK, NETLINK_EXT_ACK = 270, 1, 10, 11
NETLINK_ROUTE, NETLINK_GENERIC = 0, 16

GENL_ID_CTRL, CTRL_CMD_GETFAMILY, CTRL_CMD_GETPOLICY = 16, 3, 10
CTRL_ATTR_FAMILY_ID, CTRL_ATTR_FAMILY_NAME, CTRL_ATTR_OPS, CTRL_ATTR_MCAST_GROUPS = 1, 2, 6, 7
CTRL_ATTR_POLICY, CTRL_ATTR_OP_POLICY = 8, 9


def attr(kind, value):
    """One attribute. A list of attributes is a nest; text ends with a zero byte."""
    if isinstance(value, list):
        kind, value = kind | NLA_F_NESTED, b"".join(value)
    elif isinstance(value, str):
        value = value.encode() + b"\0"
    return struct.pack("=HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)


def u8(value):
    return struct.pack("=B", value)


def u16(value):
    return struct.pack("=H", value)


def be16(value):
    return struct.pack("!H", value)


def u32(value):
    return struct.pack("=I", value)


def u64(value):
    return struct.pack("=Q", value)


def number(value):
    """An unsigned attribute of any width."""
    return int.from_bytes(value, "little" if struct.pack("=H", 1)[0] else "big")


def pairs(data):
    """(type, value) of each attribute, in order."""
    while len(data) >= 4:
        length, kind = struct.unpack_from("=HH", data)
        if length < 4 or length > len(data):
            raise ValueError("attribute of %d bytes in %d" % (length, len(data)))
        yield kind & NLA_TYPE_MASK, data[4:length]
        data = data[length + 3 & ~3:]


def attrs(data):
    return dict(pairs(data))


class Refused(Exception):
    """The kernel's answer to a request: errno, its own words, and where in the request the attribute stood."""

    def __init__(self, code, message, offset, missing):
        super().__init__("%s: %s" % (os.strerror(code), message or "no reason given"))
        self.errno, self.message, self.offset, self.missing = code, message, offset, missing


class Socket:
    """A netlink socket of a netns (of the caller's, if none is named)."""

    def __init__(self, protocol, namespace=None):
        if namespace:
            with netns.inside(namespace):
                self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol)
        else:
            self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol)
        self.socket.setsockopt(SOL_NETLINK, NETLINK_EXT_ACK, 1)
        self.socket.setsockopt(SOL_NETLINK, NETLINK_CAP_ACK, 1)
        self.socket.bind((0, 0))
        self.sequence = 0

    def receive(self):
        """(type, flags, sequence, payload) of each message in the next datagram."""
        data = self.socket.recv(1 << 17)
        while data:
            length, kind, flags, sequence = struct.unpack_from("=IHHI", data)
            yield kind, flags, sequence, data[16:length]
            data = data[length + 3 & ~3:]

    def request(self, kind, flags, payload):
        """Sends a request and returns the payloads of the answers; raises Refused."""
        self.sequence += 1
        flags |= NLM_F_REQUEST | (0 if flags & NLM_F_DUMP == NLM_F_DUMP else NLM_F_ACK)
        self.socket.send(struct.pack("=IHHII", 16 + len(payload), kind, flags, self.sequence, 0) + payload)
        answers = []
        while True:
            for answer, answer_flags, sequence, data in self.receive():
                if sequence != self.sequence:
                    continue
                if answer in (NLMSG_ERROR, NLMSG_DONE):
                    finished(answer, answer_flags, data)
                    return answers
                answers.append(data)

    def close(self):
        self.socket.close()


def finished(kind, flags, data):
    """The last answer to a request; raises Refused where it is an error."""
    code = -struct.unpack_from("=i", data)[0] if len(data) >= 4 else 0
    if not code:
        return
    words, offset, missing = "", None, None
    if flags & NLM_F_ACK_TLVS:
        start = 20 if kind == NLMSG_ERROR else 4	# behind it, the request's header only (NETLINK_CAP_ACK)
        for tlv, value in pairs(data[start:]):
            if tlv == NLMSGERR_ATTR_MSG:
                words = value.rstrip(b"\0").decode()
            elif tlv == NLMSGERR_ATTR_OFFS:
                offset = number(value)
            elif tlv == NLMSGERR_ATTR_MISS_TYPE:
                missing = number(value)
    raise Refused(code, words, offset, missing)


class Family:
    """A generic netlink family, through a socket of a netns."""

    def __init__(self, name, version, namespace=None):
        self.name, self.version = name, version
        self.socket = Socket(NETLINK_GENERIC, namespace)
        answer = self.socket.request(GENL_ID_CTRL, 0, struct.pack("=BBH", CTRL_CMD_GETFAMILY, 1, 0)
                                     + attr(CTRL_ATTR_FAMILY_NAME, name))
        self.description = attrs(answer[0][4:])
        self.id = number(self.description[CTRL_ATTR_FAMILY_ID])

    def request(self, command, attributes, flags=0):
        """Sends a command; returns [(command, {attribute: value})]."""
        payload = struct.pack("=BBH", command, self.version, 0) + b"".join(attributes)
        return [(data[0], attrs(data[4:])) for data in self.socket.request(self.id, flags, payload)]

    def groups(self):
        """Multicast groups, name to number."""
        found = {}
        for _, group in pairs(self.description.get(CTRL_ATTR_MCAST_GROUPS, b"")):
            fields = attrs(group)
            found[fields[1].rstrip(b"\0").decode()] = number(fields[2])
        return found

    def operations(self):
        """Command number to the kernel's flags (GENL_*)."""
        found = {}
        for _, operation in pairs(self.description.get(CTRL_ATTR_OPS, b"")):
            fields = attrs(operation)
            found[number(fields[1])] = number(fields[2])
        return found

    def join(self, group):
        self.socket.socket.setsockopt(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, self.groups()[group])

    def policies(self):
        """What the kernel checks requests by: ({command: {"do"|"dump": policy}}, {policy: {attribute: fields}})."""
        commands, policies = {}, {}
        answers = self.socket.request(GENL_ID_CTRL, NLM_F_DUMP, struct.pack("=BBH", CTRL_CMD_GETPOLICY, 1, 0)
                                      + attr(CTRL_ATTR_FAMILY_NAME, self.name))
        for answer in answers:
            for kind, value in pairs(answer[4:]):
                if kind == CTRL_ATTR_OP_POLICY:
                    for command, uses in pairs(value):
                        commands[command] = {"do" if use == 1 else "dump": number(index) for use, index in pairs(uses)}
                elif kind == CTRL_ATTR_POLICY:
                    for index, attributes in pairs(value):
                        for number_, fields in pairs(attributes):
                            policies.setdefault(index, {})[number_] = attrs(fields)
        return commands, policies
