"""The folder of a recording: one recorder at a time, where the last one stopped, and a reserve for a full disk."""

from __future__ import annotations

import contextlib
import fcntl
import os
from pathlib import Path
from typing import Final

from vigie.record.segment import last_row, segment_files, segment_number
from vigie.terms.errors import RecordingError
from vigie.wire.recording.row import NO_CHAIN

_LOCK: Final = "recorder.lock"
_RESERVE: Final = "reserve.space"


class Place:
    """A folder held by one recorder.

    ``last_number``, ``last_chain`` and ``last_batch`` are those of the newest row on disk; ``warning`` is not empty
    where the folder can be used but not as it should.

    Raises
    ------
    RecordingError
        If the folder cannot be made or locked, or another recorder holds it.
    """

    def __init__(self, folder: Path, reserve_octets: int) -> None:
        self.folder = folder
        self.warning = ""
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = (folder / _LOCK).open("ab")
        except OSError as why:
            raise RecordingError(f"{folder}: no recording can be made here: {why.strerror}. "
                                 "Name a folder that can be written (data_dir).") from why  # fmt: skip
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as why:
            self._lock.close()
            raise RecordingError(f"{folder}: another recorder writes here. Stop it, or name another folder.") from why
        self._reserve(reserve_octets)
        self.segment = 0
        self.previous_name = ""
        self.last_number, self.last_chain, self.last_batch = 0, NO_CHAIN, 0
        for path in self.files():
            self.segment = max(self.segment, segment_number(path))
        for path in reversed(self.files()):
            newest = last_row(path)
            if newest is not None:
                self.previous_name = path.name
                self.last_number, self.last_batch = newest.row.number, newest.row.batch
                self.last_chain = newest.chain
                break

    def files(self) -> list[Path]:
        """Return the segments in the folder, oldest first."""
        return segment_files(self.folder)

    def next_segment(self) -> int:
        """Return the running number of the next segment."""
        self.segment += 1
        return self.segment

    def free_reserve(self) -> None:
        """Give the reserve's room to what must still be written."""
        with contextlib.suppress(OSError):
            os.truncate(self.folder / _RESERVE, 0)

    def release(self) -> None:
        """Let another recorder have the folder."""
        self._lock.close()

    def _reserve(self, octets: int) -> None:
        if not octets:
            return
        try:
            with (self.folder / _RESERVE).open("ab") as file:
                os.posix_fallocate(file.fileno(), 0, octets)
        except OSError as why:
            self.warning = f"no room for the reserve of {octets >> 20} MiB ({why.strerror})"
