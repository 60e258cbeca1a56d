"""The front's clock: UTC that never jumps, and word of every step of the host's clock.

Receive times and ticks come from the monotonic clock plus one offset to UTC taken at the start. If the host's clock is
set by hand or by NTP, the difference is told as an event and worked off slowly, so no tick is doubled or left out and
no time-out is touched.
"""

from __future__ import annotations

import time
from typing import Final

from vigie.terms.batch import Event
from vigie.terms.units import NS_PER_S

_STEP_NS: Final = NS_PER_S // 2
"""A difference beyond this is a step worth telling; below, it is the usual discipline of the host's clock."""

_SLEW: Final = 0.05
"""How fast a difference is worked off: 50 ms a second, the most that leaves a radar's period within its tolerance."""


class FrontClock:
    """UTC in nanoseconds, monotonic, close to the host's UTC."""

    def __init__(self) -> None:
        self._offset_ns = time.time_ns() - time.monotonic_ns()
        self._last_mono_ns = time.monotonic_ns()
        self._told_ns = 0

    def utc_ns(self) -> int:
        """Return the time at our door."""
        return time.monotonic_ns() + self._offset_ns

    def discipline(self) -> tuple[Event, ...]:
        """Work off a part of the difference to the host's UTC; return an event when the host's clock was stepped."""
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
