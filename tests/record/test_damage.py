"""Flipped bits, cut files, killed writers, a real full disk: all found, and no more lost than was hit."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from batches import make_batch, same

from vigie.record.reader import Recording, open_recording
from vigie.record.seal import seal_path
from vigie.record.segment import read_rows
from vigie.record.verify import verify
from vigie.record.writer import NOT_RECORDED, Recorder
from vigie.terms.batch import Batch
from vigie.wire.recording.row import ROW_HEADER_BYTES, Row, pack_row

N = 400


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished recording of N batches in two segments."""
    folder = tmp_path_factory.mktemp("sound")
    for part in (range(N // 2), range(N // 2, N)):
        with Recorder(folder, site_text="[centre]", version="0", reserve_octets=0) as recorder:
            for i in part:
                recorder.append(make_batch(i))
    return folder


def crashed(folder: Path, to: Path) -> None:
    """Copy a recording while its recorder still runs: a segment with its log, as a crash leaves it."""
    recorder = Recorder(folder, version="0", reserve_octets=0)
    for i in range(N):
        number = recorder.append(make_batch(i))
        if i % 40 == 39:  # several commits, so that pages lie in the log more than once
            assert recorder.wait_durable(number, 10.0)
    assert recorder.wait_durable(number, 10.0)
    for name in os.listdir(folder):
        if not name.endswith(("-shm", ".lock")):
            shutil.copy(folder / name, to / name)
    recorder.close()


@pytest.fixture(scope="module")
def cut_off(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording as a crash leaves it: most of it still in the write-ahead log."""
    folder = tmp_path_factory.mktemp("cut")
    crashed(tmp_path_factory.mktemp("live"), folder)
    assert list(folder.glob("*-wal"))
    return folder


def read(folder: Path) -> dict[int, Batch]:
    return dict(open_recording(folder).numbered_batches())


def check_kept(found: dict[int, Batch], hit: set[int]) -> None:
    """All batches but those hit are there, each as it was."""
    for number, batch in found.items():
        assert same(batch, make_batch(number - 1)), number
    missing = set(range(1, N + 1)) - set(found)
    assert missing <= hit, f"lost {sorted(missing)}, only {sorted(hit)} were hit"


def flips(count: int, seed: int, size: int) -> list[tuple[int, int]]:
    chance = random.Random(seed)
    return [(chance.randrange(size), chance.randrange(8)) for _ in range(count)]


@pytest.mark.timeout(3600)
def test_flipped_bits_are_found_and_cost_one_row(sound: Path, tmp_path: Path, campaign: bool) -> None:
    files = sorted(sound.glob("*.vrec"))
    shutil.copytree(sound, tmp_path / "r")
    rows_of = {s.row.number: s.row for s in open_recording(sound).rows()}
    for seed, file in enumerate(files):
        raw = file.read_bytes()
        target = tmp_path / "r" / file.name
        for at, bit in flips(500 if campaign else 30, seed, len(raw)):
            changed = bytearray(raw)
            changed[at] ^= 1 << bit
            target.write_bytes(changed)
            report = verify(tmp_path / "r")
            assert not report.ok, f"octet {at} bit {bit} of {file.name} not found"
            found = read(tmp_path / "r")
            missing_rows = set(rows_of) - {s.row.number for s in open_recording(tmp_path / "r").rows()}
            assert len(missing_rows) <= 1, f"octet {at} bit {bit} of {file.name} costs rows {sorted(missing_rows)}"
            hit = {n for m in missing_rows for n in _batches(rows_of[m])}
            check_kept(found, hit)
            if missing_rows:
                assert report.missing_rows == 1, (missing_rows, report)
                assert report.first_bad_row == min(missing_rows)
        target.write_bytes(raw)
    assert verify(tmp_path / "r").ok


def _batches(row: Row) -> range:
    return range(row.batch - row.count + 1, row.batch + 1)


@pytest.mark.timeout(3600)
def test_cut_files_are_found_and_keep_what_was_not_cut(sound: Path, tmp_path: Path, campaign: bool) -> None:
    first, second = sorted(sound.glob("*.vrec"))
    shutil.copytree(sound, tmp_path / "r")
    rows_of = {file: list(read_rows(file)) for file in (first, second)}
    chance = random.Random(5)
    for file in (first, second):
        raw = file.read_bytes()
        target = tmp_path / "r" / file.name
        for _ in range(100 if campaign else 8):
            size = chance.choice([0, 50, chance.randrange(5000), *(chance.randrange(len(raw)) for _ in range(9))])
            target.write_bytes(raw[:size])
            report = verify(tmp_path / "r")
            assert not report.ok
            found = read(tmp_path / "r")
            assert all(same(batch, make_batch(number - 1)) for number, batch in found.items())
            # What lay whole before the cut is kept: its head in the last leaf page that has it, and its end.
            ends = [(raw.rfind(pack_row(s.row)[:ROW_HEADER_BYTES]), raw.rfind(s.row.body[-12:])) for s in rows_of[file]]
            whole = sum(s.row.count for s, end in zip(rows_of[file], ends, strict=True) if max(end) < size - 4200)
            mine = range(1, N // 2 + 1) if file is first else range(N // 2 + 1, N + 1)
            assert sum(1 for n in found if n in mine) >= whole
            assert all(n in found for n in range(1, N + 1) if n not in mine)
        target.write_bytes(raw)


@pytest.mark.timeout(3600)
def test_flipped_bits_in_the_log_of_a_crash_cost_one_row(cut_off: Path, tmp_path: Path, campaign: bool) -> None:
    (wal,) = cut_off.glob("*-wal")
    raw = wal.read_bytes()
    everything = read(cut_off)
    check_kept(everything, set())
    rows_of = {s.row.number: s.row for s in open_recording(cut_off).rows()}
    for at, bit in flips(500 if campaign else 30, 9, len(raw)):
        copy = tmp_path / "c"
        shutil.copytree(cut_off, copy, ignore=shutil.ignore_patterns("*-shm"))
        changed = bytearray(raw)
        changed[at] ^= 1 << bit
        (copy / wal.name).write_bytes(changed)
        missing = set(rows_of) - {s.row.number for s in open_recording(copy).rows()}
        assert len(missing) <= 1, f"octet {at} bit {bit} costs rows {sorted(missing)}"
        check_kept(read(copy), {n for m in missing for n in _batches(rows_of[m])})
        shutil.rmtree(copy)


def test_a_deleted_row_a_swapped_row_and_a_damaged_seal_are_named(sound: Path, tmp_path: Path) -> None:
    import sqlite3

    folder = tmp_path / "r"
    shutil.copytree(sound, folder)
    first, second = sorted(folder.glob("*.vrec"))
    db = sqlite3.connect(second)
    begin = db.execute("SELECT min(seq) FROM batch").fetchone()[0]
    db.execute("DELETE FROM batch WHERE seq = ?", (begin + 20,))
    db.execute("UPDATE batch SET chain = zeroblob(32) WHERE seq = ?", (begin + 40,))
    db.commit()
    db.close()
    report = verify(folder)
    named = [(p.first_row, p.last_row) for p in report.problems if p.file == second.name and p.first_row]
    assert (begin + 40, begin + 40) in named
    assert (begin + 41, begin + 41) not in named
    seal = seal_path(first)
    seal.write_bytes(seal.read_bytes().replace(b"octets", b"octetz"))
    assert any("seal is damaged" in p.what for p in verify(folder).problems)


@pytest.mark.timeout(3600)
def test_kill_9_loses_nothing_that_was_acknowledged(tmp_path: Path, campaign: bool) -> None:
    """The child says after each batch what is durable; it is killed at seeded points, again and again in one folder."""
    chance = random.Random(20260429)
    for kill in range(200 if campaign else 5):
        folder = tmp_path / str(kill // 10)
        child = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("batches.py")), str(folder), "0"], stdout=subprocess.PIPE
        )
        assert child.stdout is not None
        for _ in range(chance.randrange(1, 400)):
            line = child.stdout.readline()
        child.kill()
        rest = line + child.stdout.read()
        child.stdout.close()
        child.wait()
        said = max(map(int, rest.rpartition(b"\n")[0].split()))
        if said == 0 and not any(folder.glob("*.vrec")):
            continue  # killed before the first file was there: nothing was acknowledged, nothing is lost
        found = list(open_recording(folder).numbered_batches())
        assert [number for number, _ in found] == list(range(1, len(found) + 1)), f"kill {kill}: lost or twice"
        assert len(found) >= said, f"kill {kill}: {said} acknowledged, {len(found)} found"
        if kill % 10 in (4, 9):
            assert all(same(batch, make_batch(number)) for number, batch in found)
            report = verify(folder)
            assert report.ok, report.problems


def test_a_recording_without_a_row_has_no_batches(tmp_path: Path) -> None:
    """Killed between making its first file and its first row: that is no error, there is just nothing."""
    assert list(Recording([], [tmp_path / "2026-01-01T00Z.vrec"]).batches()) == []


def test_a_really_full_disk(tmp_path: Path) -> None:
    """A file system of 3 MiB fills; the recorder says so, counts, and goes on when there is room again."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("only root may mount the small file system of this test")
    try:
        ballast = disk / "ballast"
        ballast.write_bytes(bytes(1_500_000))
        taken: list[int] = []
        refused = 0
        pause = threading.Event()
        with Recorder(disk / "rec", reserve_octets=100_000, queue_octets=300_000) as recorder:
            i = 0
            while recorder.state == "ok" and i < 3000:
                taken.append(i)
                assert recorder.append(make_batch(i, frames=100)) != NOT_RECORDED
                recorder.wait_durable(len(taken), 0.5)
                i += 1
            assert recorder.state == "degraded", "the disk never filled"
            assert "full" in recorder.reason
            for _ in range(100):
                if recorder.append(make_batch(i, frames=100)) == NOT_RECORDED:
                    refused += 1
                else:
                    taken.append(i)
                i += 1
            assert refused > 50
            ballast.unlink()
            for _ in range(100):
                if recorder.wait_durable(len(taken), 0.1):
                    break
            for _ in range(5):
                taken.append(i)
                assert recorder.append(make_batch(i, frames=100)) != NOT_RECORDED
                i += 1
            assert recorder.wait_durable(len(taken), 10.0)
            for _ in range(100):
                if recorder.state == "ok":
                    break
                pause.wait(0.05)
            assert recorder.state == "ok"
            assert recorder.lost_batches == refused
        found = list(open_recording(disk / "rec").batches())
        assert len(found) == len(taken)
        assert all(same(batch, make_batch(j, frames=100)) for batch, j in zip(found, taken, strict=True))
        report = verify(disk / "rec")
        assert report.ok, report.problems
        assert sum(loss.frames for loss in report.losses) == refused * 100
    finally:
        subprocess.run(["umount", str(disk)], check=True)
