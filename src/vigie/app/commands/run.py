"""``vigie run``: a live centre."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vigie.app.commands.sniff import sniff_link
from vigie.app.exercise import start_exercise
from vigie.app.inputs import parse_place, site_at
from vigie.app.sniff import site_of, words
from vigie.app.start import start_centre
from vigie.sensors.link import parse_link
from vigie.sensors.site import Site, load_site
from vigie.terms.errors import UsageError
from vigie.terms.words import tr

_LISTEN_S = 3.0
_EXERCISE = "exercise:"


def command(
    source: Annotated[
        str, typer.Argument(help="a site file, a link (tcp://HOST:PORT, udp://GROUP:PORT), or exercise:NAME")
    ],
    *,
    at: Annotated[str, typer.Option(help="LAT,LON of the sensor, for a start without a site file")] = "",
    listen: Annotated[str, typer.Option(help="HOST:PORT of the page; default 127.0.0.1:8080")] = "",
    data_dir: Annotated[Path | None, typer.Option(help="folder of the recording")] = None,
    open_page: Annotated[bool, typer.Option("--open/--no-open", help="open the page in a browser")] = False,
    speed: Annotated[float | None, typer.Option(help="of an exercise: times real time, 1 to 100")] = None,
    seed: Annotated[int | None, typer.Option(help="of an exercise: another seed than its own")] = None,
) -> None:
    """Run a live centre. Example: vigie run tcp://192.0.2.7:30005 --at 13.48,2.17."""
    if source.startswith(_EXERCISE):
        start_exercise(
            source.removeprefix(_EXERCISE), mode="live", listen=listen, speed=1.0 if speed is None else speed,
            seed=seed, data_dir=data_dir, open_page=open_page,
        )  # fmt: skip
        return
    if speed is not None or seed is not None:
        raise UsageError(f"{source}: --speed and --seed are for an exercise; the world has its own pace")
    if "://" in source:
        if not at:
            raise UsageError(f"{source}: without a site file, --at LAT,LON must say where the sensor stands")
        site, text = (find_senders(source, at) if source.startswith("udp:") else site_at(source, at)), ""
    else:
        site = load_site(source)
        text = Path(source).read_text("utf-8")
        if not site.links:
            raise UsageError(f'{source}: no sensor has a link; give at least one [[sensor]] a link = "udp://..."')
    start_centre(site, mode="live", site_text=text, listen=listen, data_dir=data_dir, open_page=open_page)


def find_senders(source: str, at: str) -> Site:
    """Listen until somebody sends on a link, and return the site of those senders, all standing at ``at``.

    Who sends on a UDP link, and which categories, only the datagrams tell; a TCP receiver is one sensor anyway.
    """
    lat, lon = parse_place(at)
    typer.echo(tr("Listening on {link} for senders ...").format(link=source), err=True)
    while True:
        report = sniff_link(source, _LISTEN_S)
        if report.senders:
            typer.echo(words(report), err=True)
            return site_of(report, name=source, lat_deg=lat, lon_deg=lon, link=parse_link(source))
