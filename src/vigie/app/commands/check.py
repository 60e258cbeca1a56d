"""``vigie check``: validate a site file, say everything that is wrong with it, start nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vigie.app.knowledge import load_knowledge
from vigie.sensors.site import load_site
from vigie.terms.words import tr


def command(site: Annotated[Path, typer.Argument(help="the site file (TOML)")]) -> None:
    """Validate a site file and start nothing. Example: vigie check niamey.toml."""
    found = load_site(site)
    knows = load_knowledge(found)
    typer.echo(tr("{file}: good: {name}, {n} sensors, {links} links").format(
        file=site, name=found.name, n=len(found.sensors), links=len(found.links)))  # fmt: skip
    for sensor in found.sensors:
        link = sensor.link.text if sensor.link else tr("no link")
        typer.echo(f"  {sensor.id:5} {sensor.kind:9} {sensor.name} ({link})")
    counts = (len(knows.airspace.volumes), len(knows.sites), len(knows.aerodromes), len(knows.flights.plans))
    if any(counts) or knows.problems:
        typer.echo(tr("  {areas} areas, {sites} protected sites, {aerodromes} aerodromes, {plans} flight plans").format(
            areas=counts[0], sites=counts[1], aerodromes=counts[2], plans=counts[3]))  # fmt: skip
    for problem in knows.problems:
        typer.echo(tr("set aside: {problem}").format(problem=problem), err=True)
