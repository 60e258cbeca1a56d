"""Datagram links and what every link has in common: its counters, its events, where its octets go."""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

from vigie.receive import sockets
from vigie.receive.buffer import DATAGRAM_MAX, FrameBuffer
from vigie.receive.status import LinkStatus, Sources
from vigie.sensors.link import LinkAddress
from vigie.terms.batch import FORMAT_ASTERIX, FORMAT_REMOTEID, FORMATS, Event, Octets
from vigie.terms.errors import LinkError
from vigie.terms.units import NS_PER_S
from vigie.wire.containers.chain import oradis_units
from vigie.wire.containers.flows import guess_payload

BURST: Final = 256
"""Datagrams read from one socket before the others get their turn."""

_LOOK: Final = 16  # the first datagrams of a link are looked at: plain ASTERIX, or wrapped as ORADIS does

_NAMES: Final = {number: name for name, number in FORMATS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveLimits:
    """Waiting times in seconds, and how much may wait for the tick."""

    buffer_octets: int = 64 << 20
    buffer_frames: int = 400_000
    receive_octets: int = sockets.RECEIVE_OCTETS
    rejoin_s: float = 15.0
    connect_s: float = 10.0
    silence_s: float = 120.0
    retry_first_s: float = 0.5
    retry_most_s: float = 30.0


@dataclass(slots=True)
class Desk:
    """What all channels share. ``lock`` guards the buffer, the counters and the events."""

    clock_ns: Callable[[], int]
    selector: selectors.BaseSelector
    buffer: FrameBuffer
    limits: LiveLimits
    lock: Lock = field(default_factory=Lock)
    events: list[Event] = field(default_factory=list)
    floor_ns: int = 0
    """Everything up to here has been given out: no later frame may bear a stamp at or before it."""

    def stamp(self) -> int:
        """Return the receive time of what is read now."""
        return max(self.clock_ns(), self.floor_ns)

    def tell(self, kind: str, link: int, text: str, value: int = 0) -> None:
        """Add an event; the caller holds the lock."""
        self.events.append(Event(rx_ns=self.stamp(), kind=kind, link=link, value=value, text=text))


class Channel:
    """One link: subclasses read it. ``tick`` is called about four times a second."""

    def __init__(self, desk: Desk, number: int, address: LinkAddress, form: int, sources: Sources) -> None:
        self.desk = desk
        self.number = number
        self.address = address
        self.form = form
        self.sources = sources
        self.state = "down"
        self.reason = ""
        self.frames = 0
        self.octets = 0
        self.drops = 0
        self.shed = 0
        self.refused = 0
        self.empty = 0
        self.oradis = False
        self.last_rx_ns = 0
        self.last_mono_s = time.monotonic()
        self._told: dict[str, tuple[float, int]] = {}

    def open(self) -> None:
        """Open the link; LinkError when it can never work as it is written."""

    def ready(self, sock: socket.socket, mask: int) -> None:
        """Read what waits in ``sock``."""

    def tick(self, mono_s: float) -> None:
        """Do what is due by the clock."""

    def close(self) -> None:
        """Let go of everything."""

    def refresh(self) -> None:
        """Bring counters up to date; the caller holds the lock."""

    @property
    def peers(self) -> tuple[str, ...]:
        """Who is connected."""
        return ()

    def status(self) -> LinkStatus:
        """Return the state of the link; the caller holds the lock."""
        self.refresh()
        return LinkStatus(
            number=self.number, text=self.address.text, state=self.state, reason=self.reason, frames=self.frames,
            octets=self.octets, kernel_drops=self.drops, shed=self.shed, refused=self.refused, empty=self.empty,
            last_rx_ns=self.last_rx_ns, peers=self.peers,
        )  # fmt: skip

    def turn(self, state: str, reason: str = "") -> None:
        """Change the state and say so; the caller holds the lock."""
        if state != self.state or reason != self.reason:
            kind = "link_up" if state == "up" else "link_down" if state in ("down", "ended") else "link_state"
            self.state, self.reason = state, reason
            self.desk.tell(kind, self.number, f"{self.address.text}: {state}{': ' + reason if reason else ''}")

    def aggregate(self, kind: str, total: int, text: str) -> None:
        """Tell a growing count at most once a second, with what was added since; the caller holds the lock."""
        last_s, last_total = self._told.get(kind, (-1e9, 0))
        mono_s = time.monotonic()
        if total > last_total and mono_s - last_s >= 1.0:
            self._told[kind] = (mono_s, total)
            self.desk.tell(kind, self.number, f"{self.address.text}: {text}", total - last_total)

    def report(self) -> None:
        """Tell what was lost or refused since the last time; the caller holds the lock."""
        self.refresh()
        self.aggregate("kernel_drops", self.drops, "datagrams lost in the kernel: the machine is too slow for the load")
        self.aggregate("buffer_shed", self.shed, "frames dropped: the buffer before the tick is full")
        self.aggregate("source_refused", self.refused, "traffic from a source that allow_from does not name")

    def keep(self, rx_ns: int, octets: bytes, form: int, src_addr: int, src_port: int) -> None:
        """Keep octets that are not in the buffer yet as one frame; the caller holds the lock."""
        buffer = self.desk.buffer
        self.last_rx_ns = rx_ns
        for start in range(0, len(octets), DATAGRAM_MAX):
            piece = octets[start : start + DATAGRAM_MAX]
            if buffer.is_full:
                self.shed += 1
                continue
            buffer.room()[: len(piece)] = piece
            buffer.commit(rx_ns, self.number, form, len(piece), src_addr, src_port)
            self.frames += 1
            self.octets += len(piece)


class UdpChannel(Channel):
    """Datagrams of one port, of one group where the link is multicast."""

    def open(self) -> None:
        """Bind and join; LinkError names link, reason, remedy."""
        self._sock = sockets.open_udp(self.address, receive_octets=self.desk.limits.receive_octets)
        self._hosts: dict[str, int] = {}
        self._scratch = memoryview(bytearray(DATAGRAM_MAX))
        self._rejoin_s = self.desk.limits.rejoin_s
        self._rejoin_at_s = time.monotonic() + self._rejoin_s
        self._drops_seen = 0
        self._told_form = self.form != 0
        if self.form == 0:
            self.form = FORMAT_ASTERIX  # what comes as datagrams in this trade, unless the site file says otherwise
        self.desk.selector.register(self._sock, selectors.EVENT_READ, self)
        self.turn("up")

    def ready(self, sock: socket.socket, mask: int) -> None:
        """Read, stamp, count, append: up to a burst of datagrams."""
        desk = self.desk
        buffer, clock_ns, hosts, form = desk.buffer, desk.clock_ns, self._hosts, self.form
        receive = sock.recvfrom_into
        with desk.lock:
            floor_ns = desk.floor_ns
            for _ in range(BURST):
                full = buffer.is_full
                try:
                    n, source = receive(self._scratch if full else buffer.room())
                except BlockingIOError:
                    break
                except OSError as why:  # an earlier fault of the path, told once
                    self.reason = why.strerror or str(why)
                    continue
                rx_ns = clock_ns()
                rx_ns = max(rx_ns, floor_ns)
                host = source[0]
                address = hosts.get(host)
                if address is None:
                    address = hosts[host] = self._number(host)
                if address < 0:
                    self.refused += 1
                elif n == 0:
                    self.empty += 1
                elif full:
                    self.shed += 1
                else:
                    if self.frames < _LOOK:
                        if not self._told_form and _is_remote_id(buffer.peek(n)):
                            form = self.form = FORMAT_REMOTEID
                        self.oradis = self.oradis or (form == FORMAT_ASTERIX and _is_oradis(buffer.peek(n)))
                    buffer.commit(rx_ns, self.number, form, n, address, source[1])
                    self.frames += 1
                    self.octets += n
                    self.last_rx_ns = rx_ns
            self.last_mono_s = time.monotonic()

    def _number(self, host: str) -> int:
        """Return an IPv4 source as a number, 0 for IPv6, -1 for one that is refused."""
        if len(self._hosts) > 65_536:  # a flood of made-up sources must not fill the memory
            self._hosts.clear()
        if not self.sources.admits(host):
            return -1
        return 0 if ":" in host else int.from_bytes(socket.inet_aton(host), "big")

    def tick(self, mono_s: float) -> None:
        """Tell losses; join the group again when it has long been silent."""
        with self.desk.lock:
            self.report()
            if not self.address.is_multicast:
                return
            if mono_s - self.last_mono_s < self.desk.limits.rejoin_s:
                self._rejoin_s = self.desk.limits.rejoin_s
                self._rejoin_at_s = self.last_mono_s + self._rejoin_s
            elif mono_s >= self._rejoin_at_s:
                self._rejoin_s = min(2 * self._rejoin_s, 8 * self.desk.limits.rejoin_s)
                self._rejoin_at_s = mono_s + self._rejoin_s
                self._rejoin(mono_s)

    def _rejoin(self, mono_s: float) -> None:
        silent_s = mono_s - self.last_mono_s
        try:
            n = sockets.rejoin_group(self._sock, self.address)
        except LinkError as why:
            self.turn("up", str(why))
            return
        text = f"{self.address.text}: silent for {silent_s:.0f} s, joined again on {n} interfaces"
        self.desk.tell("rejoin", self.number, text, int(silent_s * NS_PER_S))

    def refresh(self) -> None:
        """Read the kernel's count of drops, which wraps at 2^32."""
        if self._sock.fileno() >= 0:
            seen = sockets.kernel_drops(self._sock)
            self.drops += (seen - self._drops_seen) & 0xFFFFFFFF
            self._drops_seen = seen

    def close(self) -> None:
        """Close the socket, its drops counted to the last."""
        if self._sock.fileno() >= 0:
            self.refresh()
            self.desk.selector.unregister(self._sock)
            self._sock.close()
            self.state = "down"


def _is_oradis(octets: Octets) -> bool:
    return int(oradis_units(octets, 0, len(octets))) > 0


def _is_remote_id(octets: Octets) -> bool:
    return int(guess_payload(octets, 0, len(octets))) == FORMAT_REMOTEID


def format_name(form: int) -> str:
    """Return the name of a FORMAT number, for people."""
    return _NAMES.get(form, "unknown")
