"""What is replayed: its time range, its batches from any time on, and the snapshots from which the core can go on."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import dropwhile
from pathlib import Path
from typing import Final

from vigie.app.inputs import batches_of, is_recording
from vigie.app.plan import Replay
from vigie.app.snapshots import newest_snapshot
from vigie.record.reader import open_recording
from vigie.terms.batch import Batch
from vigie.wire.recording.bodies import Snapshot, decode_record

_MEASURED_OCTETS: Final = 256 << 20
"""Captures up to this size are read once before they are played, to know when they end."""
_MOST_HELD: Final = 240


class Source:
    """A recording of ours, or capture files, in the hand of one player.

    ``last_ns`` is 0 where the end is not known before it is reached (large captures).
    """

    def __init__(self, replay: Replay) -> None:
        self._replay = replay
        self._paths = [Path(p) for p in replay.paths]
        self._ours = all(map(is_recording, self._paths))
        self._held: dict[int, Snapshot] = {}
        self.first_ns = self.last_ns = 0
        if self._ours and len(self._paths) == 1:
            self._recording = open_recording(self._paths[0])
            self.first_ns, self.last_ns = self._recording.first_ns, self._recording.last_ns
        elif sum(path.stat().st_size for path in self._paths) <= _MEASURED_OCTETS:
            for batch in self.batches():
                self.first_ns, self.last_ns = self.first_ns or batch.now_ns, batch.now_ns

    def batches(self, from_ns: int = 0) -> Iterator[Batch]:
        """Yield the batches at and after ``from_ns``."""
        if self._ours and len(self._paths) == 1:
            return self._recording.batches(from_ns or None)
        found = batches_of(self._paths, form=self._replay.form, date=self._replay.date)
        return dropwhile(lambda batch: batch.now_ns < from_ns, found)

    def snapshot(self, until_ns: int) -> Snapshot | None:
        """Return the newest snapshot at or before ``until_ns``, of the recording or taken while it was played."""
        found = newest_snapshot(self._recording, until_ns) if self._replay.own_snapshots else None
        at = max((t for t in self._held if t <= until_ns), default=0)
        return self._held[at] if at and (found is None or found.now_ns < at) else found

    def keep(self, octets: bytes) -> None:
        """Hold a snapshot that the core took; when there are too many, every other one goes."""
        taken = decode_record(octets, Snapshot)
        self._held[taken.now_ns] = taken
        if len(self._held) > _MOST_HELD:
            self._held = {t: self._held[t] for t in sorted(self._held)[::2]}
