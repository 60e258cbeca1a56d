"""The states of a sensor and the reasons for them, with the English words that are the keys of their translation."""

from __future__ import annotations

from typing import Final

from vigie.terms.tables import HEALTH_BIAS_LIMIT
from vigie.terms.words import tr

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


def _tr(text: str) -> str:
    """Mark a text for the catalogue (``builders/words.py`` collects it); it is translated where it is shown."""
    return text


REASONS: Final[dict[int, tuple[str, str]]] = {
    R_SILENT: ("silent", _tr("no message for more than one rotation")),
    R_BLIND: ("blind", _tr("alive, but no plots for three scans although there was traffic")),
    R_NOGO: ("nogo", _tr("the sensor says: not released for operational use")),
    R_OVERLOAD: ("overload", _tr("the sensor says: overload")),
    R_TIME_INVALID: ("time_invalid", _tr("the sensor says: time source invalid")),
    R_DISCONNECTED: ("disconnected", _tr("the sensor says: monitoring system disconnected")),
    R_SIMULATED: ("simulated", _tr("the sensor says: simulated or test data")),
    R_CLOCK_OFFSET: ("clock_offset", _tr("the sensor's clock is off by more than two seconds")),
    R_CLOCK_DRIFT: ("clock_drift", _tr("the sensor's clock drifts")),
    R_ROTATION: ("rotation", _tr("the rotation differs from the site file by more than a tenth")),
    R_REJECTS: ("rejects", _tr("more than one record in twenty cannot be decoded")),
    R_NO_PLOTS: ("no_plots", _tr("no plots for several scans; traffic was thin, so the sky may be empty")),
    R_NO_MARKERS: ("no_markers", _tr("plots come, but north markers have stopped")),
    R_EDITION: ("edition_suspect", _tr("what it sends fits another edition than the one set")),
    R_OUT_OF_USE: ("out_of_use", _tr("taken out of use by a supervisor")),
    R_BIAS: ("bias_limit", _tr("its error of range, azimuth or time is beyond what is corrected")),
    R_BEYOND: ("bias_beyond", _tr("a supervisor lets it be corrected beyond the limit")),
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


def reason_words(bits: int, language: str = "") -> list[str]:
    """Return the words of the reasons in ``bits``, lowest bit first, in ``language`` (empty: the program's own)."""
    return [tr(words, language) for bit, (_, words) in REASONS.items() if bits & bit]
