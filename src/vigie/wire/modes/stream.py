"""Streams to messages: Beast binary and AVR text, cut wherever the network cut them.

A kernel reads octets from ``work`` and fills ``Items``: messages, and stretches that are none with their reason. It
says how many octets it used; the rest (at most one unfinished message) is put before the next chunk. What comes out
therefore does not depend on how the stream was cut. ``state`` keeps what must be known of octets already given up.
Sources: the Mode-S Beast data formats as published by its maker; AVR text as dump1090 writes and reads it.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from vigie.terms.kernel import flat, lean
from vigie.terms.ledger import REASON
from vigie.wire.modes.tables import I8, U1, whole

KIND_MODE_AC: Final = 1
KIND_SHORT: Final = 2
KIND_LONG: Final = 3
KIND_STATUS: Final = 4
KIND_NONE: Final = 0

LIMIT: Final = 65536
"""Octets without a message after which a stretch is given up and counted (``buffer_limit``)."""

NO_STAMP: Final = -1
SKIPPED: Final = 0
"""``state[SKIPPED]``: octets given up since the last message."""
SEARCHED: Final = 1
"""``state[SEARCHED]``: octets of the rest in which no end of line was found."""

_BAD_FORMAT: Final = REASON["bad_format"]
_BAD_LENGTH: Final = REASON["bad_length"]
_BAD_TEXT: Final = REASON["bad_text"]
_BUFFER_LIMIT: Final = REASON["buffer_limit"]
_ESCAPE: Final = 0x1A
_RECEIVER_ID: Final = 0xE3


class Items(NamedTuple):
    """What a stream holds, in its order; rows beyond the count are leftovers of earlier use.

    ``octets`` uint8[n, 14]; ``kind`` 1 Mode A/C (2 octets), 2 short (7), 3 long (14), 4 receiver status (14), 0 none;
    ``stamp`` 48-bit receiver time or -1; ``signal`` 0 to 255, 0 unknown; ``start``, ``end``: where in the work buffer;
    ``reason`` 0, or why it is no message.
    """

    octets: U1
    kind: U1
    stamp: I8
    signal: U1
    start: I8
    end: I8
    reason: U1


def new_items(n: int) -> Items:
    """Return room for ``n`` items."""
    return Items(
        np.zeros((n, 14), np.uint8), np.zeros(n, np.uint8), np.zeros(n, np.int64), np.zeros(n, np.uint8),
        np.zeros(n, np.int64), np.zeros(n, np.int64), np.zeros(n, np.uint8),
    )  # fmt: skip


def _hex_values() -> U1:
    """Return the value of each ASCII code as a hexadecimal digit, 255 where it is none."""
    out = np.full(256, 255, np.uint8)
    for value, digits in enumerate(zip("0123456789abcdef", "0123456789ABCDEF", strict=True)):
        for digit in digits:
            out[ord(digit)] = value
    return out


HEX_VALUES: Final[U1] = _hex_values()


@lean
def _none(items: Items, count: int, start: int, end: int, reason: int) -> int:
    """Note octets ``start`` to ``end`` as no message; return the new count."""
    items.kind[count] = KIND_NONE
    items.start[count] = start
    items.end[count] = end
    items.reason[count] = reason
    return count + 1


@flat
def _copied(work: U1, at: int, need: int, octets: U1, slot: int) -> bool:
    """Copy what follows stamp and signal to ``octets[slot]``; return False where one of ``need`` octets is an escape.

    For a ``need`` that the compiler knows: it then goes through many octets at a time.
    """
    escapes = 0
    for k in range(need):
        escapes |= work[at + k] == _ESCAPE
    for k in range(need - 7):
        octets[slot, k] = work[at + 7 + k]
    return escapes == 0


@lean
def split_beast(work: U1, size: int, state: I8, items: Items) -> tuple[int, int]:
    """Cut Beast octets ``work[:size]`` into items; return how many there are and how many octets were used.

    Stops when ``items`` is full or no whole message is left. Octets between messages are one item ``bad_format``
    (``buffer_limit`` for each 65,536 of them); a message that another one interrupts is ``bad_length``.
    """
    count = 0
    at = 0
    room = items.kind.size - 2
    while at < size and count < room:
        kind = -1
        if work[at] == _ESCAPE:
            if at + 1 >= size:
                break
            mark = work[at + 1]
            if 0x31 <= mark <= 0x35:
                kind = min(mark - 0x30, KIND_STATUS)
            elif mark == _RECEIVER_ID:
                kind = KIND_NONE
        if kind < 0:
            # An escaped pair inside garbage is one octet of data, not the beginning of a message.
            width = 2 if work[at] == _ESCAPE and work[at + 1] == _ESCAPE else 1
            state[SKIPPED] += width
            at += width
            if state[SKIPPED] >= LIMIT:
                count = _none(items, count, at - state[SKIPPED], at, _BUFFER_LIMIT)
                state[SKIPPED] = 0
            continue
        need = 21
        if kind == KIND_MODE_AC:
            need = 9
        elif kind == KIND_SHORT:
            need = 14
        elif kind == KIND_NONE:
            need = 8
        p = at + 2
        stamp = 0
        signal = np.uint8(0)
        cut = False
        complete = True
        slot = count + 1 if state[SKIPPED] > 0 else count
        # Mostly nothing is escaped, and every octet stands where it is meant.
        plain = False
        if p + need <= size:
            if kind == KIND_LONG:
                plain = _copied(work, p, 21, items.octets, slot)
            elif kind == KIND_SHORT:
                plain = _copied(work, p, 14, items.octets, slot)
        if plain:
            for k in range(6):
                stamp = stamp << 8 | whole(work[p + k])
            signal = work[p + 6]
            p += need
            need = 0
        for k in range(need):
            if p >= size:
                complete = False
                break
            octet = work[p]
            p += 1
            if octet == _ESCAPE:
                if p >= size:
                    complete = False
                    break
                if work[p] != _ESCAPE:
                    cut = True
                    p -= 1
                    break
                p += 1
            if k < 6:
                stamp = stamp << 8 | whole(octet)
            elif k == 6:
                signal = octet
            else:
                items.octets[slot, k - 7] = octet
        if not complete:
            break
        if state[SKIPPED] > 0:
            count = _none(items, count, at - state[SKIPPED], at, _BAD_FORMAT)
            state[SKIPPED] = 0
        if cut:
            count = _none(items, count, at, p, _BAD_LENGTH)
        elif kind != KIND_NONE:
            items.kind[count] = kind
            items.stamp[count] = stamp
            items.signal[count] = signal
            items.start[count] = at
            items.end[count] = p
            items.reason[count] = 0
            count += 1
        at = p
    return count, at


@lean
def line_end(work: U1, size: int, at: int, state: I8, semicolon: bool) -> int:
    """Return where the text that begins at ``at`` ends, or -1 where its end has not come yet.

    Ends are line feeds, carriage returns and, where asked, semicolons. The search goes on where it stopped before and
    covers at most ``LIMIT`` octets: then ``at + LIMIT`` is returned.
    """
    stop = min(size, at + LIMIT)
    p = at + whole(state[SEARCHED])
    while p < stop:
        c = work[p]
        if c <= 59 and (c in (10, 13) or (semicolon and c == 59)):
            state[SEARCHED] = 0
            return p
        p += 1
    if p >= at + LIMIT:
        state[SEARCHED] = 0
        return at + LIMIT
    state[SEARCHED] = p - at
    return -1


@lean
def _avr_line(work: U1, start: int, end: int, hex_values: U1, octets: U1, i: int) -> tuple[int, int, int, int]:
    """Read one AVR line (without its end) into row ``i`` of ``octets``; return reason (0 good), kind, stamp, signal."""
    lead = work[start]
    at = start + 1
    stamp = NO_STAMP
    signal = 0
    digits = 0
    if lead in (64, 37, 60):  # '@', '%': with a time stamp; '<': with time stamp and signal
        digits = 14 if lead == 60 else 12
        stamp = 0
    elif lead != 42:  # '*'
        return _BAD_TEXT, 0, 0, 0
    if end - at < digits:
        return _BAD_TEXT, 0, 0, 0
    seen = 0
    for k in range(digits):
        digit = whole(hex_values[work[at + k]])
        seen |= digit
        if k < 12:
            stamp = stamp << 4 | digit
        else:
            signal = signal << 4 | digit
    at += digits
    n = end - at
    if n in (4, 14, 28):
        for k in range(n >> 1):
            high = hex_values[work[at + 2 * k]]
            low = hex_values[work[at + 2 * k + 1]]
            seen |= high | low
            octets[i, k] = high << 4 | low
    else:
        for p in range(at, end):
            seen |= hex_values[work[p]]
    if seen > 15:
        return _BAD_TEXT, 0, 0, 0
    if n == 28:
        return 0, KIND_LONG, stamp, signal
    if n == 14:
        return 0, KIND_SHORT, stamp, signal
    if n == 4:
        return 0, KIND_MODE_AC, stamp, signal
    return _BAD_LENGTH, 0, 0, 0


@lean
def _likely_end(work: U1, size: int, at: int) -> int:
    """Return where a line of legal length would end if it began at ``at``, 0 if no semicolon stands there."""
    first = at + 1
    if work[at] in (64, 37):
        first += 12
    elif work[at] == 60:
        first += 14
    for n in (28, 14, 4):
        if first + n < size and work[first + n] == 59:
            return first + n
    return 0


@lean
def split_avr(work: U1, size: int, state: I8, hex_values: U1, items: Items) -> tuple[int, int]:
    """Cut AVR text ``work[:size]`` into items; return how many there are and how many octets were used.

    A line begins with ``*``, ``@``, ``%`` or ``<`` and ends with a semicolon or an end of line. Others are
    ``bad_text``; hexadecimal of no legal length is ``bad_length``; 65,536 octets without an end are ``buffer_limit``.
    """
    count = 0
    at = 0
    while at < size and count < items.kind.size:
        c = work[at]
        if c <= 59 and c in (10, 13, 32, 59, 9) and state[SEARCHED] == 0 and state[SKIPPED] == 0:
            at += 1
            continue
        reason = _BAD_TEXT
        end = 0
        if state[SEARCHED] == 0 and state[SKIPPED] == 0:
            end = _likely_end(work, size, at)
            if end > 0:
                reason, kind, stamp, signal = _avr_line(work, at, end, hex_values, items.octets, count)
        if reason != 0:
            end = line_end(work, size, at, state, True)
            if end < 0:
                break
            if end == at + LIMIT or state[SKIPPED] > 0:
                # Each 65,536 octets of an endless line are one item, and so is what remains of it.
                state[SKIPPED] = 1 if end == at + LIMIT else 0
                if end > at:
                    count = _none(items, count, at, end, _BUFFER_LIMIT)
                at = end
                continue
            reason, kind, stamp, signal = _avr_line(work, at, end, hex_values, items.octets, count)
        items.kind[count] = kind
        items.stamp[count] = stamp
        items.signal[count] = signal
        items.start[count] = at
        items.end[count] = end
        items.reason[count] = reason
        count += 1
        at = end
    return count, at
