# SPDX-License-Identifier: GPL-2.0
"""Sockets of other network namespaces: a process may hold sockets of as many as it likes."""

import contextlib
import ctypes
import os

CLONE_NEWNET = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)


@contextlib.contextmanager
def inside(name):
    """Sockets that are opened in here belong to the netns called name (`ip netns`), for good."""
    here = os.open("/proc/self/ns/net", os.O_RDONLY)
    there = handle(name)
    try:
        enter(there)
        yield
    finally:
        enter(here)
        os.close(there)
        os.close(here)


def handle(name):
    """A file descriptor of the netns."""
    return os.open("/run/netns/" + name, os.O_RDONLY)


def enter(descriptor):
    if LIBC.setns(descriptor, CLONE_NEWNET):
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
