"""``vigie encode``: octets from the lines that ``vigie decode --items`` prints."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vigie.app.items import encode_lines
from vigie.terms.errors import UsageError
from vigie.terms.words import tr


def command(
    lines: Annotated[Path, typer.Argument(help="NDJSON as vigie decode --items prints it")],
    *,
    to: Annotated[Path, typer.Option(help="raw ASTERIX, or a stream of Mode S messages")],
    form: Annotated[str, typer.Option("--format", help="of Mode S messages: beast or avr")] = "beast",
) -> None:
    """Make ASTERIX or a Mode S stream from NDJSON. Example: vigie encode items.ndjson --to radar.ast."""
    if form not in ("beast", "avr"):
        raise UsageError(f"--format {form!r}: Mode S messages are written as beast or avr; ASTERIX needs no format")
    blocks = octets = 0
    try:
        with lines.open("r", encoding="utf-8") as source, to.open("wb") as target:
            for block in encode_lines(source, stream=form):
                target.write(block)
                blocks += 1
                octets += len(block)
    except OSError as why:
        raise UsageError(f"{why.filename}: {why.strerror}. Give a file that can be read, and one to write.") from why
    typer.echo(
        tr("{file}: {blocks} blocks or messages, {octets} octets").format(file=to, blocks=blocks, octets=octets),
        err=True,
    )
