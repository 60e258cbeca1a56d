"""The pace of an exercise: one line that turns the monotonic clock into the exercise's UTC, the same for all processes.

A live centre has the world's pace. An exercise may run faster: then its sensors stamp and its centre receives on one
clock that runs ``speed`` times as fast, and every period, delay and time-out keeps its length on that clock. Where the
simulator cannot follow, it puts the clock back a little for all (``slip``), so that the exercise runs slower, not
wrong. Nothing here reads a clock: the caller brings the monotonic time, which all processes of a machine share.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class Slip(Protocol):
    """A whole number that processes share: how far the clock was put back (ns)."""

    value: int


@dataclass(frozen=True, slots=True)
class Pace:
    """At ``mono_ns`` of the monotonic clock it is ``utc_ns``, and time goes ``speed`` times as fast, less the slip."""

    mono_ns: int
    utc_ns: int
    speed: float = 1.0
    slip: Slip | None = None

    def utc_at(self, mono_ns: int) -> int:
        """Return the exercise's UTC (ns) at a time of the monotonic clock (ns)."""
        slip_ns = 0 if self.slip is None else self.slip.value
        return self.utc_ns + round((mono_ns - self.mono_ns) * self.speed) - slip_ns
