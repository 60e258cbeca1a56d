"""A recording read again: the same batches, in the same order, whatever happened to the files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from vigie.record.seal import read_seal
from vigie.record.segment import (
    Stored,
    configuration_of,
    is_recording,
    last_row,
    newest_row,
    read_rows,
    rows_between,
    segment_files,
)
from vigie.terms.batch import Batch
from vigie.terms.errors import RecordingError
from vigie.terms.utc import TICK_NS
from vigie.wire.recording.bodies import MAX_RUN, Configuration, batches_of_row
from vigie.wire.recording.row import Kind, Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One file of a recording: rows ``first`` to ``last`` (None: to its end) count; later ones were written anew."""

    path: Path
    first: int
    last: int | None
    configuration: Configuration | None

    @property
    def first_ns(self) -> int:
        """Time of the first row, 0 where it is not known."""
        return self.configuration.started_ns if self.configuration is not None else 0


class Recording:
    """The segments of a recording, oldest first; ``empty`` are files in which no row could be found.

    ``missing_rows`` counts the rows that were lost on the way of the last reading.
    """

    def __init__(self, segments: list[Segment], empty: list[Path]) -> None:
        self.segments = segments
        self.empty = empty
        self.missing_rows = 0

    @property
    def configuration(self) -> Configuration:
        """The configuration with which the recording begins; an empty one where that row is lost."""
        for segment in self.segments:
            if segment.configuration is not None:
                return segment.configuration
        return Configuration(software="", site_text="", started_ns=0, segment=0)

    @property
    def newest_configuration(self) -> Configuration:
        """The configuration with which the newest segment begins; an empty one where that row is lost."""
        held = self.segments[-1].configuration if self.segments else None
        return held or Configuration(software="", site_text="", started_ns=0, segment=0)

    @property
    def first_ns(self) -> int:
        """Time of the first batch, 0 if there is none."""
        for batch in self.batches():
            return batch.now_ns
        return 0

    @property
    def last_ns(self) -> int:
        """Time of the last batch, 0 if there is none."""
        for segment in reversed(self.segments):
            newest = last_row(segment.path)
            if newest is not None and newest.row.kind in (Kind.BATCH, Kind.TICKS):
                return newest.row.now_ns
            last_ns = 0
            for stored in read_rows(segment.path, until=segment.last):
                if stored.row.kind in (Kind.BATCH, Kind.TICKS):
                    last_ns = stored.row.now_ns
            if last_ns:
                return last_ns
        return 0

    def rows(self) -> Iterator[Stored]:
        """Yield every undamaged row in order: configurations, batches, runs of ticks, digests, notes, losses."""
        self.missing_rows = 0
        expected: int | None = None
        for segment in self.segments:
            for stored in read_rows(segment.path, until=segment.last):
                number = stored.row.number
                if expected is not None:
                    self.missing_rows += max(0, number - expected)
                expected = number + 1
                yield stored

    def newest(self, kind: Kind, until_ns: int | None = None) -> Row | None:
        """Return the newest row of a kind that was written at or before ``until_ns``; None where there is none."""
        for segment in reversed(self.segments):
            if until_ns is None or segment.first_ns <= until_ns:
                found = newest_row(segment.path, kind, until_ns, segment.last)
                if found is not None:
                    return found
        return None

    def batches(self, from_ns: int | None = None, until_ns: int | None = None) -> Iterator[Batch]:
        """Yield the batches with ``from_ns <= now_ns < until_ns`` in the order in which they were recorded."""
        for _, batch in self.numbered_batches(from_ns, until_ns):
            yield batch

    def numbered_batches(self, from_ns: int | None = None, until_ns: int | None = None) -> Iterator[tuple[int, Batch]]:
        """Yield (number that ``append`` returned, batch), as :meth:`batches`."""
        self.missing_rows = 0
        expected: int | None = None
        for segment, following in zip_longest(self.segments, self.segments[1:]):
            if from_ns is not None and following is not None and 0 < following.first_ns <= from_ns:
                continue
            if until_ns is not None and segment.first_ns >= until_ns + MAX_RUN * TICK_NS:
                continue
            after, until = -1, None
            if from_ns is not None or until_ns is not None:
                after, until = rows_between(segment.path, from_ns, until_ns)
                expected = None
            ends = [end for end in (until, segment.last) if end is not None]
            for stored in read_rows(segment.path, after, until=min(ends) if ends else None):
                row = stored.row
                if expected is not None:
                    self.missing_rows += max(0, row.number - expected)
                expected = row.number + 1
                if row.kind not in (Kind.BATCH, Kind.TICKS):
                    continue
                try:
                    batches = list(batches_of_row(row))
                except RecordingError:  # its CRC is right: written by a newer version, or made by hand
                    self.missing_rows += 1
                    continue
                for number, batch in enumerate(batches, row.batch - len(batches) + 1):
                    if (from_ns is None or batch.now_ns >= from_ns) and (until_ns is None or batch.now_ns < until_ns):
                        yield number, batch


def open_recording(path: str | Path, *, newest: int | None = None) -> Recording:
    """Return the recording in a folder or a single segment; a crash, a full disk or damage does not prevent it.

    ``newest``: only so many of the newest segments of a folder.

    Raises
    ------
    RecordingError
        If there is none at ``path``.
    """
    path = Path(path)
    if path.is_dir():
        files = segment_files(path)[-newest if newest else None :]
    elif path.is_file():
        files = [path]
    else:
        raise RecordingError(f"{path}: there is no such file or folder")
    if not files:
        raise RecordingError(f"{path}: holds no recording (no file *.vrec)")
    found: list[Segment] = []
    empty: list[Path] = []
    for file in files:
        first, configuration = _begin(file) if file.stat().st_size else (None, None)
        if first is None:  # begun and never written, or damaged beyond the last row
            empty.append(file)
        else:
            found.append(Segment(path=file, first=first, last=None, configuration=configuration))
    if not found and path.is_file() and not is_recording(path):
        raise RecordingError(f"{path}: is not a recording of Vigie")
    return Recording(_superseded(found), empty)


def _begin(file: Path) -> tuple[int | None, Configuration | None]:
    begin = configuration_of(file)
    if begin is not None:
        return begin[0].number, begin[1]
    for stored in read_rows(file):  # the configuration row is damaged; the rest is as good as before
        return _seal_first(file) or stored.row.number - 1, None
    return None, None


def _seal_first(file: Path) -> int:
    try:
        seal = read_seal(file)
    except RecordingError:
        return 0
    return seal.first_row if seal is not None else 0


def _superseded(found: list[Segment]) -> list[Segment]:
    """Cut each segment where a later one begins: after a failed sync the same rows were written again."""
    kept: list[Segment] = []
    limit: int | None = None
    for segment in reversed(found):
        last = None if limit is None else limit - 1
        if last is None or segment.first <= last:
            kept.append(Segment(path=segment.path, first=segment.first, last=last, configuration=segment.configuration))
            limit = segment.first
    return kept[::-1]
