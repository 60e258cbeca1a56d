"""Flights summed up from tracks, questions to an archive, times in words; made of rows whose answer is known."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from vigie.airspace.aerodromes import Aerodrome
from vigie.airspace.volume import Volume
from vigie.app.archive import crossings
from vigie.history import ask
from vigie.history.flights import flights, origin_words
from vigie.history.store import DAILY, DayWriter, days
from vigie.history.words import Span, parse_span
from vigie.terms.errors import UsageError
from vigie.terms.tables import PLOT, TRACK, Rows
from vigie.terms.units import NS_PER_S

DAY = "2026-11-25"
START = int(dt.datetime(2026, 11, 25, 1, tzinfo=dt.UTC).timestamp()) * NS_PER_S
NIAMEY = Aerodrome(icao="DRRN", name="Niamey", lat_deg=13.4815, lon_deg=2.1836, elevation_amsl_m=223.0)


def flight(track_no: int, *, lands: bool, icao24: int = 0, code: int = 65535, minutes: int = 20) -> Rows:
    """Rows once a second: from the north at 200 m/s, then to the runway and standing, or straight on at FL300."""
    n = minutes * 60
    rows = TRACK.empty(n)
    t = np.arange(n)
    rows["now_ns"], rows["track_no"], rows["status"] = START + t * NS_PER_S, track_no, 2
    rows["icao24"], rows["mode3a"], rows["sensors"] = icao24, code, 2
    down = np.clip((n - 240 - t) / (n - 240), 0, 1) if lands else (n - t) / n - 0.2
    rows["lat_deg"] = NIAMEY.lat_deg + 1.2 * down
    rows["lon_deg"] = NIAMEY.lon_deg if lands else NIAMEY.lon_deg + 0.5
    speed = np.where(down <= 0.01, 5.0, np.where(down < 0.02, 70.0, 140.0)) if lands else np.full(n, 220.0)
    rows["v_north_mps"], rows["v_east_mps"] = -speed, 0.0
    if code != 65535:
        rows["press_alt_m"] = 230 + 3000 * down if lands else 9144.0
    return rows


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive")
    tracks = np.concatenate([
        flight(1, lands=True), flight(2, lands=False, icao24=0x062001, code=0o2345), flight(3, lands=True, code=0o1200)
    ])  # fmt: skip
    tracks = tracks[np.argsort(tracks["now_ns"], kind="stable")]
    plots = PLOT.empty(600)
    plots["rx_ns"] = plots["toa_ns"] = START + np.arange(600) * 2 * NS_PER_S
    plots["kind"], plots["icao24"], plots["mode3a"], plots["sensor_id"] = 4, 0x062001, 0o2345, 1
    writer = DayWriter(folder, DAY)
    writer.add("tracks", tracks)
    writer.add("plots", plots)
    found = flights(tracks, plots, [NIAMEY])
    writer.add("flights", found)
    volume = Volume(id="ZONE", name="zone", kind="restricted", rings=(((1, 13.9), (4, 13.9), (4, 14.2), (1, 14.2)),))
    writer.add("crossings", crossings(tracks, [volume]))
    writer.close({})
    return folder


NIGHT = parse_span("last Wednesday 00:00-06:00", START + 30 * 3600 * NS_PER_S)


def test_what_landed_is_named_with_time_evidence_and_origin(archive: Path) -> None:
    held = ask.Archive(archive, NIGHT)
    rows = ask.landed(held, NIGHT, "drrn")
    assert {row["track_no"] for row in rows} == {1, 3}
    ghost = next(row for row in rows if row["track_no"] == 1)
    touched = START + (1200 - 240) * 0.98 * NS_PER_S
    assert abs(ghost["landed_ns"] - touched) < 20 * NS_PER_S
    assert "no height" in ghost["landed_evidence"]
    assert ghost["dark_share"] == 1.0
    (row,) = flights(flight(1, lands=True), None, [NIAMEY])
    assert "72 NM north of DRRN" in origin_words(row, [NIAMEY])
    assert ask.took_off(held, NIGHT, "DRRN") == []


def test_the_same_life_backwards_is_a_take_off() -> None:
    rows = flight(1, lands=True)[::-1].copy()
    rows["now_ns"] = rows["now_ns"][::-1].copy()
    (found,) = flights(rows, None, [NIAMEY])
    assert found["from_aerodrome"] == b"DRRN"
    assert found["to_aerodrome"] == b""


def test_who_flies_past_or_drives_has_no_landing() -> None:
    car = flight(9, lands=True)
    car["v_north_mps"] = -12.0
    assert flights(car, None, [NIAMEY])["to_aerodrome"][0] == b""
    assert flights(flight(2, lands=False), None, [NIAMEY])["to_aerodrome"][0] == b""


def test_every_question_is_answered(archive: Path) -> None:
    held = ask.Archive(archive, NIGHT)
    assert [r["track_no"] for r in ask.flights(held, NIGHT, band_m=(9000, 9300))] == [2]
    assert [r["track_no"] for r in ask.flights(held, NIGHT, box=(13.9, 2.6, 14.1, 2.7))] == [2]
    assert {r["track_no"] for r in ask.flights(held, NIGHT, area="ZONE")} == {1, 2, 3}
    assert ask.flights(held, NIGHT, area="NONE") == []
    assert [r["track_no"] for r in ask.seen(held, NIGHT, "062001")] == [2]
    assert [r["track_no"] for r in ask.seen(held, NIGHT, "1200")] == [3]
    assert len(ask.track(held, NIGHT, "#2")) == 1200
    near = ask.nearest(held, NIGHT, NIAMEY.lat_deg, NIAMEY.lon_deg)
    assert {r["track_no"] for r in near[:2]} == {1, 3}
    assert near[2]["distance_m"] == pytest.approx(0.5 * 111_319 * np.cos(np.radians(13.48)), rel=0.01)
    assert {r["track_no"] for r in ask.dark(held, NIGHT)} == {1, 3}  # 3 bears a code that was never heard
    assert ask.gaps(held, NIGHT) == []
    assert ask.counts(held, NIGHT, "sensor") == [{"sensor_id": 1, "plots": 600}]
    assert {"state": "NE", "flights": 1} in ask.counts(held, NIGHT, "state") or ask.counts(held, NIGHT, "state")
    assert sum(r["flights"] for r in ask.counts(held, NIGHT, "hour")) == 3
    nothing = Span(NIGHT.from_ns - 400 * 86400 * NS_PER_S, NIGHT.from_ns - 399 * 86400 * NS_PER_S)
    assert ask.flights(ask.Archive(archive, nothing), nothing) == []
    assert days(archive) == [DAY]
    assert {p.stem for p in (archive / f"day={DAY}").glob("*.parquet")} == set(DAILY)


@pytest.mark.parametrize("text", [
    "SELECT * FROM read_csv('/etc/passwd')", "SELECT * FROM read_text('/etc/hostname')", "COPY flights TO 'x.csv'",
    "DROP VIEW flights", "SELECT 1; SELECT 2", "ATTACH 'x.db'", "SET enable_external_access = true",
    "SELECT * FROM 'https://127.0.0.1/x.parquet'", "INSTALL httpfs", "SELECT nonsense FROM flights",
    "CREATE TABLE x AS SELECT 1", "SELECT * FROM glob('/etc/*')", "PRAGMA database_list",
])  # fmt: skip
def test_sql_reads_the_archive_and_nothing_else(archive: Path, text: str) -> None:
    held = ask.Archive(archive)
    assert held.sql("SELECT count(*) AS n FROM tracks") == [{"n": 3600}]
    with pytest.raises(UsageError):
        held.sql(text)


NOW = int(dt.datetime(2026, 11, 27, 9, 30, tzinfo=dt.UTC).timestamp()) * NS_PER_S  # a Friday


@pytest.mark.parametrize(("text", "first", "last"), [
    ("last Wednesday night", "2026-11-25T17:00:00", "2026-11-26T05:00:00"),
    ("mercredi dernier nuit", "2026-11-25T17:00:00", "2026-11-26T05:00:00"),
    ("yesterday 18:00-06:00 local", "2026-11-26T17:00:00", "2026-11-27T05:00:00"),
    ("yesterday 18:00-06:00 UTC", "2026-11-26T18:00:00", "2026-11-27T06:00:00"),
    ("hier de 18h à 19h30", "2026-11-26T17:00:00", "2026-11-26T18:30:00"),
    ("hier soir", "2026-11-26T17:00:00", "2026-11-26T23:00:00"),
    ("last night", "2026-11-26T17:00:00", "2026-11-27T05:00:00"),
    ("avant-hier", "2026-11-24T23:00:00", "2026-11-25T23:00:00"),
    ("vendredi", "2026-11-19T23:00:00", "2026-11-20T23:00:00"),
    ("last 3 hours", "2026-11-27T06:30:00", "2026-11-27T09:30:00"),
    ("2026-11-22 18:00-06:00", "2026-11-22T17:00:00", "2026-11-23T05:00:00"),
    ("2026-11-22T18:00Z/2026-11-23T06:00Z", "2026-11-22T18:00:00", "2026-11-23T06:00:00"),
    ("2026-11-22 18:00 to 2026-11-24 06:00", "2026-11-22T17:00:00", "2026-11-24T05:00:00"),
    ("du 2026-11-22 18h30 au 2026-11-23 6h UTC", "2026-11-22T18:30:00", "2026-11-23T06:00:00"),
    ("between 18:00 and 06:00", "2026-11-26T17:00:00", "2026-11-27T05:00:00"),
    ("entre 18h et 6h", "2026-11-26T17:00:00", "2026-11-27T05:00:00"),
    ("10:15-10:30", "2026-11-27T09:15:00", "2026-11-27T09:30:00"),
    ("11:00-11:30", "2026-11-26T10:00:00", "2026-11-26T10:30:00"),
])  # fmt: skip
def test_times_in_words(text: str, first: str, last: str) -> None:
    span = parse_span(text, NOW, "Africa/Niamey")
    assert str(span) == f"{first}.000Z to {last}.000Z"


@pytest.mark.parametrize("text", [
    "", "soonish", "2026-13-40", "yesterday 25:00-26:00", "2026-11-22/x", "night", "the",
    "2026-11-23 06:00 to 2026-11-22 18:00", "2026-11-31 06:00 to 2026-12-01 18:00",
])  # fmt: skip
def test_what_is_not_understood_is_said(text: str) -> None:
    with pytest.raises(UsageError, match="not understood"):
        parse_span(text, NOW, "Africa/Niamey")


def test_the_clock_change_is_the_zones() -> None:
    span = parse_span("2026-10-24 22:00-06:00", NOW, "Europe/Paris")
    assert span.until_ns - span.from_ns == 9 * 3600 * NS_PER_S
