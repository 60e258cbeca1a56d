"""``vigie restore``: a centre's folder from its backup; nothing that is there is touched."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vigie.record.backup import backup
from vigie.record.verify import verify
from vigie.terms.errors import VigieError
from vigie.terms.words import tr


def command(
    source: Annotated[Path, typer.Argument(help="the backup's folder")],
    to: Annotated[Path, typer.Option(help="the centre's folder; must not exist")],
    damaged: Annotated[bool, typer.Option("--damaged", help="restore also a backup that does not verify")] = False,
) -> None:
    """Put a backup back. Example: vigie restore /media/disk/niamey --to data/niamey."""
    problems = verify(source).problems
    if problems and not damaged:
        raise VigieError(
            f"{source}: {len(problems)} problems, the first: {problems[0].what}. --damaged restores it anyway"
        )
    files, report = backup(source, to)
    typer.echo(
        tr("{to}: {files} files, {batches} batches").format(to=to, files=files, batches=report.batches), err=True
    )
