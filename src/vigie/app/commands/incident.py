"""``vigie incident``: a sealed package of what happened, and whether one is as it was sealed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vigie.app.commands.recording import FromTime, Source, Until, times
from vigie.app.incident import make, verify
from vigie.app.inputs import site_for
from vigie.record.reader import open_recording
from vigie.terms.errors import UsageError, VigieError
from vigie.terms.words import tr

program = typer.Typer(
    help="Sealed packages of what happened. Example: vigie incident make data --from 02:10 --until 03:10 --to package.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@program.command("make")
def make_command(
    source: Source, to: Annotated[Path, typer.Option(help="folder of the package; must not exist")],
    from_time: FromTime = "", until: Until = "",
    box: Annotated[str, typer.Option(help="SOUTH,WEST,NORTH,EAST in degrees; default: everywhere")] = "",
    site: Annotated[Path | None, typer.Option(help="site file; a recording carries its own")] = None,
) -> None:  # fmt: skip
    """Seal a package. Example: vigie incident make data/niamey --from 02:10 --until 03:10 --to package."""
    first_ns, from_ns, until_ns = times(source, from_time, until)
    recording = open_recording(source)
    folder = source if source.is_dir() else source.parent
    done = make(recording, folder, site_for([source], site), to, from_ns=from_ns or first_ns,
                until_ns=until_ns or recording.last_ns + 1, box=parse_box(box))  # fmt: skip
    typer.echo(tr("{to}: {files} files, sealed with key {key}").format(
        to=to, files=len(done["files"]), key=done["public"][:16]), err=True)  # fmt: skip


@program.command("verify")
def verify_command(package: Annotated[Path, typer.Argument(help="the package's folder")]) -> None:
    """Say whether a package is as it was sealed; python PACKAGE/verify.py says the same without Vigie."""
    problems, facts = verify(package)
    for name, fact in sorted(facts.items()):
        typer.echo(f"{name}: {fact}")
    for problem in problems:
        typer.echo(problem)
    if problems:
        raise VigieError(f"{package}: {len(problems)} problems; the package is not as it was sealed")
    typer.echo(tr("The package is as it was sealed."))


def parse_box(text: str) -> tuple[float, float, float, float] | None:
    """Return south, west, north, east of ``--box``; None for an empty text."""
    if not text:
        return None
    try:
        south, west, north, east = (float(part) for part in text.split(","))
    except ValueError as why:
        raise UsageError(f"--box {text!r}: expected SOUTH,WEST,NORTH,EAST in degrees") from why
    return south, west, north, east
