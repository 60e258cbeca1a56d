"""The score of a picture as a report to print: the page of ``vigie evaluate --html`` in blocks."""

from __future__ import annotations

from typing import Final

from vigie import __version__
from vigie.app.report import Block, Grid, Heading, Numbers, Plot, Report, Words
from vigie.evaluate.judge import Score
from vigie.evaluate.page import limits_note, pictures_of_shares, pictures_of_target, pictures_over_time, titles
from vigie.evaluate.text import limit_meaning, meaning, number, requirement, verdict, who, worst_first
from vigie.evaluate.thresholds import assessed
from vigie.evaluate.truth import Truth
from vigie.terms.words import language_in_use, tr

_LARGE: Final = ("gospa_m", "completeness", "rms_position_m", "false", "id_switches", "anees_median")
_MOST_FLIGHTS: Final = 200
_SHOWN: Final = (
    "completeness", "rms_position_m", "rms_velocity_mps", "id_switches", "fragments", "duplicates", "time_to_confirm_s",
)  # fmt: skip


def evaluation(score: Score, truth: Truth, name: str, target: int | None = None) -> Report:
    """Return the report; ``target`` (an id of the truth) gets its own map when the judge followed it."""
    title, begun = titles(truth, name)
    blocks: list[Block] = [
        Numbers(tuple((number(key, score.figures[key]), meaning(key)) for key in _LARGE)),
        Heading(tr("Figures")),
        Grid(
            (tr("figure"), tr("value"), tr("meaning")),
            tuple((key, number(key, v), meaning(key)) for key, v in {**score.figures, **score.extra}.items()),
            (0.24, 0.14, 0.62), frozenset({1}),
        ),
        Heading(tr("Over time")), *map(Plot, pictures_over_time(score)),
        Heading(tr("Honesty and speed")), *map(Plot, pictures_of_shares(score)),
    ]  # fmt: skip
    if target is not None and (drawn := pictures_of_target(score, truth, target)):
        blocks += [Heading(tr("One target and its tracks")), *map(Plot, drawn)]
    return Report(
        title=title, subtitle=begun, language=language_in_use(), footer=f"{name} · Vigie {__version__}",
        blocks=(*blocks, *_limits(score), *_flights(score, truth)),
    )  # fmt: skip


def _limits(score: Score) -> list[Block]:
    rows = tuple(
        (t.id, limit_meaning(t), number("", value), requirement(t), verdict(met),
         t.source + ("" if t.verified else ", " + tr("unverified")))
        for t, value, met in assessed(score.measures)
    )  # fmt: skip
    heads = (tr("limit"), tr("meaning"), tr("value"), tr("asked"), tr("met"), tr("source"))
    return [Heading(limits_note()), Grid(heads, rows, (0.12, 0.3, 0.1, 0.13, 0.1, 0.25), frozenset({2}))]


def _flights(score: Score, truth: Truth) -> list[Block]:
    order = list(worst_first(score))
    rows = tuple(
        (f"{int(truth.target_id[j])} {who(truth, j)}".strip(), *(number(key, score.flights[j][key]) for key in _SHOWN))
        for j in order[:_MOST_FLIGHTS]
    )
    share = 0.74 / (len(_SHOWN) - 1)
    heads = (tr("target"), *(key.replace("_", " ") for key in _SHOWN))
    left = len(order) - len(rows)
    more = tr("{n} more flights are left out here; --html and --json have them all.").format(n=left)
    return [
        Heading(tr("Flights, the worst first")),
        Grid(heads, rows, (0.12, 0.14, *(share,) * (len(_SHOWN) - 1)), frozenset(range(1, len(_SHOWN) + 1))),
        *([Words(more, small=True)] if left else []),
    ]
