"""Coming back after an end, however it came: from the newest snapshot of the recording and the batches after it.

The front looks back when it starts, and again when only the core was started anew. A state is not brought back into
another world: another site file, other lists, another version, or one that is too old, and then one sentence says so.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import vigie
from vigie.app.feed import Story
from vigie.app.snapshots import newest_snapshot
from vigie.record.reader import Recording, open_recording
from vigie.terms.batch import Batch
from vigie.terms.errors import VigieError
from vigie.terms.units import NS_PER_S
from vigie.wire.recording.batch import encode_batch
from vigie.wire.recording.bodies import Configuration, Snapshot, batches_of_row
from vigie.wire.recording.row import Kind

LONGEST_PAUSE_NS: Final = 600 * NS_PER_S
"""After a pause of ten minutes no track is where it was; what is shown must be heard anew."""
_CLOCK_SLACK_NS: Final = NS_PER_S // 2
_NEWEST_FILES: Final = 3
"""A pause spans at most two hourly segments; one more for a segment that a failed sync left behind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comeback:
    """Where to go on: the snapshot and the last batch before the end; no snapshot: begin anew, and ``text`` why."""

    snapshot: Snapshot | None = None
    last_ns: int = 0
    last_mono_ns: int = 0
    text: str = ""


def look_back(folder: Path, *, site_text: str, known_text: str, now_ns: int) -> Comeback:
    """Return how a centre that starts now goes on from the recording in ``folder``."""
    try:
        recording = open_recording(folder, newest=_NEWEST_FILES)
        last = last_batch(recording)
        snapshot = newest_snapshot(recording)
    except (VigieError, sqlite3.Error, OSError) as why:
        return Comeback(text=f"the centre begins anew: {why}")
    if last is None:
        return Comeback(text="the centre begins anew: nothing was recorded before")
    why_not = _why_not(recording.newest_configuration, snapshot, last.now_ns, site_text, known_text, now_ns)
    if snapshot is None or why_not:
        return Comeback(last_ns=last.now_ns, text=f"the picture before the end is not brought back: {why_not}")
    pause_s = (now_ns - last.now_ns) / NS_PER_S
    return Comeback(
        snapshot=snapshot, last_ns=last.now_ns, last_mono_ns=last.mono_ns,
        text=f"the picture is brought back as it was {pause_s:.1f} s ago, with the same track numbers",
    )  # fmt: skip


def _why_not(
    held: Configuration, snapshot: Snapshot | None, last_ns: int, site_text: str, known_text: str, now_ns: int
) -> str:
    """Return why a snapshot may not be gone on from, as the end of a sentence; empty if it may."""
    if snapshot is None:
        return "the recording holds no snapshot of it yet"
    if not site_text:
        return "without a site file nobody can say that the sensors are the same"
    if held.site_text != site_text:
        return "the site file is another than the recording's"
    if held.known_text != known_text:
        return "the areas, sites or flights of the site file are others than the recording's"
    if snapshot.software != vigie.__version__:
        return f"it was written by version {snapshot.software}, this is {vigie.__version__}"
    if now_ns - snapshot.now_ns > LONGEST_PAUSE_NS:
        minutes = (now_ns - snapshot.now_ns) / 60 / NS_PER_S
        return f"it is {minutes:.0f} minutes old, the limit is {LONGEST_PAUSE_NS / 60 / NS_PER_S:.0f}"
    if last_ns > now_ns + _CLOCK_SLACK_NS:
        late_s = (last_ns - now_ns) / NS_PER_S
        return f"the recording ends {late_s:.1f} s after the host's present time, so the clock was set back"
    return ""


def story_so_far(folder: Path, number: int) -> Story:
    """Return the newest snapshot and the batches after it up to ``number``, of a centre that still runs."""
    snapshot = newest_snapshot(open_recording(folder, newest=_NEWEST_FILES))
    if snapshot is None:
        return Story(text="the picture begins anew: the recording holds no snapshot of it yet")
    text = "the picture is brought back as it was when the core ended, with the same track numbers"
    return Story(snapshot=snapshot, batches=tail(folder, snapshot.now_ns, number), text=text)


def last_batch(recording: Recording) -> Batch | None:
    """Return the newest batch of a recording, None where there is none."""
    rows = [row for kind in (Kind.BATCH, Kind.TICKS) if (row := recording.newest(kind)) is not None]
    batch = None
    if rows:
        row = max(rows, key=lambda r: r.number)
        for batch in batches_of_row(row):  # noqa: B007 - the last one is meant
            pass
    return batch


def tail(folder: Path, after_ns: int, last_number: int) -> Iterator[bytes]:
    """Yield the batches after ``after_ns`` up to the one numbered ``last_number``, as messages to the core."""
    recording = open_recording(folder, newest=_NEWEST_FILES)
    for number, batch in recording.numbered_batches(after_ns + 1):
        if number > last_number:
            return
        yield encode_batch(batch)
