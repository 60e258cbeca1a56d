"""The machine that executes the tables: one record in, its raw numbers and meanings out.

Every octet is accounted for: presence bits must be defined, each extent must end inside the record, and the first
thing that cannot be right ends the record with its reason, item and place.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from vigie.terms.kernel import lean
from vigie.terms.ledger import REASON
from vigie.wire.asterix.octets import leading_zeros, peek, poke, word_at
from vigie.wire.asterix.program import (
    COMPOUND,
    EXPLICIT,
    EXTENDED,
    F0,
    F1,
    FIXED,
    G0,
    G1,
    ITEM,
    KIND,
    LEFT,
    MASK,
    NEED,
    OCTET,
    RANDOM,
    REGISTERS,
    REPEATED,
    REPEATED_FX,
    RIGHT,
    SLOT,
    A,
    B,
)  # fmt: skip
from vigie.wire.asterix.slots import NOTHING

U1 = npt.NDArray[np.uint8]
I4 = npt.NDArray[np.int32]
I8 = npt.NDArray[np.int64]
U8 = npt.NDArray[np.uint64]
U4 = npt.NDArray[np.uint32]

TRUNCATED: Final = REASON["record_truncated"]
BAD_FSPEC: Final = REASON["bad_fspec"]
BAD_ITEM: Final = REASON["bad_item"]

DEPTH: Final = 6
# What the machine leaves in ``out``: meaning bits, reason, item, offset, the structure of the record's expansion field
# (0: none that anybody wants) and where that field begins.
MEANING, REASON_, AT_ITEM, AT, EXPANSION, EXPANSION_AT, LOGGED, LOG = range(8)
LOGS: Final = 80
"""Structures of one record that are noted from ``LOG`` on, three numbers each: its node, where it begins and ends."""
OUT: Final = LOG + 3 * LOGS


@lean
def run(
    data: U1, start: Any, end: Any, root: Any, nodes: I4, allowed: U8, children: I4, parts: U1, fields: I8,
    octets: I4, meanings: U4, registers: I8, register_rows: I4, raw: I8, stack: U8, out: I8,
) -> Any:  # fmt: skip
    """Parse one record at ``start`` and return where it ends.

    ``raw`` (SLOTS,) gets the numbers, ``out`` (OUT,) the meaning bits, and reason 0 or why, in which item and where the
    record is illegal, and what it is made of: ``LOGGED`` structures, of presence fields their own octets. ``stack``
    (2 * DEPTH,) is scratch. An expansion field is passed over; ``expand`` reads it.
    """
    for i in range(raw.size):
        raw[i] = NOTHING
    out[REASON_] = 0
    out[AT_ITEM] = 0
    out[EXPANSION] = 0
    logged = LOG
    meaning = np.int64(0)
    one = np.uint64(1)
    p = start
    depth = -1
    mask = np.uint64(0)
    base = np.int64(0)
    count = np.int64(0)
    listed = np.int64(0)  # items of a random field sequence still to come
    node = np.int64(root)
    while True:
        kind = peek(nodes, 8 * node + KIND)
        q = p
        if kind == FIXED:
            q = p + peek(nodes, 8 * node + A)
        elif kind == COMPOUND:
            # Presence bits, first one highest: seven an octet while FX is set, or a fixed field of eight an octet.
            present = np.uint64(0)
            width = 0
            fixed = peek(nodes, 8 * node + F0)
            if fixed > 0:
                if p + fixed > end:
                    out[REASON_] = TRUNCATED
                    break
                for i in range(fixed):
                    present = present << np.uint64(8) | np.uint64(peek(data, p + i))
                width = 8 * fixed
                q = p + fixed
            else:
                most = peek(nodes, 8 * node + B)
                while True:
                    if width >= most:
                        out[REASON_] = BAD_FSPEC
                        break
                    if q >= end:
                        out[REASON_] = TRUNCATED
                        break
                    octet = peek(data, q)
                    q += 1
                    present = present << np.uint64(7) | np.uint64(octet >> 1)
                    width += 7
                    if octet & 1 == 0:
                        break
                if out[REASON_] != 0:
                    p = q
                    break
            present = present << np.uint64(64 - width)
            if present & ~np.uint64(peek(allowed, node)) != 0 or (present == 0 and depth < 0):
                out[REASON_] = BAD_FSPEC
                break
            if logged < OUT:
                out[logged] = node
                out[logged + 1] = p
                out[logged + 2] = q
            logged += 3
            p = q
            if depth >= 0:
                stack[2 * depth] = mask
                stack[2 * depth + 1] = np.uint64(base)
            depth += 1
            mask = present
            base = peek(nodes, 8 * node + A)
            count = peek(nodes, 8 * node + B) if depth == 0 else count
            kind = -1
        elif kind == EXTENDED:
            part = peek(nodes, 8 * node + A)
            n = peek(nodes, 8 * node + B)
            open_end = n < 0  # the last part carries no FX bit
            if open_end:
                n = -n
            i = 0
            while True:
                q += peek(parts, part + i)
                i += 1
                if q > end or (open_end and i == n) or peek(data, q - 1) & 1 == 0:
                    break
                if i == n:
                    out[REASON_] = BAD_ITEM
                    break
        elif kind in (REGISTERS, REPEATED):
            q = end + 1
            head = peek(nodes, 8 * node + B)
            if p + head <= end:
                n = np.int64(0)
                for i in range(head):
                    n = n << 8 | peek(data, p + i)
                q = p + head + n * peek(nodes, 8 * node + A)
        elif kind == REPEATED_FX:
            while True:
                q += peek(nodes, 8 * node + A)
                if q > end or peek(data, q - 1) & 1 == 0:
                    break
        elif kind == EXPLICIT:
            q = end + 1
            if p < end:
                q = p + peek(data, p)
                if q == p:
                    out[REASON_] = BAD_ITEM
                if peek(nodes, 8 * node + A) != 0:
                    out[EXPANSION] = peek(nodes, 8 * node + A)
                    out[EXPANSION_AT] = p
        else:  # RANDOM: how many, then each with its number
            q = p + 1
            if q <= end:
                listed = peek(data, p)
        if kind >= 0:
            if q > end and out[REASON_] == 0:
                out[REASON_] = TRUNCATED
            if out[REASON_] != 0:
                out[AT_ITEM] = peek(nodes, 8 * node + ITEM)
                break
            if logged < OUT:
                out[logged] = node
                out[logged + 1] = p
                out[logged + 2] = q
            logged += 3
            size = q - p
            if kind <= EXTENDED:
                for f in range(6 * peek(nodes, 8 * node + F0), 6 * peek(nodes, 8 * node + F1), 6):
                    if peek(fields, f + NEED) <= size:
                        word = word_at(data, p + peek(fields, f + OCTET))
                        value = word << peek(fields, f + LEFT) >> peek(fields, f + RIGHT) & peek(fields, f + MASK)
                        poke(raw, peek(fields, f + SLOT), value)
                for g in range(3 * peek(nodes, 8 * node + G0), 3 * peek(nodes, 8 * node + G1), 3):
                    if peek(octets, g + 1) <= size:
                        meaning |= peek(meanings, 256 * peek(octets, g + 2) + peek(data, p + peek(octets, g)))
            elif kind == REGISTERS:
                at = p + peek(nodes, 8 * node + B)
                while at < q:
                    word = word_at(data, at)
                    register = word & 255
                    for r in range(register_rows[register], register_rows[register + 1]):
                        if word >> registers[r, 1] & 1:
                            raw[registers[r, 4]] = word << registers[r, 2] >> registers[r, 3] & registers[r, 5]
                    at += 8
            p = q
        if listed > 0 and depth == 0:
            listed -= 1
            slot = peek(data, p) - 1 if p < end else np.int64(-1)
            child = peek(children, base + slot) if 0 <= slot < count else np.int32(-1)
            if child < 0 or peek(nodes, 8 * child + KIND) == RANDOM:
                out[REASON_] = TRUNCATED if p >= end else BAD_ITEM
                break
            p += 1
            node = np.int64(child)
            continue
        while mask == 0 and depth > 0:
            depth -= 1
            mask = stack[2 * depth]
            base = np.int64(stack[2 * depth + 1])
        if mask == 0:
            break
        first = leading_zeros(mask)
        mask ^= one << np.uint64(63 - first)
        node = peek(children, base + first)
    out[MEANING] = meaning
    out[AT] = p
    out[LOGGED] = (logged - LOG) // 3
    return p


@lean
def expand(
    data: U1, nodes: I4, allowed: U8, children: I4, parts: U1, fields: I8, octets: I4, meanings: U4, registers: I8,
    register_rows: I4, raw: I8, more: I8, stack: U8, out: I8,
) -> Any:  # fmt: skip
    """Read the expansion field that ``run`` found into ``more`` (ALL_SLOTS,), and into slots that it left empty.

    Return its meaning bits, or -1 where the octets are not of the published expansion, to the last of them: senders use
    others, and ones of their own. Nothing is taken from those.
    """
    at = out[EXPANSION_AT]
    end = at + data[at]
    after = run(data, at + 1, end, out[EXPANSION], nodes, allowed, children, parts, fields, octets, meanings, registers,
                register_rows, more, stack, out)  # fmt: skip
    if out[REASON_] != 0 or after != end:
        return np.int64(-1)
    for i in range(raw.size):
        if raw[i] == NOTHING:
            raw[i] = more[i]
    return out[MEANING]


__all__ = ["DEPTH", "expand", "run"]
