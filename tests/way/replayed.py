"""One replay in a process of its own: ``python -m tests.way.replayed SEED TICKS DATE SITE INPUT...`` prints its digest.

The frames are cut into pieces of chance sizes before they become ticks, so that nothing may depend on how they came.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from pathlib import Path

from vigie.app.inputs import known_for, open_inputs, site_for
from vigie.app.known import known_from
from vigie.app.pipeline import State, step
from vigie.receive.files import merge_inputs
from vigie.receive.join import compact
from vigie.receive.ticks import ticks
from vigie.terms.batch import Frames


def pieces(frames: Iterator[Frames], seed: int) -> Iterator[Frames]:
    """Yield the same frames in pieces of 1 to 400."""
    draw = random.Random(seed)
    for some in frames:
        start = 0
        while start < len(some):
            end = min(len(some), start + draw.randint(1, 400))
            yield compact(some, start, end)
            start = end


def main(seed: int, most: int, date: str, site: Path, paths: list[Path]) -> str:
    """Return the digest after ``most`` ticks, and of how many rows it is; ``date`` is that of files without one."""
    state = State(site_for(paths, site), known=known_from(known_for(paths, site)))
    rows = 0
    for batch in ticks(pieces(merge_inputs(open_inputs(paths, form=None, date=date)), seed)):
        rows += len(step(state, batch).tracks)
        if state.steps == most:
            break
    return f"{state.digest.hex()} {state.steps} {rows}"


if __name__ == "__main__":
    seed, most, date, site, *paths = sys.argv[1:]
    sys.stdout.write(main(int(seed), int(most), date, Path(site), [Path(p) for p in paths]))
