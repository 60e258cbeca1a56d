"""The judge of a picture: takes track rows in the order they were written, answers with a ``Score``.

Memory: the truth, one row per track, six numbers per instant, two per pair; never the tracks themselves.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from vigie.evaluate import figures as f
from vigie.evaluate.thresholds import FAR_LIMITS_M, GAP_LIMITS_S
from vigie.evaluate.truth import Floats, Ints, Truth
from vigie.terms.errors import UsageError, VigieError
from vigie.terms.tables import TRACK, Rows, Table
from vigie.terms.units import NS_PER_S

_WANTED: Final = {
    "now_ns", "track_no", "status", "lat_deg", "lon_deg", "v_east_mps", "v_north_mps", "climb_mps",
    "pos_major_m", "pos_minor_m", "pos_orient_rad", "mode3a",
}  # fmt: skip
JUDGED = Table("track", "What of a track is judged.", tuple(c for c in TRACK.columns if c.name in _WANTED))

FIGURES: Final = (
    "gospa_m", "ospa_m", "missed", "false", "rms_position_m", "rms_velocity_mps", "completeness", "id_switches",
    "fragments", "duplicates", "anees", "anees_median", "time_to_confirm_s",
)  # fmt: skip
"""The figures of the contract, in its order; the same names for the picture and for each flight."""
COUNTS: Final = frozenset(
    {"id_switches", "fragments", "targets", "never_found", "tracks", "instants", "instants_without_output"}
)
"""Those that are whole numbers."""

_MEDIAN_OF_CHI2: Final = math.log(2.0)  # median of half a chi-squared number with two degrees of freedom


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What the judge found; NaN where a figure cannot be known, infinity for a time that never came."""

    figures: dict[str, float]
    extra: dict[str, float]
    flights: list[dict[str, float]]
    measures: dict[str, float]
    series_s: Floats
    series: Floats
    errors: Floats
    followed: Floats


class Judge:
    """Judges one picture against one truth, instant by instant.

    ``track_nos`` are all track numbers that will come. ``follow`` is a target whose pairs are kept for a picture.
    """

    def __init__(
        self, truth: Truth, track_nos: Ints, *, step_s: float = 1.0, skip_s: float = 0.0, follow: int | None = None
    ) -> None:
        if not (step_s > 0.0 and math.isfinite(step_s)):
            raise UsageError(f"a step of {step_s} s is none: give seconds above 0")
        if not (skip_s >= 0.0 and math.isfinite(skip_s)):
            raise UsageError(f"{skip_s} s cannot be skipped: give seconds from 0")
        self._truth = truth
        self._track_nos = np.unique(track_nos.astype(np.int64))
        self._step_s, self._skip_s = step_s, skip_s
        self._grid_s = np.arange(math.ceil(skip_s / step_s) * step_s, truth.end_s + 1e-6, step_s)
        self._follow = -1
        if follow is not None:
            known = np.flatnonzero(truth.target_id == follow)
            if len(known) == 0:
                some = ", ".join(str(x) for x in truth.target_id[:8])
                raise UsageError(f"target {follow} is not in the truth; it has {len(truth.target_id)}: {some}...")
            self._follow = int(known[0])
        self._memory = f.new_memory(
            len(truth.target_id), len(self._track_nos), truth.mode3a.astype(np.int64),
            np.array(GAP_LIMITS_S), np.array(FAR_LIMITS_M),
        )  # fmt: skip
        self._floats = np.empty((0, f.ROW_FLOATS))
        self._ints = np.empty((0, f.ROW_INTS), np.int64)
        self._done = 0
        self._series: list[Floats] = []
        self._errors: list[Floats] = []
        self._followed: list[Floats] = []
        self._last_s = -math.inf

    def add(self, rows: Rows) -> None:
        """Take rows (at least the columns of ``JUDGED``), none older than those before."""
        if len(rows) == 0:
            return
        floats = np.empty((len(rows), f.ROW_FLOATS))
        floats[:, f.NOW] = (rows["now_ns"] - self._truth.t0_ns) * (1.0 / NS_PER_S)
        floats[:, f.LAT], floats[:, f.LON] = np.radians(rows["lat_deg"]), np.radians(rows["lon_deg"])
        columns = ("v_east_mps", "v_north_mps", "pos_major_m", "pos_minor_m", "pos_orient_rad", "climb_mps")
        for place, name in zip((f.V_EAST, f.V_NORTH, f.MAJOR, f.MINOR, f.ORIENT, f.CLIMB), columns, strict=True):
            floats[:, place] = rows[name]
        if floats[0, f.NOW] < self._last_s or (np.diff(floats[:, f.NOW]) < 0).any():
            raise VigieError("the tracks are not in order of now_ns; sort them before they are judged")
        self._last_s = float(floats[-1, f.NOW])
        ints = np.empty((len(rows), f.ROW_INTS), np.int64)
        ints[:, f.TRACK] = np.searchsorted(self._track_nos, rows["track_no"])
        ints[:, f.STATUS], ints[:, f.CODE] = rows["status"], rows["mode3a"]
        self._floats = np.concatenate((self._floats, floats))
        self._ints = np.concatenate((self._ints, ints))
        # Later rows may still carry the last time, so an instant is judged only when a later row is here.
        self._advance(int(np.searchsorted(self._grid_s + 1e-6, self._last_s, side="left")))

    def _advance(self, end: int) -> None:
        if end <= self._done:
            return
        taken, series, errors, followed = f.advance(
            self._truth.paths, self._memory, self._floats, self._ints, self._grid_s[self._done : end],
            self._step_s, self._follow,
        )  # fmt: skip
        self._floats, self._ints = self._floats[taken:].copy(), self._ints[taken:].copy()
        self._series.append(series)
        self._errors.append(errors)
        self._followed.append(followed)
        self._done = end

    def score(self) -> Score:
        """Judge what is left and return everything; the judge is used up."""
        self._advance(len(self._grid_s))
        series = np.concatenate(self._series) if self._series else np.empty((0, len(f.SERIES)))
        errors = np.concatenate(self._errors) if self._errors else np.empty((0, 2))
        followed = np.concatenate(self._followed) if self._followed else np.empty((0, len(f.FOLLOWED)))
        if len(followed):
            followed[:, 2] = self._track_nos[followed[:, 2].astype(np.int64)]
        sums = self._memory.sums
        for k, limit_s in enumerate(GAP_LIMITS_S):
            open_gap = sums[:, f.MISSES] * self._step_s > limit_s
            sums[open_gap, f.GAP_A + k] += sums[open_gap, f.MISSES]
        paths = self._truth.paths
        start_s = np.maximum(paths.t_s[paths.first], self._skip_s)
        real = paths.t_s[paths.last] > self._skip_s
        wait_s = sums[:, f.SEEN_S] - start_s
        figures = _picture_figures(series, sums, errors[:, 1], wait_s[real])
        extra = {
            "targets": float(real.sum()),
            "never_found": float(np.isinf(wait_s[real]).sum()),
            "instants": float(len(self._grid_s)),
            "instants_without_output": float((series[:, 6] == 0).sum()),
        }
        return Score(
            figures=figures, extra=extra, flights=_flight_figures(sums, errors, wait_s),
            measures=self._measures(series, sums, figures), series_s=self._grid_s, series=series, errors=errors,
            followed=followed,
        )  # fmt: skip

    def _measures(self, series: Floats, sums: Floats, figures: dict[str, float]) -> dict[str, float]:
        """Return what the tables of thresholds ask for, by the names they use."""
        total = sums.sum(axis=0)
        seen = sums[:, f.INSTANTS] > 0
        matched = sums[:, f.MATCHED] > 0
        hours = len(series) * self._step_s / 3600.0
        beside = self._memory.was_beside & ~self._memory.was_paired
        return {
            "update": figures["completeness"],
            "update_worst_flight": _least(sums[seen, f.MATCHED] / sums[seen, f.INSTANTS]),
            "gaps_3nm": _ratio(total[f.GAP_A], total[f.INSTANTS]),
            "gaps_5nm": _ratio(total[f.GAP_B], total[f.INSTANTS]),
            "rms_position_m": figures["rms_position_m"],
            "rms_position_worst_flight_m": _most(np.sqrt(sums[matched, f.D2] / sums[matched, f.MATCHED])),
            "far_3nm": _ratio(total[f.FAR_A], total[f.MATCHED]),
            "far_5nm": _ratio(total[f.FAR_B], total[f.MATCHED]),
            "speed_straight_mps": _root(total[f.SPEED2_STRAIGHT], total[f.STRAIGHT_N]),
            "speed_turn_mps": _root(total[f.SPEED2_TURN], total[f.TURN_N]),
            "course_straight_deg": math.degrees(_root(total[f.COURSE2_STRAIGHT], total[f.STRAIGHT_N])),
            "course_turn_deg": math.degrees(_root(total[f.COURSE2_TURN], total[f.TURN_N])),
            "climb_level_mps": _root(total[f.CLIMB2_LEVEL], total[f.LEVEL_N]),
            "climb_change_mps": _root(total[f.CLIMB2_CHANGE], total[f.CHANGE_N]),
            "code_right": _ratio(total[f.CODE_RIGHT], total[f.CODE_N]),
            "code_wrong": _ratio(total[f.CODE_WRONG], total[f.CODE_RIGHT] + total[f.CODE_WRONG]),
            "false_beside_per_hour": _ratio(float(beside.sum()), hours),
        }


def _picture_figures(series: Floats, sums: Floats, errors: Floats, wait_s: Floats) -> dict[str, float]:
    total = sums.sum(axis=0)
    return {
        "gospa_m": _mean(series[:, 0]),
        "ospa_m": _mean(series[:, 1]),
        "missed": _mean(series[:, 2] - series[:, 4]),
        "false": _mean(series[:, 3] - series[:, 4]),
        "rms_position_m": _root(total[f.D2], total[f.MATCHED]),
        "rms_velocity_mps": _root(total[f.V2], total[f.V2_N]),
        "completeness": _ratio(total[f.MATCHED], total[f.INSTANTS]),
        "id_switches": float(total[f.SWITCHES]),
        "fragments": float(total[f.FRAGMENTS]),
        "duplicates": _ratio(total[f.DUPLICATES], total[f.INSTANTS]),
        "anees": _mean(errors),
        "anees_median": float(np.median(errors)) / _MEDIAN_OF_CHI2 if len(errors) else math.nan,
        "time_to_confirm_s": float(np.median(wait_s)) if len(wait_s) else math.nan,
    }


def _flight_figures(sums: Floats, errors: Floats, wait_s: Floats) -> list[dict[str, float]]:
    """Return each target's figures: the picture narrowed to the target, its track, and free tracks nearest to it."""
    order = np.argsort(errors[:, 0], kind="stable")
    ends = np.searchsorted(errors[order, 0], np.arange(len(sums) + 1))
    flights = []
    for j, s in enumerate(sums):
        own = errors[order[ends[j] : ends[j + 1]], 1]
        n = float(s[f.INSTANTS])
        values = (
            _ratio(s[f.GOSPA], n), _ratio(s[f.OSPA], n), _ratio(n - s[f.MATCHED], n), _ratio(s[f.DUPLICATES], n),
            _root(s[f.D2], s[f.MATCHED]), _root(s[f.V2], s[f.V2_N]), _ratio(s[f.MATCHED], n), float(s[f.SWITCHES]),
            float(s[f.FRAGMENTS]), _ratio(s[f.DUPLICATES], n), _mean(own),
            float(np.median(own)) / _MEDIAN_OF_CHI2 if len(own) else math.nan, float(wait_s[j]),
        )  # fmt: skip
        flights.append(dict(zip(FIGURES, values, strict=True)))
    return flights


def _ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole > 0 else math.nan


def _root(squares: float, n: float) -> float:
    return math.sqrt(squares / n) if n > 0 else math.nan


def _mean(values: npt.NDArray[np.float64]) -> float:
    return float(np.mean(values)) if len(values) else math.nan


def _least(values: Floats) -> float:
    return float(values.min()) if len(values) else math.nan


def _most(values: Floats) -> float:
    return float(values.max()) if len(values) else math.nan
