"""How the antenna turns and how the clock runs, from the times that messages state. All medians or trimmed means.

Rotation: two passages of the antenna over one azimuth are a whole number of turns apart. North markers tell it best,
then sector crossings, then plots (whatever is seen in one direction is seen when the antenna points there). Times are
those of the sensor's own clock, so neither our clock nor the network enters.
Clock: what a message states minus when it came; the median of the last 64. North markers and sector crossings are sent
as they happen (two radars of one make: 20 ms), plots only after their sector is processed: so plots count, with the
sensor's usual delay added, only where no passage has been told for a minute.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from vigie.monitor.columns import (
    BINS,
    CLOCK_NEW,
    CLOCK_SAMPLES,
    CLOCKS,
    DELAY,
    DRIFT,
    DRIFT_MONO,
    DRIFT_POINTS,
    DRIFTS,
    F8,
    I8,
    LAST_DATA_NS,
    LEVELS,
    OFFSET,
    PASSAGE_CLOCK_MONO,
    ROTATION,
    TURN_NEW,
    TURNS,
)
from vigie.terms.kernel import kernel

SHORTEST_TURN_S: Final = 0.4
"""No surveillance antenna turns faster (surface radars: 60 turns a minute); nearer passages are the same one."""
LONGEST_WAIT_S: Final = 90.0
_TWO_PI: Final = 2.0 * math.pi
_NEEDED: Final = (12, 8, 2)  # passages before a level is believed
_DRIFT_STEP_NS: Final = 20_000_000_000
_DRIFT_NEEDED: Final = 6
_PASSAGES_COUNT_NS: Final = 60_000_000_000


@kernel
def absorb(
    place: I8, toa_ns: I8, rx_ns: I8, azimuth_rad: F8, level: I8, timed: I8, is_plot: int, mono_ns: int,
    wholes: I8, reals: F8, pass_toa: I8, pass_azimuth: F8, turn_s: F8, turn_rad: F8, turn_count: I8, clock_s: F8,
) -> None:  # fmt: skip
    """Take the times of some messages into the memory.

    ``place`` is the sensor's index (negative: none of ours), ``level`` the way in which the message shows the antenna
    (negative: not at all), ``timed`` 1 where the message states a time of its own.
    """
    for k in range(len(place)):
        s = place[k]
        if s < 0:
            continue
        wholes[s, LAST_DATA_NS] = rx_ns[k]
        way = level[k]
        told_ns = wholes[s, PASSAGE_CLOCK_MONO]
        if timed[k] != 0 and (way > 0 or (is_plot and (told_ns == 0 or mono_ns - told_ns > _PASSAGES_COUNT_NS))):
            delay_s = 0.0
            if is_plot:
                delay_s = reals[s, DELAY]
            else:
                wholes[s, PASSAGE_CLOCK_MONO] = mono_ns
            clock_s[s, wholes[s, CLOCK_SAMPLES] % CLOCKS] = (toa_ns[k] - rx_ns[k]) * 1e-9 + delay_s
            wholes[s, CLOCK_SAMPLES] += 1
            wholes[s, CLOCK_NEW] += 1
        if way < 0 or not math.isfinite(azimuth_rad[k]):
            continue
        azimuth = azimuth_rad[k] % _TWO_PI
        b = int(azimuth * (BINS / _TWO_PI)) % BINS
        before = pass_toa[s, way, b]
        gap_s = (toa_ns[k] - before) * 1e-9
        if before != 0 and -SHORTEST_TURN_S < gap_s < SHORTEST_TURN_S:
            continue
        if before != 0 and 0.0 < gap_s < LONGEST_WAIT_S:
            at = turn_count[s, way] % TURNS
            turn_s[s, way, at] = gap_s
            turn_rad[s, way, at] = azimuth - pass_azimuth[s, way, b]
            turn_count[s, way] += 1
            wholes[s, TURN_NEW] = mono_ns
        pass_toa[s, way, b] = toa_ns[k]
        pass_azimuth[s, way, b] = azimuth


@kernel
def _sort(values: F8, n: int) -> None:
    """Sort the first ``n`` values in place; few enough that insertion is the quickest."""
    for i in range(1, n):
        value = values[i]
        j = i - 1
        while j >= 0 and values[j] > value:
            values[j + 1] = values[j]
            j -= 1
        values[j + 1] = value


@kernel
def turning_s(seconds: F8, radians: F8, count: int, needed: int, scratch: F8) -> float:
    """Return the rotation period from passages, NaN where they are too few or do not agree.

    A missed passage makes a gap of two or more turns: the lower quartile of the gaps is one turn as long as a quarter
    of them is; then each gap counts with the turns it holds, and what does not fit is left out.
    """
    n = min(count, TURNS)
    if n < needed:
        return math.nan
    for i in range(n):
        scratch[i] = seconds[i] / (1.0 + radians[i] / _TWO_PI)
    _sort(scratch, n)
    one = scratch[(n - 1) // 4]
    total_s, turns, kept = 0.0, 0.0, 0
    for i in range(n):
        part = radians[i] / _TWO_PI
        whole = max(1.0, float(round(seconds[i] / one - part)))
        if whole <= 6.0 and abs(seconds[i] / (whole + part) - one) < 0.1 * one:
            total_s += seconds[i]
            turns += whole + part
            kept += 1
    if kept < needed or 2 * kept < n:
        return math.nan
    return total_s / turns


@kernel
def measure(
    mono_ns: int, wholes: I8, reals: F8, turn_s: F8, turn_rad: F8, turn_count: I8, clock_s: F8, drift_s: F8,
    drift_mono: I8, scratch: F8,
) -> None:  # fmt: skip
    """Bring ROTATION, OFFSET and DRIFT up to date where new times have come."""
    for s in range(wholes.shape[0]):
        if wholes[s, TURN_NEW] == mono_ns:
            for step in range(LEVELS):
                way = LEVELS - 1 - step
                period_s = turning_s(turn_s[s, way], turn_rad[s, way], turn_count[s, way], _NEEDED[way], scratch)
                if not math.isnan(period_s):
                    reals[s, ROTATION] = period_s
                    break
        if wholes[s, CLOCK_NEW] == 0:
            continue
        wholes[s, CLOCK_NEW] = 0
        n = min(wholes[s, CLOCK_SAMPLES], CLOCKS)
        for i in range(n):
            scratch[i] = clock_s[s, i]
        _sort(scratch, n)
        reals[s, OFFSET] = 0.5 * (scratch[(n - 1) // 2] + scratch[n // 2])
        if wholes[s, DRIFT_POINTS] == 0 or mono_ns - wholes[s, DRIFT_MONO] >= _DRIFT_STEP_NS:
            at = wholes[s, DRIFT_POINTS] % DRIFTS
            drift_s[s, at] = reals[s, OFFSET]
            drift_mono[s, at] = mono_ns
            wholes[s, DRIFT_POINTS] += 1
            wholes[s, DRIFT_MONO] = mono_ns
            reals[s, DRIFT] = drifting(drift_s[s], drift_mono[s], min(wholes[s, DRIFT_POINTS], DRIFTS))


@kernel
def drifting(offsets_s: F8, mono_ns: I8, n: int) -> float:
    """Return the slope of the clock offset in s/s by least squares; 0 where it is within its own scatter, NaN early.

    A clock that is set (a jump) is no drift: its residuals are as large as the slope explains.
    """
    if n < _DRIFT_NEEDED:
        return math.nan
    base_ns, mean_t, mean_o = mono_ns[0], 0.0, 0.0
    for i in range(n):
        mean_t += (mono_ns[i] - base_ns) * 1e-9 / n
        mean_o += offsets_s[i] / n
    tt, to, low_s, high_s = 0.0, 0.0, math.inf, -math.inf
    for i in range(n):
        t = (mono_ns[i] - base_ns) * 1e-9
        tt += (t - mean_t) ** 2
        to += (t - mean_t) * (offsets_s[i] - mean_o)
        low_s, high_s = min(low_s, t), max(high_s, t)
    slope = to / tt if tt > 0.0 else 0.0
    square = 0.0
    for i in range(n):
        t = (mono_ns[i] - base_ns) * 1e-9
        square += (offsets_s[i] - mean_o - slope * (t - mean_t)) ** 2
    scatter_s = math.sqrt(square / n)
    return slope if abs(slope) * (high_s - low_s) > 6.0 * scatter_s + 0.02 else 0.0


def new_scratch() -> F8:
    """Return room for the sorting."""
    return np.zeros(max(CLOCKS, TURNS))
