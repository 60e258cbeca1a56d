"""``vigie share``: what each neighbour would receive under the release rules. Nothing is sent."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Annotated

import typer

from vigie.app.sides import rows_of_output
from vigie.sensors.site import load_site
from vigie.share.release import release
from vigie.share.rules import read_rules
from vigie.terms.errors import UsageError
from vigie.terms.words import tr


def command(
    tracks: Annotated[Path, typer.Argument(help="tracks.parquet, with identities.parquet beside it")],
    *,
    site: Annotated[Path, typer.Option(help="site file with the tables [[neighbour]]")],
    preview: Annotated[bool, typer.Option("--preview", help="show, send nothing: the only thing there is yet")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="machine-readable")] = False,
) -> None:
    """Preview what neighbours would receive. Example: vigie share tracks.parquet --site niamey.toml --preview."""
    if not preview:
        raise UsageError(tr("Nothing is sent to neighbours yet: give --preview."))
    load_site(site)
    neighbours = read_rules(tomllib.loads(site.read_text("utf-8")).get("neighbour", []))
    rows, identities = rows_of_output(tracks)
    now_ns = int(rows["now_ns"].max()) if len(rows) else 0
    released = [release(rows, identities, one, now_ns) for one in neighbours]
    if as_json:
        typer.echo(json.dumps([
            {
                "name": one.name, "denied": one.rule is None, "why": list(one.why), "rows": len(out),
                "tracks": len(set(out["track_no"].tolist())), "held_back": counts,
            }
            for one, (out, counts) in zip(neighbours, released, strict=True)
        ], indent=2, ensure_ascii=False))  # fmt: skip
        return
    for one, (out, counts) in zip(neighbours, released, strict=True):
        state = tr("DENIED") if one.rule is None else tr("RECEIVES")
        held = ", ".join(f"{reason} {n}" for reason, n in sorted(counts.items()))
        typer.echo(f"{one.name}: {state} {len(out)}/{len(rows)}  {'; '.join(one.why)}  {held}".rstrip())
