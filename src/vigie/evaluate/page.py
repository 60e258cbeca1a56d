"""The score as one page of HTML that needs nothing else: tables, plots, and the pairs of one target."""

from __future__ import annotations

import math
from html import escape
from typing import Final

import numpy as np

from vigie.evaluate.judge import FIGURES, Score
from vigie.evaluate.plots import COLOURS, Line, bars_plot, lines_plot, map_plot
from vigie.evaluate.shapes import Picture, svg
from vigie.evaluate.text import limit_meaning, meaning, number, requirement, verdict, who, worst_first
from vigie.evaluate.thresholds import assessed
from vigie.evaluate.truth import Floats, Truth, is_present, place_at
from vigie.terms.utc import iso
from vigie.terms.words import language_in_use, tr

_STYLE: Final = """
body{font:15px/1.45 system-ui,sans-serif;margin:2em auto;max-width:900px;padding:0 1em;color:#222;background:#fff}
h1{font-size:1.4em}h2{font-size:1.1em;margin-top:2em}table{border-collapse:collapse;width:100%;font-size:.86em}
td,th{padding:.2em .5em;border-bottom:1px solid #ddd;text-align:left}td.n,th.n{text-align:right;
font-variant-numeric:tabular-nums}.bad{color:#a00;font-weight:600}.scroll{overflow-x:auto}small{color:#555}
.plot{width:100%;height:auto;margin:.6em 0}.plot text{font:12px system-ui,sans-serif}.plot text:not([fill]){fill:#444}
.plot line{stroke:#e4e4e4}.plot .t{font-weight:600}.plot .m{text-anchor:middle}.plot .e{text-anchor:end}
@media(prefers-color-scheme:dark){body{background:#16191d;color:#ddd}td,th{border-color:#333}
.plot text:not([fill]){fill:#ccc}.plot line{stroke:#2b2f35}small{color:#aaa}.bad{color:#f77}}
"""
_ELLIPSE_EVERY_S: Final = 30.0


def page(score: Score, truth: Truth, name: str, target: int | None = None) -> str:
    """Return the whole page; ``target`` (an id of the truth) gets its own map when the judge followed it."""
    title, begun = titles(truth, name)
    parts = [
        f'<!doctype html><html lang="{language_in_use()}"><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style><h1>{escape(title)}</h1>",
        f"<p>{escape(begun)}</p>",
        _figures(score), _plots(score),
    ]  # fmt: skip
    if target is not None:
        parts.append(_association(score, truth, target))
    parts += [_thresholds(score), _flights(score, truth)]
    return "\n".join(part for part in parts if part) + "\n"


def _head(words: str) -> str:
    return f"<h2>{escape(words)}</h2>"


def _figures(score: Score) -> str:
    rows = "".join(
        f'<tr><td>{escape(key)}<td class="n">{number(key, value)}<td>{escape(meaning(key))}'
        for key, value in {**score.figures, **score.extra}.items()
    )
    return _head(tr("Figures")) + f"<table>{rows}</table>"


def titles(truth: Truth, name: str) -> tuple[str, str]:
    """Return what the page is called, and a line on the truth it judges by."""
    return (
        tr("How good the picture is: {file}").format(file=name),
        tr("Truth from {start}, {n} targets").format(start=iso(truth.t0_ns), n=len(truth.target_id)),
    )


def _plots(score: Score) -> str:
    return "".join((
        _head(tr("Over time")), *map(svg, pictures_over_time(score)),
        _head(tr("Honesty and speed")), *map(svg, pictures_of_shares(score)),
    ))  # fmt: skip


def pictures_over_time(score: Score) -> list[Picture]:
    """Return GOSPA, numbers, missed and false, and position errors as lines over time."""
    t, s = score.series_s, score.series
    seconds = tr("seconds after the first truth")
    with np.errstate(invalid="ignore", divide="ignore"):
        rms = np.sqrt(np.where(s[:, 4] > 0, s[:, 5] / np.where(s[:, 4] > 0, s[:, 4], 1.0), np.nan))
    return _drawn(
        lines_plot(tr("GOSPA and OSPA, m"), [
            Line(name="GOSPA", x=t, y=s[:, 0], colour=COLOURS[0]), Line(name="OSPA", x=t, y=s[:, 1], colour=COLOURS[1]),
        ], seconds),
        lines_plot(tr("Targets and tracks"), [
            Line(name=tr("targets"), x=t, y=s[:, 2], colour=COLOURS[7]),
            Line(name=tr("tracks"), x=t, y=s[:, 3], colour=COLOURS[0]),
        ], seconds),
        lines_plot(tr("Missed and false"), [
            Line(name=tr("missed"), x=t, y=s[:, 2] - s[:, 4], colour=COLOURS[1]),
            Line(name=tr("false"), x=t, y=s[:, 3] - s[:, 4], colour=COLOURS[3]),
        ], seconds),
        lines_plot(tr("Position error of paired tracks, root mean square, m"), [
            Line(name="", x=t, y=rms, colour=COLOURS[2]),
        ], seconds),
    )  # fmt: skip


def pictures_of_shares(score: Score) -> list[Picture]:
    """Return how errors stand to what was claimed, and how long targets waited, as bars."""
    wait_s = np.array([flight["time_to_confirm_s"] for flight in score.flights])
    return _drawn(
        bars_plot(tr("Normalised error squared per degree of freedom (an honest picture: mean 1, median 0.69)"),
                  score.errors[:, 1], "", {"1": 1.0}),
        bars_plot(tr("Seconds from first truth to first confirmed track"), wait_s, "s", {}),
    )  # fmt: skip


def _drawn(*pictures: Picture | None) -> list[Picture]:
    return [picture for picture in pictures if picture is not None]


def _thresholds(score: Score) -> str:
    doubt = ", <em>" + escape(tr("unverified")) + "</em>"
    rows = "".join(
        f"<tr><td>{escape(t.id)}<td>{escape(limit_meaning(t))}<td class=n>{number('', value)}"
        f"<td>{escape(requirement(t))}"
        f"<td{' class=bad' if met is False else ''}>{escape(verdict(met))}"
        f"<td><small>{escape(t.source)}{'' if t.verified else doubt}</small>"
        for t, value, met in assessed(score.measures)
    )
    return _head(limits_note()) + f'<div class="scroll"><table>{rows}</table></div>'


def limits_note() -> str:
    """Return the heading of the published limits, with their reservation."""
    return tr("Published limits (all unverified: the document was not at hand when they were written down)")


def _flights(score: Score, truth: Truth) -> str:
    heads = "".join(f'<th class="n">{escape(key)}' for key in FIGURES)
    rows = "".join(
        f"<tr><td>{int(truth.target_id[j])}<td>{escape(who(truth, j))}"
        + "".join(f'<td class="n">{number(key, score.flights[j][key])}' for key in FIGURES)
        for j in worst_first(score)
    )
    return (
        _head(tr("Flights, the worst first"))
        + f'<div class="scroll"><table><tr><th>target<th>{heads}{rows}</table></div>'
    )


def _association(score: Score, truth: Truth, target: int) -> str:
    drawn = pictures_of_target(score, truth, target)
    return _head(tr("One target and its tracks")) + "".join(map(svg, drawn)) if drawn else ""


def pictures_of_target(score: Score, truth: Truth, target: int) -> list[Picture]:
    """Return which tracks were one target: a map and the distances over time; none if the truth never shows it."""
    j = int(np.flatnonzero(truth.target_id == target)[0])
    paths, log = truth.paths, score.followed
    here = [t for t in score.series_s.tolist() if is_present(paths, j, t)]
    if not here:
        return []
    path = np.array([place_at(paths, j, t)[:2] for t in here])
    own = log[log[:, 6] == 1.0]
    missed = path[~np.isin(np.array(here), own[:, 0])]
    tracks, lines = [], []
    for k, no in enumerate(np.unique(log[:, 2]).astype(int).tolist()):
        rows = log[log[:, 2] == no]
        paired = rows[:, 6] == 1.0
        colour = COLOURS[k % len(COLOURS)]
        places = rows[:, 3:5]
        tracks.append((f"{no}", colour, places[paired], places[~paired], _some_ellipses(rows[paired])))
        lines.append(Line(name=f"{no}", x=rows[:, 0], y=_broken(rows), colour=colour))
    name = tr("Target {name}: grey the truth, dots its tracks, rings tracks beside it, crosses missed").format(
        name=f"{target} {who(truth, j)}".strip()
    )
    return _drawn(
        map_plot(name, path, missed, tracks, "km"),
        lines_plot(tr("Distance of each track from the target, m"), lines, tr("seconds after the first truth")),
    )


def _broken(rows: Floats) -> Floats:
    """Return distances; a row after a pause becomes NaN so that the line breaks there."""
    y: Floats = rows[:, 5].copy()
    steps = np.diff(rows[:, 0])
    if len(steps):
        y[1:][steps > 1.5 * np.median(steps)] = math.nan
    return y


def _some_ellipses(rows: Floats) -> Floats:
    """Return one claimed ellipse each half minute: latitude, longitude, axes, orientation."""
    if len(rows) == 0:
        return np.empty((0, 5))
    turn = np.floor(rows[:, 0] / _ELLIPSE_EVERY_S)
    first = np.r_[True, turn[1:] != turn[:-1]] & np.isfinite(rows[:, 7:10]).all(axis=1)
    chosen: Floats = rows[first][:, [3, 4, 7, 8, 9]]
    return chosen
