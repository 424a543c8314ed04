# SPDX-License-Identifier: GPL-2.0
"""A peer's half of a wire, written from Documentation/wire-format.md and from nothing else.

Nothing here may be taken from kmod/ or uapi/: what this file and the module agree on is what the page says.
"""

import struct

import inet

PORT = 4790
PROTOCOL = 253
FIRST_WORD = bytes.fromhex("0c0000fe")
SHIM, ICV = 12, 16
PARTIAL, PACKET = 0x01, 0x02
COUNTER_MAX = (1 << 56) - 1
WINDOW = 8192

# cipher: bytes of key material
CIPHERS = {"aes-128-gcm": 20, "aes-256-gcm": 36, "chacha20-poly1305": 32}
ENCAPS = ("vxlan", "ipip")


def modes(encap):
    return ("l2", "l3") if encap == "vxlan" else ("l3",)


class Drop(Exception):
    """A received packet that a receiver must drop; the argument is the reason's name."""


def shim(tag, flags, number):
    return struct.pack("!IQ", tag << 8 | flags, number)


def number(lane, counter):
    return lane << 56 | counter


class Key:
    """One direction's cipher and key material."""

    def __init__(self, cipher, material):
        if len(material) != CIPHERS[cipher]:
            raise ValueError("%s takes %d bytes of key material, not %d" % (cipher, CIPHERS[cipher], len(material)))
        # half of all the time that an import of this file takes, and most that do it have no key
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

        self.cipher, self.material, self.invalid = cipher, material, InvalidTag
        if cipher == "chacha20-poly1305":
            self.salt = None
            self.aead = ChaCha20Poly1305(material)
        else:
            self.salt = material[-4:]
            self.aead = AESGCM(material[:-4])

    def nonce(self, packet_number):
        if self.salt is None:
            return bytes(4) + struct.pack("<Q", packet_number)
        return self.salt + struct.pack("!Q", packet_number)

    def seal(self, tag, flags, packet_number, plaintext):
        """Shim, ciphertext and ICV."""
        head = shim(tag, flags, packet_number)
        return head + self.aead.encrypt(self.nonce(packet_number), plaintext, head)

    def open(self, record):
        """(tag, flags, packet number, plaintext) of shim, ciphertext and ICV."""
        if len(record) < SHIM + ICV:
            raise Drop("rx_malformed")
        word, packet_number = struct.unpack_from("!IQ", record)
        try:
            plaintext = self.aead.decrypt(self.nonce(packet_number), record[SHIM:], record[:SHIM])
        except self.invalid:
            raise Drop("rx_auth") from None
        return word >> 8, word & 0xFF, packet_number, plaintext


def mode_flag(mode):
    return PACKET if mode == "l3" else 0


def outer(encap, src, dst, record, sport=50000, dport=PORT, tos=0, ttl=64):
    """The outer IP packet around a record (shim, ciphertext, ICV); src and dst packed addresses."""
    if encap == "vxlan":
        return inet.ip(src, dst, inet.UDP, inet.udp(src, dst, sport, dport, FIRST_WORD + record), ttl=ttl, tos=tos)
    return inet.ip(src, dst, PROTOCOL, record, ttl=ttl, tos=tos)


def inside(encap, packet, dport=PORT):
    """The record in an outer IP packet; None if the packet is not of this encapsulation."""
    parsed = inet.parse_ip(packet)
    if parsed is None:
        return None
    protocol, payload = parsed[2:4]
    if encap == "ipip":
        return payload if protocol == PROTOCOL else None
    if protocol != inet.UDP or len(payload) < 8 or struct.unpack_from("!H", payload, 2)[0] != dport:
        return None
    if payload[8:12] != FIRST_WORD:
        raise Drop("rx_malformed")
    return payload[12:]
