"""``vigie simulate``: an exercise without a display, as truth, plots, site file and the octets on the wire."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vigie.simulate.headless import simulate_to
from vigie.terms.words import tr


def command(
    exercise: Annotated[str, typer.Argument(help="an exercise file (TOML), or the name of one that is built in")],
    *,
    to: Annotated[Path, typer.Option(help="folder for truth.parquet, plots.parquet, site.toml, frames.pcap")],
    seed: Annotated[int | None, typer.Option(help="another seed than the exercise's own")] = None,
    duration: Annotated[float | None, typer.Option(help="seconds, instead of the exercise's own")] = None,
    terrain: Annotated[Path | None, typer.Option(help="folder of terrain tiles: .hgt, .dt0 to .dt2, .tif")] = None,
) -> None:
    """Fly an exercise headless. Example: vigie simulate busy_noon --to out --duration 300."""
    done = simulate_to(exercise, to, seed=seed, duration_s=duration, terrain=terrain)
    typer.echo(tr("{to}: {summary}").format(to=to, summary=done), err=True)
