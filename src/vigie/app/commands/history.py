"""``vigie history``: the archive made from the recording, and questions to it."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from vigie.airspace.reference import reference_aerodromes
from vigie.app.archive import build as build_archive
from vigie.app.incident import make
from vigie.app.inputs import site_for
from vigie.history import ask
from vigie.history.flights import level_m, origin_words
from vigie.history.names import name_of
from vigie.history.tables import FLIGHT
from vigie.history.words import Span, parse_span
from vigie.record.reader import open_recording
from vigie.terms.errors import UsageError
from vigie.terms.units import M_PER_FL
from vigie.terms.utc import iso, parse_instant
from vigie.terms.words import tr

program = typer.Typer(
    help='Questions to the archive. Example: vigie history landed DRRN "yesterday 18:00-06:00" --zone Africa/Niamey.',
    no_args_is_help=True,
    rich_markup_mode=None,
)
When = Annotated[str, typer.Argument(help='a time in words: "last Wednesday night", "yesterday 18:00-06:00"')]
Folder = Annotated[Path, typer.Option("--archive", help="the folder that vigie history build made")]
Zone = Annotated[str, typer.Option("--zone", help="time zone of the words, for example Africa/Niamey")]
Now = Annotated[str, typer.Option("--now", help="the instant from which words count (ISO); default: now")]
AsJson = Annotated[bool, typer.Option("--json", help="machine-readable")]
_ARCHIVE = Path("archive")
_AFTER_NS = 60_000_000_000


@program.command("build")
def build(
    recording: Annotated[Path, typer.Argument(help="our recording: a folder or a segment")],
    to: Annotated[Path, typer.Option(help="folder of the archive")] = _ARCHIVE,
    site: Annotated[Path | None, typer.Option(help="site file; a recording of ours carries its own")] = None,
) -> None:
    """Make the archive of a recording, or make it again. Example: vigie history build data/niamey --to archive."""
    done = build_archive(open_recording(recording), site_for([recording], site), to)
    typer.echo(tr("{to}: {days} days: {names}").format(to=to, days=len(done), names=", ".join(done)), err=True)


@program.command("flights")
def flights(
    when: When, area: Annotated[str, typer.Option(help="identifier of an area or FIR")] = "",
    box: Annotated[str, typer.Option(help="SOUTH,WEST,NORTH,EAST in degrees")] = "",
    levels: Annotated[str, typer.Option(help="flight levels, for example 0-245")] = "",
    archive: Folder = _ARCHIVE, zone: Zone = "UTC", now: Now = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """Flights through an area or level band. Example: vigie history flights yesterday --levels 0-245."""
    corners = _numbers(box, 4, ",", "--box", "SOUTH,WEST,NORTH,EAST") if box else None
    band = _numbers(levels, 2, "-", "--levels", "LOW-HIGH, for example 0-245") if levels else None
    place = (corners[0], corners[1], corners[2], corners[3]) if corners else None
    heights = (level_m(band[0]), level_m(band[1])) if band else None
    _answer(archive, when, zone, now, as_json,
            lambda held, span: ask.flights(held, span, box=place, band_m=heights, area=area), _flight)  # fmt: skip


@program.command("landed")
def landed(
    aerodrome: Annotated[str, typer.Argument(help="location indicator")], when: When,
    archive: Folder = _ARCHIVE, zone: Zone = "UTC", now: Now = "", as_json: AsJson = False,
    package: Annotated[Path | None, typer.Option(help="seal an incident package of these flights here")] = None,
    recording: Annotated[
        Path | None, typer.Option(help="for --package: the recording; default: the folder that the archive is in")
    ] = None,
) -> None:  # fmt: skip
    """What landed, with the evidence. Example: vigie history landed DRRN "last night" --zone Africa/Niamey."""
    found: ask.Answer = []

    def question(held: ask.Archive, span: Span) -> ask.Answer:
        rows = ask.landed(held, span, aerodrome)
        found.extend(row | dict(zip(("name", "name_evidence"), name_of(held, row), strict=True)) for row in rows)
        return found

    _answer(archive, when, zone, now, as_json, question, _landing)
    if package is not None:
        _seal(found, recording or archive.resolve().parent, package)


def _seal(found: ask.Answer, source: Path, to: Path) -> None:
    """Seal a package from the first sight of these flights to a minute after the last."""
    if not found:
        raise UsageError("nothing landed in this time: there is nothing to seal")
    folder = source if source.is_dir() else source.parent
    first_ns, last_ns = min(row["first_ns"] for row in found), max(row["last_ns"] for row in found)
    recording, site = open_recording(source), site_for([source], None)
    done = make(recording, folder, site, to, from_ns=first_ns, until_ns=last_ns + _AFTER_NS)
    typer.echo(tr("{to}: {files} files, sealed with key {key}").format(
        to=to, files=len(done["files"]), key=done["public"][:16]), err=True)  # fmt: skip


@program.command("departed")
def departed(
    aerodrome: Annotated[str, typer.Argument(help="location indicator")], when: When,
    archive: Folder = _ARCHIVE, zone: Zone = "UTC", now: Now = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """What took off, with the evidence. Example: vigie history departed DRRN today."""
    _answer(archive, when, zone, now, as_json, lambda held, span: ask.took_off(held, span, aerodrome), _takeoff)


@program.command("seen")
def seen(
    name: Annotated[str, typer.Argument(help="address (6 hex), code (4 octal), callsign, or #track")], when: When,
    archive: Folder = _ARCHIVE, zone: Zone = "UTC", now: Now = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """First and last seen. Example: vigie history seen 3C4A00 "last 7 days"."""
    _answer(archive, when, zone, now, as_json, lambda held, span: ask.seen(held, span, name), _flight)


@program.command("track")
def track(
    name: Annotated[str, typer.Argument(help="address (6 hex), code (4 octal), callsign, or #track")], when: When,
    archive: Folder = _ARCHIVE, zone: Zone = "UTC", now: Now = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """Where it was, row by row. Example: vigie history track 7700 today."""
    _answer(archive, when, zone, now, as_json, lambda held, span: ask.track(held, span, name), _row)


@program.command("nearest")
def nearest(
    place: Annotated[str, typer.Argument(help="LAT,LON in degrees")], when: When,
    archive: Folder = _ARCHIVE, zone: Zone = "UTC", now: Now = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """Nearest pass of each track to a point. Example: vigie history nearest 13.48,2.18 "last night"."""
    lat, lon = _numbers(place, 2, ",", "PLACE", "LAT,LON")
    _answer(archive, when, zone, now, as_json, lambda held, span: ask.nearest(held, span, lat, lon), _pass)


@program.command("dark")
def dark(when: When, archive: Folder = _ARCHIVE, zone: Zone = "UTC", now: Now = "", as_json: AsJson = False) -> None:
    """Flights without transponder. Example: vigie history dark "last Wednesday night"."""
    _answer(archive, when, zone, now, as_json, ask.dark, _flight)


@program.command("gaps")
def gaps(when: When, archive: Folder = _ARCHIVE, zone: Zone = "UTC", now: Now = "", as_json: AsJson = False) -> None:
    """When a sensor was blind, silent or out. Example: vigie history gaps yesterday."""
    _answer(archive, when, zone, now, as_json, ask.gaps, _gap)


@program.command("counts")
def counts(
    when: When, by: Annotated[str, typer.Option(help="hour, sensor or state (of registry)")] = "hour",
    archive: Folder = _ARCHIVE, zone: Zone = "UTC", now: Now = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """Counts per hour, sensor or state of registry. Example: vigie history counts "last 7 days" --by state."""
    _answer(archive, when, zone, now, as_json, lambda held, span: ask.counts(held, span, by), _count)


@program.command("sql")
def sql(
    query: Annotated[str, typer.Argument(help="one SELECT over tracks, plots, flights, crossings, alerts, ...")],
    when: Annotated[str, typer.Option(help="days to read, in words; default: all")] = "",
    archive: Folder = _ARCHIVE, zone: Zone = "UTC", now: Now = "",
) -> None:  # fmt: skip
    """Free SQL, read only. Example: vigie history sql "SELECT count(*) FROM flights"."""
    held = ask.Archive(archive, _span(when, zone, now) if when else None)
    typer.echo(json.dumps(held.sql(query), default=str, indent=1))
    held.close()


def _answer(
    archive: Path,
    when: str,
    zone: str,
    now: str,
    as_json: bool,
    question: Callable[[ask.Archive, Span], ask.Answer],
    line: Callable[[dict[str, Any]], str],
) -> None:
    span = _span(when, zone, now)
    held = ask.Archive(archive, span)
    rows = question(held, span)
    held.close()
    if as_json:
        typer.echo(json.dumps([{k: _plain(v) for k, v in row.items()} for row in rows]))
        return
    typer.echo(tr("{n} found, {span}").format(n=len(rows), span=span), err=True)
    for row in rows:
        typer.echo(line(row))


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and math.isnan(value) else value


def _span(when: str, zone: str, now: str) -> Span:
    return parse_span(when, parse_instant(now, 0) if now else time.time_ns(), zone)


def _numbers(text: str, n: int, mark: str, what: str, expected: str) -> list[float]:
    try:
        values = [float(part) for part in text.split(mark)]
    except ValueError:
        values = []
    if len(values) != n:
        raise UsageError(f"{what} {text!r}: expected {expected}")
    return values


def _level(value: Any) -> str:
    return "-" if value is None or math.isnan(value) else f"FL{value / M_PER_FL:03.0f}"


def _flight(row: dict[str, Any]) -> str:
    ends = f"{row['from_aerodrome'] or '-'} > {row['to_aerodrome'] or '-'}"
    silent = tr("no transponder {share:.0%}").format(share=row["dark_share"]) if row["dark_share"] >= 0.005 else ""
    return (f"{iso(row['first_ns'])} {iso(row['last_ns'])} {ask.words_of(row):24} {ends:12} "
            f"{_level(row['min_alt_m'])}-{_level(row['max_alt_m'])} {silent}").rstrip()  # fmt: skip


def _landing(row: dict[str, Any]) -> str:
    silent = tr("no transponder {share:.0%}").format(share=row["dark_share"]) if row["dark_share"] >= 0.005 else ""
    named = f"\n  {row['name']}: {row['name_evidence']}" if row["name"] else ""
    return (f"{iso(row['landed_ns'])} {row['to_aerodrome']} {ask.words_of(row)} {silent}{named}\n  {_origin(row)}\n"
            f"  {row['landed_evidence']}")  # fmt: skip


def _takeoff(row: dict[str, Any]) -> str:
    return f"{iso(row['takeoff_ns'])} {row['from_aerodrome']} {ask.words_of(row)}\n  {row['takeoff_evidence']}"


def _origin(row: dict[str, Any]) -> str:
    """Return where a flight came from, in words."""
    flight = FLIGHT.empty(1)
    for name in ("from_aerodrome", "to_aerodrome", "takeoff_ns", "first_ns", "first_lat_deg", "first_lon_deg"):
        value = row[name]
        flight[name] = value.encode() if isinstance(value, str) else value
    return origin_words(flight[0], reference_aerodromes())


def _row(row: dict[str, Any]) -> str:
    height = row["press_alt_m"] if not math.isnan(row["press_alt_m"]) else row["geo_alt_m"]
    return f"{iso(row['now_ns'])} #{row['track_no']} {row['lat_deg']:.5f} {row['lon_deg']:.5f} {_level(height)}"


def _pass(row: dict[str, Any]) -> str:
    return f"{row['distance_m'] / 1000:9.2f} km  {iso(row['at_ns'])}  {ask.words_of(row)}  {_level(row['press_alt_m'])}"


def _gap(row: dict[str, Any]) -> str:
    states = (tr("never heard"), "ok", tr("degraded"), tr("blind"), tr("silent"), "NOGO")
    return f"{iso(row['from_ns'])} {iso(row['until_ns'])} sensor {row['sensor_id']}: {states[row['state']]}"


def _count(row: dict[str, Any]) -> str:
    (name, key), (_, n) = row.items()
    return f"{iso(key) if name.endswith('_ns') else key}: {n}"
