"""The binary form: round trips, the layout a browser relies on, and octets that are not a message."""

from __future__ import annotations

import itertools
import json
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.show.columns import (
    HEALTH_COLUMNS,
    PLOT_COLUMNS,
    SHOWN,
    TRACK_COLUMNS,
    decode,
    decode_update,
    encode,
    encode_update,
)
from vigie.terms.errors import WireError
from vigie.terms.tables import HEALTH, PLOT, TABLES, TRACK, Rows

PROPERTY = settings(max_examples=60, derandomize=True, deadline=None)


def random_rows(name: str, count: int, seed: int) -> Rows:
    """Rows of random octets: any bit pattern, NaN with payload included."""
    dtype = TABLES[name].dtype
    return np.frombuffer(np.random.default_rng(seed).bytes(count * dtype.itemsize), dtype).copy()


@PROPERTY
@given(st.sampled_from(sorted(TABLES)), st.integers(0, 40), st.integers(0, 2**32))
def test_any_rows_of_any_table_come_back_bit_for_bit(name: str, count: int, seed: int) -> None:
    rows = random_rows(name, count, seed)
    header, tables = decode(encode({"type": "x", "n": seed}, {name: rows}, {}))
    assert header == {"type": "x", "n": seed}
    assert tuple(tables[name]) == rows.dtype.names
    for column, values in tables[name].items():
        assert values.dtype == rows.dtype[column]
        assert values.tobytes() == rows[column].tobytes()


def test_layout_is_what_a_browser_lays_typed_arrays_over() -> None:
    plots, tracks = random_rows("plot", 3, 1), random_rows("track", 5, 2)
    octets = encode({"type": "picture", "name": "é"}, {"track": tracks, "plot": plots})
    assert octets[:4] == b"VGP1"
    (length,) = struct.unpack("<I", octets[4:8])
    assert (8 + length) % 8 == 0
    header = json.loads(octets[8 : 8 + length])  # blanks behind it are still JSON
    body = octets[8 + length :]
    assert header["tables"]["track"]["rows"] == 5
    assert list(header["tables"]["plot"]["columns"]) == list(PLOT_COLUMNS)
    covered = []
    for name, rows in (("track", tracks), ("plot", plots)):
        for column, (code, offset) in header["tables"][name]["columns"].items():
            size = rows.dtype[column].itemsize * len(rows)
            assert offset % 8 == 0
            assert body[offset : offset + size] == rows[column].tobytes()
            assert code == next(c.type for c in TABLES[name].columns if c.name == column)
            covered.append((offset, offset + size))
    covered.sort()
    assert all(a_end <= b for (_, a_end), (b, _) in itertools.pairwise(covered))
    assert len(body) - covered[-1][1] < 8


def test_a_screen_gets_every_track_and_health_column_and_the_placed_plot() -> None:
    assert tuple(c.name for c in TRACK.columns) == TRACK_COLUMNS
    assert tuple(c.name for c in HEALTH.columns) == HEALTH_COLUMNS
    assert {"lat_deg", "lon_deg", "sensor_id", "kind", "rx_ns"} <= set(PLOT_COLUMNS) <= {c.name for c in PLOT.columns}
    assert set(SHOWN) == {"track", "plot", "health", "identity", "alert", "weather"}


def test_columns_of_different_length_or_unknown_type_are_not_encoded() -> None:
    with pytest.raises(WireError, match="rows"):
        encode({}, {"a": {"x": np.zeros(2), "y": np.zeros(3)}})
    with pytest.raises(WireError, match="no code"):
        encode({}, {"a": {"x": np.zeros(2, complex)}})


@PROPERTY
@given(st.binary(max_size=200))
def test_random_octets_are_refused_and_nothing_else_happens(octets: bytes) -> None:
    for candidate in (octets, b"VGP1" + octets, b"VGP1" + struct.pack("<I", len(octets)) + octets):
        with pytest.raises(WireError):
            decode_update(candidate)


@PROPERTY
@given(st.data())
def test_a_damaged_message_is_refused_or_read_without_another_error(data: st.DataObject) -> None:
    octets = bytearray(encode_update(1, 2, "live", random_rows("track", 2, 3), status={"a": [1]}))
    for _ in range(data.draw(st.integers(1, 4))):
        octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
    octets = octets[: data.draw(st.integers(0, len(octets)))]
    try:
        decode_update(octets)
    except WireError:
        return


@PROPERTY
@given(st.integers(0, 5), st.integers(0, 5), st.integers(0, 3), st.booleans())
def test_an_update_comes_back(tracks: int, plots: int, health: int, restart: bool) -> None:
    given_rows = random_rows("track", tracks, 1), random_rows("plot", plots, 2), random_rows("health", health, 3)
    octets = encode_update(10**18 + 1, 7, "replay", *given_rows, {"links": []}, restart=restart)
    update = decode_update(octets)
    assert (update.now_ns, update.progress, update.mode, update.restart) == (10**18 + 1, 7, "replay", restart)
    assert update.status == {"links": []}
    for rows, columns in zip(given_rows, (update.tracks, update.plots, update.health), strict=True):
        if columns is None:
            assert not len(rows)
            continue
        for name, values in columns.items():
            assert values.tobytes() == rows[name].tobytes()


def test_an_update_of_another_build_is_refused() -> None:
    header = {"type": "update", "now_ns": 1, "progress": 1, "mode": "live"}
    octets = encode(header, {"track": {"track_no": np.zeros(1)}}, {})
    with pytest.raises(WireError, match="track"):
        decode_update(octets)
