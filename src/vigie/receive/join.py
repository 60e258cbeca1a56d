"""Frames put together: several pieces into one buffer, several inputs into one order of receive time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from vigie.terms.batch import Frames, no_frames
from vigie.terms.rows import chosen, copied, joined


def compact(frames: Frames, start: int, stop: int) -> Frames:
    """Return frames ``start`` to ``stop`` with rows of their own and no more octets than they span."""
    if stop <= start:
        return no_frames()
    rows = copied(frames.rows[start:stop])
    low = int(rows["offset"].min())
    high = int((rows["offset"] + rows["length"]).max())
    rows["offset"] -= low
    return Frames(rows, frames.data[low:high])


def join(parts: Sequence[Frames]) -> Frames:
    """Return all frames of ``parts`` in their order over one buffer."""
    parts = [part for part in parts if len(part)]
    if not parts:
        return no_frames()
    if len(parts) == 1:
        return parts[0]
    pieces = [compact(part, 0, len(part)) for part in parts]
    at = 0
    for piece in pieces:
        piece.rows["offset"] += at
        at += len(piece.data)
    return Frames(joined([p.rows for p in pieces]), np.concatenate([p.data for p in pieces]))


def merge_inputs(inputs: Iterable[Iterable[Frames]]) -> Iterator[Frames]:
    """Merge several inputs by receive time; each keeps its own order.

    A frame goes after every frame of another input whose file had not come further by then (the key is the running
    maximum of ``rx_ns`` in its file); at the same key the input named first comes first. So the order does not depend
    on how the inputs were read.
    """
    sources = [iter(one) for one in inputs]
    if len(sources) == 1:
        yield from sources[0]
        return
    waiting: list[Frames | None] = [None] * len(sources)
    keys: list[np.ndarray[tuple[int], np.dtype[np.int64]]] = [np.zeros(0, np.int64) for _ in sources]
    highest = [np.iinfo(np.int64).min] * len(sources)
    alive = [True] * len(sources)
    while True:
        for i, source in enumerate(sources):
            while alive[i] and waiting[i] is None:
                frames = next(source, None)
                if frames is None:
                    alive[i] = False
                elif len(frames):
                    waiting[i] = frames
                    keys[i] = np.maximum.accumulate(np.maximum(frames.rows["rx_ns"], highest[i]))
                    highest[i] = int(keys[i][-1])
        if not any(alive):
            horizon, last = np.iinfo(np.int64).max, len(sources)
        else:
            horizon, last = min((highest[i], i) for i in range(len(sources)) if alive[i])
        parts: list[Frames] = []
        order: list[np.ndarray[tuple[int], np.dtype[np.int64]]] = []
        for i in range(len(sources)):
            found = waiting[i]
            if found is None:
                continue
            n = int(np.searchsorted(keys[i], horizon, side="right" if i <= last else "left"))
            if n:
                parts.append(compact(found, 0, n))
                order.append(keys[i][:n])
            waiting[i] = found.take(n, len(found)) if n < len(found) else None
            keys[i] = keys[i][n:]
        if parts:
            merged = join(parts)
            yield Frames(chosen(merged.rows, np.argsort(np.concatenate(order), kind="stable")), merged.data)
        if not any(alive) and all(one is None for one in waiting):
            return
