"""The keeper: makes the archive of a running centre in the background, and removes what is beyond what is kept.

A short-lived process of the lowest priority, once an hour. It reads the recording and writes the archive beside it;
nothing waits for it, and if it fails it says so and the next one tries again.
Delete the archive at any time: it is made again.
"""

from __future__ import annotations

import logging
import os
import time
from datetime import UTC, datetime, timedelta
from multiprocessing.synchronize import Event as StopFlag
from pathlib import Path
from typing import Final

from vigie.app.archive import build_day
from vigie.app.inputs import site_for
from vigie.app.logs import child_logging
from vigie.app.plan import ARCHIVE, quiet_child
from vigie.history.store import day_name, made_of
from vigie.record.reader import Recording, open_recording
from vigie.record.retention import Keep, sweep
from vigie.record.segment import segment_files
from vigie.terms.errors import VigieError
from vigie.terms.utc import DAY_NS, day_start_ns

log = logging.getLogger("vigie.keeper")

_SETTLED_NS: Final = 600 * 1_000_000_000
"""A day is over for the archive ten minutes after midnight: its last segment is closed then."""


def keeper_main(data_dir: str, archive: str, keep: Keep, stop: StopFlag) -> None:
    """Look after the recording once."""
    quiet_child()
    child_logging()
    os.nice(19)
    Keeper(Path(data_dir), archive, keep, stop).look(time.time_ns())


class Keeper:
    """Archive and retention of one folder. ``archive``: off, daily, hourly."""

    def __init__(self, folder: Path, archive: str, keep: Keep, stop: StopFlag) -> None:
        self._folder, self._when, self._keep, self._stop = folder, archive, keep, stop

    def look(self, now_ns: int) -> list[str]:
        """Make the days that are missing, then remove what may go; return the days made."""
        made: list[str] = []
        try:
            if self._when != "off" and segment_files(self._folder):
                made = self._archive(now_ns)
            if self._keep.days or self._keep.gib:
                self._sweep(now_ns)
        except (VigieError, OSError) as why:
            log.warning("the archive and the retention wait an hour: %s", why)
        return made

    def _archive(self, now_ns: int) -> list[str]:
        recording = open_recording(self._folder)
        site = site_for([self._folder], None)
        made = []
        for day in _days(recording, now_ns):
            over = day_name(now_ns - _SETTLED_NS) > day
            held = made_of(self._folder / ARCHIVE, day)
            if (held is not None and held.get("over")) or not (over or self._when == "hourly"):
                continue
            if build_day(recording, site, self._folder / ARCHIVE, day, over=over, stop=self._stop.is_set):
                made.append(day)
        return made

    def _sweep(self, now_ns: int) -> None:
        done = sweep(self._folder, self._keep, now_ns, unarchived=self._unarchived)
        for name in done.removed:
            log.warning("retention: %s removed", name)
        if done.stopped:
            log.warning("retention stops: %s", done.stopped)

    def _unarchived(self, from_ns: int, until_ns: int) -> str:
        """Return which day of a time range the archive lacks, or holds in part; empty where no archive is made."""
        if self._when == "off":
            return ""
        t_ns = from_ns
        while t_ns < until_ns:
            day = day_name(t_ns)
            held = made_of(self._folder / ARCHIVE, day)
            if held is None or not held.get("over"):
                return f"the day {day} is not in it yet"
            t_ns = day_start_ns(t_ns) + DAY_NS
        return ""


def _days(recording: Recording, now_ns: int) -> list[str]:
    """Return the days of a recording from its first to now."""
    first_ns = recording.first_ns
    if not first_ns:
        return []
    day, last = day_name(first_ns), day_name(now_ns)
    days = []
    while day <= last:
        days.append(day)
        day = f"{datetime.fromisoformat(day).replace(tzinfo=UTC) + timedelta(days=1):%Y-%m-%d}"
    return days
