"""``vigie tables``: the columns of every table, with units and meaning."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from vigie.terms.errors import UsageError
from vigie.terms.tables import TABLES, Table


def command(
    name: Annotated[str, typer.Argument(help="one table only")] = "",
    *,
    as_json: Annotated[bool, typer.Option("--json", help="machine-readable")] = False,
) -> None:
    """Print the declared columns. Example: vigie tables plot --json."""
    if name and name not in TABLES:
        raise UsageError(f"table {name!r} does not exist; known: {', '.join(TABLES)}")
    tables = [TABLES[name]] if name else list(TABLES.values())
    if as_json:
        typer.echo(json.dumps({t.name: describe(t) for t in tables}, indent=2, ensure_ascii=False))
        return
    for table in tables:
        typer.echo(f"{table.name}: {table.meaning}")
        for c in table.columns:
            typer.echo(f"  {c.name:20} {c.type:7} {c.unit:4} {c.meaning}")
        typer.echo("")


def describe(table: Table) -> dict[str, object]:
    """Return one table's declaration as plain data."""
    columns = [{"name": c.name, "type": c.type, "unit": c.unit, "meaning": c.meaning} for c in table.columns]
    return {"meaning": table.meaning, "columns": columns}
