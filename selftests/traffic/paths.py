# SPDX-License-Identifier: GPL-2.0
"""What a path lets through, as an application sees it: by UDP sockets that set DF, or not."""

import contextlib
import fcntl
import select
import socket
import struct
import time

import flows
import netns
from flows import Lost

IP_MTU, IPV6_MTU, IPV6_DONTFRAG = 14, 24, 62
SIOCSIFMTU = 0x8922
DF = {True: flows.IP_PMTUDISC_DO, False: flows.IP_PMTUDISC_DONT}


def set_mtu(namespace, device, mtu):
    with netns.inside(namespace), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        fcntl.ioctl(sock, SIOCSIFMTU, struct.pack("16si12x", device.encode(), mtu))


def discover(sock, df):
    """Whether packets of the socket may be cut on their way; IPv6: by the sender itself."""
    if sock.family == socket.AF_INET:
        sock.setsockopt(socket.IPPROTO_IP, flows.IP_MTU_DISCOVER, DF[df])
    else:
        sock.setsockopt(socket.IPPROTO_IPV6, flows.IPV6_MTU_DISCOVER, DF[df] if df else 1)
        sock.setsockopt(socket.IPPROTO_IPV6, IPV6_DONTFRAG, df)


def learnt(sock):
    """The MTU that the stack has for a connected socket's peer."""
    if sock.family == socket.AF_INET:
        return sock.getsockopt(socket.IPPROTO_IP, IP_MTU)
    return sock.getsockopt(socket.IPPROTO_IPV6, IPV6_MTU)


def route_mtu(namespace, address):
    """Of the route from a netns to an address, with all that it has learnt."""
    with netns.inside(namespace), socket.socket(flows.kind(address), socket.SOCK_DGRAM) as sock:
        sock.connect((address, 9))
        return learnt(sock)


def headers(sock):
    return 28 if sock.family == socket.AF_INET else 48


def drained(sock):
    """Forgets what has come, and what errors wait."""
    sock.setblocking(False)
    while True:
        try:
            sock.recv(1 << 16)
        except BlockingIOError:
            break
        except OSError:
            pass
    sock.settimeout(flows.WAIT)


def settle(left, right, mtu, words):
    """Sends with DF, of a device's whole size, until the path's MTU is known. It must be mtu, to the byte."""
    near, far = flows.udp_pair(left, right, 7020)
    discover(near, True)
    size = 1500 - headers(near)
    end = time.monotonic() + flows.WAIT
    while learnt(near) > mtu and time.monotonic() < end:
        with contextlib.suppress(OSError):
            near.send(flows.text(3, min(size, learnt(near) - headers(near))))
        time.sleep(0.005)
    got = learnt(near)
    if got != mtu:
        raise Lost("%s: %s learns an MTU of %d to %s, not %d" % (words, left[1], got, right[1], mtu))
    time.sleep(0.02)
    drained(near)
    drained(far)
    fits = mtu - headers(near)
    near.send(flows.text(fits, fits))
    flows.expect(far, flows.text(fits, fits), "%s: %d bytes with DF to %s" % (words, fits, right[1]))
    try:
        near.send(flows.text(fits, fits + 1))
        raise Lost("%s: %d bytes with DF to %s are not refused" % (words, fits + 1, right[1]))
    except OSError:
        pass
    near.close()
    far.close()


def repeated(near, far, size):
    """Until it comes, and once more: then there is one to read, and no more will follow."""
    end = time.monotonic() + flows.WAIT
    while not select.select([far], [], [], 0.1)[0] and time.monotonic() < end:
        near.send(flows.text(size, size))
    time.sleep(0.2)
    drained(far)
    near.send(flows.text(size, size))
    return True


def undivided(left, right, mtu, words, learnt_yet=True):
    """Without DF everything arrives, of any size; not at once, where the underlay itself has to learn."""
    near, far = flows.udp_pair(left, right, 7021)
    discover(near, False)
    for size in (mtu - headers(near), mtu - headers(near) + 1, 1472, 4000, 30000):
        near.send(flows.text(size, size))
        if not learnt_yet and size > mtu - headers(near):
            learnt_yet = repeated(near, far, size)
        flows.expect(far, flows.text(size, size), "%s: %d bytes without DF to %s" % (words, size, right[1]))
    near.close()
    far.close()
