"""Rows moved as octets are what NumPy gives column by column."""

import numpy as np
import pytest

from vigie.terms import rows as moved
from vigie.terms.tables import PLOT, TABLES


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda t: t.name)
def test_moved_rows_are_the_same_rows(table) -> None:
    rng = np.random.default_rng(20261127)
    rows = np.frombuffer(rng.bytes(50 * table.dtype.itemsize), table.dtype).copy()
    octets = [row.tobytes() for row in rows]
    places, mask = rng.permutation(50)[:20], rng.random(50) < 0.5
    assert [r.tobytes() for r in moved.copied(rows[3:40:2])] == octets[3:40:2]
    assert [r.tobytes() for r in moved.chosen(rows, places)] == [octets[i] for i in places]
    assert [r.tobytes() for r in moved.chosen(rows, mask)] == [octets[i] for i in np.flatnonzero(mask)]
    together = moved.joined([rows[:7], rows[30:30], rows[20:50:3]])
    assert together.dtype == table.dtype
    assert [r.tobytes() for r in together] == [*octets[:7], *octets[20:50:3]]
    into = rows.copy()
    moved.put(into, places, rows[:20])
    assert [into[p].tobytes() for p in places] == octets[:20]
    moved.put(into, slice(0, 5), rows[45:])
    assert [r.tobytes() for r in into[:5]] == octets[45:]


def test_copies_are_one_s_own_and_one_piece_stays_itself() -> None:
    rows = PLOT.empty(3)
    copy = moved.copied(rows)
    copy["icao24"] = 7
    moved.chosen(rows, np.array([0]))["icao24"] = 9
    assert rows["icao24"].tolist() == [0, 0, 0]
    assert moved.joined([rows]) is rows
    assert not len(moved.joined([rows[:0], rows[:0]]))
