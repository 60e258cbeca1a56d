"""``vigie track``: files through the same pipeline as live, as fast as possible."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import typer

from vigie.app.files import TableFile, write_json
from vigie.app.inputs import (
    batches_of,
    is_plots,
    known_for,
    parse_editions,
    plot_ticks,
    site_for,
    with_editions,
)
from vigie.app.known import known_from
from vigie.app.pipeline import Outputs, State, step, step_plots
from vigie.app.progress import Progress
from vigie.monitor.report import health_json
from vigie.terms.errors import UsageError, VigieError
from vigie.terms.tables import ALERT, HEALTH, IDENTITY, TRACK, TRACK_CONFIRMED, Rows
from vigie.terms.utc import iso, parse_date
from vigie.terms.words import tr
from vigie.track.smooth import Smoother


def command(
    inputs: Annotated[list[Path], typer.Argument(help="as for decode, or plots.parquet")],
    *,
    site: Annotated[Path | None, typer.Option(help="site file; a recording of ours carries its own")] = None,
    to: Annotated[Path, typer.Option(help="tracks as Parquet")],
    health: Annotated[Path | None, typer.Option(help="what is known of each sensor, as JSON")] = None,
    identities: Annotated[Path | None, typer.Option(help="who each track is held to be and why, as Parquet")] = None,
    alerts: Annotated[Path | None, typer.Option(help="alerts, each change of their life a row, as Parquet")] = None,
    smooth: Annotated[Path | None, typer.Option(help="tracks smoothed with what came after, as Parquet")] = None,
    edition: Annotated[list[str] | None, typer.Option(help="CAT=ED, for example 21=0.23")] = None,
    date: Annotated[str | None, typer.Option(help="date of a file without a capture clock, YYYY-MM-DD")] = None,
    form: Annotated[str | None, typer.Option("--format", help="kind of the file, where content does not tell")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="ledgers and digest on standard output")] = False,
) -> None:
    """Track files. Example: vigie track radar.pcap --site niamey.toml --to tracks.parquet --health health.json."""
    state = State(
        with_editions(site_for(inputs, site), parse_editions(edition or [])),
        known=known_from(known_for(inputs, site, parse_date(date) if date else 0)),
    )
    confirmed: set[int] = set()
    last_health: Rows = HEALTH.empty()
    progress = Progress(inputs)
    smoother = Smoother(state.tracker) if smooth else None
    with contextlib.ExitStack() as files:
        tracks_file = files.enter_context(TableFile(to, TRACK))
        more = [(files.enter_context(TableFile(path, table)), table.name)
                for path, table in ((identities, IDENTITY), (alerts, ALERT)) if path]  # fmt: skip
        for out in run_files(state, inputs, form=form, date=date):
            tracks_file.append(out.tracks)
            if smoother:
                smoother.take()
            for file, name in more:
                file.append(out.identities if name == IDENTITY.name else out.alerts)
            last_health = out.health
            progress.show(state.decoder.ledger.bytes, iso(out.now_ns))
            if len(out.tracks):
                confirmed.update(np.unique(out.tracks["track_no"][out.tracks["status"] == TRACK_CONFIRMED]).tolist())
    progress.end()
    if smooth and smoother:
        write_smoothed(smoother, to, smooth)
    if health:
        write_json(health, health_json(state.site, last_health))
    ledgers = {
        "decode": state.decoder.ledger.as_json(),
        "track": state.tracker.ledger.as_json(),
        "digest": state.digest.hex(),
        "confirmed_tracks": len(confirmed),
    }
    if as_json:
        typer.echo(json.dumps(ledgers))
    typer.echo(
        tr("{plots} plots, {tracks} confirmed tracks, {rows} rows; digest {digest}").format(
            plots=state.tracker.ledger.plots, tracks=len(confirmed), rows=tracks_file.rows, digest=state.digest.hex()
        ),
        err=True,
    )
    if not state.ledgers_balance():
        raise VigieError(f"the ledgers do not balance, this is a fault of ours: {ledgers}")


def write_smoothed(smoother: Smoother, tracks: Path, to: Path) -> None:
    """Write the rows of ``tracks`` smoothed into ``to``: same rows, same order."""
    smoother.close()
    with TableFile(to, TRACK) as file:
        for batch in pq.ParquetFile(tracks).iter_batches():
            file.append(smoother.rows(TRACK.from_arrow(pa.Table.from_batches([batch]))))


def run_files(state: State, paths: list[Path], *, form: str | None, date: str | None) -> Iterator[Outputs]:
    """Yield the outputs of every tick of files of bytes, or of plots (not of both)."""
    plots = [is_plots(path) for path in paths]
    if all(plots):
        for now_ns, rows in plot_ticks(paths):
            yield step_plots(state, rows, now_ns)
    elif any(plots):
        raise UsageError("plots.parquet and files of bytes cannot be mixed in one call: track them one after the other")
    else:
        for batch in batches_of(paths, form=form, date=date):
            yield step(state, batch)
