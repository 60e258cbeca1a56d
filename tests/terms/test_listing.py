"""Lists in CSV: each bad cell is named by file, line and column, the good rows count, and no text raises."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from vigie.terms.listing import Column, read_listing
from vigie.terms.utc import civil_date, civil_ns

COLUMNS = (
    Column("name", "text", "a name", required=True, pattern="[A-Z]+"),
    Column("size", "number", "a size", low=0, high=10),
    Column("when", "time", "a time"), Column("on", "bool", "yes or no"),
    Column("many", "list", "words", pattern="[a-z]+"),
    Column("kind", "text", "a kind", words=("one", "two")), Column("address", "hex", "an address", low=1, high=255),
)  # fmt: skip


def test_good_rows_come_in_the_kinds_of_their_columns() -> None:
    listing = read_listing(
        "\ufeffsize;name;when;on;many;kind;address\n# a comment\n\n"
        "1,5;ABC;2026-11-27T14:30Z;oui;a b/c;TWO;fe\n;DEF;;;;;\n",
        "f.csv", COLUMNS,
    )  # fmt: skip
    assert not listing.problems
    assert listing.rows[0] == (4, {
        "size": 1.5, "name": "ABC", "when": civil_ns(2026, 11, 27, 14, 30), "on": True, "many": ("a", "b", "c"),
        "kind": "two", "address": 0xFE,
    })  # fmt: skip
    assert listing.rows[1][1]["size"] is None


def test_each_bad_cell_is_named() -> None:
    text = "name,size,when,kind,address,many\nABC,11,2026-02-30,three,0,a1\n,1,,,,\nGHI,1,,,,\nA,1,,,,,,x\n"
    listing = read_listing(text, "f.csv", COLUMNS)
    assert [(p.line, p.field) for p in listing.problems] == [
        (2, "size"), (2, "when"), (2, "kind"), (2, "address"), (2, "many"), (3, "name"), (5, "row"),
    ]  # fmt: skip
    assert [line for line, _ in listing.rows] == [4]
    assert all(str(p).startswith("f.csv:") for p in listing.problems)


def test_a_wrong_header_says_the_nearest_name() -> None:
    problems = read_listing("naem,size,size\n", "f.csv", COLUMNS).problems
    assert [p.field for p in problems] == ["naem", "size", "size", "name"]
    assert "did you mean 'name'" in problems[0].reason
    assert [p.field for p in read_listing("", "f.csv", COLUMNS).problems] == ["file"]


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    read_listing(text, "f", COLUMNS)
    read_listing("name,size,when,on,many,kind,address\n" + text, "f", COLUMNS)


@given(st.dates(dt.date(1970, 1, 1), dt.date(2200, 12, 31)))
def test_civil_dates_both_ways(day: dt.date) -> None:
    t_ns = civil_ns(day.year, day.month, day.day)
    assert t_ns == int(dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC).timestamp()) * 10**9
    assert civil_date(t_ns or 0) == (day.year, day.month, day.day)


@given(st.integers(1960, 2210), st.integers(-1, 14), st.integers(-1, 33), st.integers(-1, 25), st.integers(-1, 61))
def test_a_time_that_does_not_exist_is_none(year: int, month: int, day: int, hour: int, minute: int) -> None:
    try:
        expected = int(dt.datetime(year, month, day, hour, minute, tzinfo=dt.UTC).timestamp()) * 10**9
    except ValueError:
        expected = None
    if year < 1970 or year > 2200:
        expected = None
    found = civil_ns(year, month, day, hour, minute)
    assert found == expected or (hour == 24 and minute == 0)
