"""Encode: columns of values become ASTERIX records, from the same definitions that decode them.

Begin with ``encode_records`` (values in the units of the definitions) or ``plots.encode_plots`` (PLOT rows, SI);
``blocks`` puts the headers on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from vigie.terms.errors import WireError
from vigie.terms.kernel import lean
from vigie.wire.asterix import spec
from vigie.wire.asterix.spec import Field, Form

U1 = npt.NDArray[np.uint8]
I4 = npt.NDArray[np.int32]
I8 = npt.NDArray[np.int64]
Column = npt.NDArray[Any]

FIXED, EXTENDED, REPEATED, REPEATED_FX = range(4)
# Columns of the leaf table: what it is, octets of one element, its bit in the record and in its compound (-1 none),
# octets of a fixed presence field, its fields, its parts, octets of REP.
L_KIND, L_SIZE, L_TOP, L_SUB, L_FIXED, L_F0, L_F1, L_P0, L_P1, L_REP = range(10)
# Columns of the field table: bit, width, column, part.
F_BIT, F_WIDTH, F_COLUMN, F_PART = range(4)

_ICAO: Final = {chr(64 + i): i for i in range(1, 27)} | {" ": 32} | {str(d): 48 + d for d in range(10)}


@dataclass(frozen=True, slots=True)
class _Leaf:
    """One item, or one subfield of a compound item, that holds fields."""

    path: str
    kind: int
    size: int
    top: int
    sub: int
    fixed: int
    parts: list[int] = field(default_factory=list)
    rep: int = 0
    fields: list[Field] = field(default_factory=list)


@cache
def _leaves(category: int, edition: str) -> tuple[_Leaf, ...]:
    """Return the leaves of an edition in the order of its (first) profile."""
    tables = spec.edition(category, edition)
    profile = next(iter(tables.profiles.values()))
    out: list[_Leaf] = []
    for top, name in enumerate(profile):
        if name in ("-", "rfs"):
            continue
        rule = spec.resolve(tables.items[name][2])
        if rule[0] != "compound":
            out.extend(_leaf(rule, name, top, -1, 0))
            continue
        for sub, item in enumerate(rule[2]):
            if item is not None:
                out.extend(_leaf(spec.resolve(item[2]), f"{name}/{item[0]}", top, sub, rule[1]))
    return tuple(out)


def _leaf(rule: Form, path: str, top: int, sub: int, fixed: int) -> list[_Leaf]:
    if rule[0] in ("element", "group"):
        return [_Leaf(path, FIXED, spec.bits(rule) // 8, top, sub, fixed, fields=list(spec.fields(rule, path)))]
    if rule[0] == "extended":
        parts = spec.part_octets(rule)
        return [_Leaf(path, EXTENDED, sum(parts), top, sub, fixed, parts, fields=list(spec.fields(rule, path)))]
    if rule[0] == "repetitive":
        width = spec.bits(rule[2]) + (rule[1] == 0)
        kind = REPEATED if rule[1] else REPEATED_FX
        members = list(spec.fields(rule[2], path))
        return [_Leaf(path, kind, width // 8, top, sub, fixed, rep=rule[1], fields=members)]
    return []  # explicit fields are encoded by ``items``


@lean
def _write(
    leaves: I4, fields: I4, parts: I4, values: Any, counts: npt.NDArray[np.uint8], out: U1, ends: I8
) -> Any:  # fmt: skip
    """Write every record into ``out`` (zeroed) and its end into ``ends``; return the octets used.

    values (columns, n, elements), counts (leaves, n): 0 absent, else the number of elements.
    """
    p: Any = 0
    for i in range(values.shape[1]):
        # The record's presence field, seven bits an octet.
        last = -1
        for leaf in range(leaves.shape[0]):
            if counts[leaf, i] > 0:
                top = leaves[leaf, L_TOP]
                out[p + top // 7] |= np.uint8(128 >> (top % 7))
                last = max(last, top)
        for octet in range(last // 7):
            out[p + octet] |= np.uint8(1)
        p += last // 7 + 1 if last >= 0 else 0
        done = -1
        for leaf in range(leaves.shape[0]):
            if counts[leaf, i] == 0:
                continue
            top = leaves[leaf, L_TOP]
            if leaves[leaf, L_SUB] >= 0 and top != done:
                # The presence field of a compound item: gathered from its leaves, which follow each other.
                done = top
                last = -1
                for other in range(leaf, leaves.shape[0]):
                    if leaves[other, L_TOP] != top:
                        break
                    if counts[other, i] > 0:
                        sub = leaves[other, L_SUB]
                        if leaves[leaf, L_FIXED] > 0:
                            out[p + sub // 8] |= np.uint8(128 >> (sub % 8))
                        else:
                            out[p + sub // 7] |= np.uint8(128 >> (sub % 7))
                        last = max(last, sub)
                if leaves[leaf, L_FIXED] > 0:
                    p += leaves[leaf, L_FIXED]
                else:
                    for octet in range(last // 7):
                        out[p + octet] |= np.uint8(1)
                    p += last // 7 + 1
            kind = leaves[leaf, L_KIND]
            size = np.int64(leaves[leaf, L_SIZE])
            part = 0
            if kind == EXTENDED:
                # As many parts as the last field that is not zero needs.
                for f in range(leaves[leaf, L_F0], leaves[leaf, L_F1]):
                    if values[fields[f, F_COLUMN], i, 0] != 0:
                        part = max(part, fields[f, F_PART])
                size = np.int64(0)
                for k in range(part + 1):
                    size += parts[leaves[leaf, L_P0] + k]
                    if k < part:
                        out[p + size - 1] |= np.uint8(1)
            elif kind == REPEATED:
                n = np.int64(counts[leaf, i])
                for k in range(leaves[leaf, L_REP]):
                    out[p + k] = np.uint8(n >> (8 * (leaves[leaf, L_REP] - 1 - k)) & 255)
                p += leaves[leaf, L_REP]
            for element in range(np.int64(counts[leaf, i])):
                for f in range(leaves[leaf, L_F0], leaves[leaf, L_F1]):
                    if fields[f, F_PART] > part:
                        continue
                    value = values[fields[f, F_COLUMN], i, element]
                    left = np.int64(fields[f, F_WIDTH])
                    end = fields[f, F_BIT] + left
                    octet = p + (end - 1) // 8
                    shift = 7 - (end - 1) % 8
                    while left > 0:
                        take = min(left, 8 - shift)
                        out[octet] |= np.uint8((value & ((1 << take) - 1)) << shift)
                        value >>= take
                        left -= take
                        octet -= 1
                        shift = 0
                p += size
                if kind == REPEATED_FX and element + 1 < counts[leaf, i]:
                    out[p - 1] |= np.uint8(1)
        ends[i] = p
    return p


def encode_records(
    category: int, edition: str | None, columns: Mapping[str, Column], *, present: Mapping[str, Column] | None = None
) -> tuple[U1, I8]:
    """Return the octets of n records of one category and where each begins (int64, n + 1), without block headers.

    Parameters
    ----------
    category, edition
        48, "1.30"; None is the newest edition.
    columns
        Field path -> n values: ``{"010/SAC": ..., "040/RHO": ..., "220": ...}``. Quantities are in the unit of the
        definition (NM, degrees, FL, s of day), tables and raw fields are their numbers, strings are text (``S8``),
        Mode 3/A is the code as a number. NaN is absent. Fields of a repetitive item take (n, k) values; its elements
        end at the first absent one. A scalar is the same for all.
    present
        Item path (``"220"``, ``"050/COM"``) -> n booleans: whether the item is there at all. Without it an item is
        there where any of its fields has a value. Fields that are not given are zero.

    Raises
    ------
    WireError
        For a path that the edition lacks, or a value that does not fit its field; the message names both.
    """
    number = spec.edition(category, edition)
    leaves = [leaf for leaf in _leaves(category, number.name) if any(f.path in columns for f in leaf.fields)]
    known = {f.path for leaf in leaves for f in leaf.fields}
    missing = sorted(set(columns) - known)
    if missing:
        raise WireError(f"category {category:03d} edition {number.name} has no field {missing[0]!r} to encode")
    shaped = {path: np.atleast_1d(np.asarray(values)) for path, values in columns.items()}
    n = max((len(v) for v in shaped.values()), default=0)
    depth = max((v.shape[1] for v in shaped.values() if v.ndim == 2), default=1)
    values: npt.NDArray[np.int64] = np.zeros((len(shaped), n, depth), np.int64)
    counts: npt.NDArray[np.uint8] = np.zeros((len(leaves), n), np.uint8)
    leaf_rows: list[list[int]] = []
    field_rows: list[list[int]] = []
    part_rows: list[int] = []
    column = 0
    for row, leaf in enumerate(leaves):
        first = len(field_rows)
        for f in leaf.fields:
            if f.path not in shaped:
                continue
            raw, there = _raw(f, shaped[f.path], n)
            values[column, :, : raw.shape[1]] = raw
            single = there.shape[1] == 1
            elements = there[:, 0] if single else np.logical_and.accumulate(there, axis=1).sum(axis=1, dtype=np.uint8)
            np.maximum(counts[row], elements, out=counts[row])
            field_rows.append([f.bit, f.width, column, _part(leaf.parts, f.bit)])
            column += 1
        if present is not None and leaf.path in present:
            counts[row] *= np.broadcast_to(np.asarray(present[leaf.path], bool), n)
        leaf_rows.append([leaf.kind, leaf.size, leaf.top, leaf.sub, leaf.fixed, first, len(field_rows), len(part_rows),
                          len(part_rows) + len(leaf.parts), leaf.rep])  # fmt: skip
        part_rows.extend(leaf.parts)
    most = sum(leaf.size * (depth if leaf.kind >= REPEATED else 1) + leaf.rep + 9 for leaf in leaves) + 9
    out: U1 = np.zeros(n * most, np.uint8)
    offsets: I8 = np.zeros(n + 1, np.int64)
    used = _write(
        np.array(leaf_rows, np.int32).reshape(-1, 10), np.array(field_rows, np.int32).reshape(-1, 4),
        np.array(part_rows or [0], np.int32), values, counts, out, offsets[1:],
    )  # fmt: skip
    return out[:used].copy(), offsets


def blocks(category: int, records: U1, offsets: I8, *, per_block: int = 1) -> tuple[U1, I8]:
    """Return data blocks of up to ``per_block`` records each, and where each block begins (int64, blocks + 1)."""
    starts = np.append(offsets[:-1:per_block], offsets[-1])
    sizes = np.diff(starts) + 3
    if len(sizes) and sizes.max() > 65535:
        raise WireError(f"a block of {int(sizes.max())} octets is longer than 65,535: put fewer records in one")
    ends = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    out: U1 = np.zeros(int(ends[-1]), np.uint8)
    out[ends[:-1]] = category
    out[ends[:-1] + 1] = sizes >> 8
    out[ends[:-1] + 2] = sizes & 255
    body = np.ones(len(out), bool)
    for header in range(3):
        body[ends[:-1] + header] = False
    out[body] = records[: offsets[-1]]
    return out, ends


def _part(parts: list[int], bit: int) -> int:
    """Return in which part of an extended item a bit lies."""
    for number, size in enumerate(parts):
        bit -= 8 * size
        if bit < 0:
            return number
    return 0


def _raw(f: Field, values: Column, n: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Return raw integers, 0 where absent, and which are there, both (n, elements)."""
    if values.dtype.kind in "SU":
        raw = np.array([_text_bits(f, text) for text in values.tolist()], np.int64).reshape(len(values), -1)
        there = np.ones(raw.shape, bool)
    else:
        values = values.reshape(len(values), -1)
        there = ~np.isnan(values) if values.dtype.kind == "f" else np.ones(values.shape, bool)
        if f.content[0] == "quantity" or values.dtype.kind == "f":
            steps = (values if there.all() else np.where(there, values, 0.0)) / float(f.lsb)
            raw = np.rint(steps, out=steps).astype(np.int64)
        else:
            raw = values.astype(np.int64)
    turn = f.unit == "°" and f.lsb * (1 << f.width) == Fraction(360)
    low, high = (-(1 << f.width - 1), (1 << f.width - 1) - 1) if f.signed else (0, (1 << min(f.width, 63)) - 1)
    if not turn and f.width < 64 and raw.size and (int(raw.min()) < low or int(raw.max()) > high):
        worst = int(raw.min()) if int(raw.min()) < low else int(raw.max())
        step = float(f.lsb)
        raise WireError(f"{f.path}: {worst * step:g} {f.unit} does not fit (from {low * step:g} to {high * step:g})")
    shape = (n, raw.shape[1])
    return np.broadcast_to(raw, shape), np.broadcast_to(there, shape)


def _text_bits(f: Field, text: Any) -> int:
    """Return the bits of a text: 6-bit or ASCII characters, padded with blanks; octal digits as they are."""
    letters = text.decode("ascii", "replace") if isinstance(text, bytes) else str(text)
    kind = f.content[1] if f.content[0] == "string" else ""
    if kind == "octal":
        return int(letters or "0", 8)
    size = 6 if kind == "icao" else 8
    if kind not in ("icao", "ascii") or len(letters) > f.width // size:
        raise WireError(f"{f.path}: {letters!r} does not fit {f.width} bits")
    bits = 0
    for letter in letters.ljust(f.width // size):
        if size == 6 and letter not in _ICAO:
            raise WireError(f"{f.path}: {letters!r} has a character that 6 bits cannot carry")
        bits = bits << size | (_ICAO[letter] if size == 6 else ord(letter) & 255)
    return bits
