"""Questions over the API and by command: the same answers, names with their evidence, a sealed package at once."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from vigie.app.asking import Asking
from vigie.history import ask
from vigie.history.formats import csv_table
from vigie.history.names import name_of
from vigie.history.store import DayWriter
from vigie.history.tables import FLIGHT
from vigie.terms.errors import UsageError
from vigie.terms.tables import ALERT, IDENTITY, Rows
from vigie.terms.utc import parse_instant

START = parse_instant("2026-11-25T01:00:00Z", 0)
NS = 10**9


def flights() -> Rows:
    """A called one that ends, one that begins 20 s later 5 km on and lands, one far off, one by plan, one unnamed."""
    rows = FLIGHT.empty(5)
    rows["track_no"] = [1, 2, 3, 4, 5]
    rows["first_ns"] = START + np.array([0, 620, 620, 700, 3000]) * NS
    rows["last_ns"] = START + np.array([600, 1500, 1500, 1600, 4000]) * NS
    rows["callsign"] = [b"GHOST1", b"", b"", b"", b""]
    rows["first_lat_deg"], rows["first_lon_deg"] = [14.0, 14.55, 18.0, 14.0, 14.0], 2.0
    rows["last_lat_deg"], rows["last_lon_deg"] = [14.5, 13.5, 18.0, 13.5, 13.5], 2.0
    rows["to_aerodrome"] = [b"", b"DRRN", b"", b"DRRN", b"DRRN"]
    rows["landed_ns"] = START + np.array([0, 1450, 0, 1550, 3900]) * NS
    return rows


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("asked")
    writer = DayWriter(folder, "2026-11-25")
    identities = IDENTITY.empty(1)
    identities["now_ns"], identities["track_no"], identities["plan"] = START + 800 * NS, 4, b"NAF22/FPL"
    writer.add("identities", identities)
    writer.add("flights", flights())
    writer.close({})
    return folder


def test_a_name_comes_with_its_evidence(archive: Path) -> None:
    held = ask.Archive(archive)
    named = {row["track_no"]: name_of(held, row) for row in held.sql("SELECT * FROM flights")}
    held.close()
    assert named[1] == ("GHOST1", "sent by its transponder")
    assert named[2] == ("GHOST1", "perhaps: GHOST1 #1 ended 20 s before, 5.6 km from there")
    assert named[3] == ("", "")  # nothing flies 390 km in 20 s
    assert named[4] == ("NAF22/FPL", "the flight plan it was coupled with")
    assert named[5] == ("", "")


def test_the_api_answers_as_the_command_does_and_says_what_is_wrong(archive: Path) -> None:
    asking = Asking(archive)
    answer = json.loads(asking.answer("landed", {"when": "2026-11-25", "aerodrome": "drrn"}))
    assert answer["count"] == 3
    assert [row["name"] for row in answer["rows"]] == ["GHOST1", "NAF22/FPL", ""]
    assert answer["rows"][0]["min_alt_m"] is None
    for question, params, why in (
        ("drop", {"when": "2026-11-25"}, "no question"), ("sql", {"when": "2026-11-25"}, "no question"),
        ("flights", {"when": "soon"}, "Expected for example"), ("flights", {}, "Expected for example"),
        ("nearest", {"when": "2026-11-25", "place": "here"}, "expected LAT,LON"),
        ("counts", {"when": "2026-11-25", "by": "; DROP"}, "expected hour, sensor or state"),
    ):  # fmt: skip
        with pytest.raises(UsageError, match=why):
            asking.answer(question, params)
    with pytest.raises(UsageError, match="holds no archive"):
        Asking(archive / "absent").answer("flights", {"when": "2026-11-25"})


HOSTILE = (
    "'", "';", '"', "GHOST1' OR '1'='1", "x'; DROP TABLE flights; --", "' UNION SELECT * FROM tracks --", "DRRN;",
    "DRRN'--", "\\'", "’; SELECT 1", "$1", "?", "%", "_", "\x00", "GHOST1;DROP",
)  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize(
    ("question", "field"),
    [("flights", "area"), ("landed", "aerodrome"), ("departed", "aerodrome"), ("seen", "name"), ("track", "name")],
)
def test_f91_a_quote_or_semicolon_in_a_search_changes_no_query(
    archive: Path, monkeypatch: pytest.MonkeyPatch, question: str, field: str, text: str
) -> None:
    """F91: the statement is the same as for a plain text of its kind, and what was typed is a value, or is refused."""
    asked: list[tuple[str, tuple[object, ...]]] = []
    real = ask.Archive.sql

    def note(self: ask.Archive, query: str, parameters: Sequence[object] = (), **more: int) -> ask.Answer:
        asked.append((query, tuple(parameters)))
        return real(self, query, parameters, **more)

    monkeypatch.setattr(ask.Archive, "sql", note)
    asking = Asking(archive)
    asking.answer(question, {"when": "2026-11-25", field: "ZZZZ9"})
    plain = [query for query, _ in asked]
    asked.clear()
    try:
        answer = json.loads(asking.answer(question, {"when": "2026-11-25", field: text}))
    except UsageError:
        assert asked == []  # refused before anything was asked
        return
    assert [query for query, _ in asked] == plain
    assert text.upper() in [str(value).upper() for value in asked[0][1]]
    assert answer["rows"] == []
    assert json.loads(asking.answer("flights", {"when": "2026-11-25"}))["count"] == 5


def test_f91_every_cell_of_an_exported_table_is_plain_text_to_a_spreadsheet() -> None:
    """F91: what a stranger sent (a call sign) and what a person typed (a reason) go through the same neutraliser."""
    rows = ALERT.empty(5)
    rows["reason"] = [b"=HYPERLINK(1)", b"+1+1", b"-2+3", b"@SUM(A1)", b"\t=1"]
    rows["now_ns"], rows["severity"] = START, 3
    header, *cells = csv.reader(io.StringIO("".join(csv_table(ALERT, rows)), newline=""))
    reasons = [line[header.index("reason")] for line in cells]
    assert reasons == ["'=HYPERLINK(1)", "'+1+1", "'-2+3", "'@SUM(A1)", "'\t=1"]
    assert not [c for line in cells for c in line if c.startswith(("=", "+", "@", "\t", "\r"))]
