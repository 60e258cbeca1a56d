"""Radio frames of a capture interface: a Wi-Fi card in monitor mode, read as the kernel gives them.

Each frame becomes one FRAME of Remote ID in its envelope (link type in front), recorded as it came. Linux only.
"""

from __future__ import annotations

import contextlib
import errno
import selectors
import socket
import struct
import time
from pathlib import Path
from typing import Final

from vigie.receive.channels import BURST, Channel
from vigie.sensors.link import LinkAddress
from vigie.terms.batch import FORMAT_REMOTEID
from vigie.terms.errors import LinkError
from vigie.wire.remoteid.encode import envelope
from vigie.wire.remoteid.layout import L_RADIOTAP, L_WIFI

_ETH_P_ALL: Final = 3
_SOL_PACKET: Final = 263
_PACKET_STATISTICS: Final = 6
_FRAME_MAX: Final = 8192
_LINK_OF_HARDWARE: Final = {803: L_RADIOTAP, 801: L_WIFI}
"""Kinds of interfaces (ARPHRD_...) that give radio frames, and what their frames begin with."""


def open_capture(link: LinkAddress, *, receive_octets: int) -> tuple[socket.socket, int]:
    """Return (socket that reads an interface, link type of its frames); LinkError names reason and remedy."""
    name = link.interface
    known = [n for _, n in socket.if_nameindex()]
    if name not in known:
        raise LinkError(f"link {link.text}: there is no interface {name!r}; this machine has {', '.join(known)}")
    family = getattr(socket, "AF_PACKET", None)
    if family is None:
        raise LinkError(f"link {link.text}: interfaces can be read on Linux only; use a gateway that sends by UDP")
    hardware = _hardware(name)
    if hardware not in _LINK_OF_HARDWARE:
        raise LinkError(
            f"link {link.text}: {name} gives no radio frames (its kind is {hardware}); put a Wi-Fi card into "
            f"monitor mode: `ip link set {name} down; iw dev {name} set type monitor; ip link set {name} up`"
        )
    try:
        sock = socket.socket(family, socket.SOCK_RAW, socket.htons(_ETH_P_ALL))
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_octets)
        sock.bind((name, 0))
    except OSError as why:
        raise LinkError(f"link {link.text}: {_remedy(name, why)}") from why
    return sock, _LINK_OF_HARDWARE[hardware]


def _hardware(name: str) -> int:
    try:
        return int(Path(f"/sys/class/net/{name}/type").read_text("ascii"))
    except (OSError, ValueError):
        return -1


def _remedy(name: str, why: OSError) -> str:
    if why.errno in (errno.EPERM, errno.EACCES):
        return (
            f"this user may not read {name}: give the process the capability CAP_NET_RAW "
            "(in its service file: AmbientCapabilities=CAP_NET_RAW), or let a gateway send by UDP"
        )
    if why.errno == errno.ENETDOWN:
        return f"{name} is down; `ip link set {name} up`"
    return f"{why.strerror or why}; see `ip link`"


class CaptureChannel(Channel):
    """The radio frames of one interface."""

    def open(self) -> None:
        """Open the interface; LinkError names link, reason, remedy."""
        self._sock, self._link_type = open_capture(self.address, receive_octets=self.desk.limits.receive_octets)
        self.form = FORMAT_REMOTEID
        self.desk.selector.register(self._sock, selectors.EVENT_READ, self)
        self.turn("up")

    def ready(self, sock: socket.socket, mask: int) -> None:
        """Read, stamp, count, append: up to a burst of frames."""
        with self.desk.lock:
            for _ in range(BURST):
                try:
                    octets = sock.recv(_FRAME_MAX)
                except BlockingIOError:
                    break
                except OSError as why:  # the interface went down: told once, and it may come back
                    self.turn("up", _remedy(self.address.interface, why))
                    break
                if octets:
                    self.keep(self.desk.stamp(), envelope(self._link_type, octets), self.form, 0, 0)
                else:
                    self.empty += 1
            self.last_mono_s = time.monotonic()

    def tick(self, mono_s: float) -> None:
        """Tell losses."""
        with self.desk.lock:
            self.report()

    def refresh(self) -> None:
        """Add what the kernel dropped since the last time (it starts again at zero with each answer)."""
        if self._sock.fileno() >= 0:
            with contextlib.suppress(OSError):
                told = self._sock.getsockopt(_SOL_PACKET, _PACKET_STATISTICS, 8)
                self.drops += struct.unpack("@II", told)[1]

    def close(self) -> None:
        """Close the socket, its drops counted to the last."""
        if self._sock.fileno() >= 0:
            self.refresh()
            self.desk.selector.unregister(self._sock)
            self._sock.close()
            self.state = "down"
