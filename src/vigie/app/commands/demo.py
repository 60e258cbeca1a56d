"""``vigie demo``: the main job on an embedded default.

The exercise flies over Niger; its simulated sensors send ASTERIX over UDP and Beast over TCP on loopback, and a centre
that knows nothing of the exercise receives, decodes and tracks what came through the wire.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from vigie.app.start import free_ports, start_centre
from vigie.sensors.site import parse_site
from vigie.simulate.exercise import load_exercise
from vigie.simulate.live import simulator_main
from vigie.simulate.site import site_toml


def command(
    exercise: Annotated[
        str, typer.Argument(help="an exercise file, or the name of one that is built in")
    ] = "niger_demo",
    *,
    listen: Annotated[str, typer.Option(help="HOST:PORT of the page; default 127.0.0.1:8080")] = "",
    data_dir: Annotated[Path | None, typer.Option(help="keep the recording here; default: a temporary folder")] = None,
    open_page: Annotated[bool, typer.Option("--open/--no-open", help="open the page in a browser")] = True,
) -> None:
    """Fly the Niger exercise through the real pipeline. Example: vigie demo --no-open."""
    flown = load_exercise(exercise)
    ports = free_ports([row.sensor.kind for row in flown.sensors])
    text = site_toml(flown, ports)
    site = parse_site(text, file=f"{exercise} (exercise)")
    with tempfile.TemporaryDirectory(prefix="vigie-demo-") as folder:
        start_centre(
            site, mode="demo", site_text=text, listen=listen, data_dir=data_dir or Path(folder), open_page=open_page,
            extra={"simulator": (simulator_main, (exercise, ports))},
        )  # fmt: skip
