"""The rules that make a state out of the measures, one sensor after the other.

Silent: no plot and no service message for one rotation and 1.5 s (measured rotation, else the longer of the stated
and the site's). The promise is one rotation and 2 s; half a second is left for the way to the screen. An ADS-B
receiver under an empty sky is silent too: nobody could tell it from a dead one. Observers and acoustic posts, whose
reports take their time, have half a minute for their silence and for their clock, drone receivers for their silence.

Blind: service messages keep coming, but no plot for 2.75 scans (the promise is 3), although there were at least two
plots a scan before, on average over the last ten scans. Two targets and more do not leave together. With thinner
traffic the last aircraft may just have flown out: then nothing is said until six plots should have come, and what is
said then (``no_plots``) changes no state, so that a radar in a quiet night is not called blind.

Source: reliability figures R19, R20; CAP 670 SUR (status within one scan).
"""

from __future__ import annotations

import math
from typing import Final

from vigie.monitor.columns import (
    CLOCK_LIMIT,
    CLOCK_LIMIT_S,
    DRIFT,
    EDITION_MONO,
    EMPTY_SCANS,
    F8,
    I8,
    KINDS,
    MARGIN,
    MARKER_MONO,
    MARKERS,
    OFFSET,
    PER_SCAN,
    PLOT_MONO,
    PLOTS,
    REASON_BITS,
    RECORDS_RECENT,
    REJECTS_RECENT,
    ROTATION,
    SCAN_PLOTS,
    SCAN_RECORDS,
    SCAN_REJECTS,
    SCAN_START,
    SCANS,
    SERVICE_MONO,
    SERVICES,
    SITE_PERIOD,
    STATE,
    STATED_PERIOD,
    USUAL_PLOTS,
)
from vigie.monitor.reasons import (
    BLIND,
    DEGRADED,
    DEGRADING,
    NEVER,
    NOGO,
    OK,
    R_BLIND,
    R_CLOCK_DRIFT,
    R_CLOCK_OFFSET,
    R_DISCONNECTED,
    R_EDITION,
    R_NO_MARKERS,
    R_NO_PLOTS,
    R_NOGO,
    R_OVERLOAD,
    R_REJECTS,
    R_ROTATION,
    R_SILENT,
    R_SIMULATED,
    R_TIME_INVALID,
    SILENT,
)
from vigie.terms.kernel import kernel
from vigie.terms.tables import (
    STATUS_DISCONNECTED,
    STATUS_NOGO,
    STATUS_OVERLOAD,
    STATUS_SIMULATED,
    STATUS_TIME_INVALID,
)

BLIND_SCANS: Final = 2.75
BLIND_PLOTS: Final = 2.0
SURPRISE_PLOTS: Final = 6.0
CLOCK_CLEAR: Final = 0.75
"""A clock is right again below this share of the limit."""
DRIFT_LIMIT: Final = 1e-4
"""0.1 ms a second: 9 s a day. A free-running quartz keeps ten times better."""
ROTATION_LIMIT: Final = 0.1
REJECT_SHARE: Final = 0.05
EDITION_HOLD_NS: Final = 60_000_000_000
"""What tells two editions apart may be sent only now and then: one reject keeps the reason for a minute."""
_REJECTS_AT_LEAST: Final = 3.0
_SMOOTH: Final = 10


@kernel
def scan_s(reals: F8, s: int) -> float:
    """Return the rotation period to reckon with: measured, else the longer of stated and the site's."""
    if reals[s, ROTATION] > 0.0:
        return float(reals[s, ROTATION])
    stated = reals[s, STATED_PERIOD]
    return float(max(reals[s, SITE_PERIOD], stated)) if stated > 0.0 else float(reals[s, SITE_PERIOD])


@kernel
def _close_scans(s: int, mono_ns: int, period_s: float, wholes: I8, reals: F8) -> None:
    """Count the scans that have ended: plots in the last one, and the usual number."""
    period_ns = int(period_s * 1e9)
    if mono_ns - wholes[s, SCAN_START] > 100 * period_ns:  # a hole in the recording: no scan was watched
        wholes[s, SCAN_START] = mono_ns - period_ns
    while mono_ns - wholes[s, SCAN_START] >= period_ns:
        wholes[s, SCAN_START] += period_ns
        plots = wholes[s, SCAN_PLOTS]
        reals[s, PER_SCAN] = plots
        reals[s, RECORDS_RECENT] = reals[s, RECORDS_RECENT] * (1.0 - 1.0 / _SMOOTH) + wholes[s, SCAN_RECORDS]
        reals[s, REJECTS_RECENT] = reals[s, REJECTS_RECENT] * (1.0 - 1.0 / _SMOOTH) + wholes[s, SCAN_REJECTS]
        wholes[s, SCANS] += 1
        if plots > 0:
            # Empty scans count only once a plot has come again: while none comes, the usual number must not fade.
            usual = reals[s, USUAL_PLOTS] * (1.0 - 1.0 / _SMOOTH) ** min(wholes[s, EMPTY_SCANS], 1000)
            reals[s, USUAL_PLOTS] = usual + (plots - usual) / min(wholes[s, SCANS], _SMOOTH)
            wholes[s, EMPTY_SCANS] = 0
        else:
            wholes[s, EMPTY_SCANS] += 1
        wholes[s, SCAN_PLOTS] = wholes[s, SCAN_RECORDS] = wholes[s, SCAN_REJECTS] = 0


@kernel
def judge(mono_ns: int, wholes: I8, reals: F8, status: I8) -> None:
    """Set STATE and REASON_BITS of every sensor at the tick ``mono_ns``."""
    for s in range(wholes.shape[0]):
        wrong = wholes[s, EDITION_MONO] > 0 and mono_ns - wholes[s, EDITION_MONO] < EDITION_HOLD_NS
        if wholes[s, PLOTS] + wholes[s, SERVICES] == 0:
            wholes[s, STATE] = NEVER
            wholes[s, REASON_BITS] = R_EDITION if wrong else 0  # heard, and nothing of it understood
            continue
        period_s = scan_s(reals, s)
        _close_scans(s, mono_ns, period_s, wholes, reals)
        no_plot_s = (mono_ns - wholes[s, PLOT_MONO]) * 1e-9
        no_service_s = (mono_ns - wholes[s, SERVICE_MONO]) * 1e-9
        if wholes[s, PLOTS] == 0:
            no_plot_s = math.inf
        if wholes[s, SERVICES] == 0:
            no_service_s = math.inf
        before = wholes[s, REASON_BITS]
        bits = R_EDITION if wrong else 0
        said = 0
        for k in range(KINDS):
            said |= status[s, k]
        if said & STATUS_NOGO:
            bits |= R_NOGO
        if said & STATUS_OVERLOAD:
            bits |= R_OVERLOAD
        if said & STATUS_TIME_INVALID:
            bits |= R_TIME_INVALID
        if said & STATUS_DISCONNECTED:
            bits |= R_DISCONNECTED
        if said & STATUS_SIMULATED:
            bits |= R_SIMULATED
        offset_s = abs(reals[s, OFFSET])
        limit_s = reals[s, CLOCK_LIMIT]
        if offset_s > limit_s or (before & R_CLOCK_OFFSET and offset_s > CLOCK_CLEAR * limit_s):
            bits |= R_CLOCK_OFFSET
        if abs(reals[s, DRIFT]) > DRIFT_LIMIT and limit_s <= CLOCK_LIMIT_S:
            bits |= R_CLOCK_DRIFT
        if abs(reals[s, ROTATION] - reals[s, SITE_PERIOD]) > ROTATION_LIMIT * reals[s, SITE_PERIOD]:
            bits |= R_ROTATION
        rejects = reals[s, REJECTS_RECENT]
        if rejects >= _REJECTS_AT_LEAST and rejects > REJECT_SHARE * (rejects + reals[s, RECORDS_RECENT]):
            bits |= R_REJECTS
        if min(no_plot_s, no_service_s) > period_s + reals[s, MARGIN]:
            bits |= R_SILENT
        elif wholes[s, PLOTS] > 0 and no_plot_s > BLIND_SCANS * period_s:
            usual = reals[s, USUAL_PLOTS]
            if usual >= BLIND_PLOTS:
                bits |= R_BLIND
            elif no_plot_s * usual > SURPRISE_PLOTS * period_s:
                bits |= R_NO_PLOTS
        if (
            wholes[s, MARKERS] > 1
            and no_plot_s <= period_s + reals[s, MARGIN]
            and (mono_ns - wholes[s, MARKER_MONO]) * 1e-9 > BLIND_SCANS * period_s
        ):
            bits |= R_NO_MARKERS
        state = OK
        if bits & R_SILENT:
            state = SILENT
        elif bits & R_NOGO:
            state = NOGO
        elif bits & R_BLIND:
            state = BLIND
        elif bits & DEGRADING:
            state = DEGRADED
        wholes[s, STATE] = state
        wholes[s, REASON_BITS] = bits
