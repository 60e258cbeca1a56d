"""A consistent copy of a centre's folder while it records, and its way back."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from pathlib import Path

from vigie.record.segment import SUFFIX, open_to_read
from vigie.record.verify import Report, verify
from vigie.terms.errors import RecordingError

_LEFT = ("recorder.lock", "reserve.space")
_LOGS = ("-wal", "-shm", "-journal")


def copy_folder(source: Path, to: Path) -> int:
    """Copy everything in ``source`` into the new folder ``to``; return the number of files.

    SQLite files are copied through SQLite, so that a segment or database being written is copied at one moment of its
    life; the rest is copied as it is. Nothing is overwritten, and ``to`` gets its name when all is there.

    Raises
    ------
    RecordingError
        If ``source`` is no folder, ``to`` exists, or something cannot be copied.
    """
    if not source.is_dir():
        raise RecordingError(f"{source}: is no folder of a centre")
    if to.exists():
        raise RecordingError(f"{to}: exists already; name another folder, nothing is overwritten")
    if to.resolve().is_relative_to(source.resolve()):
        raise RecordingError(f"{to}: lies within what is to be copied")
    part = to.with_name(to.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    count = 0
    try:
        for path in sorted(source.rglob("*")):
            if path.is_dir() or path.name in _LEFT or path.name.endswith(_LOGS) or path.is_symlink():
                continue
            target = part / path.relative_to(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            sealed = path.with_name(path.name + ".seal").exists()
            if not sealed and (path.suffix == SUFFIX or _is_sqlite(path)):
                _copy_database(path, target)
            else:
                shutil.copy2(path, target)
            target.chmod(path.stat().st_mode & 0o777)
            count += 1
        part.rename(to)
    except (OSError, sqlite3.Error) as why:
        raise RecordingError(f"{to}: the copy failed: {why}; {part} is left as it is") from why
    return count


def backup(source: Path, to: Path) -> tuple[int, Report]:
    """Copy a centre's folder and verify the copy; return the number of files and the verification."""
    count = copy_folder(source, to)
    return count, verify(to)


def _is_sqlite(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(16) == b"SQLite format 3\0"


def _copy_database(source: Path, to: Path) -> None:
    if not source.stat().st_size:
        to.touch()
        return
    with contextlib.closing(open_to_read(source)) as db, contextlib.closing(sqlite3.connect(to)) as copy:
        db.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE").fetchall()
