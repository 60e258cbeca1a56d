"""The score as tables for a terminal, in the reader's language."""

from __future__ import annotations

import math
from typing import Final

from vigie.evaluate.judge import COUNTS, FIGURES, Score
from vigie.evaluate.thresholds import Threshold, assessed
from vigie.evaluate.truth import Truth
from vigie.terms.words import tr

_WORST: Final = 12  # flights shown on a terminal; --json and --html have all


def meaning(name: str) -> str:
    """Return what a figure means, in one line."""
    return {
        "gospa_m": tr("mean GOSPA (c = 1000 m, p = 2, alpha = 2), m"),
        "ospa_m": tr("mean OSPA (c = 1000 m, p = 2), m"),
        "missed": tr("targets without a track, mean per instant"),
        "false": tr("tracks without a target, mean per instant"),
        "rms_position_m": tr("position error of paired tracks, root mean square, m"),
        "rms_velocity_mps": tr("velocity error of paired tracks, root mean square, m/s"),
        "completeness": tr("share of target time with a confirmed track"),
        "id_switches": tr("a target's track number changed"),
        "fragments": tr("a target was lost and found again"),
        "duplicates": tr("second tracks beside a tracked target, mean per target"),
        "anees": tr("normalised error squared, mean; 1 is honest, above 1 too sure"),
        "anees_median": tr("the same by its median (robust), 1 is honest"),
        "time_to_confirm_s": tr("from first truth to first confirmed track, median, s"),
        "targets": tr("targets in the truth"),
        "never_found": tr("targets never found"),
        "tracks": tr("tracks that were ever confirmed"),
        "instants": tr("instants judged"),
        "instants_without_output": tr("instants without any row newer than 1.5 s"),
        "output_period_s": tr("usual time between outputs, s"),
    }[name]


def limit_meaning(t: Threshold) -> str:
    """Return what a published limit is about, in the reader's language."""
    return {
        "update_worst_flight": tr("probability of update of position, worst flight"),
        "gaps_3nm": tr("share of misses in long gaps"),
        "gaps_5nm": tr("share of misses in long gaps"),
        "rms_position_m": tr("position error, root mean square, all flights"),
        "rms_position_worst_flight_m": tr("position error, root mean square, worst flight"),
        "far_3nm": tr("share of large errors that come three in a row"),
        "far_5nm": tr("share of large errors that come three in a row"),
        "code_right": tr("share of reports with the right Mode 3/A code"),
        "code_wrong": tr("share of wrong codes among those reported"),
        "climb_level_mps": tr("rate of climb error, level flight"),
        "climb_change_mps": tr("rate of climb error, climb and descent"),
        "speed_straight_mps": tr("speed error, straight flight"),
        "speed_turn_mps": tr("speed error, in turns"),
        "course_straight_deg": tr("track angle error, straight flight"),
        "course_turn_deg": tr("track angle error, in turns"),
        "false_beside_per_hour": tr("false confirmed tracks close to true ones, per hour"),
    }[t.measure]


def number(name: str, value: float) -> str:
    """Return a figure as people read it; a dash where it cannot be known."""
    if math.isnan(value):
        return "-"
    if math.isinf(value):
        return tr("never")
    if name in COUNTS:
        return str(int(value))
    return f"{value:.1f}" if abs(value) >= 100 else f"{value:.3f}"


def who(truth: Truth, j: int) -> str:
    """Return a target's best name: callsign, else address, else nothing."""
    callsign = truth.callsign[j].decode("ascii", "replace").strip()
    return callsign or (f"{truth.icao24[j]:06X}" if truth.icao24[j] else "")


def verdict(met: bool | None) -> str:
    """Return a threshold's verdict in one word."""
    return tr("not known") if met is None else (tr("met") if met else tr("not met"))


def requirement(t: Threshold) -> str:
    """Return a threshold's limit with its sense and unit."""
    return f"{t.sense} {t.limit:.4g} {t.unit}".rstrip()


def score_text(score: Score) -> str:
    """Return the figures of the whole picture, one a line."""
    lines = [f"{name:24}{number(name, value):>12}  {meaning(name)}" for name, value in score.figures.items()]
    lines += [f"{name:24}{number(name, value):>12}  {meaning(name)}" for name, value in score.extra.items()]
    return "\n".join(lines) + "\n"


def thresholds_text(score: Score) -> str:
    """Return the table of published limits."""
    lines = [tr("Published limits (all unverified: the document was not at hand when they were written down)")]
    for t, value, met in assessed(score.measures):
        name = f"{t.id:10} {limit_meaning(t)}"
        lines.append(f"{name:62.62}{value:>10.4g}  {requirement(t):14}{verdict(met)}")
    return "\n".join(lines) + "\n"


def worst_first(score: Score) -> list[int]:
    """Return the flights in order of GOSPA, the worst first; those that were never judged are left out."""
    known = [j for j, flight in enumerate(score.flights) if not math.isnan(flight["gospa_m"])]
    return sorted(known, key=lambda j: -score.flights[j]["gospa_m"])


def flights_text(score: Score, truth: Truth) -> str:
    """Return the worst flights, one a line."""
    order = worst_first(score)
    columns = [name for name in FIGURES if name not in {"missed", "false", "ospa_m"}]
    heads = [name.removesuffix("_m").removesuffix("_mps").removesuffix("_s")[:12] for name in columns]
    title = tr("The {n} worst of {all} flights (--json has all)").format(n=min(_WORST, len(order)), all=len(order))
    lines = [title, f"{'target':>8} {'':8}" + "".join(f"{head:>13}" for head in heads)]
    for j in order[:_WORST]:
        row = "".join(f"{number(name, score.flights[j][name]):>13}" for name in columns)
        lines.append(f"{int(truth.target_id[j]):>8} {who(truth, j):8}{row}")
    return "\n".join(lines)
