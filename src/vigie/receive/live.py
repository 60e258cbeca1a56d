"""Live links: one thread reads all of them and does nothing else but stamp, count and append."""

from __future__ import annotations

import selectors
import threading
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Final, Self

import numpy as np

from vigie.receive.buffer import FrameBuffer
from vigie.receive.capture import CaptureChannel
from vigie.receive.channels import Channel, Desk, LiveLimits, UdpChannel
from vigie.receive.connections import TcpClient, TcpServer, unsupported
from vigie.receive.playback import FileChannel
from vigie.receive.status import LinkStatus, link_rules
from vigie.sensors.site import Site
from vigie.terms.batch import Event, Frames
from vigie.terms.errors import LinkError
from vigie.terms.units import NS_PER_S
from vigie.wire.containers.flows import unwrap_oradis
from vigie.wire.containers.warmup import warm_streams

__all__ = ["LinkStatus", "LiveLimits", "LiveLinks"]

_TICK_S: Final = 0.05
_REPORT_S: Final = 0.25
_STEP_NS: Final = NS_PER_S // 2
_KINDS: Final[Mapping[str, type[Channel]]] = {
    "udp": UdpChannel, "tcp": TcpClient, "tcp-listen": TcpServer, "file": FileChannel,
    "capture": CaptureChannel,
}  # fmt: skip


class LiveLinks:
    """All links of a site, open from here on.

    ``clock_ns`` gives the receive time (UTC, ns), which goes ``speed`` times as fast as the world's. Call ``poll`` to
    wait, ``drain`` at the tick for what has come by then, ``events`` and ``status`` for what there is to tell,
    ``close`` at the end.

    Raises
    ------
    LinkError
        When a link can never work as it is written: names link, reason and remedy. A peer that is not there yet is a
        state, not an error.
    """

    def __init__(
        self, site: Site, *, clock_ns: Callable[[], int] = time.time_ns, limits: LiveLimits | None = None,
        speed: float = 1.0,
    ) -> None:  # fmt: skip
        limits = limits or LiveLimits()
        buffer = FrameBuffer(limits.buffer_octets, limits.buffer_frames)
        self._desk = Desk(clock_ns, selectors.DefaultSelector(), buffer, limits)
        self._speed = speed
        self._offset_ns = clock_ns() - round(time.monotonic_ns() * speed)
        self._channels: list[Channel] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="links", daemon=True)
        try:
            for number, address in enumerate(site.links, 1):
                kind = _KINDS.get(address.scheme)
                if kind is None:
                    raise unsupported(address.scheme, address.text)
                form, sources = link_rules(site, number, address)
                channel = kind(self._desk, number, address, form, sources)
                channel.open()
                self._channels.append(channel)
        except LinkError:
            self._close_channels()
            raise
        if self._channels:
            warm_streams()
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def poll(self, timeout_s: float) -> None:
        """Wait; reading goes on meanwhile. LinkError if the reading thread has died."""
        self._stop.wait(timeout_s)
        if not self._thread.is_alive() and not self._stop.is_set():
            raise LinkError("the thread that reads the links has ended; start Vigie again and report this")

    def drain(self, until_ns: int) -> Frames:
        """Return all frames with ``rx_ns <= until_ns``, sorted by (rx_ns, link), with rows and octets of their own.

        What is read from now on is stamped later than ``until_ns``.
        """
        desk = self._desk
        with desk.lock:
            frames = desk.buffer.take(until_ns)
            desk.floor_ns = max(desk.floor_ns, until_ns + 1)
            wrapped = {channel.number for channel in self._channels if channel.oradis}
        if wrapped and len(frames):
            frames = unwrap_oradis(frames, wrapped)
        if len(frames) > 1:
            rows = frames.rows[np.lexsort((frames.rows["link"], frames.rows["rx_ns"]))]
            return Frames(rows, frames.data)
        return frames

    def events(self) -> tuple[Event, ...]:
        """Return what has happened since the last call."""
        with self._desk.lock:
            told, self._desk.events = tuple(self._desk.events), []
        return told

    def status(self) -> list[LinkStatus]:
        """Return the state of every link, its counters exact at this moment."""
        with self._desk.lock:
            return [channel.status() for channel in self._channels]

    def close(self) -> None:
        """Stop reading and close everything; what was read can still be drained."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        self._close_channels()

    def _close_channels(self) -> None:
        for channel in self._channels:
            channel.close()
        self._desk.selector.close()

    def _run(self) -> None:
        report_s = 0.0
        select = self._desk.selector.select
        while not self._stop.is_set():
            for key, mask in select(_TICK_S):
                key.data.ready(key.fileobj, mask)
            mono_s = time.monotonic()
            if mono_s >= report_s:
                report_s = mono_s + _REPORT_S
                self._watch_clock()
                for channel in self._channels:
                    channel.tick(mono_s)
            else:
                for channel in self._channels:
                    if isinstance(channel, FileChannel):
                        channel.tick(mono_s)

    def _watch_clock(self) -> None:
        """Tell a step of the clock that stamps."""
        offset_ns = self._desk.clock_ns() - round(time.monotonic_ns() * self._speed)
        step_ns = offset_ns - self._offset_ns
        self._offset_ns = offset_ns
        if abs(step_ns) > _STEP_NS * max(self._speed, 1.0):
            text = f"the clock was stepped by {step_ns / NS_PER_S:+.1f} s"
            with self._desk.lock:
                self._desk.tell("clock_step", 0, text, step_ns)
