"""Lists that people keep in CSV files: read whole, each bad row set aside with its file, line and column.

The first row names the columns, in any order; comma or semicolon; UTF-8 with or without byte order mark. A cell that a
spreadsheet protected with a leading apostrophe loses it. Nothing here opens a file: the text is given.
"""

from __future__ import annotations

import csv
import difflib
import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from vigie.terms.utc import civil_ns

_MOST_ROWS: Final = 2_000_000
_YES: Final = frozenset({"yes", "true", "1", "oui", "vrai", "y"})
_NO: Final = frozenset({"no", "false", "0", "non", "faux", "n", ""})


@dataclass(frozen=True, slots=True)
class Column:
    """One column: ``kind`` is text, number, bool, hex, octal, time (ISO, UTC) or list (separated by spaces)."""

    name: str
    kind: str
    meaning: str
    required: bool = False
    pattern: str = ""
    low: float = -math.inf
    high: float = math.inf
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that was set aside: where it stands and what is wrong with it."""

    file: str
    line: int
    field: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.field}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Listing:
    """The good rows, each with its line, and the problems. A row with a problem is not among the good ones."""

    rows: tuple[tuple[int, dict[str, Any]], ...]
    problems: tuple[Problem, ...]


def read_listing(text: str, file: str, columns: Sequence[Column]) -> Listing:
    """Return the rows of a CSV text, values in the kind of their column, absent cells None."""
    text = text.removeprefix("\ufeff").replace("\0", "")
    first = text.partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    known = {c.name: c for c in columns}
    problems: list[Problem] = []
    rows: list[tuple[int, dict[str, Any]]] = []
    names: list[str] | None = None
    try:
        for cells in reader:
            line = reader.line_num
            if not cells or all(not c.strip() for c in cells) or cells[0].lstrip().startswith("#"):
                continue
            if names is None:
                names = [c.strip().lower() for c in cells]
                problems += _header(names, known, file, line)
                if problems:
                    return Listing((), tuple(problems))
                continue
            row, wrong = _row(cells, names, known, file, line)
            problems += wrong
            if not wrong:
                rows.append((line, row))
            if len(rows) >= _MOST_ROWS:
                problems.append(Problem(file, line, "file", f"has more than {_MOST_ROWS:,} rows; the rest is not read"))
                break
    except csv.Error as why:
        problems.append(Problem(file, reader.line_num, "file", f"is not CSV from here on: {why}"))
    if names is None:
        problems.append(Problem(file, 1, "file", "has no header; the first row must name the columns"))
    return Listing(tuple(rows), tuple(problems))


def _header(names: list[str], known: dict[str, Column], file: str, line: int) -> list[Problem]:
    found = []
    for name in names:
        if name and name not in known:
            close = difflib.get_close_matches(name, known, 1, 0.5)
            hint = f"did you mean {close[0]!r}?" if close else "known: " + ", ".join(known)
            found.append(Problem(file, line, name, f"unknown column; {hint}"))
        elif name and names.count(name) > 1:
            found.append(Problem(file, line, name, "stands twice in the header"))
    found += [
        Problem(file, line, c.name, f"column is missing: {c.meaning}")
        for c in known.values()
        if c.required and c.name not in names
    ]
    return found


def _row(
    cells: list[str], names: list[str], known: dict[str, Column], file: str, line: int
) -> tuple[dict[str, Any], list[Problem]]:
    row: dict[str, Any] = {}
    wrong: list[Problem] = []
    if len(cells) > len(names):
        wrong.append(Problem(file, line, "row", f"has {len(cells)} cells, the header has {len(names)}"))
    for name, cell in zip(names, cells, strict=False):
        if not name:
            continue
        column = known[name]
        text = cell.strip().removeprefix("'")
        if not text:
            row[name] = None
            continue
        value, reason = cell_value(text, column)
        if reason:
            wrong.append(Problem(file, line, name, f"found {text[:60]!r}, expected {reason}"))
        row[name] = value
    wrong += [
        Problem(file, line, c.name, f"is empty, expected {c.meaning}")
        for c in known.values()
        if c.required and row.get(c.name) is None and not any(w.field == c.name for w in wrong)
    ]
    return row, wrong


def cell_value(text: str, column: Column) -> tuple[Any, str]:
    """Return the value of one cell and, where it is wrong, what was expected (else empty text)."""
    if column.kind == "text":
        return _text(text, column)
    if column.kind == "list":
        parts = tuple(text.replace("/", " ").split())
        bad = next((p for p in parts if column.pattern and not re.fullmatch(column.pattern, p)), "")
        return parts, (f"{column.meaning} ({bad!r} is none)" if bad else "")
    if column.kind == "bool":
        low = text.lower()
        return low in _YES, "" if low in _YES or low in _NO else "yes or no"
    if column.kind == "time":
        return _time(text, column)
    if column.kind in ("hex", "octal"):
        base = 16 if column.kind == "hex" else 8
        try:
            value = int(text, base)
        except ValueError:
            return None, column.meaning
        return value, "" if column.low <= value <= column.high else column.meaning
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        return None, f"a number: {column.meaning}"
    if not math.isfinite(number) or not column.low <= number <= column.high:
        return None, f"a number from {column.low:g} to {column.high:g}: {column.meaning}"
    return number, ""


def _text(text: str, column: Column) -> tuple[Any, str]:
    if column.words:
        return (text.lower(), "") if text.lower() in column.words else (None, "one of " + ", ".join(column.words))
    if column.pattern and not re.fullmatch(column.pattern, text):
        return None, column.meaning
    return (text, "") if len(text) <= 400 else (None, "at most 400 characters")


def _time(text: str, column: Column) -> tuple[Any, str]:
    from_text = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?Z?)?", text)
    if not from_text:
        return None, f"a date or a time in UTC such as 2026-11-27 or 2026-11-27T14:30Z: {column.meaning}"
    year, month, day, hour, minute, second = (int(g) if g else 0 for g in from_text.groups())
    t_ns = civil_ns(year, month, day, hour, minute, second)
    return t_ns, "" if t_ns is not None else f"a date that exists: {column.meaning}"
