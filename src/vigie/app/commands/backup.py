"""``vigie backup``: a consistent copy of a centre's folder, also while it records."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vigie.record.backup import backup
from vigie.terms.errors import VigieError
from vigie.terms.words import tr


def command(
    source: Annotated[Path, typer.Argument(help="the centre's folder (data_dir)")],
    to: Annotated[Path, typer.Option(help="folder of the copy; must not exist")],
) -> None:
    """Copy a centre's folder and verify the copy. Example: vigie backup data/niamey --to /media/disk/niamey."""
    files, report = backup(source, to)
    typer.echo(
        tr("{to}: {files} files, {batches} batches").format(to=to, files=files, batches=report.batches), err=True
    )
    if not report.ok:
        raise VigieError(f"{to}: the copy holds {len(report.problems)} problems; vigie recording verify names them")
