"""``vigie recording``: whether a recording is whole, what it holds, parts of it, other formats."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from vigie.app import recordings
from vigie.app.inputs import is_recording, site_for
from vigie.app.known import known_text
from vigie.record.reader import open_recording
from vigie.record.retention import keep_mark, mark_kept, segments_of
from vigie.record.verify import Report, verify
from vigie.sensors.site import load_site
from vigie.terms.errors import UsageError, VigieError
from vigie.terms.utc import iso, parse_instant
from vigie.terms.words import tr

program = typer.Typer(
    help="Recordings: verify, list, keep, cut, merge, export, import. Example: vigie recording verify data/niamey.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Source = Annotated[Path, typer.Argument(help="a recording: its folder, or one segment")]
AsJson = Annotated[bool, typer.Option("--json", help="machine-readable")]
FromTime = Annotated[str, typer.Option("--from", help="where to begin: 90, 17:10:00 or an ISO time")]
Until = Annotated[str, typer.Option(help="where to end: 60, 17:11:00 or an ISO time")]
SiteFile = Annotated[Path | None, typer.Option("--site", help="site file; a recording carries its own")]


@program.command("verify")
def verify_command(
    source: Source,
    key: Annotated[str, typer.Option(help="the centre's public key, 64 hexadecimal digits (recording.pub)")] = "",
    as_json: AsJson = False,
) -> None:
    """Check every row, the hash chain, seals and signatures. Example: vigie recording verify data/niamey."""
    report = verify(source, key=_key(key))
    if as_json:
        typer.echo(json.dumps(report_json(report)))
    else:
        typer.echo(
            tr("{segments} segments ({sealed} sealed), {rows} rows, {batches} batches, {frames} frames, {heads} signed "
               "heads").format(segments=report.segments, sealed=report.sealed, rows=report.rows,
                               batches=report.batches, frames=report.frames, heads=report.heads)
        )  # fmt: skip
        for problem in report.problems:
            typer.echo(f"{problem.file}: {problem.what}")
        for loss in report.losses:
            typer.echo(tr("the recorder itself lost {batches} batches ({frames} frames) from {first} to {last}: "
                          "{reason}").format(batches=loss.batches, frames=loss.frames, first=iso(loss.first_ns),
                                             last=iso(loss.last_ns), reason=loss.reason))  # fmt: skip
    if not report.ok:
        raise VigieError(f"{source}: {len(report.problems)} problems, {report.missing_rows} rows missing; all else is "
                         "as it was written")  # fmt: skip


def report_json(report: Report) -> dict[str, Any]:
    """Return a verification as JSON holds it."""
    return {
        "ok": report.ok, "segments": report.segments, "sealed": report.sealed, "rows": report.rows,
        "batches": report.batches, "frames": report.frames, "heads": report.heads,
        "signed_until_ns": report.signed_until_ns, "keys": [key.hex() for key in report.keys],
        "missing_rows": report.missing_rows,
        "problems": [{"file": p.file, "first_row": p.first_row, "last_row": p.last_row, "what": p.what}
                     for p in report.problems],
        "lost_batches": sum(loss.batches for loss in report.losses),
    }  # fmt: skip


@program.command("list")
def list_command(source: Source, as_json: AsJson = False) -> None:
    """Show the segments and what made them. Example: vigie recording list data/niamey."""
    recording = open_recording(source)
    rows = []
    for segment in recording.segments:
        held = segment.configuration
        rows.append({
            "file": segment.path.name, "first_row": segment.first, "octets": segment.path.stat().st_size,
            "started": iso(held.started_ns) if held else "", "software": held.software if held else "",
            "sealed": segment.path.with_name(segment.path.name + ".seal").exists(),
        })  # fmt: skip
    if as_json:
        typer.echo(json.dumps({"segments": rows, "first": iso(recording.first_ns), "last": iso(recording.last_ns)}))
        return
    for row in rows:
        sealed = tr("sealed") if row["sealed"] else tr("open")
        typer.echo(f"{row['file']:36} {row['started']:26} {row['octets']:12} {sealed:8} {row['software']}")
    typer.echo(tr("from {first} to {last}").format(first=iso(recording.first_ns), last=iso(recording.last_ns)))


@program.command("cut")
def cut_command(source: Source, to: Annotated[Path, typer.Option(help="folder of the new recording")],
                from_time: FromTime = "", until: Until = "") -> None:  # fmt: skip
    """Copy a time range into a recording of its own. Example: vigie recording cut data --from 17:10 --to slice."""
    _, from_ns, until_ns = times(source, from_time, until)
    count = recordings.cut(source, to, from_ns, until_ns)
    _said(to, count, tr("ticks"))


@program.command("merge")
def merge_command(
    sources: Annotated[list[Path], typer.Argument(help="recordings of one centre")],
    to: Annotated[Path, typer.Option(help="folder of the new recording")],
) -> None:
    """Join recordings of one centre. Example: vigie recording merge monday tuesday --to both."""
    _said(to, recordings.merge(sources, to), tr("ticks"))


@program.command("export")
def export_command(
    source: Source, to: Annotated[Path, typer.Option(help="the file to write; its name says the format")],
    form: Annotated[str, typer.Option("--as", help="pcap, parquet, plots, geojson, kml, gpx, csv or cat062")] = "",
    from_time: FromTime = "", until: Until = "", site: SiteFile = None,
) -> None:  # fmt: skip
    """Write a recording for other programs. Example: vigie recording export data --to tracks.kml --from 17:10."""
    form = recordings.format_of(to, form)
    _, from_ns, until_ns = times(source, from_time, until)
    held = site_for([source], site) if site else None
    count = recordings.export(source, to, form, site=held, from_ns=from_ns, until_ns=until_ns)
    _said(to, count, tr("packets") if form == "pcap" else tr("rows"))


@program.command("import")
def import_command(
    captures: Annotated[list[Path], typer.Argument(help="capture files, as for vigie decode")],
    to: Annotated[Path, typer.Option(help="folder of the new recording")],
    site: Annotated[Path, typer.Option(help="the site file the recording will carry")],
    date: Annotated[str | None, typer.Option(help="date of a file without a capture clock, YYYY-MM-DD")] = None,
    form: Annotated[str | None, typer.Option("--format", help="kind of the file, where content does not tell")] = None,
) -> None:
    """Make a recording of capture files. Example: vigie recording import radar.pcap --site niamey.toml --to data."""
    if any(is_recording(path) for path in captures):
        raise UsageError("this is a recording already; use vigie recording cut or merge")
    held = load_site(site)
    count = recordings.import_captures(captures, to, site_text=site.read_text("utf-8"),
                                       known_text=known_text(held, time.time_ns()), form=form, date=date)  # fmt: skip
    _said(to, count, tr("ticks"))


@program.command("keep")
def keep_command(
    source: Annotated[Path, typer.Argument(help="the centre's folder")],
    from_time: FromTime = "",
    until: Until = "",
    why: Annotated[str, typer.Option(help="why it is kept; written into the mark")] = "",
    withdraw: Annotated[bool, typer.Option("--withdraw", help="take the marks away again")] = False,
) -> None:
    """Mark what retention must not remove. Example: vigie recording keep data/niamey --from 21:00:00 --why incident."""
    if not source.is_dir():
        raise UsageError(f"{source}: expected the folder of a centre")
    if not withdraw and not why.strip():
        raise UsageError("say with --why why it is kept: whoever finds the mark in a year asks that")
    _, from_ns, until_ns = times(source, from_time, until)
    changed = []
    for segment in segments_of(source, from_ns or 0, until_ns or 2**63 - 1):
        if withdraw and keep_mark(segment).exists():
            keep_mark(segment).unlink()
            changed.append(segment.name)
        elif not withdraw and mark_kept(segment, why):
            changed.append(segment.name)
    for name in changed:
        typer.echo(name)
    _said(source, len(changed), tr("segments are no longer marked") if withdraw else tr("segments are marked as kept"))


def times(source: Path, from_time: str, until: str) -> tuple[int, int | None, int | None]:
    """Return the first instant of a recording and the range a person asked for."""
    first_ns = open_recording(source).first_ns
    from_ns = parse_instant(from_time, first_ns) if from_time else None
    until_ns = parse_instant(until, first_ns) if until else None
    if from_ns is not None and until_ns is not None and until_ns <= from_ns:
        raise UsageError(f"--until {until!r} is not after --from {from_time!r}")
    return first_ns, from_ns, until_ns


def _key(text: str) -> bytes:
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b"?"
    if len(key) not in (0, 32):
        raise UsageError(f"--key {text[:20]!r}: expected 64 hexadecimal digits, as in recording.pub")
    return key


def _said(to: Path, count: int, what: str) -> None:
    typer.echo(tr("{to}: {count} {what}").format(to=to, count=count, what=what), err=True)
