"""``vigie flights``: files of plans, permits, lists and notices read, checked and shown."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from vigie.app.knowledge import Knowledge, load_knowledge, notices_of
from vigie.flights import lists
from vigie.flights.store import State, apply
from vigie.sensors.site import load_site
from vigie.terms.errors import UsageError
from vigie.terms.listing import Problem
from vigie.terms.messages import SetAside
from vigie.terms.utc import iso, parse_date
from vigie.terms.words import tr
from vigie.wire.flightplan.fixm import read_fixm
from vigie.wire.flightplan.reader import read_messages

program = typer.Typer(
    help="Flight plans, permits, registers and notices. Example: vigie flights check permits permits.csv.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
_READERS: Final[dict[str, Callable[[str, str], tuple[Any, tuple[Problem, ...]]]]] = {
    "permits": lists.read_permits, "repetitive": lists.read_repetitive, "register": lists.read_register,
    "known": lists.read_known, "waypoints": lists.read_waypoints, "airways": lists.read_airways,
}  # fmt: skip
KINDS: Final = ("messages", "fixm", "notices", *_READERS)
Kind = Annotated[str, typer.Argument(help="what the file holds: " + ", ".join(KINDS))]
File = Annotated[Path, typer.Argument(help="the file")]
Date = Annotated[str, typer.Option("--date", help="day of messages without a date, YYYY-MM-DD")]
Json = Annotated[bool, typer.Option("--json", help="machine-readable")]


@program.command("list")
def list_flights(
    site: Annotated[Path, typer.Option("--site", help="the centre's site file")], date: Date = "1970-01-01",
    as_json: Json = False,
) -> None:  # fmt: skip
    """Show the flights, permits and lists that a site file names. Example: vigie flights list --site niamey.toml."""
    known = load_knowledge(load_site(site), parse_date(date))
    if as_json:
        typer.echo(json.dumps(_tree(known), indent=2, ensure_ascii=False))
        return
    for p in known.flights.plans.values():
        typer.echo(
            f"{p.plan_id:32} {p.state:9} {p.aircraft_type:4} {p.destination:4} {len(p.points):3} {p.route}".rstrip()
        )
        if p.unresolved:
            typer.echo(tr("  not found in the route: {parts}").format(parts=", ".join(p.unresolved)))
    for permit in known.flights.permits.values():
        end = iso(permit.valid_to_ns)[:16] if permit.valid_to_ns >= 0 else "-"
        who = " ".join((permit.operator, *permit.callsigns, *permit.registrations))
        typer.echo(f"{permit.number:32} {permit.kind:9} {end} {who}".rstrip())
    for problem in known.problems:
        typer.echo(tr("set aside: {problem}").format(problem=problem), err=True)


@program.command()
def check(kind: Kind, file: File, date: Date = "1970-01-01", as_json: Json = False) -> None:
    """Say what is wrong with a file; exit 1 if anything is. Example: vigie flights check messages plans.txt."""
    good, problems = _check(kind, file, date)
    if as_json:
        rows = [{"file": p.file, "line": p.line, "field": p.field, "reason": p.reason} for p in problems]
        typer.echo(json.dumps({"good": good, "set_aside": rows}, indent=2, ensure_ascii=False))
    else:
        typer.echo(tr("{file}: {good} good, {bad} set aside").format(file=file, good=good, bad=len(problems)))
        for problem in problems:
            typer.echo(tr("set aside: {problem}").format(problem=problem), err=True)
    if problems:
        raise typer.Exit(1)


@program.command("import")
def import_file(
    kind: Kind, file: File, site: Annotated[Path, typer.Option("--site", help="the site file it belongs to")],
    date: Date = "1970-01-01",
) -> None:  # fmt: skip
    """Take a file into a centre: checked, copied beside its site file; the line to add is printed.

    Example: vigie flights import permits permits.csv --site niamey.toml.
    """
    good, problems = _check(kind, file, date)
    for problem in problems:
        typer.echo(tr("set aside: {problem}").format(problem=problem), err=True)
    if not good:
        raise UsageError(f"{file}: holds no good row; nothing is taken")
    out = site.parent / f"{site.stem}-{kind}{file.suffix or '.txt'}"
    if out.exists():
        raise UsageError(f"{out} exists already: move it away first, nothing is overwritten")
    try:
        shutil.copyfile(file, out)
    except OSError as why:
        raise UsageError(
            f"{out}: cannot be written: {why.strerror}. Give a site file in a folder you may write."
        ) from why
    typer.echo(tr("{file}: {good} good, {bad} set aside").format(file=out, good=good, bad=len(problems)), err=True)
    typer.echo(f'[flights]\n{kind} = ["{out.name}"]')


@program.command()
def columns(kind: Kind) -> None:
    """Show the columns of a CSV file. Example: vigie flights columns permits."""
    if kind not in lists.COLUMNS:
        raise UsageError(f"{kind!r} is no list in CSV; known: {', '.join(lists.COLUMNS)}")
    for c in lists.COLUMNS[kind]:
        typer.echo(f"{c.name:16} {c.kind:7} {'*' if c.required else ' '} {c.meaning}")


def _check(kind: str, file: Path, date: str) -> tuple[int, tuple[Problem, ...]]:
    """Return how many rows or messages are good, and the problems."""
    if kind not in KINDS:
        raise UsageError(f"{kind!r} is no kind of file; known: {', '.join(KINDS)}")
    try:
        data = file.read_bytes()
    except OSError as why:
        raise UsageError(f"{file}: cannot be read: {why.strerror}. Give the path of a file.") from why
    if kind in _READERS:
        rows, problems = _READERS[kind](data.decode("utf-8-sig", "replace"), str(file))
        return len(rows), problems
    if kind == "notices":
        notices, aside = notices_of(data, str(file))
        return len(notices), tuple(_problem(file, why) for why in aside)
    messages, aside = (read_fixm if kind == "fixm" else read_messages)(data, str(file))
    state, late = State(), list(aside)
    for message in messages:
        done = apply(state, message, parse_date(date))
        state = done.state
        late += [done.set_aside] if done.set_aside else []
    return state.applied, tuple(_problem(file, why) for why in late)


def _problem(file: Path, why: SetAside) -> Problem:
    line = why.source.rpartition(":")[2]
    return Problem(str(file), int(line) if line.isdigit() else 1, f"{why.kind} field {why.field}", why.reason)


def _tree(known: Knowledge) -> dict[str, object]:
    return {
        "plans": [
            {
                "plan": p.plan_id, "state": p.state, "aircraft_type": p.aircraft_type, "registration": p.registration,
                "departure": p.departure, "destination": p.destination, "eobt": iso(p.eobt_ns), "route": p.route,
                "points": [{"name": q.name, "lat_deg": q.lat_deg, "lon_deg": q.lon_deg,
                            "eto": iso(q.eto_ns) if q.eto_ns >= 0 else ""} for q in p.points],
                "unresolved": list(p.unresolved),
            }
            for p in known.flights.plans.values()
        ],
        "permits": [{"number": p.number, "kind": p.kind, "operator": p.operator, "conditions": p.conditions}
                    for p in known.flights.permits.values()],
        "aircraft": len(known.flights.aircraft), "known": len(known.flights.known),
        "repetitive": len(known.flights.repetitive),
        "set_aside": [str(p) for p in known.problems],
    }  # fmt: skip
