"""What the recorder is given comes back, and what it says is durable is."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from batches import START_NS, make_batch, same

from vigie.record.reader import open_recording
from vigie.record.segment import is_recording
from vigie.record.verify import verify
from vigie.record.writer import NOT_RECORDED, Recorder
from vigie.terms.batch import Batch, Event, Frames
from vigie.terms.errors import RecordingError
from vigie.terms.tables import FRAME
from vigie.terms.utc import TICK_NS
from vigie.wire.recording.bodies import Digest, Loss, decode_record
from vigie.wire.recording.row import Kind

HOUR_NS = 3600 * 1_000_000_000


def record(folder: Path, batches: list[Batch], **options: Any) -> None:
    with Recorder(folder, site_text="[centre]", version="0.1", reserve_octets=0, **options) as recorder:
        for batch in batches:
            assert recorder.append(batch) != NOT_RECORDED


def test_batches_come_back_in_order_and_the_recording_verifies(tmp_path: Path) -> None:
    batches = [make_batch(i) for i in range(300)]
    record(tmp_path, batches)
    recording = open_recording(tmp_path)
    found = list(recording.batches())
    assert len(found) == 300
    assert all(map(same, found, batches))
    assert recording.missing_rows == 0
    assert (recording.configuration.site_text, recording.configuration.software) == ("[centre]", "0.1")
    assert (recording.first_ns, recording.last_ns) == (batches[0].now_ns, batches[-1].now_ns)
    report = verify(tmp_path)
    assert report.ok, report
    assert (report.batches, report.segments) == (300, 1)
    assert is_recording(tmp_path)
    assert is_recording(next(tmp_path.glob("*.vrec")))


def test_a_time_range_is_read(tmp_path: Path) -> None:
    batches = [make_batch(i, frames=i % 3) for i in range(200)]
    record(tmp_path, batches)
    recording = open_recording(tmp_path)
    for first, last in ((0, 200), (37, 151), (36, 39), (199, 200), (60, 60), (500, 600)):
        found = recording.batches(START_NS + first * TICK_NS, START_NS + last * TICK_NS)
        assert [b.now_ns for b in found] == [b.now_ns for b in batches[first:last]]
    assert [b.now_ns for b in recording.batches(until_ns=START_NS + 5)] == [START_NS]
    assert len(list(recording.batches(from_ns=START_NS + 1))) == 199


def test_the_hour_turns_and_a_second_start_goes_on_where_the_first_stopped(tmp_path: Path) -> None:
    start = START_NS - START_NS % HOUR_NS + HOUR_NS - 50 * TICK_NS
    batches = [make_batch(i, start_ns=start) for i in range(200)]
    record(tmp_path, batches[:120])
    record(tmp_path, batches[120:])
    files = sorted(p.name for p in tmp_path.glob("*.vrec"))
    assert len(files) == 3
    recording = open_recording(tmp_path)
    assert all(map(same, recording.batches(), batches))
    assert [n for n, _ in recording.numbered_batches()] == list(range(1, 201))
    report = verify(tmp_path)
    assert report.ok, report
    assert (report.batches, report.segments, report.sealed) == (200, 3, 3)
    second = recording.segments[1].configuration
    assert second is not None
    assert second.previous_file == files[0]
    assert len(list(open_recording(tmp_path / files[1]).batches())) == 70


def test_empty_ticks_are_one_row(tmp_path: Path) -> None:
    batches = [Batch(now_ns=START_NS + i * TICK_NS, mono_ns=i * i) for i in range(250)]
    batches.insert(120, Batch(now_ns=START_NS + 119 * TICK_NS, mono_ns=3))  # the host clock stood still
    record(tmp_path, batches)
    recording = open_recording(tmp_path)
    assert all(map(same, recording.batches(), batches))
    assert len(list(recording.batches())) == 251
    assert sum(1 for s in recording.rows() if s.row.kind == Kind.TICKS) <= 6


def test_an_empty_tick_is_durable_within_a_second_without_help(tmp_path: Path) -> None:
    with Recorder(tmp_path, reserve_octets=0) as recorder:
        number = recorder.append(Batch(now_ns=START_NS, mono_ns=0))
        assert recorder.wait_durable(number, 10.0)
        assert recorder.pending == 0


def test_a_recording_is_read_while_it_is_written(tmp_path: Path) -> None:
    batches = [make_batch(i, frames=50) for i in range(400)]
    with Recorder(tmp_path, reserve_octets=0) as recorder:
        seen = 0
        for i, batch in enumerate(batches):
            number = recorder.append(batch)
            if i % 50 == 49:
                assert recorder.wait_durable(number, 10.0)
                found = list(open_recording(tmp_path).batches())
                assert len(found) >= number >= seen
                assert all(map(same, found, batches))
                seen = len(found)
    assert len(list(open_recording(tmp_path).batches())) == 400


def test_a_refused_batch_never_counts_as_durable(tmp_path: Path) -> None:
    with Recorder(tmp_path, reserve_octets=0, queue_batches=0) as recorder:
        number = recorder.append(make_batch(0))
        assert number == NOT_RECORDED
        assert not number <= recorder.durable_seq
        assert not recorder.wait_durable(number, 0.01)


def test_notes_are_rows_of_their_own(tmp_path: Path) -> None:
    digest = Digest(step="track", batch=1, digest=b"\x07" * 32)
    event = Event(rx_ns=START_NS, kind="act_refused", text="viewer")
    with Recorder(tmp_path, reserve_octets=0) as recorder:
        recorder.append(make_batch(0, frames=2))
        assert recorder.note(START_NS, digest)
        assert recorder.note(START_NS, event)
    kinds = [s.row.kind for s in open_recording(tmp_path).rows()]
    assert kinds == [Kind.CONFIGURATION, Kind.BATCH, Kind.DIGEST, Kind.EVENT]
    rows = [s.row for s in open_recording(tmp_path).rows()]
    assert decode_record(rows[2].body, Digest) == digest
    assert decode_record(rows[3].body, Event) == event


def test_one_folder_one_recorder_and_no_append_after_close(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path, reserve_octets=0)
    assert recorder.state == "ok"
    with pytest.raises(RecordingError, match="another recorder"):
        Recorder(tmp_path)
    recorder.close()
    assert recorder.state == "off"
    with pytest.raises(RecordingError, match="closed"):
        recorder.append(make_batch(1))
    Recorder(tmp_path, reserve_octets=0).close()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(RecordingError, match="file/sub"):
        Recorder(tmp_path / "file" / "sub")


@pytest.mark.parametrize("content", [b"", b"hello, I am a text" * 400, b"SQLite format 3\0" + bytes(5000)])
def test_another_file_is_no_recording(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "x.vrec"
    file.write_bytes(content)
    with pytest.raises(RecordingError):
        list(open_recording(file).batches())
    with pytest.raises(RecordingError, match="no recording"):
        open_recording(tmp_path)
    with pytest.raises(RecordingError, match="no such"):
        open_recording(tmp_path / "absent")


def test_a_batch_that_cannot_be_written_is_counted_and_the_rest_goes_on(tmp_path: Path) -> None:
    rows = FRAME.empty(2)
    rows["length"] = 50
    bad = Batch(now_ns=START_NS, mono_ns=0, frames=Frames(rows, make_batch(0, frames=1).frames.data[:4]))
    with Recorder(tmp_path, reserve_octets=0) as recorder:
        recorder.append(bad)
        recorder.append(make_batch(1, frames=1))
    assert (recorder.lost_batches, recorder.lost_frames) == (1, 2)
    assert [b.now_ns for b in open_recording(tmp_path).batches()] == [START_NS + TICK_NS]
    assert verify(tmp_path).losses[0].frames == 2


class Faulty(sqlite3.Connection):
    """A connection whose commits fail as long as the test says so, before or after the disk has them."""

    error: str = ""
    after = False
    stuck: threading.Event | None = None

    def execute(self, sql: str, *more: Any) -> sqlite3.Cursor:
        if sql == "COMMIT":
            if Faulty.stuck is not None:
                Faulty.stuck.wait(20)
            if Faulty.error:
                if Faulty.after:
                    super().execute(sql, *more)
                raise sqlite3.OperationalError(Faulty.error)
        return super().execute(sql, *more)


def faulty(path: str) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None, factory=Faulty)


@pytest.fixture(autouse=True)
def _sound() -> None:
    Faulty.error, Faulty.after, Faulty.stuck = "", False, None


def wait_for(true: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(500):
        if true():
            return
        pause.wait(0.02)
    raise AssertionError("did not become true within 10 s")


@pytest.mark.parametrize("begun", [True, False])
@pytest.mark.parametrize(
    ("error", "after"),
    [("database or disk is full", False), ("disk I/O error", False), ("disk I/O error", True)],
)
def test_a_failing_disk_is_said_at_once_counted_exactly_and_overcome(
    tmp_path: Path, error: str, after: bool, begun: bool
) -> None:
    batches = [make_batch(i, frames=1 + i % 5) for i in range(200)]
    taken: list[Batch] = []
    refused: list[Batch] = []
    with Recorder(tmp_path, reserve_octets=0, queue_batches=40, connect=faulty) as recorder:
        if begun:
            for batch in batches[:20]:
                recorder.append(batch)
            assert recorder.wait_durable(20, 10.0)
            taken += batches[:20]
        Faulty.error, Faulty.after = error, after
        durable = recorder.durable_seq
        for batch in batches[20:150]:
            (taken if recorder.append(batch) != NOT_RECORDED else refused).append(batch)
        wait_for(lambda: error in recorder.reason)
        assert recorder.state == "degraded"
        assert recorder.durable_seq == durable
        assert recorder.pending == len(taken) - durable
        Faulty.error = ""
        assert recorder.wait_durable(len(taken), 10.0)
        wait_for(lambda: recorder.state == ("ok" if not refused else "degraded"))
        for batch in batches[150:180]:
            assert recorder.append(batch) != NOT_RECORDED
            taken.append(batch)
        wait_for(lambda: recorder.state == "ok")
    assert len(refused) > 50
    assert recorder.lost_batches == len(refused)
    assert recorder.lost_frames == sum(len(b.frames) for b in refused)
    found = list(open_recording(tmp_path).numbered_batches())
    assert [n for n, _ in found] == list(range(1, len(taken) + 1))
    assert all(same(b, t) for (_, b), t in zip(found, taken, strict=True))
    losses = [decode_record(s.row.body, Loss) for s in open_recording(tmp_path).rows() if s.row.kind == Kind.LOSS]
    assert sum(loss.batches for loss in losses) == len(refused)
    assert sum(loss.frames for loss in losses) == recorder.lost_frames
    assert losses[0].first_ns == refused[0].now_ns
    report = verify(tmp_path)
    assert report.ok, report.problems
    assert report.losses == losses


def test_a_stuck_disk_does_not_hold_up_the_caller(tmp_path: Path) -> None:
    Faulty.stuck = threading.Event()
    recorder = Recorder(tmp_path, reserve_octets=0, queue_octets=20_000, connect=faulty)
    numbers = [recorder.append(make_batch(i, frames=5)) for i in range(300)]
    assert numbers[0] == 1
    assert numbers[-1] == NOT_RECORDED
    assert recorder.state == "degraded"
    assert recorder.lost_batches == numbers.count(NOT_RECORDED)
    assert recorder.lost_batches + recorder.pending == 300
    Faulty.stuck.set()
    recorder.close()
    assert len(list(open_recording(tmp_path).batches())) == 300 - recorder.lost_batches
    assert sum(loss.batches for loss in verify(tmp_path).losses) == recorder.lost_batches


def test_what_cannot_be_written_before_the_end_is_counted(tmp_path: Path) -> None:
    with Recorder(tmp_path, reserve_octets=1 << 20, connect=faulty) as recorder:
        for i in range(10):
            recorder.append(make_batch(i, frames=2))
        assert recorder.wait_durable(10, 10.0)
        Faulty.error = "database or disk is full"
        for i in range(10, 25):
            recorder.append(make_batch(i, frames=2))
    assert (recorder.lost_batches, recorder.lost_frames, recorder.pending) == (15, 30, 0)
    assert recorder.durable_seq == 10
    assert len(list(open_recording(tmp_path).batches())) == 10
    assert (tmp_path / "reserve.space").stat().st_size == 0
