"""Compile every kernel of the airspace room on tiny input with the dtypes of production."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from vigie.airspace.index import build_index
from vigie.airspace.kernels import first_crossing, nearest
from vigie.airspace.volume import Volume


def warmup() -> Iterator[str]:
    """Yield the name of each kernel group just before compiling it by a first run."""
    square = ((2.0, 13.0), (2.0, 14.0), (3.0, 14.0), (3.0, 13.0))
    yield "airspace: index"
    index = build_index([Volume(id="warm", name="warm", kind="OTHER", rings=(square,))])
    one = np.zeros(1)
    yield "airspace: volumes near points"
    index.near(one, one, one, one, one, one)
    first_crossing(0.0, 0.0, 1.0, 0.0, index.edges, 0, 4)
    nearest(0.0, 0.0, index.edges, 0, 4)
