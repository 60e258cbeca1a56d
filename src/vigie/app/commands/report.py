"""``vigie report``: a day or an incident on paper and on a page, for those who decide and for technicians."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from vigie.airspace.reference import reference_aerodromes, reference_volumes
from vigie.app.commands.history import Folder, Now, When, Zone
from vigie.app.commands.incident import parse_box
from vigie.app.known import known_from, known_text
from vigie.app.report import Writer
from vigie.app.report_html import html
from vigie.app.report_pdf import pdf
from vigie.history import ask
from vigie.history.figures import figures
from vigie.history.words import parse_span, zone_of
from vigie.sensors.site import Site, load_site, parse_site
from vigie.terms.errors import UsageError
from vigie.terms.utc import parse_instant
from vigie.terms.words import LANGUAGES, language_in_use, tr

program = typer.Typer(
    help="Reports as PDF and HTML. Example: vigie report daily yesterday --archive archive --to yesterday.pdf.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
To = Annotated[Path, typer.Option(help="NAME.pdf, NAME.html, or NAME for both; nothing is overwritten")]
Language = Annotated[str, typer.Option(help="en or fr; default: the one in use")]
SiteFile = Annotated[Path | None, typer.Option("--site", help="site file; default: the one that was recorded")]
_ARCHIVE = Path("archive")
_LAYOUTS = {".pdf": pdf, ".html": html}


@program.command("daily")
def daily(
    when: When, to: To, archive: Folder = _ARCHIVE, zone: Zone = "UTC", now: Now = "", language: Language = "",
    site: SiteFile = None,
) -> None:  # fmt: skip
    """The report of a day. Example: vigie report daily yesterday --archive archive --language fr --to hier.pdf."""
    _report("daily", when, to, archive, zone, now, language, site, "")


@program.command("incident")
def incident(
    when: When, to: To, archive: Folder = _ARCHIVE, zone: Zone = "UTC", now: Now = "", language: Language = "",
    site: SiteFile = None,
    box: Annotated[str, typer.Option(help="SOUTH,WEST,NORTH,EAST in degrees; default: everywhere")] = "",
) -> None:  # fmt: skip
    """The report of an incident. Example: vigie report incident "yesterday 02:00-04:00" --to incident.pdf."""
    _report("incident", when, to, archive, zone, now, language, site, box)


def _report(
    kind: str, when: str, to: Path, archive: Path, zone: str, now: str, language: str, site_file: Path | None, box: str
) -> None:
    language = language or language_in_use()
    if language not in LANGUAGES:
        raise UsageError(f"--language {language!r}: expected en or fr")
    span = parse_span(when, parse_instant(now, 0) if now else time.time_ns(), zone)
    corners = parse_box(box)
    held = ask.Archive(archive, span)
    found = figures(held, span, box=corners)
    held.close()
    site = load_site(site_file) if site_file else _recorded_site(found.made, archive)
    ground = known_from(known_text(site, span.from_ns)).ground if site_file else None
    own = ground.aerodromes if ground else ()
    aerodromes = (*own, *(a for a in reference_aerodromes() if a.icao not in {o.icao for o in own}))
    volumes = (ground.volumes if ground else ()) or reference_volumes()
    writer = Writer(found, site, aerodromes, volumes, language=language, zone=zone_of(zone), zone_name=zone,
                    box=corners)  # fmt: skip
    report = writer.report(kind)
    wanted = [to] if to.suffix in _LAYOUTS else [to.with_name(to.name + suffix) for suffix in _LAYOUTS]
    for path in wanted:
        octets = _LAYOUTS[path.suffix](report)
        try:
            with path.open("xb") as file:
                file.write(octets)
        except FileExistsError as why:
            raise UsageError(f"{path}: exists already; name another file, nothing is overwritten") from why
        except OSError as why:
            raise UsageError(f"{path}: cannot be written: {why.strerror}") from why
        typer.echo(tr("{file}: written").format(file=path), err=True)


def _recorded_site(made: list[dict[str, object]], archive: Path) -> Site:
    text = next((str(m["site_text"]) for m in reversed(made) if m.get("site_text")), "")
    if not made:
        raise UsageError(f"{archive}: holds no day of this time. vigie history build makes it from the recording.")
    if not text:
        raise UsageError(f"{archive}: does not say which site it is of; give it with --site SITE.toml")
    return parse_site(text, file=str(archive))
