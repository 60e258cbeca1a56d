"""Sockets opened for links, each failure as a sentence that names the link, the reason and what to do.

Linux: the exact count of datagrams the kernel dropped per socket comes from SO_MEMINFO (the number that
/proc/net/udp shows as "drops"), read there where the option is missing.
"""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import os
import socket
import struct
from pathlib import Path
from typing import Final

from vigie.sensors.link import LinkAddress
from vigie.terms.errors import LinkError

RECEIVE_OCTETS: Final = 32 << 20
_SO_RCVBUFFORCE: Final = 33
_SO_MEMINFO: Final = 55
_MEMINFO: Final = struct.Struct("@9I")
_DROPS: Final = 8
_IP_MULTICAST_ALL: Final = 49
_IPV6_MULTICAST_ALL: Final = 29


def open_udp(link: LinkAddress, *, receive_octets: int = RECEIVE_OCTETS) -> socket.socket:
    """Return a bound, non-blocking UDP socket; a member of the group where the link is multicast."""
    family, address = _numeric(link)
    sock = socket.socket(family, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        _grow(sock, receive_octets)
        if link.is_multicast:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):  # only what this socket joined, not what others on this host did
                if family == socket.AF_INET:
                    sock.setsockopt(socket.IPPROTO_IP, _IP_MULTICAST_ALL, 0)
                else:
                    sock.setsockopt(socket.IPPROTO_IPV6, _IPV6_MULTICAST_ALL, 0)
        if link.is_multicast and family == socket.AF_INET6:
            # A group of the link's scope exists once per interface, so the socket is bound to all of them and hears
            # the groups it joins (and datagrams to the port itself).
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            address = "::"
        sock.bind((address, link.port))
        if link.is_multicast:
            join_group(sock, link)
    except OSError as why:
        sock.close()
        raise LinkError(sentence(link, why)) from why
    except LinkError:
        sock.close()
        raise
    return sock


def open_listener(link: LinkAddress) -> socket.socket:
    """Return a non-blocking listening TCP socket."""
    family, address = _numeric(link)
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((address, link.port))
        sock.listen(16)
    except OSError as why:
        sock.close()
        raise LinkError(sentence(link, why)) from why
    return sock


def join_group(sock: socket.socket, link: LinkAddress) -> int:
    """Join the link's group on its interface, or on all; return on how many. LinkError where it is none."""
    indexes = _interfaces(link)
    joined = 0
    last: OSError | None = None
    for index in indexes:
        try:
            _membership(sock, link, index, join=True)
            joined += 1
        except OSError as why:
            if why.errno == errno.EADDRINUSE:  # a member already
                joined += 1
            else:
                last = why
    if not joined:
        raise LinkError(sentence(link, last or OSError(errno.ENODEV, "no interface can do multicast")))
    return joined


def rejoin_group(sock: socket.socket, link: LinkAddress) -> int:
    """Leave and join again, so that the switch hears it; return on how many interfaces."""
    for index in _interfaces(link):
        with contextlib.suppress(OSError):
            _membership(sock, link, index, join=False)
    return join_group(sock, link)


def keep_alive(sock: socket.socket) -> None:
    """Let the kernel find out within about 25 s that the other end has vanished."""
    sock.setblocking(False)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (("TCP_KEEPIDLE", 10), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3), ("TCP_USER_TIMEOUT", 25_000)):
        with contextlib.suppress(OSError, AttributeError):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)


def kernel_drops(sock: socket.socket) -> int:
    """Return how many datagrams the kernel has dropped for this socket since it was opened (modulo 2^32)."""
    try:
        octets = sock.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, _MEMINFO.size)
    except OSError:
        octets = b""
    if len(octets) == _MEMINFO.size:
        return int(_MEMINFO.unpack(octets)[_DROPS])
    return proc_drops(sock)


def proc_drops(sock: socket.socket) -> int:
    """Return the "drops" column of /proc/net/udp or udp6 for this socket, 0 where it is not to be found."""
    inode = str(os.fstat(sock.fileno()).st_ino)
    table = Path("/proc/net/udp6" if sock.family == socket.AF_INET6 else "/proc/net/udp")
    try:
        lines = table.read_text("ascii").splitlines()
    except OSError:
        return 0
    for line in lines[1:]:
        fields = line.split()
        if len(fields) > 12 and fields[9] == inode:
            return int(fields[12])
    return 0


def sentence(link: LinkAddress, why: OSError) -> str:
    """Return the reason and the remedy of a failure, in words."""
    where = link.text or f"{link.scheme}://{link.host}:{link.port}"
    remedies = {
        errno.EADDRINUSE: f"port {link.port} is in use; stop the other program or give another port",
        errno.EADDRNOTAVAIL: f"{link.host} is no address of this machine; give one that it has, or 0.0.0.0 for all",
        errno.EACCES: f"port {link.port} may not be opened by this user; give a port from 1024 on",
        errno.EPERM: f"port {link.port} may not be opened by this user; give a port from 1024 on",
        errno.ENODEV: f"no interface {link.interface or 'of this machine'} can join {link.host}; "
        "see `ip link` and name one with ?interface=NAME",
        errno.EMFILE: "too many files are open; raise the limit (ulimit -n)",
    }
    reason = remedies.get(why.errno or 0, f"{why.strerror or why}; check the address")
    return f"link {where}: {reason}"


def _grow(sock: socket.socket, octets: int) -> None:
    """Ask for a receive buffer, beyond the system's limit where we may."""
    try:
        sock.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, octets)
    except OSError:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, octets)


def _numeric(link: LinkAddress) -> tuple[socket.AddressFamily, str]:
    """Return family and numeric address of a link that is bound here."""
    try:
        found = socket.getaddrinfo(link.host, link.port, type=socket.SOCK_DGRAM)
    except OSError as why:
        raise LinkError(f"link {link.text}: host {link.host!r} is not known; give an address of this machine") from why
    return found[0][0], str(found[0][4][0])


def _interfaces(link: LinkAddress) -> list[int]:
    """Return the indexes of the interfaces to join on."""
    names = socket.if_nameindex()
    if not link.interface:
        return [index for index, _ in names]
    for index, name in names:
        if name == link.interface:
            return [index]
    known = ", ".join(name for _, name in names)
    raise LinkError(f"link {link.text}: there is no interface {link.interface!r}; this machine has {known}")


def _membership(sock: socket.socket, link: LinkAddress, index: int, *, join: bool) -> None:
    group = ipaddress.ip_address(link.host).packed
    if len(group) == 4:
        option = socket.IP_ADD_MEMBERSHIP if join else socket.IP_DROP_MEMBERSHIP
        sock.setsockopt(socket.IPPROTO_IP, option, group + struct.pack("@4sI", b"\0\0\0\0", index))
    else:
        option = socket.IPV6_JOIN_GROUP if join else socket.IPV6_LEAVE_GROUP
        sock.setsockopt(socket.IPPROTO_IPV6, option, group + struct.pack("@I", index))
