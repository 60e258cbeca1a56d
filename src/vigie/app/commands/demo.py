"""``vigie demo``: the main job on an embedded default.

The exercise flies over Niger; its simulated sensors send ASTERIX over UDP and Beast over TCP on loopback, and a centre
that knows nothing of the exercise receives, decodes and tracks what came through the wire.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vigie.app.exercise import start_exercise


def command(
    exercise: Annotated[
        str, typer.Argument(help="an exercise file, or the name of one that is built in")
    ] = "busy_noon",
    *,
    listen: Annotated[str, typer.Option(help="HOST:PORT of the page; default 127.0.0.1:8080")] = "",
    data_dir: Annotated[Path | None, typer.Option(help="keep the recording here; default: a temporary folder")] = None,
    open_page: Annotated[bool, typer.Option("--open/--no-open", help="open the page in a browser")] = True,
) -> None:
    """Fly the Niger exercise through the real pipeline. Example: vigie demo --no-open."""
    start_exercise(exercise, mode="demo", listen=listen, data_dir=data_dir, open_page=open_page)
