"""Frames cut into ticks: every tick between first and last, silence included, each frame in exactly one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import numpy as np

from vigie.receive.join import compact, join
from vigie.terms.batch import Batch, Event, Frames, no_frames
from vigie.terms.kernel import kernel
from vigie.terms.rows import chosen, copied
from vigie.terms.units import NS_PER_S
from vigie.terms.utc import TICK_NS, iso, tick_at_or_after

WINDOW_NS: Final = 1 * NS_PER_S
"""Frames may stand this far out of order in a file and still get into the tick of their stamp."""

JUMP_NS: Final = 3600 * NS_PER_S
"""A stamp that leaps ahead by more is believed only when the next frame agrees."""

SILENCE_NS: Final = 6 * 3600 * NS_PER_S
"""After this much silence the ticks go straight on to the next frame, and an event says so."""

_FIRST: Final = np.iinfo(np.int64).min


@kernel
def settle(rx_ns: Any, final: bool, state: Any, moved: Any) -> int:
    """Make receive times advance: return how many frames are settled (the last may have to wait for the next one).

    ``rx_ns`` int64[n], changed in place; ``moved`` int64[n]: what was taken off each; ``state`` int64[2]: highest stamp
    so far, 0 where there is none yet. A stamp more than ``WINDOW_NS`` behind the highest is lifted to that edge: time
    does not run backwards. A lone stamp more than ``JUMP_NS`` ahead of both neighbours is brought back.
    """
    n: int = rx_ns.size
    for i in range(n):
        t = rx_ns[i]
        known = state[1] == 1
        if not known or t > state[0] + JUMP_NS:
            if i + 1 == n and not final:
                return i
            if i + 1 < n:
                following = rx_ns[i + 1]
                if known:
                    believed = following > state[0] + JUMP_NS
                    back = state[0]
                else:
                    believed = -JUMP_NS <= following - t <= JUMP_NS
                    back = following
            else:
                believed = not known
                back = state[0]
            if not believed:
                rx_ns[i] = back
        elif t < state[0] - WINDOW_NS:
            rx_ns[i] = state[0] - WINDOW_NS
        moved[i] = t - rx_ns[i]
        state[0] = max(state[0], rx_ns[i]) if known else rx_ns[i]
        state[1] = 1
    return n


def ticks(frames_iter: Iterable[Frames]) -> Iterator[Batch]:
    """Cut frames into batches of 100 ms: a frame with ``rx_ns <= tick`` and after the tick before belongs to it.

    Frames are numbered from 1 in the order they come, and sorted by (rx_ns, link, seq) within a batch. Every tick
    between the first and the last is given, except in the midst of a silence of more than six hours. ``mono_ns`` is
    the tick itself. The result does not depend on how the frames were cut into pieces; none is lost.
    """
    cutter = _Cutter()
    for frames in frames_iter:
        if len(frames):
            yield from cutter.take(frames, final=False)
    yield from cutter.take(no_frames(), final=True)


class _Cutter:
    def __init__(self) -> None:
        self._state = np.zeros(2, np.int64)
        self._unsettled: Frames = no_frames()
        self._pending: list[Frames] = []
        self._moved: list[np.ndarray[tuple[int], np.dtype[np.int64]]] = []
        self._seq = 0
        self._next_ns = _FIRST  # the next tick to give, _FIRST before the first frame
        self._gaps: list[tuple[int, int]] = []
        self._news: tuple[Event, ...] = ()
        self._quiet = no_frames()

    def take(self, frames: Frames, *, final: bool) -> Iterator[Batch]:
        """Yield the batches that are complete once ``frames`` are known."""
        work = join([self._unsettled, frames])
        rx_ns = work.rows["rx_ns"].astype(np.int64)
        moved = np.zeros(len(work), np.int64)
        before_ns, known = self._state.tolist()
        n = settle(rx_ns, final, self._state, moved)
        if n:
            self._note_gaps(rx_ns[:n], before_ns if known else int(rx_ns[0]))
            rows = copied(work.rows[:n])
            rows["rx_ns"] = rx_ns[:n]
            rows["seq"] = np.arange(self._seq + 1, self._seq + 1 + n)
            self._seq += n
            self._pending.append(Frames(rows, work.data))
            self._moved.append(moved[:n])
        self._unsettled = compact(work, n, len(work))
        if self._pending:
            yield from self._cut(final=final)

    def _cut(self, *, final: bool) -> Iterator[Batch]:
        """Give every tick that no later frame can belong to any more."""
        low = int(self._state[0]) - WINDOW_NS
        if not final and self._next_ns != _FIRST and self._next_ns >= low:
            return
        pending = join(self._pending)
        moved = np.concatenate(self._moved)
        order = np.lexsort((pending.rows["link"], pending.rows["rx_ns"]))  # stable: seq decides last
        pending = Frames(chosen(pending.rows, order), pending.data)
        moved = moved[order]
        stamps = np.ascontiguousarray(pending.rows["rx_ns"])
        start = 0
        last_ns = tick_at_or_after(int(stamps[-1]))
        if self._next_ns == _FIRST:
            if not final and int(stamps[0]) >= low:
                self._pending, self._moved = [pending], [moved]
                return
            self._next_ns = tick_at_or_after(int(stamps[0]))
        stop_ns = last_ns + TICK_NS if final else -(-low // TICK_NS) * TICK_NS  # every tick below is complete
        while self._next_ns < stop_ns:
            ahead_ns = tick_at_or_after(int(stamps[start])) if start < len(stamps) else stop_ns
            if self._gaps and self._gaps[0][0] <= min(ahead_ns, stop_ns):
                since_ns, until_ns = self._gaps.pop(0)
                yield from self._silence(since_ns)
                text = f"nothing from {iso(since_ns - SILENCE_NS)} to {iso(until_ns)}: ticks are left out"
                self._news = (Event(rx_ns=until_ns, kind="gap", value=until_ns - since_ns, text=text),)
                self._next_ns = until_ns
                continue
            yield from self._silence(min(ahead_ns, stop_ns))
            if self._next_ns >= stop_ns:
                break
            end = int(np.searchsorted(stamps, self._next_ns, side="right"))
            yield self._batch(compact(pending, start, end), _told(moved[start:end], self._next_ns))
            start = end
        self._pending = [compact(pending, start, len(pending))] if start < len(pending) else []
        self._moved = [moved[start:]] if start < len(pending) else []

    def _note_gaps(self, rx_ns: np.ndarray[tuple[int], np.dtype[np.int64]], before_ns: int) -> None:
        """Note silences that are too long for every tick: (where the ticks stop, where they go on)."""
        highest = np.maximum.accumulate(np.concatenate((np.array([before_ns], np.int64), rx_ns)))
        for i in np.flatnonzero(np.diff(highest) > SILENCE_NS + 10 * WINDOW_NS).tolist():
            since_ns = tick_at_or_after(int(highest[i])) + SILENCE_NS
            self._gaps.append((since_ns, tick_at_or_after(int(highest[i + 1]) - WINDOW_NS)))

    def _batch(self, frames: Frames, events: tuple[Event, ...]) -> Batch:
        now_ns = self._next_ns
        self._next_ns += TICK_NS
        events, self._news = self._news + events, ()
        return Batch(now_ns=now_ns, mono_ns=now_ns, frames=frames, events=events)

    def _silence(self, until_ns: int) -> Iterator[Batch]:
        while self._next_ns < until_ns:
            yield self._batch(self._quiet, ())


def _told(moved: np.ndarray[tuple[int], np.dtype[np.int64]], now_ns: int) -> tuple[Event, ...]:
    n = int(np.count_nonzero(moved))
    if not n:
        return ()
    worst = int(moved[np.argmax(np.abs(moved))])
    text = f"{n} frames whose stamp was up to {abs(worst) / NS_PER_S:.1f} s {'ahead' if worst > 0 else 'behind'}"
    return (Event(rx_ns=now_ns, kind="clock_step", value=worst, text=text),)
