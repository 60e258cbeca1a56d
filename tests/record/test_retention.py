"""Retention: from the beginning only, and nothing on doubt; what is left proves itself."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest
from tests.record.batches import make_batch
from typer.testing import CliRunner

from vigie.app.cli import build
from vigie.app.keeper import Keeper
from vigie.app.plan import ARCHIVE
from vigie.history.store import MADE, day_name
from vigie.record.reader import open_recording
from vigie.record.retention import REMOVED_FILE, Keep, keep_mark, sweep
from vigie.record.seal import seal_path
from vigie.record.segment import segment_files
from vigie.record.verify import verify
from vigie.record.writer import Recorder
from vigie.terms.batch import Batch

HOUR = 3600 * 10**9


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """Five hours with three batches each."""
    with Recorder(tmp_path / "data", site_text="[centre]", version="t", reserve_octets=0) as recorder:
        for hour in range(5):
            for i in range(3):
                some = make_batch(i + 1, frames=2)
                now_ns = 480_000 * HOUR + hour * HOUR + i * 10**8
                recorder.append(Batch(now_ns=now_ns, mono_ns=now_ns, frames=some.frames))
    assert len(segment_files(tmp_path / "data")) == 5
    return tmp_path / "data"


def test_by_age_from_the_beginning_and_the_rest_is_whole(recorded: Path) -> None:
    now_ns = 480_005 * HOUR
    names = [p.name for p in segment_files(recorded)]
    assert sweep(recorded, Keep(), now_ns).removed == ()
    done = sweep(recorded, Keep(days=2.5 / 24), now_ns)
    assert done.removed == tuple(names[:2])
    assert not done.stopped
    report = verify(recorded)
    assert report.ok, report.problems
    assert sum(1 for _ in open_recording(recorded).batches()) == 9
    told = [json.loads(line) for line in (recorded / REMOVED_FILE).read_text("utf-8").splitlines()]
    assert [t["file"] for t in told] == names[:2]
    assert not any(seal_path(recorded / name).exists() for name in names[:2])


def test_by_space_the_newest_two_stay(recorded: Path) -> None:
    assert len(sweep(recorded, Keep(gib=1e-9), 0).removed) == 3
    assert len(segment_files(recorded)) == 2


@pytest.mark.parametrize("doubt", ["kept", "unsealed", "flipped", "chain", "seal"])
def test_nothing_goes_on_doubt(recorded: Path, doubt: str) -> None:
    first, second = segment_files(recorded)[:2]
    if doubt == "kept":
        keep_mark(first).touch()
    elif doubt == "unsealed":
        seal_path(first).unlink()
    elif doubt == "seal":
        seal_path(first).write_bytes(b"nonsense")
    elif doubt == "flipped":
        octets = bytearray(first.read_bytes())
        octets[-10] ^= 1
        first.write_bytes(octets)
    else:
        second.unlink()  # what follows does not go on from it
    before = [p.name for p in segment_files(recorded)]
    done = sweep(recorded, Keep(days=1e-6, gib=1e-9), 480_100 * HOUR)
    assert done.removed == ()
    assert done.stopped.startswith(first.name)
    assert [p.name for p in segment_files(recorded)] == before


def test_what_is_not_archived_yet_stays(recorded: Path) -> None:
    """The archive is made from the recording: a segment goes when all of its time is in the archive."""
    names = [p.name for p in segment_files(recorded)]
    asked: list[tuple[int, int]] = []

    def unarchived(from_ns: int, until_ns: int) -> str:
        asked.append((from_ns // HOUR, until_ns // HOUR))
        return "" if until_ns <= 480_001 * HOUR else "the day X is not in it yet"

    done = sweep(recorded, Keep(gib=1e-9), 480_005 * HOUR, unarchived=unarchived)
    assert done.removed == (names[0],)
    assert done.stopped == f"{names[1]}: waits for the archive: the day X is not in it yet"
    assert asked == [(480_000, 480_001), (480_001, 480_002)]
    assert [p.name for p in segment_files(recorded)] == names[1:]


def test_the_keeper_asks_the_archive_for_every_day_of_a_segment(tmp_path: Path) -> None:
    keeper = Keeper(tmp_path, "daily", Keep(), threading.Event())  # type: ignore[arg-type]
    day = 20_000 * 24 * HOUR

    def made(at_ns: int, over: bool) -> None:
        folder = tmp_path / ARCHIVE / f"day={day_name(at_ns)}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MADE).write_text(json.dumps({"over": over}), "utf-8")

    assert "2024-10-04 is not in it" in keeper._unarchived(day, day + 2 * HOUR)
    made(day, True)
    assert keeper._unarchived(day, day + 24 * HOUR) == ""
    assert "2024-10-05 is not in it" in keeper._unarchived(day + 23 * HOUR, day + 25 * HOUR)
    made(day + 24 * HOUR, False)
    assert "2024-10-05 is not in it" in keeper._unarchived(day + 23 * HOUR, day + 25 * HOUR)
    made(day + 24 * HOUR, True)
    assert keeper._unarchived(day + 23 * HOUR, day + 25 * HOUR) == ""
    off = Keeper(tmp_path, "off", Keep(), threading.Event())  # type: ignore[arg-type]
    assert off._unarchived(0, day) == ""


def test_a_mark_is_set_and_withdrawn_by_command(recorded: Path) -> None:
    names = [p.name for p in segment_files(recorded)]
    command = ["recording", "keep", str(recorded), "--from", "3600", "--until", "7199"]
    refused = CliRunner().invoke(build(), command)
    assert refused.exit_code != 0
    assert not list(recorded.glob("*.keep"))
    for _ in range(2):  # a second time changes nothing
        assert CliRunner().invoke(build(), [*command, "--why", "incident of the night"]).exit_code == 0
    assert [p.name for p in recorded.glob("*.keep")] == [f"{names[1]}.keep"]
    assert keep_mark(recorded / names[1]).read_text("utf-8") == "incident of the night\n"
    done = sweep(recorded, Keep(gib=1e-9), 480_005 * HOUR)
    assert (done.removed, done.stopped) == ((names[0],), f"{names[1]}: is marked as kept")
    assert CliRunner().invoke(build(), ["recording", "keep", str(recorded), "--withdraw"]).exit_code == 0
    assert sweep(recorded, Keep(gib=1e-9), 480_005 * HOUR).removed == tuple(names[1:3])
