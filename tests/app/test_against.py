"""Two outputs held against each other: what is the same is not told, what differs is, with its time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from tests.way.command import vigie
from vigie.app.against import Second, compare, differences_text
from vigie.app.files import TableFile, read_table
from vigie.app.sides import side_of
from vigie.simulate.headless import simulate_to
from vigie.terms.tables import ALERT, IDENTITY, TRACK, Rows

NS = 10**9


def tracks(t: int, *flying: tuple[int, float, bytes]) -> Rows:
    """Rows of tracks (number, latitude, callsign) at second ``t``."""
    rows = TRACK.empty(len(flying))
    rows["now_ns"], rows["status"], rows["lon_deg"] = t * NS, 2, 2.0
    for row, (number, lat, sign) in zip(rows, flying, strict=True):
        row["track_no"], row["lat_deg"], row["callsign"] = number, lat, sign
    return rows


def alert(number: int, raised_s: int, track: int) -> Rows:
    rows = ALERT.empty(1)
    rows["alert_no"], rows["rule"], rows["track_no"], rows["raised_ns"] = number, b"stca", track, raised_s * NS
    return rows


def identity(track: int, category: int) -> Rows:
    rows = IDENTITY.empty(1)
    rows["track_no"], rows["category"] = track, category
    return rows


def found(a: list[Second], b: list[Second]) -> Any:
    return compare(iter(a), iter(b))


def test_each_kind_of_difference_is_named_with_its_time() -> None:
    a = [Second(now_ns=t * NS, tracks=tracks(t, (1, 10.0, b"A"), (2, 11.0, b"B"), (3, 12.0, b"C"))) for t in range(5)]
    b = [Second(now_ns=t * NS, tracks=tracks(t, (1, 10.0 + (t == 3) * 1e-3, b"A"), (7, 11.0, b"B" if t < 2 else b"X"),
                                             (9, 40.0, b"C"))) for t in range(6)]  # fmt: skip
    said = found(a, b)
    assert not said["equal"]
    assert said["moved"] == [{"a": 1, "b": 1, "from_ns": 3 * NS, "most_m": pytest.approx(111.3, abs=1)}]
    assert said["renumbered"] == [{"a": 2, "b": 7, "from_ns": 0}]
    assert said["changed"] == [{"a": 2, "b": 7, "what": "callsign", "from_ns": 2 * NS}]
    assert said["tracks_only_a"] == [{"track": 3, "from_ns": 0, "until_ns": 4 * NS, "seconds": 5}]
    assert {e["track"]: e["seconds"] for e in said["tracks_only_b"]} == {1: 1, 7: 1, 9: 6}
    text = differences_text(said)
    assert "track 2 of A is track 7 of B from 1970-01-01T00:00:00.000Z" in text


def test_alerts_and_identities() -> None:
    def side(raised_s: int, category: int, tracked: int) -> list[Second]:
        return [Second(now_ns=t * NS, tracks=tracks(t, (tracked, 10.0, b"A")),
                       alerts=alert(1, raised_s, tracked) if t == 50 else ALERT.empty(),
                       identities=identity(1, category if t > 20 else 1)) for t in range(60)]  # fmt: skip

    same = found(side(50, 4, 1), side(50, 4, 1))
    assert same["equal"]
    assert same["alerts_both"] == 1
    assert differences_text(same).endswith("no difference")
    assert found(side(50, 4, 1), side(45, 4, 1))["alerts_both"] == 1
    late = found(side(50, 4, 1), side(30, 5, 1))
    assert [len(late[f"alerts_only_{s}"]) for s in "ab"] == [1, 1]
    assert late["identities"] == [
        {"track": 1, "what": "category", "from_ns": 21 * NS, "a": "neutral", "b": "suspect"}
    ]  # fmt: skip
    other = found(side(50, 4, 1), side(50, 4, 8))
    assert other["alerts_both"] == 1  # the same aircraft under another number
    assert other["renumbered"]


def test_a_recording_against_what_was_written_of_it(tmp_path: Path) -> None:
    simulate_to("niger_demo", tmp_path / "flown", seed=5, duration_s=40.0)
    site, capture, out = tmp_path / "flown/site.toml", tmp_path / "flown/frames.pcap", tmp_path / "out"
    out.mkdir()
    vigie("track", capture, "--site", site, "--to", out / "tracks.parquet", "--alerts", out / "alerts.parquet",
          "--identities", out / "identities.parquet")  # fmt: skip
    said = compare(side_of([capture], site), side_of([out], site))
    assert said["equal"], said
    assert said["tracks_both"] > 10
    rows = read_table(out / "tracks.parquet", TRACK)
    number = int(rows["track_no"][np.flatnonzero(rows["status"] == 2)[0]])
    with TableFile(tmp_path / "other.parquet", TRACK) as file:
        file.append(rows[rows["track_no"] != number])
    said = compare(side_of([capture], site), side_of([tmp_path / "other.parquet"], site))
    assert [e["track"] for e in said["tracks_only_a"]] == [number]
    assert not said["tracks_only_b"]
    pq.write_table(pq.read_table(out / "alerts.parquet"), tmp_path / "no.parquet")
    assert "holds no tracks" in vigie("replay", capture, "--site", site, "--against", tmp_path / "no.parquet", expect=2)
