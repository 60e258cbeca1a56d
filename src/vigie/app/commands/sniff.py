"""``vigie sniff``: what is on this link or in this file; writes a starter site file with ``--to``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from vigie.app.inputs import open_inputs, parse_place
from vigie.app.listen import listen
from vigie.app.sniff import Report, as_json, sniff, starter_site, words
from vigie.receive.files import merge_inputs
from vigie.sensors.link import parse_link
from vigie.terms.batch import Frames
from vigie.terms.errors import UsageError, VigieError
from vigie.terms.words import tr


def command(
    source: Annotated[str, typer.Argument(help="a link (udp://GROUP:PORT, tcp://HOST:PORT) or a file")],
    *,
    seconds: Annotated[float, typer.Option(help="how long to listen to a link")] = 15.0,
    at: Annotated[str, typer.Option(help="LAT,LON of the sensor, for the starter site file")] = "",
    to: Annotated[Path | None, typer.Option(help="write a starter site file here")] = None,
    date: Annotated[str | None, typer.Option(help="date of a file without a capture clock, YYYY-MM-DD")] = None,
    json_wanted: Annotated[bool, typer.Option("--json", help="machine-readable")] = False,
) -> None:
    """Say what is on a link or in a file. Example: vigie sniff udp://239.1.1.1:4001 --to niamey.toml."""
    place = parse_place(at) if at else None
    report = sniff_link(source, seconds) if "://" in source else sniff_file(Path(source), date)
    if not report.senders:
        raise VigieError(
            f"{source}: nothing that can be read: {report.frames} frames, {report.octets} octets. Check the address, "
            "the group, the firewall, and that the sensor sends."
        )
    typer.echo(json.dumps(as_json(report)) if json_wanted else words(report))
    if to:
        if to.exists():
            raise UsageError(f"{to}: exists already and is not overwritten; give another name")
        link = source if "://" in source else f"file:{Path(source).resolve()}"
        to.write_text(starter_site(report, link, place), "utf-8")
        typer.echo(tr("{file}: written; put in the positions, then: vigie check {file}").format(file=to), err=True)


def sniff_file(path: Path, date: str | None) -> Report:
    """Return what is in a file."""
    opened = open_inputs([path], form=None, date=date)
    report = sniff(merge_inputs(opened), {})
    report.endpoints = opened[0].endpoints
    return report


def sniff_link(text: str, seconds: float) -> Report:
    """Return what came over a link within ``seconds``."""
    counts: dict[str, int] = {}

    def counted() -> Iterator[Frames]:
        for frames in listen(parse_link(text), seconds):
            counts[text] = counts.get(text, 0) + len(frames)
            yield frames

    return sniff(counted(), counts)
