"""Room that runs short is told early and once; the keeper makes the days that are over, and only those."""

from __future__ import annotations

import shutil
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from vigie.app.archive import build, build_day
from vigie.app.centre import _Hourly
from vigie.app.inputs import batches_of, site_for
from vigie.app.keeper import Keeper
from vigie.app.pipeline import State, step
from vigie.app.plan import ARCHIVE
from vigie.app.room import EVERY_NS, Room, free_share
from vigie.app.snapshots import take_snapshot
from vigie.history.store import DAILY, days
from vigie.record.reader import open_recording
from vigie.record.retention import Keep
from vigie.record.writer import Recorder
from vigie.simulate.headless import simulate_to
from vigie.terms.utc import DAY_NS, day_start_ns
from vigie.wire.recording.bodies import Snapshot, decode_record


def test_room_is_told_at_a_tenth_and_a_fiftieth(tmp_path: Path) -> None:
    shares = iter([0.5, 0.09, 0.085, 0.11, 0.019, 0.021, 0.03, 0.2])
    room = Room(tmp_path, lambda _: next(shares))
    told = []
    for k in range(8):
        told += [(k, e.value) for e in room.changes((k + 1) * EVERY_NS)]
        assert room.changes((k + 1) * EVERY_NS + 1) == ()
    assert told == [(1, 1), (4, 2), (6, 1), (7, 0)]
    assert 0 < free_share(tmp_path) <= 1
    assert free_share(tmp_path / "absent") == 1.0


def test_days_that_are_over_are_made_once_and_equal_those_made_from_the_beginning(tmp_path: Path) -> None:
    simulate_to("niger_demo", tmp_path / "flown", seed=5, duration_s=40.0)
    site, capture = tmp_path / "flown/site.toml", tmp_path / "flown/frames.pcap"
    batches = list(batches_of([capture], form=None, date="2026-01-01"))
    midnight = day_start_ns(batches[0].now_ns) + DAY_NS
    shift = midnight - 20 * 10**9 - batches[0].now_ns  # the exercise flies over midnight
    state = State(site_for([capture], site))
    with Recorder(tmp_path / "data", site_text=site.read_text("utf-8"), version="t", reserve_octets=0) as recorder:
        for batch in batches:
            moved = shifted(batch, shift)
            step(state, moved)
            recorder.append(moved)
            if moved.now_ns == midnight - 5 * 10**9:
                assert recorder.note(moved.now_ns, decode_record(take_snapshot(state, moved.now_ns), Snapshot))
    stop: Any = threading.Event()
    keeper = Keeper(tmp_path / "data", "daily", Keep(), stop)
    assert len(keeper.look(midnight + 30 * 10**9)) == 0  # yesterday may still be in writing
    (first,) = keeper.look(midnight + 3600 * 10**9)
    (second,) = keeper.look(midnight + DAY_NS + 3600 * 10**9)
    assert first < second
    assert keeper.look(midnight + DAY_NS + 7200 * 10**9) == []
    recording, own = open_recording(tmp_path / "data"), site_for([tmp_path / "data"], None)
    assert build(recording, own, tmp_path / "again") == [first, second]
    for day in (first, second):
        for name in ("tracks", "plots", "flights", "alerts"):
            one, other = (
                DAILY[name][0].from_arrow(pq.read_table(a / f"day={day}/{name}.parquet"))
                for a in (tmp_path / "data" / ARCHIVE, tmp_path / "again")
            )
            assert one.tobytes() == other.tobytes(), (day, name)
    shutil.rmtree(tmp_path / "data" / ARCHIVE)
    stop.set()
    assert not build_day(recording, own, tmp_path / "data" / ARCHIVE, first, stop=stop.is_set)
    assert not (tmp_path / "data" / ARCHIVE / f"day={first}").exists()
    hourly = Keeper(tmp_path / "data", "hourly", Keep(), threading.Event())  # type: ignore[arg-type]
    assert hourly.look(midnight + 15 * 10**9) == [first, second]
    assert hourly.look(midnight + 16 * 10**9) == [first, second]  # both not over yet
    assert days(tmp_path / "data" / ARCHIVE) == [first, second]


def shifted(batch: Any, shift: int) -> Any:
    rows = batch.frames.rows.copy()
    rows["rx_ns"] += shift
    return replace(batch, now_ns=batch.now_ns + shift, frames=replace(batch.frames, rows=rows))


def test_the_hourly_process_never_runs_twice_at_a_time() -> None:
    class Process:
        alive = True
        started = 0

        def start(self) -> None:
            Process.started += 1

        def is_alive(self) -> bool:
            return Process.alive

    make: Any = Process
    hourly = _Hourly(make)
    now_s = time.monotonic()
    for later_s, started in ((60, 0), (150, 1), (200, 1), (7200, 1)):
        hourly.turn(now_s + later_s)
        assert Process.started == started
    Process.alive = False
    hourly.turn(now_s + 7300)
    assert Process.started == 2
