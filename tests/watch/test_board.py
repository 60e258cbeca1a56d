"""The board of the watch: rows come and go, and none is left over."""

from __future__ import annotations

import numpy as np

from vigie.terms.tables import TRACK, TRACK_CONFIRMED, TRACK_ENDED, Rows
from vigie.watch.board import Board

S = 1_000_000_000


def tracks(numbers: range, status: int, now_ns: int) -> Rows:
    rows = TRACK.empty(len(numbers))
    rows["track_no"], rows["status"] = list(numbers), status
    rows["now_ns"] = rows["toa_ns"] = now_ns
    rows["lat_deg"], rows["lon_deg"] = 13.0 + np.arange(len(numbers)) / 1000.0, 2.0
    rows["callsign"] = [f"VIG{number}" for number in numbers]
    return rows


def test_a_burst_of_tracks_that_were_none_leaves_no_empty_rows_behind() -> None:
    board = Board(1013.25, 15.0, 0.0)
    board.take(tracks(range(1, 11), TRACK_CONFIRMED, S), S)
    board.take(tracks(range(100, 2100), TRACK_CONFIRMED, 2 * S), 2 * S)
    assert board.used == 2010
    board.take(tracks(range(100, 2100), TRACK_ENDED, 3 * S), 3 * S)
    assert board.used == 10
    assert len(board.ended) == 2000
    board.take(tracks(range(3000, 3005), TRACK_CONFIRMED, 4 * S), 4 * S)
    assert board.used == 15
    rows = board.at(np.array([1, 10, 3000, 3004, 100]))
    assert rows.tolist() == [0, 9, 10, 14, -1]
    assert board.callsign[rows[:4]].tolist() == [b"VIG1", b"VIG10", b"VIG3000", b"VIG3004"]
    np.testing.assert_allclose(np.degrees(board.lat0[rows[:4]]), [13.0, 13.009, 13.0, 13.004])
    board.take(tracks(range(1, 11), TRACK_ENDED, 5 * S), 5 * S)
    board.take(tracks(range(3000, 3005), TRACK_ENDED, 5 * S), 5 * S)
    assert board.used == 0
