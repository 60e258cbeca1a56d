"""NOTAM text: items, schedules, places and levels; the item is named when one is wrong; nothing raises."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.terms.levels import AGL, AMSL, FL, SURFACE, UNLIMITED, Level, parse_level
from vigie.terms.messages import Notice
from vigie.terms.utc import civil_ns
from vigie.terms.windows import parse_windows, sun_times_s, weekday
from vigie.wire.flightplan.reader import read_messages
from vigie.wire.notam.places import degrees, outline_in
from vigie.wire.notam.reader import read_notices

TEXT = """A0123/26 NOTAMN
Q) DRRR/QRTCA/IV/BO/W/000/195/1329N00211E025
A) DRRR B) 2611270600 C) 2611301800
D) MON-FRI 0600-1800
E) TEMPORARY RESTRICTED AREA ESTABLISHED WITHIN 25NM RADIUS CENTRED ON 132854N 0021100E
F) GND G) 5000FT AMSL)"""


def notice(text: str = TEXT) -> Notice:
    (found,), aside = read_notices(text)
    assert not aside
    return found


def test_a_notice_says_everything() -> None:
    found = notice()
    assert (found.number, found.kind, found.fir, found.q_code, found.places) == (
        "A0123/26",
        "N",
        "DRRR",
        "QRTCA",
        ("DRRR",),
    )
    assert (found.from_ns, found.to_ns) == (civil_ns(2026, 11, 27, 6), civil_ns(2026, 11, 30, 18))
    assert found.circle == pytest.approx((2.0 + 11 / 60, 13 + 28 / 60 + 54 / 3600, 46_300.0))
    assert not found.circle_of_q
    assert (found.floor, found.ceiling) == (SURFACE, Level(AMSL, pytest.approx(1524.0)))
    friday, saturday = civil_ns(2026, 11, 27, 7), civil_ns(2026, 11, 28, 7)
    assert friday is not None
    assert saturday is not None
    assert [w.holds(t) for w in found.times for t in (friday, saturday)] == [True, False]


def test_est_stands_until_it_is_replaced_and_perm_has_no_end() -> None:
    late = civil_ns(2027, 5, 3, 7)
    assert late is not None
    estimated = notice(TEXT.replace("2611301800", "2611301800 EST"))
    assert estimated.estimated
    assert estimated.times[0].holds(late)
    permanent = notice(TEXT.replace("2611301800", "PERM"))
    assert permanent.permanent
    assert permanent.to_ns == -1
    assert not notice().times[0].holds(late)


def test_a_polygon_in_words_and_areas_by_name() -> None:
    found = notice(TEXT.replace("WITHIN 25NM RADIUS CENTRED ON 132854N 0021100E",
                                "DRR12: 1330N00200E - 1400N00200E - 1400N00230E - 1330N00200E"))  # fmt: skip
    assert found.rings == (((2.0, 13.5), (2.0, 14.0), (2.5, 14.0)),)
    assert found.areas == ("DRR12",)


@pytest.mark.parametrize(
    ("old", "new", "item"),
    [
        ("DRRR/QRTCA", "DR/QRTCA", "Q"), ("QRTCA", "QX", "Q"), ("000/195", "200/195", "Q"), ("E025", "E02X", "Q"),
        ("1329N", "1379N", "Q"), ("B) 2611270600", "B) 2613270600", "B"), ("C) 2611301800", "C) 2511301800", "C"),
        ("C) 2611301800\n", "\n", "C"), ("MON-FRI", "MOON-FRI", "D"), ("5000FT", "LOTS", "G"),
        ("NOTAMN", "NOTAMR", "number"),
    ],
)  # fmt: skip
def test_a_wrong_item_is_named_and_the_next_notice_counts(old: str, new: str, item: str) -> None:
    good, aside = read_notices(TEXT.replace(old, new, 1) + "\n\n" + TEXT.replace("A0123", "A0124"))
    assert [n.number for n in good] == ["A0124/26"]
    assert [a.field for a in aside] == [item]


@settings(max_examples=150)
@given(st.one_of(st.text(max_size=300), st.tuples(st.integers(0, len(TEXT)), st.text(max_size=6)).map(
    lambda cut: TEXT[: cut[0]] + cut[1] + TEXT[cut[0] + len(cut[1]) :])))  # fmt: skip
def test_random_text_never_raises(text: str) -> None:
    read_notices(text)
    outline_in(text)


def test_long_runs_of_nothing_cost_nothing() -> None:
    """Patterns that try a run of spaces from each of its places would take minutes here."""
    for junk in (" " * 90_000, "(" * 50_000, "- " * 40_000, "1330N " * 10_000, "A0001/26 " * 9_000):
        read_notices(junk)
        read_notices(TEXT.replace("MON-FRI", junk))
        read_notices(TEXT.replace("TEMPORARY", junk))
        read_messages(junk.encode())
        read_messages(b"(FPL-" + junk.encode() + b")")


@given(st.text(alphabet="MONTUEFRI 0123456789-,SRHJDAILYEXC/", max_size=40))
def test_schedules_are_windows_or_a_value_error(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert parse_windows(text, start_ns=civil_ns(2026, 11, 20) or 0)


@pytest.mark.parametrize(
    ("words", "active", "idle"),
    [
        ("DAILY 0700-1500", "27 0800", "27 1500"), ("MON-FRI 0600-1800", "27 0700", "28 0700"),
        ("FRI-MON 2200-0200", "28 0100", "27 0100"), ("NOV 27 29-30 H24", "29 1200", "28 1200"),
        ("27-28 0800-0900 AND 1000-1100", "28 1030", "28 0930"), ("DAILY EXC FRI 0800-1000", "28 0900", "27 0900"),
        ("HJ", "27 1200", "27 2200"), ("HN", "27 2200", "27 1200"), ("SR PLUS60-SS", "27 0800", "27 0600"),
        ("NOV 27 0800-0900, DEC 01 0800-0900", "27 0830", "28 0830"), ("2026-11-28 0800-0900", "28 0830", "27 0830"),
    ],
)  # fmt: skip
def test_schedules_in_words(words: str, active: str, idle: str) -> None:
    def at(text: str) -> int:
        return civil_ns(2026, 11, int(text[:2]), int(text[3:5]), int(text[5:])) or 0

    windows = parse_windows(words, start_ns=civil_ns(2026, 11, 20) or 0)
    assert weekday(at("27 0000")) == 4
    assert any(w.holds(at(active), 13.5, 2.1) for w in windows)
    assert not any(w.holds(at(idle), 13.5, 2.1) for w in windows)


def test_the_sun_rises_when_the_almanac_says() -> None:
    """Greenwich: 21 June 03:43 and 20:21 UTC, 21 December 08:04 and 15:53 UTC."""
    for place, day, (rise, set_) in (
        ((51.48, 0.0), civil_ns(2026, 6, 21), (3 * 60 + 43, 20 * 60 + 21)),
        ((51.48, 0.0), civil_ns(2026, 12, 21), (8 * 60 + 4, 15 * 60 + 53)),
    ):
        found = sun_times_s(day or 0, *place)
        assert found[0] / 60 == pytest.approx(rise, abs=2.5)
        assert found[1] / 60 == pytest.approx(set_, abs=2.5)
    assert sun_times_s(civil_ns(2026, 6, 21) or 0, 80.0, 0.0) == (0, 86_400)
    assert sun_times_s(civil_ns(2026, 12, 21) or 0, 80.0, 0.0) == (0, 0)


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("FL 95", Level(FL, 2895.6)), ("1500 FT AMSL", Level(AMSL, 457.2)), ("100M", Level(AMSL, 100.0)),
        ("500 AGL", Level(AGL, 152.4)), ("300 ft gnd", Level(AGL, 91.44)), ("GND", SURFACE), ("UNL", UNLIMITED),
        ("0", SURFACE), ("5000 STD", Level(FL, 1524.0)),
    ],
)  # fmt: skip
def test_levels_as_people_write_them(text: str, level: Level) -> None:
    found = parse_level(text)
    assert found.datum == level.datum
    assert found.value_m == pytest.approx(level.value_m)


@given(st.integers(0, 89), st.integers(0, 59), st.integers(0, 59))
def test_degrees_of_digits(d: int, m: int, s: int) -> None:
    assert degrees(f"{d:02d}{m:02d}{s:02d}", 2) == pytest.approx(d + m / 60 + s / 3600)
    assert degrees(f"{d:03d}{m:02d}", 3) == pytest.approx(d + m / 60)
