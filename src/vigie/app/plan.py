"""What a centre is made of: settings that every process gets when it starts, and the rings that join them."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from typing import Final

from vigie.app.flags import Count, Flag
from vigie.app.ring import RingHandle
from vigie.sensors.site import Site
from vigie.terms.pace import Pace

ARCHIVE: Final = "archive"
"""The archive's folder in the folder of a centre."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """A recording as the source of a centre: files of bytes or a recording of ours."""

    paths: tuple[str, ...]
    speed: float
    """Times real time; infinity is as fast as the core goes."""
    from_text: str = ""
    until_text: str = ""
    date: str | None = None
    form: str | None = None
    own_snapshots: bool = False
    """Whether the recording's snapshots fit (same version, its own site); else the core takes some on the way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Centre:
    """Everything the processes need to know; passed to each of them when it starts."""

    site: Site
    site_text: str
    known_text: str
    """What is known of areas and flights, as ``app.known`` writes it."""
    mode: str
    """live, replay or demo"""
    host: str
    port: int
    secret: str
    language: str
    data_dir: str
    """Folder of the recording; empty: no recording (replay)."""
    replay: Replay | None = None
    tracks_to: str = ""
    pace: Pace | None = None
    """Of an exercise that runs faster than the world: the clock of its sensors and of the front."""
    role: str = "supervisor"
    """What whoever opens the printed address may do."""


@dataclass(frozen=True, slots=True)
class Wires:
    """The rings and flags that join the processes."""

    batches: RingHandle
    pictures: RingHandle
    news: RingHandle
    snapshots: RingHandle
    outgoing: RingHandle
    """Data blocks that the core made for neighbours; the front sends them."""
    stop: Flag
    """Set by whoever wants everything to end."""
    ready: Flag
    """Set by web when the page can be opened."""
    finished: Flag
    """Set by core when the source has ended and all of it is applied."""
    came_back: Flag
    """Set by core when it has applied all that was recorded before it started."""
    anew: Flag
    """Set by the parent when the core that starts must not go on from a snapshot: the one before died of it."""
    core_starts: Count
    """How many cores were started; only the parent counts."""


def quiet_child() -> None:
    """Leave Ctrl-C to the parent: children stop when the flag is set, in order, with nothing lost."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
