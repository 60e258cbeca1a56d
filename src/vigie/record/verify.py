"""Whether a recording is whole: every row's CRC, the chain, the numbers, the seals; and what exactly is not."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from vigie.record.heads import HEADS_FILE, is_signed, listed_heads, public_of
from vigie.record.reader import Segment, open_recording
from vigie.record.seal import broken_blocks, read_seal
from vigie.record.segment import Stored, read_rows
from vigie.terms.errors import RecordingError
from vigie.wire.recording.bodies import Configuration, Head, Loss, batches_of_row, decode_record
from vigie.wire.recording.row import NO_CHAIN, Kind, chain_hash, pack_row, row_crc


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong: the file, the first and last row it concerns (0: none), and what it is."""

    file: str
    first_row: int
    last_row: int
    what: str


@dataclass(slots=True, kw_only=True)
class Report:
    """What a recording holds and what is wrong with it; ``losses`` are those the recorder itself wrote down."""

    segments: int = 0
    sealed: int = 0
    rows: int = 0
    batches: int = 0
    frames: int = 0
    heads: int = 0
    signed_until_ns: int = 0
    keys: list[bytes] = field(default_factory=list)
    missing_rows: int = 0
    problems: list[Problem] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether everything is as it was written."""
        return not self.problems

    @property
    def first_bad_row(self) -> int | None:
        """Number of the first row that is damaged or missing, None where none is."""
        return min((p.first_row for p in self.problems if p.first_row), default=None)


def verify(path: str | Path, *, key: bytes = b"") -> Report:
    """Read a whole recording (a folder or one segment) and report; ``key``: whose signatures alone are believed.

    Without ``key`` the one beside the recording is taken, which whoever changed the recording could have changed too.

    Raises
    ------
    RecordingError
        If there is no recording at ``path``.
    """
    recording = open_recording(path)
    report = Report()
    for file in recording.empty:
        _verify_empty(report, file)
    chain: bytes | None = None
    number = 0
    for segment in recording.segments:
        chain, number = _Walk(report, segment, chain, number).go()
    folder = Path(path) if Path(path).is_dir() else None
    _verify_heads(report, folder, key, number)
    return report


def _verify_heads(report: Report, folder: Path | None, key: bytes, last: int) -> None:
    """Hold the heads against the key, and the list beside the recording against its end."""
    try:
        key = key or (public_of(folder) if folder else b"")
        listed = listed_heads(folder / HEADS_FILE) if folder else []
    except RecordingError as why:
        report.problems.append(Problem(file=HEADS_FILE, first_row=0, last_row=0, what=str(why)))
        return
    for found in report.keys:
        if key and found != key:
            what = f"heads are signed with key {found.hex()[:16]}, expected {key.hex()[:16]}"
            report.problems.append(Problem(file="", first_row=0, last_row=0, what=what))
    for head in listed[-1:]:
        if is_signed(head) and head.row > last:
            report.missing_rows += head.row - last
            what = f"rows {last + 1} to {head.row}: the end is cut off, a signed head names row {head.row}"
            report.problems.append(Problem(file=HEADS_FILE, first_row=last + 1, last_row=head.row, what=what))


def _verify_empty(report: Report, file: Path) -> None:
    """Report a file without a row if it was sealed; if not, it was begun at a crash and never written."""
    try:
        seal = read_seal(file)
    except RecordingError as why:
        report.problems.append(Problem(file=file.name, first_row=0, last_row=0, what=str(why)))
        return
    if seal is not None:
        report.missing_rows += seal.last_row - seal.first_row + 1
        report.problems.append(Problem(file=file.name, first_row=seal.first_row, last_row=seal.last_row,
                                       what=f"rows {seal.first_row} to {seal.last_row}: none is left"))  # fmt: skip


class _Walk:
    """The way through one segment: which row should come next and which hash its chain should continue."""

    def __init__(self, report: Report, segment: Segment, chain: bytes | None, number: int) -> None:
        self._report = report
        self._segment = segment
        self._name = segment.path.name
        # The hashes the next row may continue: what the row before should have, and what it has. None: unknown.
        self._before: tuple[bytes, ...] | None = None if chain is None else (chain,)
        self._number = number

    def go(self) -> tuple[bytes | None, int]:
        """Return the chain hash and number of the last row."""
        self._report.segments += 1
        if self._segment.configuration is None:
            self._say(self._segment.first, self._segment.first, "the configuration row is damaged or missing")
            self._report.missing_rows += 1
            self._before, self._number = None, self._segment.first
        else:
            self._begin(self._segment.configuration)
        last_chain = None
        for stored in read_rows(self._segment.path, until=self._segment.last):
            self._step(stored)
            last_chain = stored.chain
        self._end()
        return last_chain if self._before is not None else None, self._number

    def _begin(self, configuration: Configuration) -> None:
        if self._number and configuration.previous_row != self._number:
            self._gap(self._number + 1, configuration.previous_row, f"before {self._name}")
            self._before = None
        if self._before is not None and configuration.previous_chain not in self._before:
            self._say(configuration.previous_row, configuration.previous_row,
                      "the segment does not continue the hash chain of the one before it")  # fmt: skip
        if not self._number and configuration.previous_row == 0 and configuration.previous_chain != NO_CHAIN:
            self._say(1, 1, "the first row states a chain before it")
        self._before = (configuration.previous_chain,)
        self._number = configuration.previous_row

    def _step(self, stored: Stored) -> None:
        row, report = stored.row, self._report
        if row.number != self._number + 1 and self._number:
            self._gap(self._number + 1, row.number - 1, "damaged or missing")
            self._before = None
        payload = pack_row(row)
        crc = row_crc(payload)
        before = self._before
        if self._before is not None:
            computed = [chain_hash(before, crc, payload) for before in self._before]
            if stored.chain not in computed:
                self._say(row.number, row.number, "the hash chain is broken at this row")
                self._before = (stored.chain, *computed)
            else:
                self._before = (stored.chain,)
        else:
            self._before = (stored.chain,)
        self._number = row.number
        report.rows += 1
        try:
            for batch in batches_of_row(row):
                report.batches += 1
                report.frames += len(batch.frames)
            if row.kind == Kind.LOSS:
                report.losses.append(decode_record(row.body, Loss))
            elif row.kind == Kind.HEAD:
                self._head(row.number, decode_record(row.body, Head), before)
        except RecordingError as why:
            self._say(row.number, row.number, str(why))

    def _head(self, number: int, head: Head, before: tuple[bytes, ...] | None) -> None:
        self._report.heads += 1
        if not is_signed(head):
            self._say(number, number, "the signature of the head is wrong")
        elif head.row != number - 1 or (before is not None and head.chain not in before):
            self._say(number, number, "the signed head is not that of the rows before it")
        else:
            self._report.signed_until_ns = head.now_ns
            if head.public not in self._report.keys:
                self._report.keys.append(head.public)

    def _end(self) -> None:
        try:
            seal = read_seal(self._segment.path)
        except RecordingError as why:
            self._say(0, 0, str(why))
            return
        if seal is None:
            return
        self._report.sealed += 1
        for problem in broken_blocks(self._segment.path, seal):
            self._say(0, 0, problem)
        last = seal.last_row if self._segment.last is None else min(seal.last_row, self._segment.last)
        if self._number < last:
            self._gap(self._number + 1, last, f"at the end of {self._name}")
            self._before, self._number = None, last

    def _gap(self, first: int, last: int, where: str) -> None:
        if last >= first:
            self._report.missing_rows += last - first + 1
            self._say(first, last, f"rows {first} to {last}: {where}")
        else:
            self._say(first, first, f"row numbers go back from {first - 1} to {last}: {where}")

    def _say(self, first: int, last: int, what: str) -> None:
        self._report.problems.append(Problem(file=self._name, first_row=first, last_row=last, what=what))
