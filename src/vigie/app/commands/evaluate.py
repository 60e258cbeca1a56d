"""``vigie evaluate``: how good a recorded picture is, against where the targets really were."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import typer

from vigie.app.alerts import alerts_text, judge_alerts
from vigie.app.evaluation import evaluation
from vigie.app.report_pdf import pdf as pdf_of
from vigie.evaluate.alerts import alerts_page
from vigie.evaluate.judge import COUNTS, JUDGED, Judge, Score
from vigie.evaluate.page import page
from vigie.evaluate.text import flights_text, score_text, thresholds_text
from vigie.evaluate.thresholds import assessed
from vigie.evaluate.truth import Ints, Truth, truth_of
from vigie.terms.errors import UsageError, VigieError
from vigie.terms.tables import TRACK_COASTING, TRACK_CONFIRMED, TRUTH, Rows, Table
from vigie.terms.units import NS_PER_S
from vigie.terms.words import tr

_BATCH_ROWS: Final = 65_536
_NUMBERS = Table("truth", "Truth without its texts.", tuple(c for c in TRUTH.columns if c.name != "callsign"))


def command(
    tracks: Annotated[Path, typer.Argument(help="tracks.parquet, as vigie track writes it")],
    *,
    truth: Annotated[Path, typer.Option(help="truth.parquet, as vigie simulate writes it")],
    as_json: Annotated[bool, typer.Option("--json", help="machine-readable, with each flight")] = False,
    skip: Annotated[float, typer.Option(help="seconds at the beginning that do not count")] = 0.0,
    step: Annotated[float, typer.Option(help="seconds from one judged instant to the next")] = 1.0,
    html: Annotated[Path | None, typer.Option(help="write a page with plots here")] = None,
    pdf: Annotated[Path | None, typer.Option(help="write the same as a PDF to print")] = None,
    target: Annotated[int | None, typer.Option(help="draw which tracks were this target (--html, --pdf)")] = None,
    alerts: Annotated[Path | None, typer.Option(help="judge these alerts instead, as vigie track writes them")] = None,
    site: Annotated[Path | None, typer.Option(help="site file with the areas (with --alerts)")] = None,
    plots: Annotated[
        Path | None, typer.Option(help="plots.parquet: ask only for alerts of what sensors saw (with --alerts)")
    ] = None,
) -> None:
    """Judge a picture against the truth. Example: vigie evaluate tracks.parquet --truth truth.parquet --skip 60."""
    if alerts is not None:
        if pdf is not None:
            raise UsageError("--pdf judges tracks: give --html to have the alerts' page")
        if plots is not None and site is None:
            raise UsageError("--plots needs --site: where the sensors stand")
        tallies, hours = judge_alerts(tracks, truth, alerts, site, plots)
        if html:
            html.write_text(alerts_page(tallies, alerts.name, hours), "utf-8")
        whole = {"hours": round(hours, 4), "alerts": tallies}
        typer.echo(json.dumps(whole, indent=1) if as_json else alerts_text(tallies))
        return
    if target is not None and html is None and pdf is None:
        raise UsageError("--target draws a picture: say with --html or --pdf where it should go")
    held = read_truth(truth)
    numbers, picture, period_s, in_order = scan(tracks)
    judge = Judge(held, numbers, step_s=step, skip_s=skip, follow=target)
    for rows in batches(tracks, in_order=in_order):
        judge.add(rows)
    score = judge.score()
    score.extra.update({"tracks": float(picture), "output_period_s": period_s})
    if html:
        _write(html, page(score, held, tracks.name, target).encode())
    if pdf:
        _write(pdf, pdf_of(evaluation(score, held, tracks.name, target)))
    if as_json:
        typer.echo(json.dumps(as_plain(score, held), indent=1))
    else:
        typer.echo(score_text(score))
        typer.echo(thresholds_text(score))
        typer.echo(flights_text(score, held))
    if score.extra["instants_without_output"] > 0.05 * score.extra["instants"]:
        typer.echo(
            tr(
                "{n} of {all} instants have no track row newer than 1.5 s: write the picture at least once a second"
            ).format(n=int(score.extra["instants_without_output"]), all=int(score.extra["instants"])),
            err=True,
        )


def _write(path: Path, octets: bytes) -> None:
    try:
        path.write_bytes(octets)
    except OSError as why:
        raise UsageError(f"{path}: cannot be written: {why.strerror}. Give a file in a folder that exists.") from why


def as_plain(score: Score, truth: Truth) -> dict[str, Any]:
    """Return the score as JSON holds it: four decimals, null where a figure cannot be known or never came."""
    whole = {**_plain(score.figures), **_plain(score.extra)}
    flights = []
    for j, figures in enumerate(score.flights):
        who = {
            "target_id": int(truth.target_id[j]), "callsign": truth.callsign[j].decode("ascii", "replace").strip(),
            "icao24": f"{truth.icao24[j]:06x}" if truth.icao24[j] else "",
        }  # fmt: skip
        flights.append({**who, **_plain(figures)})
    thresholds = [
        {"table": t.table, "id": t.id, "meaning": t.meaning, "value": _number(value), "sense": t.sense,
         "limit": round(t.limit, 4), "unit": t.unit, "met": met, "source": t.source, "verified": t.verified}
        for t, value, met in assessed(score.measures)
    ]  # fmt: skip
    return {**whole, "flights": flights, "thresholds": thresholds}


def _plain(figures: dict[str, float]) -> dict[str, float | int | None]:
    return {name: int(value) if name in COUNTS else _number(value) for name, value in figures.items()}


def _number(value: float) -> float | None:
    return round(value, 4) if math.isfinite(value) else None


def read_truth(path: Path) -> Truth:
    """Return the targets of a truth file."""
    table = _opened(path).read()
    lacking = {"t_ns", "target_id", "lat_deg", "lon_deg"} - set(table.column_names)
    if lacking:
        raise UsageError(f"{path}: no truth: the columns {', '.join(sorted(lacking))} are not there")
    rows = TRUTH.empty(table.num_rows)
    numbers = _NUMBERS.from_arrow(table)
    for column in _NUMBERS.columns:
        rows[column.name] = numbers[column.name]
    if "callsign" in table.column_names:
        # A flight's name stands in each of its rows: every different one is converted once.
        names = table.column("callsign").combine_chunks().cast(pa.string()).fill_null("").dictionary_encode()
        texts = np.array([t.encode("ascii", "replace") for t in names.dictionary.to_pylist()], rows["callsign"].dtype)
        rows["callsign"] = texts[names.indices.to_numpy()] if len(rows) else b""
    return truth_of(rows)


def scan(path: Path) -> tuple[Ints, int, float, bool]:
    """Return all track numbers, how many were ever shown, the usual output period (s), whether rows are in order."""
    file = _opened(path)
    lacking = {"now_ns", "track_no", "status", "lat_deg", "lon_deg"} - set(file.schema_arrow.names)
    if lacking:
        raise UsageError(f"{path}: no tracks: the columns {', '.join(sorted(lacking))} are not there")
    numbers, shown, times = [np.empty(0, np.int64)], [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    in_order, last_ns = True, np.iinfo(np.int64).min
    for batch in file.iter_batches(_BATCH_ROWS, columns=["now_ns", "track_no", "status"]):
        now_ns, track_no = batch["now_ns"].to_numpy(), batch["track_no"].to_numpy().astype(np.int64)
        if len(now_ns) == 0:
            continue
        in_order = in_order and bool(now_ns[0] >= last_ns) and bool((np.diff(now_ns) >= 0).all())
        last_ns = int(now_ns[-1])
        numbers.append(np.unique(track_no))
        shown.append(np.unique(track_no[np.isin(batch["status"].to_numpy(), [TRACK_CONFIRMED, TRACK_COASTING])]))
        times.append(np.unique(now_ns))
    at = np.unique(np.concatenate(times))
    period_s = float(np.median(np.diff(at))) / NS_PER_S if len(at) > 1 else math.nan
    return np.unique(np.concatenate(numbers)), len(np.unique(np.concatenate(shown))), period_s, in_order


def batches(path: Path, *, in_order: bool) -> Iterator[Rows]:
    """Yield the rows of a track file in order of time: as they stand, or all at once where they must be sorted."""
    file = _opened(path)
    names = [c.name for c in JUDGED.columns if c.name in file.schema_arrow.names]
    if in_order:
        for batch in file.iter_batches(_BATCH_ROWS, columns=names):
            yield JUDGED.from_arrow(pa.Table.from_batches([batch]))
    else:
        rows = JUDGED.from_arrow(file.read(columns=names))
        yield rows[np.lexsort((rows["track_no"], rows["now_ns"]))]


def _opened(path: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path)
    except (OSError, pa.ArrowInvalid) as why:
        raise VigieError(f"{path}: cannot be read as a Parquet file: {why}") from why
