"""Snapshots of the whole chain in a recording: made every minute by the core, kept by the front, gone on from.

Between a snapshot and any later batch lie the batches of the recording, so a state at any instant is the newest
snapshot before it and the batches after that: the same bits as if everything had been played from the beginning.
"""

from __future__ import annotations

from typing import Final

import vigie
from vigie.app.pipeline import State, step
from vigie.record.reader import Recording
from vigie.terms.snapshot import SnapshotError
from vigie.terms.units import NS_PER_S
from vigie.wire.recording.bodies import Snapshot, decode_record, encode_record
from vigie.wire.recording.body import Folder, unfold
from vigie.wire.recording.row import Kind

SNAPSHOT_EVERY_NS: Final = 60 * NS_PER_S
"""Of recording time (house rules, 3)."""


def take_snapshot(state: State, now_ns: int) -> bytes:
    """Return the state after the batch of ``now_ns`` as the body of a recording's row.

    Raises
    ------
    VigieError
        If something in the state cannot be written, or it is larger than a body may be.
    """
    # The state is compressed within; the record around it is not compressed again for nothing.
    body = Folder().fold(state.snapshot())
    return encode_record(
        Snapshot(now_ns=now_ns, steps=state.steps, digest=state.digest, software=vigie.__version__, state=body)
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
