"""The front's way to the core: a start with or without a snapshot, what was recorded after it, then what comes live.

While the recorded batches are pushed by a thread of their own, live batches wait in a bounded queue: the links are read
on, the recorder has everything first, and the core gets every batch once and in order. The core ignores whatever lies
in the ring before the start that bears its own number: it was meant for the one before it.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

import msgspec

from vigie.app.flags import Flag
from vigie.app.ring import Ring
from vigie.terms.errors import VigieError
from vigie.wire.recording.bodies import Snapshot, decode_record, encode_record

log = logging.getLogger("vigie.front")
_FULL_RING_WAIT_S: Final = 0.005
_START: Final = b"VG"  # a batch begins with VB, see also app.replay
_LIVE: Final = b"VL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What a core is told before it hears what is live: a snapshot, or none, the batches since, and words."""

    snapshot: Snapshot | None = None
    batches: Iterable[bytes] = ()
    text: str = ""


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """The first message to a core: its number, the snapshot to go on from (a record's body) or nothing, the words."""

    number: int
    snapshot: bytes = b""
    text: str = ""


def read_start(message: bytes) -> tuple[Start, Snapshot | None] | None:
    """Return the start in a message with its snapshot; None if the message is something else."""
    if not message.startswith(_START):
        return None
    start = msgspec.msgpack.decode(message[len(_START) :], type=Start)
    return start, decode_record(start.snapshot, Snapshot) if start.snapshot else None


def is_live(message: bytes) -> bool:
    """Whether a message says that all that was recorded has been given."""
    return message == _LIVE


class Feed:
    """One writer's end of the ring to the core. Only the thread that called ``start`` may call the others."""

    def __init__(self, ring: Ring, stop: Flag) -> None:
        self._ring = ring
        self._stop = stop
        self._thread: threading.Thread | None = None
        self._current = 0
        self._waiting: deque[bytes] = deque()
        self._waiting_octets = 0

    def start(self, number: int, look: Callable[[], Story]) -> None:
        """Begin with core ``number``; batches pushed from now on come to it after the story that ``look`` tells.

        ``look`` is called by the thread. What waits for an earlier core is in the story, or is not wanted any more.
        """
        self._current = number
        if self._thread is not None:
            self._thread.join()
        self._waiting.clear()
        self._waiting_octets = 0
        self._thread = threading.Thread(target=self._run, args=(number, look), name="comeback", daemon=True)
        self._thread.start()

    def has_room(self, size: int) -> bool:
        """Whether a message of ``size`` octets finds room now."""
        if self._behind():
            return self._waiting_octets + size <= self._ring.handle.capacity
        return self._ring.has_room(size)

    def push(self, message: bytes) -> bool:
        """Give one live message; False if there is no room for it."""
        if not self._behind():
            return self._ring.push(message)
        if self._waiting_octets + len(message) > self._ring.handle.capacity:
            return False
        self._waiting.append(message)
        self._waiting_octets += len(message)
        return True

    def close(self) -> None:
        """Wait for the thread, which heeds the flag."""
        if self._thread is not None:
            self._thread.join()

    def _behind(self) -> bool:
        """Give what waited, once it may; return whether there still is something before the next live message."""
        if self._thread is not None:
            if self._thread.is_alive():
                return True
            self._thread.join()
            self._thread = None
        while self._waiting and self._ring.push(self._waiting[0]):
            self._waiting_octets -= len(self._waiting.popleft())
        return bool(self._waiting)

    def _run(self, number: int, look: Callable[[], Story]) -> None:
        try:
            story = look()
        except (VigieError, sqlite3.Error, OSError) as why:
            log.error("the recording cannot be gone on from: %s", why)
            story = Story(text=f"the picture begins anew: {why}")
        body = encode_record(story.snapshot) if story.snapshot is not None else b""
        start = Start(number=number, snapshot=body, text=story.text)
        if not self._force(number, _START + msgspec.msgpack.encode(start)):
            return
        try:
            for message in story.batches:
                if not self._force(number, message):
                    return
        except (VigieError, sqlite3.Error, OSError) as why:
            log.error("the recording could not be read on, the picture goes on from here: %s", why)
        self._force(number, _LIVE)

    def _force(self, number: int, message: bytes) -> bool:
        while not self._ring.push(message):
            if self._stop.wait(_FULL_RING_WAIT_S) or self._current != number:
                return False
        return True
