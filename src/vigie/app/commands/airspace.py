"""``vigie airspace``: files of areas read, checked, shown and written in another format."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from vigie.airspace.files import FORMATS, format_of, read_areas, write_areas
from vigie.airspace.index import build_index
from vigie.airspace.reference import BUILTIN, reference_volumes
from vigie.airspace.volume import Volume
from vigie.terms.errors import UsageError, VigieError
from vigie.terms.listing import Problem
from vigie.terms.words import tr

program = typer.Typer(
    help="Areas of AIXM, OpenAir, GeoJSON, ED-269 and ED-318 files. Example: vigie airspace list areas.xml.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Files = Annotated[list[str], typer.Argument(help='files of areas, or "builtin:niger" (simplified, NOT FOR OPERATIONS)')]
Format = Annotated[str, typer.Option("--format", help="their format, if not told by content: " + ", ".join(FORMATS))]
Only = Annotated[list[str] | None, typer.Option("--only", help="ids, names or kinds to take")]
Json = Annotated[bool, typer.Option("--json", help="machine-readable")]


@program.command("list")
def list_areas(
    files: Files, format_name: Format = "", only: Only = None, as_json: Json = False,
    at: Annotated[str, typer.Option("--at", help="only those that hold this place: LAT,LON")] = "",
) -> None:  # fmt: skip
    """Show the areas of files. Example: vigie airspace list areas.txt --at 13.48,2.18."""
    volumes, problems = _read(files, format_name, only)
    if at:
        lat, lon = _place(at)
        volumes = tuple(build_index(volumes).inside(lat, lon))
    if as_json:
        typer.echo(json.dumps([_tree(v) for v in volumes], indent=2, ensure_ascii=False))
    else:
        for v in volumes:
            typer.echo(f"{v.id[:24]:24} {v.kind:9} {v.icao_class or '-'} {v.floor!s:>14} {v.ceiling!s:>14}  {v.name}")
    _told(problems)


@program.command()
def check(files: Files, format_name: Format = "") -> None:
    """Say what is wrong with files of areas; exit 1 if anything is. Example: vigie airspace check areas.xml."""
    volumes, problems = _read(files, format_name, None)
    for name in files:
        kind = format_name or ("geojson" if name == BUILTIN else format_of(Path(name).read_bytes()))
        typer.echo(tr("{file}: {format}").format(file=name, format=kind or tr("no format that is known")))
    typer.echo(tr("{good} areas good, {bad} set aside").format(good=len(volumes), bad=len(problems)))
    _told(problems)
    if problems:
        raise typer.Exit(1)


@program.command("export")
def export_areas(
    files: Files, to: Annotated[Path, typer.Option("--to", help="the file to write")],
    as_format: Annotated[str, typer.Option("--as", help="its format: " + ", ".join(FORMATS))] = "",
    format_name: Format = "", only: Only = None,
) -> None:  # fmt: skip
    """Write areas in another format. Example: vigie airspace export a.txt --as aixm --to a.xml."""
    usual = {".xml": "aixm", ".txt": "openair", ".geojson": "geojson", ".json": "geojson"}
    kind = as_format or usual.get(to.suffix.lower(), "")
    if kind not in FORMATS:
        raise UsageError(f"format {kind or to.suffix!r} is not known; give --as with one of {', '.join(FORMATS)}")
    volumes, problems = _read(files, format_name, only)
    try:
        to.write_text(write_areas(volumes, kind), "utf-8", newline="")
    except OSError as why:
        raise UsageError(f"{to}: cannot be written: {why.strerror}. Give a file in a folder that exists.") from why
    typer.echo(tr("{file}: {n} areas written as {format}").format(file=to, n=len(volumes), format=kind))
    _told(problems)


@program.command("import")
def import_areas(
    files: Files, site: Annotated[Path, typer.Option("--site", help="the site file they belong to")],
    format_name: Format = "", only: Only = None,
) -> None:  # fmt: skip
    """Take areas into a centre: written beside its site file as GeoJSON; the lines to add are printed.

    Example: vigie airspace import aip.xml --site niamey.toml.
    """
    volumes, problems = _read(files, format_name, only)
    if not volumes:
        _told(problems)
        raise VigieError("no area was found in these files; nothing is written")
    out = site.parent / f"{site.stem}-areas.geojson"
    if out.exists():
        raise UsageError(f"{out} exists already: move it away first, nothing is overwritten")
    out.write_text(write_areas(volumes, "geojson"), "utf-8")
    typer.echo(tr("{file}: {n} areas written as {format}").format(file=out, n=len(volumes), format="geojson"), err=True)
    typer.echo(f'[[area]]\nfile = "{out.name}"')
    _told(problems)


def _read(files: list[str], format_name: str, only: list[str] | None) -> tuple[tuple[Volume, ...], tuple[Problem, ...]]:
    if format_name and format_name not in FORMATS:
        raise UsageError(f"format {format_name!r} is not known; known: {', '.join(FORMATS)}")
    volumes: list[Volume] = []
    problems: list[Problem] = []
    for name in files:
        if name == BUILTIN:
            volumes += reference_volumes()
            continue
        try:
            data = Path(name).read_bytes()
        except OSError as why:
            raise UsageError(f"{name}: cannot be read: {why.strerror}. Give a file of areas.") from why
        found, wrong = read_areas(data, name, format_name)
        volumes += found
        problems += wrong
    wanted = set(only or ())
    return tuple(v for v in volumes if not wanted or {v.id, v.name, v.kind} & wanted), tuple(problems)


def _place(text: str) -> tuple[float, float]:
    parts = text.split(",")
    try:
        lat, lon = (float(p) for p in parts)
    except ValueError:
        raise UsageError(f"--at {text!r} is no place; give LAT,LON in degrees, for example 13.48,2.18") from None
    return lat, lon


def _tree(volume: Volume) -> dict[str, object]:
    return {
        "id": volume.id, "name": volume.name, "kind": volume.kind, "class": volume.icao_class,
        "floor": str(volume.floor), "ceiling": str(volume.ceiling), "rings": [len(r) for r in volume.rings],
        "by_notice": volume.by_notice, "windows": len(volume.times), "source": volume.source,
    }  # fmt: skip


def _told(problems: tuple[Problem, ...]) -> None:
    for problem in problems:
        typer.echo(tr("set aside: {problem}").format(problem=problem), err=True)
