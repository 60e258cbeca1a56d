"""Shapes: records whose lengths are all as in one seen before are read by straight code.

A *shape* is everything that decides where the fields of a record lie: presence bits, extension bits, repetition
factors, lengths. Shapes are learned from records that the machine took apart, as a tree: the first presence field
leads, by a hash, to a state; a state names one octet and the bits of it that matter; each value of them leads to the
next state; a last state lists which bits go to which slot, at fixed places. What no shape fits (a new one, a damaged
record, the last octets of the data) is left to the machine, so the result is the machine's, always.

The tables have a fixed size; when they are full they are emptied and learned anew.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from vigie.terms.kernel import flat, lean
from vigie.wire.asterix.machine import (
    AT,
    AT_ITEM,
    EXPANSION,
    EXPANSION_AT,
    I4,
    I8,
    LOG,
    LOGGED,
    LOGS,
    MEANING,
    REASON_,
    U1,
    U4,
)  # fmt: skip
from vigie.wire.asterix.octets import leading_zeros, peek, poke, word_at, word_within
from vigie.wire.asterix.program import (
    COMPOUND,
    EXPLICIT,
    EXTENDED,
    F0,
    F1,
    G0,
    G1,
    KIND,
    LEFT,
    MASK,
    NEED,
    OCTET,
    RANDOM,
    REGISTERS,
    REPEATED_FX,
    RIGHT,
    SLOT,
    A,
    B,
)  # fmt: skip
from vigie.wire.asterix.slots import NOTHING

KEYS: Final = 4096  # a power of two
PROBES: Final = 4
STATES: Final = 8192
STEPS: Final = 1 << 18
COPIES: Final = 1 << 16
MARKS: Final = 1 << 15
DEEPEST: Final = 64  # octets that decide one shape; a record with more is the machine's
# Columns of the state table: octet and bits that decide (0: nothing more to decide), where its steps begin; octets of
# the record, its copies, its marks, its registers (from, to), its expansion field (structure, octet).
S_OCTET, S_BITS, S_STEPS, S_SIZE, S_C0, S_C1, S_M0, S_M1, S_R0, S_R1, S_EXPANSION, S_EXPANSION_AT = range(12)
STATE: Final = 16
# Columns of a copy: octet, shifts, mask, slot.
C_OCTET, C_LEFT, C_RIGHT, C_MASK, C_SLOT = range(5)
COPY: Final = 5
U_STATES, U_STEPS, U_COPIES, U_MARKS = range(4)


@dataclass(frozen=True, slots=True)
class Shapes:
    """The shapes that a decoder has learned; made for one set of tables, since they name its nodes and meanings.

    keys int64 (KEYS * 3,): presence octets, root, state; states int32 (STATES * STATE,), state 0 is none; steps int32:
    the next state by value; copies int64 (COPIES * COPY,); marks int32 (MARKS * 2,): octet, meaning; used int64 (4,).
    """

    keys: I8 = field(default_factory=lambda: np.zeros(KEYS * 3, np.int64))
    states: I4 = field(default_factory=lambda: np.zeros(STATES * STATE, np.int32))
    steps: I4 = field(default_factory=lambda: np.zeros(STEPS, np.int32))
    copies: I8 = field(default_factory=lambda: np.zeros(COPIES * COPY, np.int64))
    marks: I4 = field(default_factory=lambda: np.zeros(MARKS * 2, np.int32))
    used: I8 = field(default_factory=lambda: np.array([1, 0, 0, 0], np.int64))
    scratch: I8 = field(default_factory=lambda: np.zeros(2 * DEEPEST, np.int64))


@flat
def _presence(data: U1, start: Any) -> Any:
    """Return the first presence field's octets in the high end of a number, 0 where it is longer than eight."""
    word = word_at(data, start)
    stops = ~word & 0x0101010101010101
    if stops == 0:
        return np.int64(0)
    shift = 63 - leading_zeros(np.uint64(stops))
    return word >> shift << shift


@flat
def _place(word: Any, root: Any) -> Any:
    return ((word ^ root * 7046029254386353131) * -7046029254386353131 >> 44) & (KEYS - 1)


@flat
def find(data: U1, start: Any, end: Any, root: Any, keys: I8, states: I4, steps: I4) -> Any:
    """Return the state that describes the record at ``start`` wholly, 0 where there is none."""
    word = _presence(data, start)
    place = _place(word, root)
    state = np.int64(0)
    for probe in range(PROBES):
        k = 3 * (place + probe & (KEYS - 1))
        if peek(keys, k) == word and peek(keys, k + 1) == root:
            state = peek(keys, k + 2)
            break
    while True:
        at = start + peek(states, STATE * state + S_OCTET)
        bits = peek(states, STATE * state + S_BITS)
        if bits == 0 or at >= end:
            break
        state = peek(steps, peek(states, STATE * state + S_STEPS) + (peek(data, at) & bits))
    if bits != 0:
        return np.int64(0)
    after = start + peek(states, STATE * state + S_SIZE)
    return state if after <= end and after + 8 <= data.size else np.int64(0)


@flat
def take(
    data: U1, start: Any, state: Any, states: I4, copies: I8, marks: I4, meanings: U4, registers: I8,
    register_rows: I4, raw: I8, out: I8,
) -> Any:  # fmt: skip
    """Do what ``machine.run`` does with a legal record of this shape, and return where it ends."""
    for i in range(raw.size):
        raw[i] = NOTHING
    row = STATE * state
    for c in range(COPY * peek(states, row + S_C0), COPY * peek(states, row + S_C1), COPY):
        word = word_within(data, start + peek(copies, c + C_OCTET))
        value = word << peek(copies, c + C_LEFT) >> peek(copies, c + C_RIGHT) & peek(copies, c + C_MASK)
        poke(raw, peek(copies, c + C_SLOT), value)
    meaning = np.int64(0)
    for m in range(2 * peek(states, row + S_M0), 2 * peek(states, row + S_M1), 2):
        meaning |= peek(meanings, peek(marks, m + 1) + peek(data, start + peek(marks, m)))
    at = start + peek(states, row + S_R0)
    last = start + peek(states, row + S_R1)
    while at < last:
        word = word_within(data, at)
        register = word & 255
        for r in range(6 * peek(register_rows, register), 6 * peek(register_rows, register + 1), 6):
            # Whether a field is there is as good as chance: no branch, the processor would guess it wrong too often.
            there = -(word >> peek(registers, r + 1) & 1)
            value = word << peek(registers, r + 2) >> peek(registers, r + 3) & peek(registers, r + 5)
            slot = peek(registers, r + 4)
            before = peek(raw, slot)
            poke(raw, slot, before ^ (before ^ value) & there)
        at += 8
    after = start + peek(states, row + S_SIZE)
    out[MEANING] = meaning
    out[REASON_] = 0
    out[AT_ITEM] = 0
    out[AT] = after
    out[EXPANSION] = peek(states, row + S_EXPANSION)
    out[EXPANSION_AT] = start + peek(states, row + S_EXPANSION_AT)
    return after


@lean
def _step(data: U1, start: Any, at: Any, bits: Any, state: Any, states: I4, steps: I4, used: I8) -> Any:
    """Return the state behind the octet that decides next, made where it is new."""
    row = STATE * state
    if states[row + S_BITS] == 0:
        states[row + S_OCTET] = at - start
        states[row + S_BITS] = bits
        states[row + S_STEPS] = used[U_STEPS]
        used[U_STEPS] += bits + 1
    step = states[row + S_STEPS] + (np.int64(data[at]) & bits)
    if steps[step] == 0:
        steps[step] = used[U_STATES]
        used[U_STATES] += 1
    return np.int64(steps[step])


@lean
def _forget(keys: I8, states: I4, steps: I4, used: I8) -> None:
    keys[:] = 0
    states[:] = 0
    steps[:] = 0
    used[:] = 0
    used[U_STATES] = 1


@lean
def _deciding(node: Any, p: Any, q: Any, nodes: I4, parts: U1, places: I8, n: Any) -> Any:
    """Add the octets of one item that decide its extent, with their bits, to ``places``; return how many there are."""
    kind = nodes[8 * node + KIND]
    if kind == EXTENDED:
        most = nodes[8 * node + B]
        at: Any = np.int64(p)
        i = 0
        while at < q:
            at += parts[nodes[8 * node + A] + i]
            i += 1
            if i != -most and n < DEEPEST:  # the last of an open end has no extension bit
                places[2 * n] = at - 1
                places[2 * n + 1] = 1
                n += 1
    elif kind == REPEATED_FX:
        size = nodes[8 * node + A]
        for at in range(p + size - 1, q, size):
            if n < DEEPEST:
                places[2 * n] = at
                places[2 * n + 1] = 1
                n += 1
    elif kind > EXTENDED:
        head = q - p if kind == COMPOUND else 1 if kind == EXPLICIT else nodes[8 * node + B]
        for at in range(p, p + head):
            if n < DEEPEST:
                places[2 * n] = at
                places[2 * n + 1] = 255
                n += 1
    return n


@lean
def learn(
    data: U1, start: Any, end: Any, root: Any, nodes: I4, parts: U1, fields: I8, octets: I4,
    keys: I8, states: I4, steps: I4, copies: I8, marks: I4, used: I8, places: I8, out: I8,
) -> None:  # fmt: skip
    """Learn the shape of the legal record from ``start`` to ``end``, as the machine noted it in ``out``.

    ``places`` (2 * DEEPEST,) is scratch.
    """
    logged = out[LOGGED]
    word = _presence(data, start)
    if word == 0 or logged > LOGS:
        return
    n: Any = np.int64(0)
    registers = 0
    copied: Any = np.int64(0)
    marked: Any = np.int64(0)
    for i in range(LOG + 3, LOG + 3 * logged, 3):
        node = 8 * out[i]
        kind = nodes[node + KIND]
        registers += kind == REGISTERS
        if kind == RANDOM or registers > 1:
            return
        if kind <= EXTENDED:
            copied += nodes[node + F1] - nodes[node + F0]
            marked += nodes[node + G1] - nodes[node + G0]
        n = _deciding(out[i], out[i + 1], out[i + 2], nodes, parts, places, n)
    if n >= DEEPEST:
        return
    if (
        used[U_STATES] + n + 2 > STATES
        or used[U_STEPS] + 256 * n + 256 > STEPS
        or used[U_COPIES] + copied > COPIES
        or used[U_MARKS] + marked > MARKS
    ):
        _forget(keys, states, steps, used)
    place = _place(word, root)
    state: Any = np.int64(0)
    for probe in range(PROBES):
        k = 3 * (place + probe & (KEYS - 1))
        if keys[k + 2] == 0:
            keys[k] = word
            keys[k + 1] = root
            keys[k + 2] = used[U_STATES]
            used[U_STATES] += 1
        if keys[k] == word and keys[k + 1] == root:
            state = keys[k + 2]
            break
    if state == 0:  # others have the places: this shape is the machine's
        return
    for i in range(n):
        state = _step(data, start, places[2 * i], places[2 * i + 1], state, states, steps, used)
    row = STATE * state
    if states[row + S_SIZE] != 0:  # known: it was at the end of the data
        return
    states[row + S_SIZE] = end - start
    states[row + S_C0] = used[U_COPIES]
    states[row + S_M0] = used[U_MARKS]
    for i in range(LOG + 3, LOG + 3 * logged, 3):
        node = 8 * out[i]
        p = out[i + 1]
        size = out[i + 2] - p
        kind = nodes[node + KIND]
        if kind <= EXTENDED:
            for f in range(6 * nodes[node + F0], 6 * nodes[node + F1], 6):
                if fields[f + NEED] <= size:
                    c = COPY * used[U_COPIES]
                    copies[c + C_OCTET] = p - start + fields[f + OCTET]
                    copies[c + C_LEFT] = fields[f + LEFT]
                    copies[c + C_RIGHT] = fields[f + RIGHT]
                    copies[c + C_MASK] = fields[f + MASK]
                    copies[c + C_SLOT] = fields[f + SLOT]
                    used[U_COPIES] += 1
            for g in range(nodes[node + G0], nodes[node + G1]):
                if octets[g, 1] <= size:
                    marks[2 * used[U_MARKS]] = p - start + octets[g, 0]
                    marks[2 * used[U_MARKS] + 1] = 256 * octets[g, 2]
                    used[U_MARKS] += 1
        elif kind == REGISTERS:
            states[row + S_R0] = p - start + nodes[node + B]
            states[row + S_R1] = p - start + size
        elif kind == EXPLICIT and nodes[node + A] != 0:
            states[row + S_EXPANSION] = nodes[node + A]
            states[row + S_EXPANSION_AT] = p - start
    states[row + S_C1] = used[U_COPIES]
    states[row + S_M1] = used[U_MARKS]


__all__ = ["Shapes", "find", "learn", "take"]
