"""What the summaries leave to be read is enough: the answers are those of reading every row."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from vigie.history import ask
from vigie.history.places import COLUMNS, HALF_M, PER_DEG, cell_of, cells, names
from vigie.history.store import DayWriter
from vigie.history.words import Span
from vigie.terms.tables import TRACK, Rows
from vigie.terms.units import NS_PER_S
from vigie.terms.utc import DAY_NS, parse_instant

DAY = "2026-11-25"
START = parse_instant(f"{DAY}T00:00:00Z", 0)
WHOLE = Span(START, START + DAY_NS)
FLIGHTS, ROWS = 60, 400


def sky(lat_deg: float, lon_deg: float) -> Rows:
    """Sixty seeded flights around a place, with codes that change on the way and rows that are not shown."""
    rng = np.random.default_rng(3)
    parts = []
    for number in range(1, FLIGHTS + 1):
        rows = TRACK.empty(ROWS)
        t = rng.integers(0, 80_000) + np.arange(ROWS) * 10
        rows["now_ns"], rows["track_no"], rows["status"] = START + t * NS_PER_S, number, rng.choice([1, 2, 3], ROWS)
        way, far = rng.uniform(0, 2 * np.pi), np.linspace(-3, 3, ROWS)
        rows["lat_deg"] = np.clip(lat_deg + rng.uniform(-2, 2) + far * np.cos(way), -90, 90)
        lon = lon_deg + rng.uniform(-2, 2) + far * np.sin(way)
        rows["lon_deg"] = (lon + 180.0) % 360.0 - 180.0
        rows["lat_deg"][::50] = np.nan
        rows["icao24"] = 100 + number % 7
        rows["mode3a"] = np.where(np.arange(ROWS) < rng.integers(0, ROWS), 0o1200, number)
        rows["callsign"] = f"F{number % 11}".encode()
        parts.append(rows)
    rows = np.concatenate(parts)
    return rows[np.argsort(rows["now_ns"], kind="stable")]


def archive_of(rows: Rows, folder: Path, *, summed: bool) -> Path:
    writer = DayWriter(folder, DAY)
    writer.add("tracks", rows)
    if summed:
        writer.add("cells", cells(rows))
        writer.add("names", names(rows))
    writer.close({})
    if not summed:  # as an older version wrote it
        for name in ("cells", "names"):
            (folder / f"day={DAY}" / f"{name}.parquet").unlink()
    return folder


@pytest.mark.parametrize("place", [(13.5, 2.2), (0.0, 180.0), (-17.0, -179.9), (89.6, 40.0)])
def test_the_nearest_passes_are_those_of_all_rows(place: tuple[float, float], tmp_path: Path) -> None:
    rows = sky(*place)
    old = ask.Archive(archive_of(rows, tmp_path / "old", summed=False), WHOLE)
    new = ask.Archive(archive_of(rows, tmp_path / "new", summed=True), WHOLE)
    assert (old.sums_up("cells"), new.sums_up("cells")) == (False, True)
    for span in (WHOLE, Span(START + 30_000 * NS_PER_S, START + 50_000 * NS_PER_S), Span(START, START + NS_PER_S)):
        for most in (1, 5, 20):
            found = ask.nearest(new, span, *place, most=most)
            assert [(r["track_no"], r["distance_m"], r["at_ns"]) for r in found] == [
                (r["track_no"], r["distance_m"], r["at_ns"]) for r in ask.nearest(old, span, *place, most=most)
            ]
    assert len(found) <= len(ask.nearest(new, WHOLE, *place, most=1000)) == FLIGHTS


@pytest.mark.parametrize("name", ["000064", "1200", "F3", "#7", "0005", "ABCDEF"])
def test_the_track_of_a_name_is_that_of_all_rows(name: str, tmp_path: Path) -> None:
    rows = sky(13.5, 2.2)
    old = ask.Archive(archive_of(rows, tmp_path / "old", summed=False), WHOLE)
    new = ask.Archive(archive_of(rows, tmp_path / "new", summed=True), WHOLE)
    for span in (WHOLE, Span(START + 30_000 * NS_PER_S, START + 50_000 * NS_PER_S)):
        found = ask.track(new, span, name)
        assert repr(found) == repr(ask.track(old, span, name))
    assert bool(ask.track(new, WHOLE, name)) == (name != "ABCDEF")


def test_rows_of_a_track_lie_together_and_the_day_stays_whole(tmp_path: Path) -> None:
    rows = sky(13.5, 2.2)
    file = archive_of(rows, tmp_path / "a", summed=True) / f"day={DAY}" / "tracks.parquet"
    kept = TRACK.from_arrow(pq.read_table(file, columns=list(TRACK.dtype.names or ())))
    assert (np.diff(kept["track_no"].astype(int)) >= 0).all()
    assert kept[np.lexsort((kept["track_no"], kept["now_ns"]))].tobytes() == (
        rows[np.lexsort((rows["track_no"], rows["now_ns"]))].tobytes()
    )


def test_a_place_is_never_farther_from_its_cells_middle_than_is_said() -> None:
    rng = np.random.default_rng(4)
    lat, lon = np.append(rng.uniform(-90, 90, 100_000), [90, -90, 0]), np.append(rng.uniform(-180, 180, 100_000), 180.0)
    lon = np.append(lon, [-180.0, 179.9999999])
    cell = cell_of(lat, lon)
    middle_lat, middle_lon = (cell // COLUMNS + 0.5) / PER_DEG - 90, (cell % COLUMNS + 0.5) / PER_DEG - 180
    a, b = np.radians(lat), np.radians(middle_lat)
    h = np.sin((a - b) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(np.radians(lon - middle_lon) / 2) ** 2
    assert (2 * 6_378_137.0 * np.arcsin(np.sqrt(h)) <= HALF_M).all()
