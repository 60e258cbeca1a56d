"""Snapshots of the whole chain in a recording: made by the core every minute, oftener under load, kept by the front.

Between a snapshot and any later batch lie the batches of the recording, so a state at any instant is the newest
snapshot before it and the batches after that: the same bits as if everything had been played from the beginning.
"""

from __future__ import annotations

from typing import Final

import vigie
from vigie.app.pipeline import Outputs, State, step
from vigie.record.reader import Recording
from vigie.terms.snapshot import SnapshotError
from vigie.terms.units import NS_PER_S
from vigie.wire.recording.bodies import Snapshot, decode_record, encode_record
from vigie.wire.recording.body import Folder, unfold
from vigie.wire.recording.row import Kind

SNAPSHOT_EVERY_NS: Final = 60 * NS_PER_S
"""Of recording time (house rules, 3)."""
BUSY_EVERY_NS: Final = 20 * NS_PER_S
BUSY_WORK: Final = 100_000
"""After so many plots and track rows the next whole 20 s have a snapshot: to catch up takes about a second at most."""


class Pace:
    """When the next snapshot is due: by recording time and work alone, so that the same batches give the same."""

    def __init__(self) -> None:
        self._work = 0

    def due(self, out: Outputs) -> bool:
        """Count one step; return whether the state after it is to be kept."""
        self._work += len(out.plots) + len(out.tracks)
        busy = self._work >= BUSY_WORK and out.now_ns % BUSY_EVERY_NS == 0
        if not busy and out.now_ns % SNAPSHOT_EVERY_NS:
            return False
        self._work = 0
        return True


def take_snapshot(state: State, now_ns: int, shown: bytes = b"") -> bytes:
    """Return the state after the batch of ``now_ns``, with what is ``shown`` beside it, as the body of a row.

    Raises
    ------
    VigieError
        If something in the state cannot be written, or it is larger than a body may be.
    """
    # The state is compressed within; the record around it is not compressed again for nothing.
    body = Folder().fold(state.snapshot())
    version = vigie.__version__
    return encode_record(
        Snapshot(now_ns=now_ns, steps=state.steps, digest=state.digest, software=version, state=body, shown=shown)
    )


def newest_snapshot(recording: Recording, until_ns: int | None = None) -> Snapshot | None:
    """Return the newest snapshot of a recording at or before ``until_ns``; None where there is none to be read."""
    row = recording.newest(Kind.SNAPSHOT, until_ns)
    return None if row is None else decode_record(row.body, Snapshot)


def go_on(state: State, snapshot: Snapshot) -> None:
    """Bring a fresh ``state`` of the same site and knowledge to the snapshot.

    Raises
    ------
    SnapshotError
        If the snapshot was written by another version or does not fit; the state must then not be used.
    """
    if snapshot.software != vigie.__version__:
        raise SnapshotError(
            f"the snapshot was written by version {snapshot.software}, this is {vigie.__version__}: "
            "replay the recording from its beginning instead"
        )
    state.restore(unfold(snapshot.state))
    if state.digest != snapshot.digest or state.steps != snapshot.steps:
        raise SnapshotError("the snapshot's state has another digest than its row says: it is not used")


def state_at(recording: Recording, state: State, until_ns: int) -> State:
    """Return ``state``, fresh, brought to the last batch at or before ``until_ns``: newest snapshot, then batches."""
    snapshot = newest_snapshot(recording, until_ns)
    after_ns = None
    if snapshot is not None:
        go_on(state, snapshot)
        after_ns = snapshot.now_ns + 1
    for batch in recording.batches(after_ns, until_ns + 1):
        step(state, batch)
    return state
