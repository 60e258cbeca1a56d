"""The recorder: every batch to disk, first of all, without ever holding up the picture.

``append`` hands the batch to a bounded queue (ALL: nothing is replaced, what does not fit is refused and counted) that
one thread serves. What waits in the queue while a commit runs is the next commit, so a commit is never older than one
disk sync. Empty ticks alone wait up to a second, to be one row together.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from types import TracebackType
from typing import Final

from msgspec.structs import replace

from vigie.record.heads import Signer
from vigie.record.place import Place
from vigie.record.segment_writer import Connect, SegmentWriter, is_full, plain_connect
from vigie.terms.batch import Act, Batch, Event
from vigie.terms.errors import RecordingError
from vigie.terms.units import NS_PER_S
from vigie.terms.utc import TICK_NS
from vigie.wire.recording.batch import encode_batch
from vigie.wire.recording.bodies import (
    MAX_RUN,
    Configuration,
    Digest,
    Loss,
    Snapshot,
    TickRun,
    batches_of_row,
    encode_record,
    is_empty,
)
from vigie.wire.recording.body import Folder
from vigie.wire.recording.row import Kind, Row

log = logging.getLogger("vigie.record")

NOT_RECORDED: Final = 2**63 - 1
"""What ``append`` returns for a batch it had to refuse: a number that ``durable_seq`` never reaches."""

MIB: Final = 1 << 20
_HOUR_NS: Final = 3600 * NS_PER_S
_GROUP_OCTETS: Final = 8 * MIB
_GROUP_ITEMS: Final = 512
_ITEM_OCTETS: Final = 200
_RUN_S: Final = 1.0
_RETRY_S: Final = 0.25
_RETRY_MOST_S: Final = 5.0
_LAST_TRIES: Final = 3

_NOTE_KINDS: Final = {
    Act: Kind.ACT, Event: Kind.EVENT, Digest: Kind.DIGEST, Loss: Kind.LOSS, Snapshot: Kind.SNAPSHOT,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Item:
    """One thing in the queue: a batch with its number, or a note (number of the last batch before it)."""

    content: Batch | Act | Event | Digest | Loss | Snapshot
    batch: int
    now_ns: int
    octets: int


class Recorder:
    """Writes batches into hourly segments in ``folder``; one recorder per folder.

    ``site_text``, ``known_text`` and ``version`` go into the first row of each segment. ``queue_octets`` and
    ``queue_batches`` bound what may wait for the disk; ``reserve_octets`` are kept aside so that a full disk can still
    be left in order. With a ``signer`` the chain's head is signed every five minutes and at the end of a segment.
    ``monotonic`` and ``connect`` are there for tests.

    Raises
    ------
    RecordingError
        If the folder cannot be used or another recorder has it.
    """

    def __init__(
        self,
        folder: str | Path,
        *,
        site_text: str = "",
        version: str = "",
        known_text: str = "",
        queue_octets: int = 64 * MIB,
        queue_batches: int = 20_000,
        reserve_octets: int = 16 * MIB,
        monotonic: Callable[[], float] = time.monotonic,
        connect: Connect = plain_connect,
        signer: Signer | None = None,
    ) -> None:
        self._place = Place(Path(folder), reserve_octets)
        self._configuration = Configuration(
            software=version, site_text=site_text, started_ns=0, segment=0, known_text=known_text
        )
        self._limits = (queue_octets, queue_batches)
        self._monotonic = monotonic
        self._segment = SegmentWriter(self._place, connect, signer)
        self._changed = threading.Condition()
        self._queue: deque[_Item] = deque()
        self._queued_octets = 0
        self._accepted = self._durable = self._place.last_batch
        self._loss: Loss | None = None
        self._unwritten_losses = 0
        self._given_up = 0
        self._trouble = self._place.warning
        self._closing = False
        self._alive = True
        self.lost_batches = 0
        self.lost_frames = 0
        self._folder = Folder()
        self._run = TickRun()
        self._run_batch = 0
        self._run_since = 0.0
        self._thread = threading.Thread(target=self._serve, name="recorder", daemon=True)
        self._thread.start()

    # The side of the caller.

    def append(self, batch: Batch) -> int:
        """Take ``batch`` and return its number at once, or NOT_RECORDED where the queue is full (counted exactly).

        The recorder keeps a reference: the batch must own its buffer and nobody may write into it any more.
        """
        octets = _ITEM_OCTETS + batch.frames.rows.nbytes + int(batch.frames.rows["length"].sum())
        octets += _ITEM_OCTETS * (len(batch.acts) + len(batch.events))
        with self._changed:
            if not self._room(octets):
                self._refuse(batch, octets)
                return NOT_RECORDED
            self._confess()
            self._accepted += 1
            self._put(_Item(batch, self._accepted, batch.now_ns, octets))
            return self._accepted

    def note(self, now_ns: int, record: Act | Event | Digest | Snapshot) -> bool:
        """Take a row that is no input of a step (a digest, a snapshot, a refused act); False: the queue is full."""
        octets = _ITEM_OCTETS + (len(record.state) if isinstance(record, Snapshot) else 0)
        with self._changed:
            if not self._room(octets):
                self._refuse_note(now_ns)
                return False
            self._confess()
            self._put(_Item(record, self._accepted, now_ns, octets))
            return True

    @property
    def durable_seq(self) -> int:
        """Number of the newest batch that is on the disk with all before it; 0 before the first."""
        return self._durable

    @property
    def pending(self) -> int:
        """How many batches were taken and are not yet durable."""
        with self._changed:
            return self._accepted - self._durable - self._given_up

    @property
    def state(self) -> str:
        """``ok``, ``degraded`` (RECORDING DEGRADED: reason says why) or ``off`` (closed, or the writer has died)."""
        if not self._alive:
            return "off"
        return "degraded" if self._trouble or self._unwritten_losses else "ok"

    @property
    def reason(self) -> str:
        """Why the state is not ``ok``, in words; empty otherwise."""
        if self._trouble or not self._alive:
            return self._trouble or "the recorder is closed"
        return f"{self.lost_batches} batches could not be taken" if self._unwritten_losses else ""

    @property
    def files(self) -> list[Path]:
        """The segments of the folder, oldest first."""
        return self._place.files()

    def wait_durable(self, seq: int, timeout_s: float) -> bool:
        """Wait until batch ``seq`` is durable; False if it is not within ``timeout_s``."""
        with self._changed:
            return self._changed.wait_for(lambda: self._durable >= seq or not self._alive, timeout_s) and (
                self._durable >= seq
            )

    def close(self) -> None:
        """Write what waits, finish the segment and give the folder back; what cannot be written is counted."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join()
        self._place.release()

    def __enter__(self) -> Recorder:
        """Return the recorder itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, why: BaseException | None, where: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    # Under the lock.

    def _room(self, octets: int) -> bool:
        if self._closing:
            raise RecordingError("the recorder is closed; make a new one")
        most_octets, most_items = self._limits
        return self._alive and len(self._queue) < most_items and self._queued_octets + octets <= most_octets

    def _put(self, item: _Item) -> None:
        self._queue.append(item)
        self._queued_octets += item.octets
        self._changed.notify_all()

    def _refuse(self, batch: Batch, octets: int) -> None:
        self.lost_batches += 1
        self.lost_frames += len(batch.frames)
        loss = self._open_loss(batch.now_ns)
        self._loss = replace(loss, batches=loss.batches + 1, frames=loss.frames + len(batch.frames),
                                  octets=loss.octets + octets, acts=loss.acts + len(batch.acts),
                                  last_ns=batch.now_ns)  # fmt: skip

    def _refuse_note(self, now_ns: int) -> None:
        loss = self._open_loss(now_ns)
        self._loss = replace(loss, notes=loss.notes + 1, last_ns=now_ns)

    def _open_loss(self, now_ns: int) -> Loss:
        if self._loss is not None:
            return self._loss
        self._unwritten_losses += 1
        log.error("recording degraded: %s", self._trouble or "the disk does not keep up")
        return Loss(batches=0, frames=0, octets=0, acts=0, notes=0, first_ns=now_ns, last_ns=now_ns,
                    reason=self._trouble or "the disk does not keep up")  # fmt: skip

    def _confess(self) -> None:
        """Put what was refused into the queue at the place where it is missing."""
        if self._loss is not None:
            self._put(_Item(self._loss, self._accepted, self._loss.last_ns, _ITEM_OCTETS))
            self._loss = None

    # The side of the writer's thread.

    def _serve(self) -> None:
        try:
            going = True
            while going:
                items, going = self._take()
                rows = self._rows(items, flush=not going)
                octets = sum(item.octets for item in items)
                for _, group in groupby(rows, lambda row: row.now_ns // _HOUR_NS):
                    self._write(list(group))
                with self._changed:
                    self._queued_octets -= octets
            self._segment.finish()
        finally:
            with self._changed:
                self._alive = False
                if not self._closing:
                    self._trouble = "the writer has died"
                    log.critical("recording is off: the writer has died")
                self._changed.notify_all()

    def _take(self) -> tuple[list[_Item], bool]:
        """Wait for items and return some; the second is False when these are the last."""
        with self._changed:
            while not self._queue and not self._closing:
                left = None if not self._run.monos_ns else self._run_since + _RUN_S - self._monotonic()
                if left is not None and left <= 0:
                    break
                self._changed.wait(left)
            items: list[_Item] = []
            octets = 0
            while self._queue and octets < _GROUP_OCTETS and len(items) < _GROUP_ITEMS:
                items.append(self._queue.popleft())
                octets += items[-1].octets
            if not self._queue and self._closing and self._loss is not None:
                items.append(_Item(self._loss, self._accepted, self._loss.last_ns, 0))
                self._loss = None
            return items, bool(self._queue) or not self._closing

    def _rows(self, items: Iterable[_Item], *, flush: bool) -> list[Row]:
        """Return the rows (still without numbers) of ``items``, runs of empty ticks as one."""
        rows: list[Row] = []
        for item in items:
            content = item.content
            if isinstance(content, Batch):
                if self._run.monos_ns and not self._run.takes(content):
                    rows.append(self._end_run())
                if is_empty(content):
                    self._run_since = self._run_since if self._run.monos_ns else self._monotonic()
                    self._run.add(content)
                    self._run_batch = item.batch
                else:
                    rows.append(self._batch_row(item, content))
            else:
                if self._run.monos_ns:
                    rows.append(self._end_run())
                body = encode_record(content, self._folder)
                rows.append(Row(number=0, now_ns=item.now_ns, kind=_NOTE_KINDS[type(content)], batch=item.batch,
                                count=0, body=body))  # fmt: skip
        if self._run.monos_ns and (
            flush or len(self._run.monos_ns) >= MAX_RUN or self._monotonic() - self._run_since >= _RUN_S
        ):
            rows.append(self._end_run())
        return rows

    def _batch_row(self, item: _Item, batch: Batch) -> Row:
        try:
            kind, body = Kind.BATCH, encode_batch(batch, self._folder)
        except RecordingError as why:  # e.g. a frame that points outside its buffer: the loss is written in its place
            self.lost_batches += 1
            self.lost_frames += len(batch.frames)
            log.error("one batch could not be written: %s", why)
            loss = Loss(batches=1, frames=len(batch.frames), octets=item.octets, acts=len(batch.acts), notes=0,
                        first_ns=item.now_ns, last_ns=item.now_ns, reason=str(why))  # fmt: skip
            kind, body = Kind.LOSS, encode_record(loss, self._folder)
        return Row(number=0, now_ns=item.now_ns, kind=kind, batch=item.batch, count=1, body=body)

    def _end_run(self) -> Row:
        run, self._run = self._run, TickRun()
        last_ns = run.first_ns + (len(run.monos_ns) - 1) * TICK_NS
        return Row(number=0, now_ns=last_ns, kind=Kind.TICKS, batch=self._run_batch, count=len(run.monos_ns),
                   body=run.encode(self._folder))  # fmt: skip

    def _write(self, rows: list[Row]) -> None:
        """Commit ``rows``; wait and try again as long as the disk refuses, at most three times once closing."""
        delay_s, tries = _RETRY_S, _LAST_TRIES
        hour = rows[0].now_ns // _HOUR_NS
        while True:
            try:
                self._segment.commit(rows, hour, self._configuration)
            except (sqlite3.Error, OSError) as why:
                self._fail(why)
                delay_s = _RETRY_S if is_full(why) else min(delay_s * 2, _RETRY_MOST_S)
                with self._changed:
                    if not self._closing:
                        self._changed.wait_for(lambda: self._closing, delay_s)
                        continue
                tries -= 1
                self._place.free_reserve()
                if tries == 0:
                    self._give_up(rows)
                    return
            else:
                self._succeed(rows)
                return

    def _fail(self, why: BaseException) -> None:
        text = f"the disk is full ({why})" if is_full(why) else f"the disk refuses ({why})"
        if text != self._trouble:
            log.error("recording degraded: %s", text)
        with self._changed:
            self._trouble = text
            self._changed.notify_all()

    def _succeed(self, rows: list[Row]) -> None:
        with self._changed:
            if not self._given_up:
                self._durable = rows[-1].batch
            self._unwritten_losses -= sum(1 for row in rows if row.kind == Kind.LOSS and row.count == 0)
            if self._trouble:
                log.warning("recording goes on after: %s", self._trouble)
                self._trouble = ""
            self._changed.notify_all()

    def _give_up(self, rows: list[Row]) -> None:
        """Count as lost what was taken but cannot be written before the end."""
        with self._changed:
            for row in rows:
                self._given_up += row.count
                self.lost_batches += row.count
                with contextlib.suppress(RecordingError):
                    self.lost_frames += sum(len(batch.frames) for batch in batches_of_row(row))
