"""Writes the reference pages that come from the code itself: tables, ledgers, commands, site file.

Run ``python builders/reference.py``; a test fails when a page in ``docs/reference`` is not what this writes.
"""

from __future__ import annotations

import sys
from pathlib import Path

import typer
from click.testing import CliRunner

from vigie.sensors.keys import CENTRE_KEYS, SENSOR_KEYS, KeyRule
from vigie.simulate.reference import exercise_reference
from vigie.terms.ledger import REASONS
from vigie.terms.tables import TABLES

PAGES = Path(__file__).resolve().parent.parent / "docs/reference"
MADE = "<!-- made by builders/reference.py: change the code, not this page -->\n\n"


def tables_page() -> str:
    """Return the page of every table's columns."""
    text = MADE + "# Tables\n\nParquet, Arrow and the display use the same names, types and units. Absent: NaN for"
    text += " floats, 0 for `icao24`\nand `track_no`, 65535 for `mode3a`, 255 for quality indicators, empty text."
    text += " Time is nanoseconds UTC.\n"
    for table in TABLES.values():
        text += f"\n## {table.name}\n\n{table.meaning}\n\n| column | type | unit | meaning |\n| --- | --- | --- | --- |\n"
        for c in table.columns:
            text += f"| {c.name} | {c.type} | {c.unit} | {c.meaning.replace('|', '/')} |\n"
    return text


def ledgers_page() -> str:
    """Return the page of ledgers and the fixed list of reasons."""
    return (
        MADE
        + "# Reasons and ledgers\n\nEvery input is accounted for:\n\n"
        + "- `decode`: records = decoded + rejected(reason)\n"
        + "- `track`: plots = associated + started + held + filtered(reason) + shed(reason) + in flight\n"
        + "- `receive`: datagrams sent = received + kernel drops\n\n"
        + "A ledger that does not balance is itself an alarm. The reasons are one fixed list:\n\n"
        + "".join(f"- `{reason}`\n" for reason in REASONS[1:])
    )


def commands_page() -> str:
    """Return the page of every command's help."""
    from vigie.app.cli import COMMANDS, build
    from vigie.terms.words import use_language

    use_language("en")
    program = typer.main.get_command(build())
    text = MADE + "# Command line\n\nExit codes: 0 done, 2 wrong use, 1 failure. Results go to standard output, words"
    text += " for people to standard error.\n"
    runner = CliRunner()
    for name in COMMANDS:
        shown = runner.invoke(program, [name, "--help"], prog_name="vigie", terminal_width=100).output.strip()
        text += f"\n## vigie {name}\n\n```text\n{shown}\n```\n"
    return text


def site_page() -> str:
    """Return the page of the site file's keys."""
    text = MADE + "# Site file\n\nTOML. Unknown keys are refused with the nearest known name; `file:` paths are relative"
    text += " to the site file.\nLinks: `udp://GROUP-OR-HOST:PORT[?interface=NAME]`, `tcp://HOST:PORT` (we call),"
    text += " `tcp-listen://HOST:PORT` (we are\ncalled), `file:PATH`.\n"
    for title, rules in (("[centre]", CENTRE_KEYS), ("[[sensor]]", SENSOR_KEYS)):
        text += f"\n## {title}\n\n| key | must be | required |\n| --- | --- | --- |\n"
        for key, rule in rules.items():
            text += f"| {key} | {_words(rule)} | {'yes' if rule.required else ''} |\n"
    return text


def exercises_page() -> str:
    """Return the page of the exercise language."""
    return MADE + exercise_reference()


def _words(rule: KeyRule) -> str:
    return rule.expected.replace("|", "/")


BUILDERS = {
    "tables.md": tables_page,
    "ledgers.md": ledgers_page,
    "commands.md": commands_page,
    "site-file.md": site_page,
    "exercises.md": exercises_page,
}


def main() -> None:
    """Write all pages."""
    PAGES.mkdir(parents=True, exist_ok=True)
    for name, build_page in BUILDERS.items():
        (PAGES / name).write_text(build_page(), "utf-8")
        sys.stderr.write(f"docs/reference/{name}\n")


if __name__ == "__main__":
    main()
