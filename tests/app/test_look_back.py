"""A start goes on from the recording only where that is the same world, and says in one sentence why not."""

from __future__ import annotations

from pathlib import Path

import pytest

import vigie
from vigie.app.comeback import LONGEST_PAUSE_NS, Comeback, look_back, tail
from vigie.app.pipeline import State, step
from vigie.app.snapshots import take_snapshot
from vigie.record.writer import Recorder
from vigie.sensors.site import parse_site
from vigie.show.board import Board
from vigie.terms.batch import Batch
from vigie.terms.snapshot import SnapshotError, decode, encode
from vigie.terms.units import NS_PER_S
from vigie.terms.utc import TICK_NS
from vigie.wire.recording.batch import decode_batch
from vigie.wire.recording.bodies import Snapshot, decode_record

SITE = """[centre]
name = "A"
lat_deg = 13.5
lon_deg = 2.1
"""
FIRST_NS = 1_800_000_000 * NS_PER_S
LAST_NS = FIRST_NS + 49 * TICK_NS


def record(folder: Path) -> Snapshot:
    """Record fifty ticks with a snapshot after the twentieth."""
    state = State(parse_site(SITE, file="a.toml"))
    with Recorder(folder, site_text=SITE, version=vigie.__version__) as recorder:
        for k in range(50):
            batch = Batch(now_ns=FIRST_NS + k * TICK_NS, mono_ns=7 + k * TICK_NS)
            recorder.append(batch)
            step(state, batch)
            if k == 19:
                taken = decode_record(take_snapshot(state, batch.now_ns), Snapshot)
                recorder.note(batch.now_ns, taken)
    return taken


def back(folder: Path, *, site: str = SITE, known: str = "", after_ns: int = NS_PER_S) -> Comeback:
    return look_back(folder, site_text=site, known_text=known, now_ns=LAST_NS + after_ns)


def test_it_goes_on_from_the_newest_snapshot_and_the_batches_after_it(tmp_path: Path) -> None:
    taken = record(tmp_path / "r")
    found = back(tmp_path / "r")
    assert found.snapshot == taken
    assert (found.last_ns, found.last_mono_ns) == (LAST_NS, 7 + 49 * TICK_NS)
    batches = [decode_batch(m) for m in tail(tmp_path / "r", taken.now_ns, 50)]
    assert [b.now_ns for b in batches] == [FIRST_NS + k * TICK_NS for k in range(20, 50)]
    assert [b.now_ns for b in map(decode_batch, tail(tmp_path / "r", taken.now_ns, 45))][-1] == LAST_NS - 5 * TICK_NS


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"site": SITE + "# else"}, "the site file is another"),
        ({"site": ""}, "without a site file"),
        ({"known": "{}"}, "the areas, sites or flights"),
        ({"after_ns": LONGEST_PAUSE_NS}, "10 minutes old, the limit is 10"),
        ({"after_ns": -NS_PER_S}, "the clock was set back"),
    ],
)
def test_another_world_is_not_gone_on_from(change: dict[str, object], why: str, tmp_path: Path) -> None:
    record(tmp_path / "r")
    found = back(tmp_path / "r", **change)  # type: ignore[arg-type]
    assert found.snapshot is None
    assert why in found.text


def test_another_version_or_no_recording_begins_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "no recording" in back(tmp_path).text
    record(tmp_path / "r")
    monkeypatch.setattr(vigie, "__version__", "9")
    assert "written by version" in back(tmp_path / "r").text


def test_a_state_of_another_shape_is_refused() -> None:
    board = Board()
    octets = encode(board)
    del board.dropped
    with pytest.raises(SnapshotError, match="Board has dropped"):
        decode(octets, board)
