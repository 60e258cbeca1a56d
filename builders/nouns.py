"""Makes the small tables that come with Vigie from public data: address blocks, registration prefixes.

    python builders/nouns.py blocks CODE_BLOCKS.csv          code-blocks.csv of vradarserver/standing-data (CC0-1.0)
    python builders/nouns.py prefixes PATTERNS.json          registration patterns of rs1090 (MIT)

The files are kept in git; this says how they came to be, and makes them anew when the sources change.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import json
import re
import sys
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).resolve().parents[1] / "src" / "vigie"


def blocks(source: Path) -> None:
    """Write the 24-bit address blocks: first, last, state, military."""
    rows = list(csv.DictReader(source.read_text("utf-8-sig").splitlines()))
    lines = ["# 24-bit address blocks (ICAO Annex 10, volume III) and known military ranges. Made by builders/nouns.py",
             "# from code-blocks.csv of vradarserver/standing-data, CC0-1.0.", "first,last,state,military"]  # fmt: skip
    lines += [f"{r['Start']},{r['Finish']},{r['CountryISO2']},{r['IsMilitary']}" for r in rows]
    _write(PACKAGE / "flights/data/address_blocks.csv", lines)


def prefixes(source: Path) -> None:
    """Write the registration prefixes: prefix without its hyphen, state."""
    found: dict[str, str] = {}
    for entry in json.loads(source.read_text("utf-8"))["registers"]:
        for one in [entry, *entry.get("categories", [])]:
            state = _state(one.get("flag") or entry.get("flag", ""))
            if not state or (one is not entry and one.get("country") is None):
                continue
            for prefix in _expand(one["pattern"]):
                found.setdefault(prefix, state)
    lines = ["# Registration prefixes by state. Made by builders/nouns.py from the patterns of rs1090, MIT.",
             "prefix,state"]  # fmt: skip
    lines += [f"{prefix},{state}" for prefix, state in sorted(found.items())]
    _write(PACKAGE / "flights/data/registration_prefixes.csv", lines)


def _state(flag: str) -> str:
    letters = [chr(ord(c) - 0x1F1E6 + ord("A")) for c in flag if 0x1F1E6 <= ord(c) <= 0x1F1FF]
    return "".join(letters) if len(letters) == 2 else ""


def _expand(pattern: str) -> list[str]:
    """Return the fixed beginnings of a pattern: ``^E(C|M)-`` gives EC and EM; none for a class of digits."""
    text = pattern.removeprefix("^")
    parts: list[list[str]] = []
    while text:
        group = re.match(r"\(([A-Z0-9|]+)\)|\[([A-Z0-9]+)\]|([A-Z0-9])\?|([A-Z0-9])", text)
        if not group:
            break
        either, one_of, maybe, plain = group.groups()
        parts.append(either.split("|") if either else list(one_of) if one_of else ["", maybe] if maybe else [plain])
        text = text[group.end() :]
    return ["".join(p) for p in itertools.product(*parts)] if parts else []


def _write(path: Path, lines: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", "utf-8")
    print(f"{path.relative_to(PACKAGE)}: {len(lines)} lines")


def main() -> int:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parts = parser.add_subparsers(dest="what", required=True)
    makers: dict[str, Any] = {"blocks": blocks, "prefixes": prefixes}
    for name in makers:
        parts.add_parser(name).add_argument("source", type=Path)
    chosen = parser.parse_args()
    makers[chosen.what](chosen.source)
    return 0


if __name__ == "__main__":
    sys.exit(main())
