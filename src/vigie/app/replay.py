"""A replay in a person's hand: played at any speed, stopped, stepped, set to any time, in a loop.

The player stands in the front's place: it gives batches to the core at their pace. To go to a time it hands the core a
snapshot and every batch from there on, which the core applies without showing; what it shows then is, bit for bit, what
it would show had it played everything.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from vigie.app.flags import Flag
from vigie.app.plan import Replay
from vigie.app.source import Source
from vigie.terms.batch import Act, Batch
from vigie.terms.errors import UsageError, VigieError
from vigie.terms.units import NS_PER_S
from vigie.terms.utc import parse_instant

SEEK: Final = b"VS"
"""How a message to the core that is no batch begins (a batch begins with ``VB``)."""
_IDLE_S: Final = 0.05
SHOWN_BEFORE_NS: Final = 2 * NS_PER_S
"""So much is applied before the time that is shown: every track has a row by then; plots come with the snapshot."""
_PAUSE_NS: Final = 60 * NS_PER_S
"""A longer silence in a recording is not waited for."""


class Seek(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """To the core: apply without showing from now on, after beginning anew if ``fresh``; or show again."""

    show: bool = False
    fresh: bool = False
    snapshot: bytes = b""
    """Body of a Snapshot to go on from, empty: from the very beginning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One thing that was asked of a replay."""

    what: str
    speed: float = 1.0
    step_ns: int = 0
    from_ns: int = 0
    until_ns: int = 0


def parse_control(text: str, first_ns: int) -> Control:
    """Return what the value of an act ``replay.control`` asks for.

    Raises
    ------
    UsageError
        Saying what was found and what is expected.
    """
    what, *more = text.split()[:4] or [""]
    if what in ("pause", "go") and not more:
        return Control(what=what)
    if what == "step" and len(more) <= 1:
        return Control(what=what, step_ns=round(_number(more[0] if more else "1", 0.1, 3600.0) * NS_PER_S))
    if what == "speed" and len(more) == 1:
        return Control(what=what, speed=math.inf if more[0] == "max" else _number(more[0], 0.01, 10_000.0))
    if what == "seek" and len(more) == 1:
        return Control(what=what, from_ns=parse_instant(more[0], first_ns))
    if what == "loop" and more == ["off"]:
        return Control(what=what)
    if what == "loop" and len(more) == 2:
        from_ns, until_ns = (parse_instant(one, first_ns) for one in more)
        if from_ns < until_ns:
            return Control(what=what, from_ns=from_ns, until_ns=until_ns)
        raise UsageError(f"{text[:80]!r}: a loop ends after it begins")
    raise UsageError(
        f"found {text[:80]!r}, expected pause, go, step [SECONDS], speed TIMES or speed max, seek TIME, "
        "loop FROM UNTIL or loop off"
    )


def _number(text: str, low: float, high: float) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not low <= value <= high:
        raise UsageError(f"found {text!r}, expected a number from {low:g} to {high:g}")
    return value


class Player:
    """Plays a source; ``obey`` takes what people ask, ``facts`` says how it stands.

    ``send`` hands a message to the core and waits for room, ``give`` a batch; ``idle`` is called in every turn and
    between batches (acts are taken there). ``writes``: the core writes a file, so the time may not be changed.
    """

    def __init__(
        self, source: Source, replay: Replay, *, send: Callable[[bytes], None], give: Callable[[Batch], None],
        idle: Callable[[], None], stop: Flag, writes: bool = False,
    ) -> None:  # fmt: skip
        self._source = source
        self._send, self._give, self._idle, self._stop = send, give, idle, stop
        self._writes = writes
        self._speed = replay.speed
        self._from_ns = parse_instant(replay.from_text, source.first_ns) if replay.from_text else 0
        self._until_ns = parse_instant(replay.until_text, source.first_ns) if replay.until_text else 0
        self._paused = self._ended = self._seeking = False
        self._loop: tuple[int, int] | None = None
        self._now_ns = 0
        self._to_ns = 0  # played at once up to here, paused or not
        self._anchor: tuple[int, int] | None = None  # (recording's time, monotonic time) that pacing counts from
        self._batches = source.batches()
        self._ahead: Batch | None = None

    def run(self) -> None:
        """Play until told to stop."""
        if self._from_ns and self._writes:
            self._to_ns = self._from_ns  # every row goes to the file, what lies before as fast as it can be
        elif self._from_ns:
            self._go_to(self._from_ns)
        while not self._stop.is_set():
            self._idle()
            batch = self._peek()
            if batch is None or (self._until_ns and batch.now_ns > self._until_ns):
                self._end()
            elif batch.now_ns <= self._to_ns:
                self._play(batch)
            else:
                if self._seeking:
                    self._arrive()
                if self._paused:
                    self._stop.wait(_IDLE_S)
                elif self._loop and batch.now_ns > self._loop[1]:
                    self._go_to(self._loop[0])
                elif self._due(batch):
                    self._play(batch)

    def obey(self, act: Act) -> None:
        """Do what an act ``replay.control`` asks; UsageError says why not."""
        asked = parse_control(act.value, self._source.first_ns)
        if self._writes and asked.what in ("seek", "loop"):
            raise UsageError("this replay writes a file (--to): its time goes on in one piece")
        self._anchor = None
        if asked.what in ("pause", "go"):
            self._paused = asked.what == "pause"
        elif asked.what == "speed":
            self._speed = asked.speed
        elif asked.what == "step":
            self._paused = True
            self._to_ns = self._now_ns + asked.step_ns
        elif asked.what == "seek":
            self._go_to(asked.from_ns)
        elif not asked.until_ns:
            self._loop = None
        else:
            first, last = self._span()
            if asked.from_ns >= last or asked.until_ns <= first:
                raise UsageError("the loop lies outside the recording")
            self._loop = (max(asked.from_ns, first), min(asked.until_ns, last))
            if not self._loop[0] <= self._now_ns <= self._loop[1]:
                self._go_to(self._loop[0])

    def facts(self) -> dict[str, Any]:
        """Return how the replay stands, as the status message says it: times in ms, no speed for max."""
        first, last = self._span()
        end_known = bool(self._source.last_ns or self._until_ns)
        return {
            "first_ms": first / 1e6, "last_ms": last / 1e6 if end_known else None,
            "now_ms": self._now_ns / 1e6, "speed": None if math.isinf(self._speed) else self._speed,
            "paused": self._paused, "ended": self._ended, "seeking": self._seeking,
            "loop": [t / 1e6 for t in self._loop] if self._loop else None, "fixed": self._writes,
        }  # fmt: skip

    def _span(self) -> tuple[int, int]:
        last = self._source.last_ns or max(self._now_ns, self._source.first_ns)
        return self._source.first_ns, min(last, self._until_ns) if self._until_ns else last

    def _peek(self) -> Batch | None:
        if self._ahead is None:
            self._ahead = next(self._batches, None)
        return self._ahead

    def _play(self, batch: Batch) -> None:
        self._ahead, self._now_ns = None, batch.now_ns
        self._give(batch)

    def _due(self, batch: Batch) -> bool:
        """Whether the batch's time has come; waits a little for it."""
        if math.isinf(self._speed):
            return True
        if batch.now_ns - self._now_ns > _PAUSE_NS:
            self._anchor = (batch.now_ns, time.monotonic_ns())
        elif self._anchor is None:
            self._anchor = (self._now_ns, time.monotonic_ns())
        left_s = (batch.now_ns - self._anchor[0]) / self._speed / NS_PER_S
        left_s -= (time.monotonic_ns() - self._anchor[1]) / NS_PER_S
        if left_s > 0:
            self._stop.wait(min(left_s, _IDLE_S))
        return left_s <= _IDLE_S

    def _end(self) -> None:
        if self._seeking:
            self._arrive()
        if self._loop and not self._paused and self._now_ns > self._loop[0]:
            self._go_to(self._loop[0])
            return
        if not self._ended:
            self._ended = True
            self._send(b"")  # an empty message is the end of the source
        self._stop.wait(_IDLE_S)

    def _arrive(self) -> None:
        self._seeking, self._anchor = False, None
        self._send(SEEK + msgspec.msgpack.encode(Seek(show=True)))

    def _go_to(self, target_ns: int) -> None:
        """Set the replay to a time: from where it is if that is nearer, else from the newest snapshot before."""
        first, last = self._span()
        if self._source.last_ns or target_ns < first:
            target_ns = min(max(target_ns, first), last)
        try:
            held = self._source.snapshot(target_ns - SHOWN_BEFORE_NS)
        except VigieError:  # a damaged row: what lies before it is as good
            held = None
        here = 0 < self._now_ns <= target_ns
        fresh = not here or (held is not None and held.now_ns > self._now_ns)
        snapshot = msgspec.msgpack.encode(held) if fresh and held is not None else b""
        self._send(SEEK + msgspec.msgpack.encode(Seek(fresh=fresh, snapshot=snapshot)))
        if fresh:
            self._batches = self._source.batches(held.now_ns + 1 if held is not None else 0)
            self._ahead = None
            self._now_ns = held.now_ns if held is not None else 0
        self._to_ns, self._anchor = target_ns, None
        self._seeking, self._ended = True, False
