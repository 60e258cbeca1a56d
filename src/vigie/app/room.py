"""How much room the disk of the recording has left; word of it comes early, at a tenth and at a fiftieth."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from vigie.terms.batch import Event
from vigie.terms.units import NS_PER_S

EVERY_NS: Final = 10 * NS_PER_S
LEVELS: Final = (0.10, 0.02)
"""Shares of the disk below which a warning is given, the second one graver."""
_BACK: Final = 1.2
"""A warning is taken back with a fifth more room, so that it does not come and go."""


def free_share(folder: Path) -> float:
    """Return the share of the file system that is free for us; 1 where it cannot be known."""
    try:
        told = os.statvfs(folder)
    except OSError:
        return 1.0
    return told.f_bavail / told.f_blocks if told.f_blocks else 1.0


class Room:
    """Tells as events when the room falls below a level or is back above it; ``share`` is what is free."""

    def __init__(self, folder: Path, read: Callable[[Path], float] = free_share) -> None:
        self._folder, self._read = folder, read
        self._asked_ns = 0
        self._level = 0
        self.share = 1.0

    def changes(self, now_ns: int) -> tuple[Event, ...]:
        """Return an event when the level has changed, at most every ten seconds."""
        if now_ns - self._asked_ns < EVERY_NS:
            return ()
        self._asked_ns = now_ns
        self.share = self._read(self._folder)
        level = sum(self.share < limit * (_BACK if k < self._level else 1.0) for k, limit in enumerate(LEVELS))
        if level == self._level:
            return ()
        self._level = level
        text = f"{self.share * 100:.1f} % of the disk of the recording is free"
        return (Event(rx_ns=now_ns, kind="disk_room", value=level, text=text),)
