"""Raw ASTERIX files: where their blocks lie, and which time of day each block states.

Raw files carry no capture clock, so the messages' own time of day dates them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from vigie.terms.kernel import lean
from vigie.terms.utc import DAY_NS
from vigie.wire.asterix import columns, slots, spec
from vigie.wire.asterix.machine import DEPTH, OUT, REASON_, run
from vigie.wire.asterix.program import ROOT, ROOT2, Compiler, Tables

U1 = npt.NDArray[np.uint8]
I4 = npt.NDArray[np.int32]
I8 = npt.NDArray[np.int64]
U4 = npt.NDArray[np.uint32]
U8 = npt.NDArray[np.uint64]
F8 = npt.NDArray[np.float64]

TOD_LIMIT: Final = 86_400 * 128
TOD_STEP_NS: Final = 7_812_500


@lean
def _cut(data: U1, offsets: I8, lengths: I4) -> int:
    n = 0
    p: Any = 0
    while p < data.size:
        left = data.size - p
        size: Any = np.int64(data[p + 1]) << 8 | np.int64(data[p + 2]) if left >= 3 else np.int64(0)
        if size < 3 or size > left or n == offsets.size - 1:
            size = left
        offsets[n] = p
        lengths[n] = size
        n += 1
        p += size
    return n


def cut_blocks(data: U1) -> tuple[I8, I4]:
    """Return where each block of a raw file begins (int64) and how long it is (int32).

    A length that cannot be right ends the file: the rest, whole, is the last frame, which the decoder will reject with
    its reason. Files above 2 GiB must be cut in pieces at block boundaries by the caller.
    """
    most = data.size // 3 + 2
    offsets: I8 = np.empty(most, np.int64)
    lengths: I4 = np.empty(most, np.int32)
    n = _cut(np.ascontiguousarray(data), offsets, lengths)
    return offsets[:n].copy(), lengths[:n].copy()


@lean
def _legal_blocks(
    data: U1, offsets: I8, lengths: I4, category: int, program: int, nodes: I4, allowed: U8, children: I4, parts: U1,
    fields: I8, octets: I4, meanings: U4, registers: I8, register_rows: I4, programs: I4, raw: I8, stack: U8,
    out: I8,
) -> int:  # fmt: skip
    """Return how many blocks of the category are legal, to their last octet, under one edition."""
    good = 0
    for k in range(offsets.size):
        p = offsets[k]
        if data[p] != category or lengths[k] < 4:
            continue
        stop = p + lengths[k]
        p += 3
        while p < stop:
            first = p
            p = run(data, first, stop, programs[program, ROOT], nodes, allowed, children, parts, fields, octets,
                    meanings, registers, register_rows, raw, stack, out)  # fmt: skip
            if out[REASON_] != 0 and programs[program, ROOT2] != programs[program, ROOT]:
                p = run(data, first, stop, programs[program, ROOT2], nodes, allowed, children, parts, fields, octets,
                        meanings, registers, register_rows, raw, stack, out)  # fmt: skip
            late = max(raw[slots.TOD], raw[slots.TOD2], raw[slots.TOD3], raw[slots.TOD4]) >= TOD_LIMIT
            if out[REASON_] != 0 or late:
                break
        if p == stop and out[REASON_] == 0 and not late:
            good += 1
    return good


@lean
def _times(
    data: U1, offsets: I8, lengths: I4, day_ns: int, times: I8, defaults: I4, nodes: I4, allowed: U8, children: I4,
    parts: U1, fields: I8, octets: I4, meanings: U4, registers: I8, register_rows: I4, programs: I4, raw: I8, stack: U8,
    out: I8,
) -> None:  # fmt: skip
    last = np.int64(-1)
    day = np.int64(day_ns)
    for k in range(offsets.size):
        times[k] = -1
        p = offsets[k]
        if lengths[k] < 5 or defaults[data[p]] < 0:
            continue
        program = defaults[data[p]]
        for root in (programs[program, ROOT], programs[program, ROOT2]):
            run(data, p + 3, p + lengths[k], root, nodes, allowed, children, parts, fields, octets, meanings, registers,
                register_rows, raw, stack, out)  # fmt: skip
            tod = raw[slots.TOD]
            if tod < 0:
                tod = raw[slots.TOD2] if raw[slots.TOD2] >= 0 else raw[slots.TOD3]
            if tod < 0:
                tod = raw[slots.TOD4]
            if out[REASON_] == 0 and 0 <= tod < TOD_LIMIT:
                times[k] = tod * TOD_STEP_NS
                break
        if times[k] < 0:
            continue
        if last >= 0 and times[k] + day < last - DAY_NS // 2:
            day += DAY_NS  # midnight passed
        elif last >= 0 and times[k] + day > last + DAY_NS // 2 and day > day_ns:
            times[k] -= DAY_NS  # a late message of the day before
        times[k] += day
        last = times[k]


@cache
def _tables() -> Tables:
    """Return programs of every edition of every category with a mapping."""
    compiler = Compiler()
    for category in columns.DEFAULT_CLASS:
        for edition in spec.load(category).editions.values():
            compiler.add(edition)
    return compiler.tables()


def _machine(t: Tables) -> tuple[Any, ...]:
    scratch = np.empty(slots.SLOTS, np.int64), np.empty(2 * DEPTH, np.uint64), np.empty(OUT, np.int64)
    tables = t.nodes, t.allowed, t.children, t.parts, t.fields, t.octets, t.meanings, t.registers, t.register_rows
    return (*tables, t.programs, *scratch)


def legal_blocks(category: int, data: U1, offsets: I8, lengths: I4) -> dict[str, int]:
    """Return how many of the blocks are legal to their last octet under each edition, the newest first."""
    tables = _tables()
    machine = _machine(tables)
    octets = np.ascontiguousarray(data)
    return {
        name: _legal_blocks(octets, offsets, lengths, category, tables.index[(category, name)], *machine)
        for name in reversed(spec.load(category).editions)
    }


def guess_editions(data: U1, offsets: I8, lengths: I4, *, sample: int = 2000) -> dict[int, str]:
    """Return the edition of each category under which most blocks are legal to their last octet, the newest of equals.

    ``sample`` blocks of each category, from the first, are tried. Categories without a mapping are left out.
    """
    found = data[offsets]
    out = {}
    for category in np.unique(found).tolist():
        if category not in columns.DEFAULT_CLASS:
            continue
        chosen = np.flatnonzero(found == category)[:sample]
        scores = legal_blocks(category, data, offsets[chosen], lengths[chosen])
        out[category] = max(scores, key=lambda name: scores[name])  # the first of equals
    return out


def block_times(data: U1, offsets: I8, lengths: I4, day_ns: int, *, editions: Mapping[int, str] | None = None) -> I8:
    """Return the instant (int64 ns UTC) that the first record of each block states, -1 where it states none.

    ``day_ns`` is midnight of the day the file begins on; a time of day that falls back by more than half a day begins
    the next day. Editions that are not given are guessed.
    """
    tables = _tables()
    known = guess_editions(data, offsets, lengths) | dict(editions or {})
    defaults = np.full(256, -1, np.int32)
    for category, name in known.items():
        defaults[category] = tables.index.get((category, name), -1)
    times = np.empty(len(offsets), np.int64)
    octets = np.ascontiguousarray(data)
    places, sizes = np.ascontiguousarray(offsets, np.int64), np.ascontiguousarray(lengths, np.int32)
    _times(octets, places, sizes, day_ns, times, defaults, *_machine(tables))
    return times
