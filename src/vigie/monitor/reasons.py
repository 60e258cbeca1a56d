"""The states of a sensor and the reasons for them, with the English words that are the keys of their translation."""

from __future__ import annotations

from typing import Final

from vigie.terms.tables import HEALTH_BIAS_LIMIT

NEVER: Final = 0
OK: Final = 1
DEGRADED: Final = 2
BLIND: Final = 3
SILENT: Final = 4
NOGO: Final = 5

STATES: Final[dict[int, str]] = {
    NEVER: "never heard", OK: "ok", DEGRADED: "degraded", BLIND: "blind", SILENT: "silent", NOGO: "nogo",
}  # fmt: skip

R_SILENT: Final = 1 << 0
R_BLIND: Final = 1 << 1
R_NOGO: Final = 1 << 2
R_OVERLOAD: Final = 1 << 3
R_TIME_INVALID: Final = 1 << 4
R_DISCONNECTED: Final = 1 << 5
R_SIMULATED: Final = 1 << 6
R_CLOCK_OFFSET: Final = 1 << 7
R_CLOCK_DRIFT: Final = 1 << 8
R_ROTATION: Final = 1 << 9
R_REJECTS: Final = 1 << 10
R_NO_PLOTS: Final = 1 << 11
R_NO_MARKERS: Final = 1 << 12
R_EDITION: Final = 1 << 13
R_OUT_OF_USE: Final = 1 << 14
R_BIAS: Final = HEALTH_BIAS_LIMIT
R_BEYOND: Final = 1 << 16

REASONS: Final[dict[int, tuple[str, str]]] = {
    R_SILENT: ("silent", "no message for more than one rotation"),
    R_BLIND: ("blind", "alive, but no plots for three scans although there was traffic"),
    R_NOGO: ("nogo", "the sensor says: not released for operational use"),
    R_OVERLOAD: ("overload", "the sensor says: overload"),
    R_TIME_INVALID: ("time_invalid", "the sensor says: time source invalid"),
    R_DISCONNECTED: ("disconnected", "the sensor says: monitoring system disconnected"),
    R_SIMULATED: ("simulated", "the sensor says: simulated or test data"),
    R_CLOCK_OFFSET: ("clock_offset", "the sensor's clock is off by more than two seconds"),
    R_CLOCK_DRIFT: ("clock_drift", "the sensor's clock drifts"),
    R_ROTATION: ("rotation", "the rotation differs from the site file by more than a tenth"),
    R_REJECTS: ("rejects", "more than one record in twenty cannot be decoded"),
    R_NO_PLOTS: ("no_plots", "no plots for several scans; traffic was thin, so the sky may be empty"),
    R_NO_MARKERS: ("no_markers", "plots come, but north markers have stopped"),
    R_EDITION: ("edition_suspect", "what it sends fits another edition than the one set"),
    R_OUT_OF_USE: ("out_of_use", "taken out of use by a supervisor"),
    R_BIAS: ("bias_limit", "its error of range, azimuth or time is beyond what is corrected"),
    R_BEYOND: ("bias_beyond", "a supervisor lets it be corrected beyond the limit"),
}
"""Bit of ``HEALTH.reasons`` -> (name, words). Bits are appended, never given another meaning."""

DEGRADING: Final = (
    R_OVERLOAD
    | R_TIME_INVALID
    | R_DISCONNECTED
    | R_CLOCK_OFFSET
    | R_CLOCK_DRIFT
    | R_REJECTS
    | R_NO_MARKERS
    | R_EDITION
    | R_BIAS
    | R_BEYOND
)
"""Reasons that make a sensor ``degraded``; the others are shown and change nothing, or have a state of their own."""


def reason_names(bits: int) -> list[str]:
    """Return the names of the reasons in ``bits``, lowest bit first."""
    return [name for bit, (name, _) in REASONS.items() if bits & bit]


def reason_words(bits: int) -> list[str]:
    """Return the English words of the reasons in ``bits``, lowest bit first."""
    return [words for bit, (_, words) in REASONS.items() if bits & bit]
