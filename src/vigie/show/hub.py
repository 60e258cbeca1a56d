"""The hub: one picture, many clients, one beat.

A beat is the instant at which all clients that are ready get the newest picture; beats come at most five a second, so
all of them hold the same few versions and each difference is encoded once. A client that has not yet said that it
holds the last picture misses beats and harms nobody: it gets everything since in one message later.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any, Final

from vigie.show.columns import decode_update
from vigie.show.picture import Picture
from vigie.show.sensorhistory import SensorHistory
from vigie.show.status import StatusBuilder
from vigie.terms.errors import VigieError

MIN_GAP_S: Final = 0.195
"""Least time between two beats: five a second, less the jitter of a 100 ms tick."""
LATE_GAP_S: Final = 0.25
"""A change that came too soon after a beat waits for the next update, but no longer than this after that beat."""
HEARTBEAT_S: Final = 0.995
"""Least time between beats that carry nothing but progress."""
MAX_CLIENTS: Final = 200


class Hub:
    """Applies updates and wakes the clients; lives in one event loop, only ``offer`` may be called from elsewhere."""

    def __init__(self, sensor_names: Mapping[int, str] | None = None, language: str = "") -> None:
        self.picture = Picture()
        self.sensors = SensorHistory()
        self.status: dict[str, Any] = {}
        self.aside: list[dict[str, Any]] = []
        """What the chain set aside, newest first: asked for by who wants it, and no part of everybody's status."""
        self._facts: dict[str, Any] = {}
        self._builder = StatusBuilder(sensor_names or {}, language)
        self.clients = 0
        self.coalesced = 0
        """Beats that clients missed because they were still busy with an earlier picture."""
        self.beats = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._beat = asyncio.Event()
        self._told = asyncio.Event()
        self._last_s = float("-inf")
        self._news = False
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Bind to the running loop."""
        self._loop = asyncio.get_running_loop()

    def stop(self) -> None:
        """Let go of the loop."""
        if self._timer is not None:
            self._timer.cancel()
        self._loop = self._timer = None

    def offer(self, octets: bytes) -> None:
        """Hand over an encoded update from another thread."""
        if self._loop is None:
            raise VigieError("the picture server is not running yet: offer updates once its start was reported")
        self._loop.call_soon_threadsafe(self.apply, octets)

    def apply(self, octets: bytes | bytearray | memoryview) -> None:
        """Take over one encoded update and let a beat follow, at once or as soon as one is due."""
        update = decode_update(octets)
        progressed = changed = False
        if update.now_ns:
            progressed = update.progress != self.picture.progress
            changed = self.picture.apply(update)
            if update.health is not None:
                self.sensors.note(update.health, update.now_ns)
        else:  # before the first tick, or after the last: only what people should know
            self.picture.mode = update.mode
        if update.status or update.health is not None:
            self.tell(update.status)
        if self._loop is not None and (changed or progressed):  # a core that stands still sends no heartbeat
            self._schedule(self._loop, changed)

    def tell(self, facts: Mapping[str, Any]) -> None:
        """Take over facts for the status message (``status.py`` names them); a fact stays until told anew."""
        self.aside = facts.get("aside", self.aside)
        self._facts.update({name: fact for name, fact in facts.items() if name != "aside"})
        status = self._builder.build(self._facts, self.picture.health, time.monotonic())
        if status != self.status:
            self.status = status
            self._told.set()
            self._told = asyncio.Event()

    async def next_beat(self) -> None:
        """Wait for the next beat."""
        await self._beat.wait()

    async def next_status(self, known: dict[str, Any]) -> dict[str, Any]:
        """Wait until there is a status that is not the one ``known``, and return it."""
        while self.status is known or not self.status:
            await self._told.wait()
        return self.status

    def _schedule(self, loop: asyncio.AbstractEventLoop, changed: bool) -> None:
        since_s = loop.time() - self._last_s
        self._news = self._news or changed
        if since_s >= (MIN_GAP_S if self._news else HEARTBEAT_S):
            self._ring(loop)
        elif self._news and self._timer is None:
            self._timer = loop.call_at(self._last_s + LATE_GAP_S, self._ring, loop)

    def _ring(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._last_s = loop.time()
        self._news = False
        self.beats += 1
        self._beat.set()
        self._beat = asyncio.Event()
