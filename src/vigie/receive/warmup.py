"""Every kernel of the files' ticks, compiled on one frame."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from vigie.receive.ticks import ticks
from vigie.terms.batch import Frames
from vigie.terms.tables import FRAME


def warmup() -> Iterator[str]:
    """Yield the name of each kernel group just before it is compiled."""
    yield "ticks"
    for _ in ticks([Frames(FRAME.empty(1), np.zeros(1, np.uint8))]):
        pass
