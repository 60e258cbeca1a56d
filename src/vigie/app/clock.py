"""The front's clock: UTC that never jumps, and word of every step of the host's clock.

Receive times and ticks come from the monotonic clock plus one offset to UTC taken at the start. If the host's clock is
set by hand or by NTP, the difference is told as an event and worked off slowly, so no tick is doubled or left out and
no time-out is touched. An exercise that runs faster than the world has a clock of its own, which the host's does not
touch.
"""

from __future__ import annotations

import time
from typing import Final

from vigie.terms.batch import Event
from vigie.terms.pace import Pace
from vigie.terms.units import NS_PER_S

_STEP_NS: Final = NS_PER_S // 2
"""A difference beyond this is a step worth telling; below, it is the usual discipline of the host's clock."""

_SLEW: Final = 0.05
"""How fast a difference is worked off: 50 ms a second, the most that leaves a radar's period within its tolerance."""


class FrontClock:
    """UTC in nanoseconds, monotonic, close to the host's UTC; or that of an exercise at its own ``pace``."""

    def __init__(self, pace: Pace | None = None) -> None:
        self._pace = pace if pace is not None and pace.speed != 1.0 else None
        self.speed = 1.0 if self._pace is None else self._pace.speed
        self._offset_ns = time.time_ns() - time.monotonic_ns()
        self._last_mono_ns = time.monotonic_ns()
        self._told_ns = 0
        self._latest_ns = 0

    def utc_ns(self) -> int:
        """Return the time at our door."""
        if self._pace is not None:
            self._latest_ns = max(self._latest_ns, self._pace.utc_at(time.monotonic_ns()))  # a slip is a pause
            return self._latest_ns
        return time.monotonic_ns() + self._offset_ns

    def elapsed_ns(self) -> int:
        """Return a time that never jumps, for time-outs, as long a second as ``utc_ns`` has."""
        return self.utc_ns() if self._pace is not None else time.monotonic_ns()

    def discipline(self) -> tuple[Event, ...]:
        """Work off a part of the difference to the host's UTC; return an event when the host's clock was stepped."""
        if self._pace is not None:
            return ()
        mono_ns = time.monotonic_ns()
        wrong_ns = time.time_ns() - mono_ns - self._offset_ns
        most_ns = int((mono_ns - self._last_mono_ns) * _SLEW)
        self._last_mono_ns = mono_ns
        self._offset_ns += max(-most_ns, min(most_ns, wrong_ns))
        if abs(wrong_ns) < _STEP_NS:
            self._told_ns = 0
            return ()
        known = abs(wrong_ns - self._told_ns) < _STEP_NS
        self._told_ns = wrong_ns  # what was told shrinks as it is worked off; only another jump is news
        if known:
            return ()
        text = f"the host's clock was stepped by {wrong_ns / NS_PER_S:+.1f} s; worked off at {_SLEW * 1000:.0f} ms/s"
        return (Event(rx_ns=mono_ns + self._offset_ns, kind="clock_step", value=wrong_ns, text=text),)
