"""What moves between two ticks: frames with their bytes, acts, events, and the two times of the tick."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from vigie.terms.tables import FRAME, Rows

Octets = npt.NDArray[np.uint8]

FORMAT_ASTERIX = 1
FORMAT_BEAST = 2
FORMAT_AVR = 3
FORMAT_SBS = 4
FORMAT_REMOTEID = 5
FORMATS = {
    "asterix": FORMAT_ASTERIX, "beast": FORMAT_BEAST, "avr": FORMAT_AVR, "sbs": FORMAT_SBS, "remoteid": FORMAT_REMOTEID,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Frames:
    """FRAME rows and the one buffer that holds their bytes."""

    rows: Rows
    data: Octets

    def __len__(self) -> int:
        """Return the number of frames."""
        return len(self.rows)

    def payload(self, i: int) -> bytes:
        """Return the bytes of frame ``i``."""
        start = int(self.rows["offset"][i])
        return self.data[start : start + int(self.rows["length"][i])].tobytes()

    def take(self, start: int, stop: int) -> Frames:
        """Return frames ``start`` to ``stop`` as a view over the same buffer."""
        return Frames(self.rows[start:stop], self.data)


def no_frames() -> Frames:
    """Return an empty set of frames."""
    return Frames(FRAME.empty(), np.zeros(0, np.uint8))


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What a person did, stamped at the front door: who, in which role, from where, why."""

    seq: int
    rx_ns: int
    who: str
    role: str
    origin: str
    act: str
    subject: str
    value: str
    reason: str
    second: str = ""
    """The second person who confirmed an act that takes safety away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Anything else that can change the picture: link up or down, drops, a clock step, a shed decision."""

    rx_ns: int
    kind: str
    link: int = 0
    value: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Everything between two ticks, sorted by (rx_ns, link, seq)."""

    now_ns: int
    mono_ns: int
    frames: Frames = field(default_factory=no_frames)
    acts: tuple[Act, ...] = ()
    events: tuple[Event, ...] = ()
