"""The compiler: editions become flat tables of numbers that one machine executes.

A *node* is one structure (a record, an item, a subfield) with its kind and extent; ``children`` lists what each bit of
a presence field stands for; ``fields`` says which bits go to which slot; ``meanings`` are the tables of 256 for octets
of single bits. A *program* is the way into all that for one edition. Nothing here is executed per record.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np
import numpy.typing as npt

from vigie.terms.errors import WireError
from vigie.terms.units import M_PER_FL, M_PER_FT, M_PER_NMI, MPS_PER_FPM, MPS_PER_KT, RAD_PER_DEG
from vigie.wire.asterix import columns, slots, spec
from vigie.wire.asterix.spec import Edition, Form

FIXED, EXTENDED, REPEATED, REPEATED_FX, EXPLICIT, COMPOUND, RANDOM, REGISTERS = range(8)
MAX_SLOTS: Final = 63
"""Presence bits of one structure: nine octets of seven, one word of the machine."""

# Columns of the node table.
KIND, A, B, F0, F1, G0, G1, ITEM = range(8)
# Columns of the field table: first octet, octets the item must have, shifts, slot, mask.
OCTET, NEED, LEFT, RIGHT, SLOT, MASK = range(6)
# Columns of the program table.
ROOT, ROOT2, CLASS, DEFAULT_KIND, COV_ROOT, FAMILY, CATEGORY, TOD_ITEM = range(8)

_SI: Final = {
    "": 1.0, "m": 1.0, "m/s": 1.0, "s": 1.0, "ft": M_PER_FT, "FL": M_PER_FL, "NM": M_PER_NMI, "NM/s": M_PER_NMI,
    "kt": MPS_PER_KT, "ft/min": MPS_PER_FPM, "°": RAD_PER_DEG,
}  # fmt: skip
_DEGREES: Final = {slots.LAT, slots.LON, slots.LAT_FINE, slots.LON_FINE}
_TIMES: Final = {slots.TOD, slots.TOD2, slots.TOD3, slots.TOD4, slots.TOD_SHORT}

I4 = npt.NDArray[np.int32]
I8 = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Tables:
    """All programs of a decoder, as the machine takes them.

    nodes int32 (n * 8,), allowed uint64 (n,) legal presence bits of a compound, children int32, parts uint8, fields
    int64 (m * 6,), octets int32 (k, 3) octet, need, meaning; meanings uint32 (q, 256), registers int64 (r, 6) register,
    status shift, left, right, slot, mask; register_rows int32 (257,) where the rows of a register begin; programs
    int32 (p, 8), scales float64 (p, ALL_SLOTS). Nodes and fields are flat: the machine knows their width.
    """

    nodes: I4
    allowed: npt.NDArray[np.uint64]
    children: I4
    parts: npt.NDArray[np.uint8]
    fields: I8
    octets: I4
    meanings: npt.NDArray[np.uint32]
    registers: I8
    register_rows: I4
    programs: I4
    scales: npt.NDArray[np.float64]
    index: dict[tuple[int, str], int]
    """(category, edition) -> program."""


class Compiler:
    """Collects editions and gives their tables."""

    def __init__(self) -> None:
        self._nodes: list[list[int]] = []
        self._allowed: list[int] = []
        self._children: list[int] = []
        self._parts: list[int] = []
        self._fields: list[list[int]] = []
        self._octets: list[list[int]] = []
        self._meanings: list[list[int]] = []
        self._programs: list[list[int]] = []
        self._scales: list[npt.NDArray[np.float64]] = []
        self._index: dict[tuple[int, str], int] = {}

    def add(self, edition: Edition) -> int:
        """Compile one edition and return the number of its program; twice the same edition is one program."""
        known = self._index.get((edition.category, edition.name))
        if known is not None:
            return known
        values = columns.VALUES.get(columns.key(edition.category, edition.name, columns.VALUES), {})
        bits = columns.BITS.get(columns.key(edition.category, edition.name, columns.BITS), {})
        work = _Edition(edition, values, bits)
        nodes = {name: self._rule(work, form[2], name, _number(name)) for name, form in edition.items.items()}
        roots = [self._profile(nodes, profile) for profile in edition.profiles.values()]
        mapped = edition.category in columns.DEFAULT_CLASS
        if mapped and edition.choose is not None and (edition.choose[0] != "020/TYP" or len(roots) != 2):
            raise WireError(f"category {edition.category:03d} chooses its profile by {edition.choose[0]}")
        self._programs.append([
            roots[0], roots[-1], columns.DEFAULT_CLASS.get(edition.category, 0) >> slots.KIND_SHIFT,
            columns.DEFAULT_KIND.get(edition.category, 0), int(edition.category in columns.COVARIANCE_IS_ROOT),
            columns.FAMILY.get(edition.category, columns.OTHER), edition.category,
            next((_number(p) for p, slot in values.items() if slot in _TIMES), 0),
        ])  # fmt: skip
        self._scales.append(work.scales)
        self._index[(edition.category, edition.name)] = len(self._programs) - 1
        return len(self._programs) - 1

    def tables(self) -> Tables:
        """Return what was compiled so far, as arrays."""
        none = [[0] * 6]
        return Tables(
            nodes=np.array(self._nodes, np.int32).ravel(),
            allowed=np.array(self._allowed, np.uint64),
            children=np.array(self._children, np.int32),
            parts=np.array(self._parts or [0], np.uint8),
            fields=np.array(self._fields or none, np.int64).ravel(),
            octets=np.array(self._octets or [[0] * 3], np.int32),
            meanings=np.array(self._meanings or [[0] * 256], np.uint32),
            registers=_registers(),
            register_rows=np.searchsorted(_registers()[:, 0], np.arange(257)).astype(np.int32),
            programs=np.array(self._programs, np.int32),
            scales=np.array(self._scales, np.float64),
            index=dict(self._index),
        )

    def _node(self, kind: int, a: int = 0, b: int = 0, item: int = 0) -> int:
        self._nodes.append([kind, a, b, 0, 0, 0, 0, item])
        self._allowed.append(0)
        return len(self._nodes) - 1

    def _profile(self, nodes: dict[str, int], profile: tuple[str, ...]) -> int:
        slots_: list[int] = []
        for name in profile:
            if name == "-":
                slots_.append(-1)
            elif name == "rfs":
                slots_.append(self._node(RANDOM))
            else:
                slots_.append(nodes[name])
        return self._compound(slots_, 0, 0)

    def _compound(self, children: list[int], fixed: int, item: int) -> int:
        if len(children) > MAX_SLOTS:
            raise WireError(f"presence field with {len(children)} bits, at most {MAX_SLOTS}")
        node = self._node(COMPOUND, len(self._children), len(children), item)
        self._nodes[node][F0] = fixed
        self._children.extend(children)
        self._allowed[node] = sum(1 << (63 - i) for i, child in enumerate(children) if child >= 0)
        return node

    def _rule(self, work: _Edition, rule: Form, path: str, item: int) -> int:
        rule = spec.resolve(rule)
        word = rule[0]
        if word in ("element", "group"):
            width = spec.bits(rule)
            if width % 8:
                raise WireError(f"{path}: {width} bits are not whole octets")
            return self._take(work, self._node(FIXED, width // 8, 0, item), rule, path)
        if word == "extended":
            sizes = spec.part_octets(rule)
            node = self._node(EXTENDED, len(self._parts), len(sizes) if rule[2] else -len(sizes), item)
            self._parts.extend(sizes)
            return self._take(work, node, rule, path)
        if word == "repetitive":
            width = spec.bits(rule[2])
            if rule[1] == 0:
                return self._node(REPEATED_FX, (width + 1) // 8, 0, item)
            registers = columns.REGISTER_ITEMS.get(str(work.edition.category)) == path and width == 64
            return self._node(REGISTERS if registers else REPEATED, width // 8, rule[1], item)
        if word == "explicit":
            wanted = rule[1] == "re" and any(name.startswith("RE/") for name in (*work.values, *work.bits))
            form = work.edition.expansion if wanted else None
            return self._node(EXPLICIT, 0 if form is None else self._rule(work, form, "RE", item), 0, item)
        if word == "compound":
            children = [-1 if c is None else self._rule(work, c[2], f"{path}/{c[0]}", item) for c in rule[2]]
            return self._compound(children, rule[1], item)
        raise WireError(f"{path}: unknown structure {word!r}")

    def _take(self, work: _Edition, node: int, rule: Form, path: str) -> int:
        """Give the node the fields that the mapping wants from it."""
        self._nodes[node][F0], self._nodes[node][G0] = len(self._fields), len(self._octets)
        fields = {f.path: f for f in spec.fields(rule, path)}
        for wanted, slot in work.values.items():
            place = _span(wanted, fields)
            if place is None:
                continue
            bit, width, field = place
            work.scale(slot, field, wanted)
            first = bit // 8
            signed = field.signed and ".." not in wanted
            if bit % 8 + width > 64:
                raise WireError(f"{wanted}: spans more than eight octets")
            mask = -1 if signed else (1 << width) - 1
            self._fields.append([first, (bit + width + 7) // 8, bit % 8, 64 - width, slot, mask])
        meanings: dict[int, npt.NDArray[np.uint32]] = {}
        for wanted, table in work.bits.items():
            place = _span(wanted, fields)
            if place is None:
                continue
            bit, width, _ = place
            if bit // 8 != (bit + width - 1) // 8:
                raise WireError(f"{wanted}: bits of two octets cannot share one meaning")
            value = np.arange(256) >> (8 - bit % 8 - width) & ((1 << width) - 1)
            meaning = meanings.setdefault(bit // 8, np.zeros(256, np.uint32))
            for number, what in table.items():
                meaning[value == number] |= np.uint32(what)
        for octet, meaning in sorted(meanings.items()):
            self._octets.append([octet, octet + 1, len(self._meanings)])
            self._meanings.append(meaning.tolist())
        self._nodes[node][F1], self._nodes[node][G1] = len(self._fields), len(self._octets)
        return node


class _Edition:
    """One edition while it is compiled: its mapping, and the scale each slot got."""

    def __init__(self, edition: Edition, values: dict[str, int], bits: dict[str, columns.Bits]) -> None:
        self.edition = edition
        self.values = values
        self.bits = bits
        self.scales = np.ones(slots.ALL_SLOTS)
        self._from: dict[int, str] = {}
        for _, _, _, _, slot, step, unit in columns.REGISTERS:
            self.scales[abs(slot)] = step * _SI[unit]

    def scale(self, slot: int, field: spec.Field, path: str) -> None:
        """Note the SI value of one step in a slot; two fields may share a slot only with the same step."""
        if field.unit not in _SI:
            raise WireError(f"{path}: unit {field.unit!r} has no SI factor here")
        if slot in _TIMES and (field.unit, field.lsb) != ("s", Fraction(1, 128)):
            raise WireError(f"{path}: a time of day counts 1/128 s, found {field.lsb} {field.unit}")
        if slot == slots.COURSE and field.lsb != Fraction(360, 65536):
            raise WireError(f"{path}: a course counts 360/65536 degrees, found {field.lsb}")
        value = float(field.lsb) * (1.0 if slot in _DEGREES else _SI[field.unit])
        if self._from.setdefault(slot, path) != path and self.scales[slot] != value:
            raise WireError(f"{path} and {self._from[slot]} share a slot with different steps")
        self.scales[slot] = value


def _span(wanted: str, fields: dict[str, spec.Field]) -> tuple[int, int, spec.Field] | None:
    """Return first bit, width and last field of a path ``a`` or ``a..b``; None where the edition lacks it."""
    first, _, last = wanted.partition("..")
    if first not in fields or (last and last not in fields):
        return None
    end = fields[last or first]
    bit = fields[first].bit
    return bit, end.bit + end.width - bit, end


def _number(name: str) -> int:
    """Return the item number of ``"070"`` or ``"120/CAL"``; 0 for the expansion and special purpose fields."""
    head = name.partition("/")[0]
    return int(head) if head.isdigit() else 0


def _registers() -> I8:
    rows = []
    for register, status, first, width, slot, _, _ in columns.REGISTERS:
        rows.append([register, 64 - status, first - 1, 64 - width, abs(slot), -1 if slot < 0 else (1 << width) - 1])
    return np.array(rows, np.int64)
