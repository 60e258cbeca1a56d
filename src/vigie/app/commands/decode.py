"""``vigie decode``: bytes to plots, as fast as one core goes."""

from __future__ import annotations

import itertools
import json
import sys
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from vigie.app.files import TableFile, write_json
from vigie.app.inputs import load_for_files, open_inputs, parse_editions, with_editions
from vigie.app.items import write_items
from vigie.app.message_items import MessageLines
from vigie.app.progress import Progress
from vigie.decode.decoder import Decoder
from vigie.decode.trailers import find_trailers
from vigie.receive.files import merge_inputs
from vigie.terms.batch import no_frames
from vigie.terms.errors import UsageError
from vigie.terms.tables import PLOT, REMOTE_ID, Rows
from vigie.terms.words import tr


def command(
    inputs: Annotated[list[Path], typer.Argument(help="pcap, pcapng, raw ASTERIX, Beast, AVR, SBS, a recording")],
    *,
    site: Annotated[Path | None, typer.Option(help="site file: gives the sensors and their places")] = None,
    edition: Annotated[list[str] | None, typer.Option(help="CAT=ED, for example 21=0.23")] = None,
    sensor: Annotated[list[str] | None, typer.Option(help="ID=SAC/SIC, for example 1=226/232")] = None,
    date: Annotated[str | None, typer.Option(help="date of a file without a capture clock, YYYY-MM-DD")] = None,
    form: Annotated[str | None, typer.Option("--format", help="kind of the file, where content does not tell")] = None,
    to: Annotated[Path | None, typer.Option(help="plots as Parquet")] = None,
    ledger: Annotated[Path | None, typer.Option(help="the account of every record as JSON")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="the ledger on standard output")] = False,
    drones: Annotated[Path | None, typer.Option(help="what drones say of themselves (Remote ID) as Parquet")] = None,
    items: Annotated[bool, typer.Option("--items", help="every item of every record or message, as NDJSON")] = False,
    tree: Annotated[bool, typer.Option("--tree", help="the same, as a readable tree")] = False,
) -> None:
    """Decode files to plots. Example: vigie decode radar.pcap --to plots.parquet --ledger ledger.json."""
    editions = parse_editions(edition or [])
    opened = open_inputs(inputs, form=form, date=date)
    chunks = merge_inputs(opened)
    first = next(chunks, no_frames())
    trailers = find_trailers(first)
    if site is not None:
        decoder = Decoder(with_editions(load_for_files(site), editions), editions=editions, trailers=trailers)
    else:
        decoder = Decoder(None, editions=editions, discover=True, trailers=trailers)
    numbers = _Numbers(decoder, _parse_sensors(sensor or []))
    plots_file = TableFile(to, PLOT) if to else None
    drones_file = TableFile(drones, REMOTE_ID) if drones else None
    plots, seen = 0, 1
    progress = Progress(inputs)
    messages = MessageLines()
    for frames in itertools.chain((first,), chunks):
        decoded = decoder.step(frames)
        plots += len(decoded.plots)
        if items or tree:
            write_items(frames, editions, seen, sys.stdout, tree=tree, messages=messages)
        seen += len(frames)
        progress.show(decoder.ledger.bytes, f"{decoder.ledger.records} records")
        if plots_file:
            plots_file.append(numbers.apply(decoded.plots))
        if drones_file:
            drones_file.append(decoded.remote_ids)
    rest = decoder.finish()
    plots += len(rest.plots)
    if plots_file:
        plots_file.append(numbers.apply(rest.plots))
    progress.end()
    if drones_file:
        drones_file.close()
    if plots_file:
        plots_file.close()
    account = decoder.ledger
    for one in opened:
        for reason, n in one.filtered.items():
            account.filter(reason, n)
    if ledger:
        write_json(ledger, account.as_json())
    if as_json:
        typer.echo(json.dumps(account.as_json()))
    typer.echo(summary(account.as_json(), plots), err=True)
    for line in suspects(decoder):
        typer.echo(line, err=True)


class _Numbers:
    """Gives the senders the ids that ``--sensor`` asks for; all others keep out of their way."""

    def __init__(self, decoder: Decoder, wanted: dict[tuple[int, int], int]) -> None:
        self._decoder = decoder
        self._wanted = wanted
        self._known: dict[int, int] = {}

    def apply(self, plots: Rows) -> Rows:
        """Return the plots with their ids as asked; the given rows are changed only when something was asked."""
        if not self._wanted or not len(plots):
            return plots
        for found, sac, sic, _ in self._decoder.sensors_seen:
            if found not in self._known:
                taken = {*self._known.values(), *self._wanted.values()}
                free = next(i for i in range(1, 65536) if i not in taken)
                self._known[found] = self._wanted.get((sac, sic), free)
        table = np.zeros(65536, np.uint16)
        table[list(self._known)] = list(self._known.values())
        plots["sensor_id"] = table[plots["sensor_id"]]
        return plots


def summary(account: dict[str, object], plots: int) -> str:
    """Return the ledger in words."""
    rejected = account["rejected"]
    assert isinstance(rejected, dict)
    by_category = account["by_category"]
    assert isinstance(by_category, dict)
    lines = [
        tr("{records} records: {decoded} decoded, {rejected} rejected; {plots} plots").format(
            records=account["records"], decoded=account["decoded"], rejected=sum(rejected.values()), plots=plots
        )
    ]
    lines += [f"  {_category(name)}: {n}" for name, n in by_category.items()]
    lines += ["  " + tr("rejected {reason}: {n}").format(reason=reason, n=n) for reason, n in rejected.items()]
    return "\n".join(lines)


def suspects(decoder: Decoder) -> list[str]:
    """Return a sentence for each sender whose edition cannot be right."""
    lines = []
    for sensor, categories in decoder.suspect_editions.items():
        for category, better in categories.items():
            advice = tr("--edition {category}={better} reads them").format(category=category, better=better)
            lines.append(
                tr("sensor {sensor}: CAT{category:03d} is of another edition: {advice}").format(
                    sensor=sensor, category=category, advice=advice if better else tr("none of the published ones fits")
                )
            )
    return lines


def _category(name: str) -> str:
    return f"CAT{int(name):03d}" if name.isdigit() else name


def _parse_sensors(texts: list[str]) -> dict[tuple[int, int], int]:
    ids = {}
    for text in texts:
        try:
            number, codes = text.split("=")
            sac, sic = codes.split("/")
            ids[int(sac), int(sic)] = int(number)
        except ValueError as why:
            raise UsageError(f"--sensor {text!r}: expected ID=SAC/SIC, for example 1=226/232") from why
    return ids
