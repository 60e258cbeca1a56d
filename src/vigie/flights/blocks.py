"""Whose a 24-bit aircraft address is: the state's block, military ranges inside it, and registration prefixes.

Source: ICAO Annex 10, volume III, part I, chapter 9 (allocation to states); the table ``data/address_blocks.csv`` is
made by ``builders/nouns.py`` from a public-domain collection (CC0) that adds what is known of military ranges.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

import numpy as np

from vigie.terms.kernel import kernel

_DATA: Final = "vigie.flights"
NO_STATE: Final = "ZZ"


@dataclass(frozen=True, slots=True)
class Block:
    """A range of addresses, both ends included, of one state (two letters of ISO 3166; ZZ: none)."""

    first: int
    last: int
    state: str
    military: bool


@dataclass(frozen=True, slots=True)
class BlockTable:
    """All addresses cut into ranges without overlap: ``starts[i]`` to ``starts[i + 1] - 1`` belongs to row i."""

    starts: np.ndarray[tuple[int], np.dtype[np.int64]]
    states: tuple[str, ...]
    state_no: np.ndarray[tuple[int], np.dtype[np.int32]]
    military: np.ndarray[tuple[int], np.dtype[np.uint8]]

    def owner(self, icao24: int) -> tuple[str, bool]:
        """Return the state of an address (ZZ where no state has it) and whether its range is known as military."""
        row = block_row(self.starts, icao24)
        return self.states[int(self.state_no[row])], bool(self.military[row])


@kernel
def block_row(starts: np.ndarray[tuple[int], np.dtype[np.int64]], icao24: int) -> int:
    """Return the row of the range that holds an address: a binary search."""
    low, high = 0, starts.size - 1
    while low < high:
        middle = (low + high + 1) // 2
        if starts[middle] <= icao24:
            low = middle
        else:
            high = middle - 1
    return low


def flatten(blocks: list[Block]) -> BlockTable:
    """Return ranges without overlap: where blocks overlap, the smallest counts (its row says more)."""
    cuts = sorted({0, 1 << 24, *(b.first for b in blocks), *(b.last + 1 for b in blocks)})
    largest_first = sorted(blocks, key=lambda b: (b.first - b.last, b.first))
    owner: list[Block | None] = [None] * len(cuts)
    at = {cut: i for i, cut in enumerate(cuts)}
    for block in largest_first:
        for i in range(at[block.first], at[block.last + 1]):
            owner[i] = block
    names = sorted({NO_STATE, *(b.state for b in blocks)})
    number = {name: i for i, name in enumerate(names)}
    rows = owner[:-1]
    return BlockTable(
        starts=np.array(cuts[:-1], np.int64),
        states=tuple(names),
        state_no=np.array([number[b.state if b else NO_STATE] for b in rows], np.int32),
        military=np.array([bool(b and b.military) for b in rows], np.uint8),
    )


@cache
def address_blocks() -> BlockTable:
    """Return the table that comes with Vigie."""
    text = files(_DATA).joinpath("data/address_blocks.csv").read_text("utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return flatten([Block(int(r["first"], 16), int(r["last"], 16), r["state"], r["military"] == "1") for r in rows])


@cache
def registration_prefixes() -> tuple[tuple[str, str], ...]:
    """Return (prefix, state name), longest prefix first."""
    text = files(_DATA).joinpath("data/registration_prefixes.csv").read_text("utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return tuple(sorted(((r["prefix"], r["state"]) for r in rows), key=lambda p: (-len(p[0]), p[0])))


def state_of_registration(registration: str) -> str:
    """Return the two letters of the state whose prefix a registration bears, empty where none fits."""
    text = registration.upper().replace("-", "")
    return next((state for prefix, state in registration_prefixes() if text.startswith(prefix)), "")
