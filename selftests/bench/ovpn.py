#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""ovpn.py DEV LOCAL REMOTE PORT CIPHER TX-KEY RX-KEY: the one peer of an ovpn device, and its keys (hex: 32 bytes of key,
8 of nonce); prints "ready", and holds the socket until it is killed: with that the kernel drops the peer.

What openvpn does after its handshake, by the kernel's generic netlink family of that name (ovpn.yaml).
"""

import os
import signal
import socket
import struct
import sys

NETLINK_GENERIC, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, CTRL_ATTR_FAMILY_ID, CTRL_ATTR_FAMILY_NAME = 16, 16, 3, 1, 2
NLM_F_REQUEST, NLM_F_ACK, NLMSG_ERROR, NESTED = 1, 4, 2, 0x8000
CMD_PEER_NEW, CMD_KEY_NEW = 1, 6
A_IFINDEX, A_PEER, A_KEYCONF = 1, 2, 3
PEER_ID, PEER_REMOTE_IPV4, PEER_REMOTE_PORT, PEER_SOCKET = 1, 2, 5, 6
KEY_PEER_ID, KEY_SLOT, KEY_KEY_ID, KEY_CIPHER, KEY_ENCRYPT, KEY_DECRYPT = range(1, 7)
DIR_KEY, DIR_NONCE_TAIL = 1, 2
CIPHERS = {"aes-128-gcm": (1, 16), "aes-256-gcm": (1, 32), "chacha20-poly1305": (2, 32)}


def attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("=HH", len(value) + 4, kind) + value + bytes(-len(value) % 4)


def u32(kind: int, value: int) -> bytes:
    return attribute(kind, struct.pack("=I", value))


def nest(kind: int, *inside: bytes) -> bytes:
    return attribute(kind | NESTED, b"".join(inside))


class Netlink:
    """Requests that are answered, or acknowledged, or end all this."""

    def __init__(self) -> None:
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC)
        self.sock.bind((0, 0))

    def ask(self, family: int, command: int, payload: bytes, flags: int) -> bytes:
        body = struct.pack("=BBH", command, 1, 0) + payload
        self.sock.send(struct.pack("=IHHII", len(body) + 16, family, NLM_F_REQUEST | flags, 1, 0) + body)
        answer = self.sock.recv(65536)
        if struct.unpack_from("=H", answer, 4)[0] == NLMSG_ERROR:
            error = -struct.unpack_from("=i", answer, 16)[0]
            if error:
                sys.exit(f"ovpn.py: command {command}: {os.strerror(error)}")
        return answer[20:]

    def family(self, name: str) -> int:
        answer = self.ask(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, attribute(CTRL_ATTR_FAMILY_NAME, name.encode() + b"\0"), 0)
        while answer:
            size, kind = struct.unpack_from("=HH", answer)
            if kind == CTRL_ATTR_FAMILY_ID:
                return struct.unpack_from("=H", answer, 4)[0]
            answer = answer[size + -size % 4:]
        sys.exit(f"ovpn.py: no family '{name}'")


def main(dev: str, local: str, remote: str, port: str, cipher: str, tx: str, rx: str) -> None:
    underlay = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    underlay.bind((local, int(port)))
    netlink = Netlink()
    family = netlink.family("ovpn")
    ifindex = u32(A_IFINDEX, socket.if_nametoindex(dev))
    algorithm, size = CIPHERS[cipher]

    def direction(kind: int, key: str) -> bytes:
        raw = bytes.fromhex(key)
        return nest(kind, attribute(DIR_KEY, raw[:size]), attribute(DIR_NONCE_TAIL, raw[32:40]))

    netlink.ask(family, CMD_PEER_NEW, ifindex + nest(
        A_PEER, u32(PEER_ID, 1), attribute(PEER_REMOTE_IPV4, socket.inet_aton(remote)),
        attribute(PEER_REMOTE_PORT, struct.pack(">H", int(port))), u32(PEER_SOCKET, underlay.fileno())), NLM_F_ACK)
    netlink.ask(family, CMD_KEY_NEW, ifindex + nest(
        A_KEYCONF, u32(KEY_PEER_ID, 1), u32(KEY_SLOT, 0), u32(KEY_KEY_ID, 0), u32(KEY_CIPHER, algorithm),
        direction(KEY_ENCRYPT, tx), direction(KEY_DECRYPT, rx)), NLM_F_ACK)
    print("ready", flush=True)
    signal.pause()


main(*sys.argv[1:])
