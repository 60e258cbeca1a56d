"""``vigie replay``: a recording, ours or a capture file, through the live pipeline and display."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Annotated

import typer

from vigie import __version__
from vigie.app.against import compare, differences_text
from vigie.app.inputs import is_plots, is_recording, known_for, site_for
from vigie.app.plan import Replay
from vigie.app.sides import side_of
from vigie.app.snapshots import newest_snapshot
from vigie.app.start import start_centre
from vigie.people.positions import positions_of
from vigie.record.reader import open_recording
from vigie.terms.errors import UsageError


def command(
    recording: Annotated[list[Path], typer.Argument(help="our recording, or capture files")],
    *,
    site: Annotated[Path | None, typer.Option(help="site file; a recording of ours carries its own")] = None,
    speed: Annotated[str, typer.Option(help="times real time, or max")] = "1",
    from_time: Annotated[str, typer.Option("--from", help="where to begin: 90, 17:10:00 or an ISO time")] = "",
    until: Annotated[str, typer.Option(help="where to end: 60, 17:11:00 or an ISO time")] = "",
    to: Annotated[Path | None, typer.Option(help="tracks as Parquet; ends when the recording ends")] = None,
    date: Annotated[str | None, typer.Option(help="date of a file without a capture clock, YYYY-MM-DD")] = None,
    form: Annotated[str | None, typer.Option("--format", help="kind of the file, where content does not tell")] = None,
    against: Annotated[
        Path | None, typer.Option(help="no display: say what differs from another recording, or from tracks.parquet")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="with --against: machine-readable")] = False,
    role: Annotated[
        str, typer.Option(help="of whoever opens the page: supervisor, operator, technician, auditor, trainer, viewer")
    ] = "supervisor",
    listen: Annotated[str, typer.Option(help="HOST:PORT of the page; default 127.0.0.1:8080")] = "",
    open_page: Annotated[bool, typer.Option("--open/--no-open", help="open the page in a browser")] = False,
) -> None:
    """Replay a recording. Example: vigie replay radar.pcap --site niamey.toml --speed 4."""
    if not positions_of(role):
        raise UsageError(f"--role {role!r}: expected supervisor, operator, technician, auditor, trainer or viewer")
    for path in recording:
        if against is None and is_plots(path):
            raise UsageError(f"{path}: holds plots, a replay needs the recorded octets; use vigie track for plots")
    if against is not None:
        sides = (side_of(paths, site, form=form, date=date) for paths in (recording, [against]))
        found = compare(*sides)
        typer.echo(json.dumps(found) if as_json else differences_text(found))
        return
    centre_site = site_for(recording, site)
    replay = Replay(
        paths=tuple(str(p) for p in recording), speed=parse_speed(speed), from_text=from_time, until_text=until,
        date=date, form=form, own_snapshots=site is None and has_snapshots(recording),
    )  # fmt: skip
    start_centre(
        centre_site, mode="replay", site_text=site.read_text("utf-8") if site else "", listen=listen,
        known=known_for(recording, site), replay=replay, tracks_to=str(to) if to else "", open_page=open_page,
        role=role,
    )  # fmt: skip


def has_snapshots(paths: list[Path]) -> bool:
    """Whether a recording of ours carries snapshots that this version can go on from."""
    if len(paths) != 1 or not is_recording(paths[0]):
        return False
    newest = newest_snapshot(open_recording(paths[0]))
    return newest is not None and newest.software == __version__


def parse_speed(text: str) -> float:
    """Return times real time; ``max`` is infinity."""
    if text == "max":
        return math.inf
    try:
        speed = float(text)
    except ValueError:
        speed = math.nan
    if not 0.01 <= speed <= 10_000:
        raise UsageError(f"--speed {text!r}: expected a number from 0.01 to 10000, or max")
    return speed
