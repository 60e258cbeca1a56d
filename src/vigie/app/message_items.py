"""The people's view of Beast and AVR streams: a line for each message, good or bad, however it was cut, and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np

from vigie.terms.batch import FORMAT_AVR, FORMAT_BEAST
from vigie.terms.errors import WireError
from vigie.terms.ledger import REASONS
from vigie.wire.asterix.columns import REGISTER_ITEMS
from vigie.wire.asterix.items import Node
from vigie.wire.modes.framing import avr_lines, beast_frames
from vigie.wire.modes.message import fault_of, read_messages, register
from vigie.wire.modes.stream import (
    HEX_VALUES,
    KIND_LONG,
    KIND_MODE_AC,
    KIND_SHORT,
    KIND_STATUS,
    new_items,
    split_avr,
    split_beast,
)
from vigie.wire.modes.tables import IDENTITY, U1

FORMATS: Final = (FORMAT_BEAST, FORMAT_AVR)
_ROOM: Final = 512
_WIDTH: Final = {KIND_SHORT: 7, KIND_LONG: 14, KIND_MODE_AC: 2, KIND_STATUS: 14}


class MessageLines:
    """Makes lines of the messages of every link; what a link has not finished yet waits for its next frame."""

    def __init__(self) -> None:
        self._rest: dict[tuple[int, int], tuple[bytes, np.ndarray[Any, np.dtype[np.int64]]]] = {}
        self._items = new_items(_ROOM)

    def lines(self, octets: bytes, link: int, kind: int, where: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield a line for each message that this frame completes; ``offset`` is below 0 if an earlier one began it."""
        rest, state = self._rest.get((link, kind), (b"", np.zeros(8, np.int64)))
        work = np.frombuffer(bytearray(rest + octets), np.uint8)
        used = 0
        number = 0
        while used < len(work):
            left = work[used:]
            if kind == FORMAT_BEAST:
                count, taken = split_beast(left, len(left), state, self._items)
            else:
                count, taken = split_avr(left, len(left), state, HEX_VALUES, self._items)
            for line in self._some(count, left, used - len(rest), where):
                yield {**line, "message": number}
                number += 1
            used += taken
            if taken == 0:
                break
        self._rest[link, kind] = (work[used:].tobytes(), state)

    def _some(self, count: int, work: U1, base: int, where: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        lines: list[dict[str, Any]] = []
        good: list[bytes] = []
        mine: list[int] = []
        for i in range(count):
            kind = int(self._items.kind[i])
            start, end = int(self._items.start[i]), int(self._items.end[i])
            line = {**where, "offset": base + start}
            lines.append(line)
            if self._items.reason[i]:
                reason = REASONS[int(self._items.reason[i])]
                line |= _error(reason, base + start, "a message", work[max(start, 0) : end].tobytes())
                continue
            octets = self._items.octets[i, : _WIDTH[kind]].tobytes()
            line |= {"octets": octets.hex()}
            if self._items.stamp[i] >= 0:
                line["stamp"] = int(self._items.stamp[i])
            if self._items.signal[i]:
                line["signal"] = int(self._items.signal[i])
            if kind in (KIND_MODE_AC, KIND_STATUS):
                line |= _other(kind, octets)
                continue
            line["format"] = f"DF{min(octets[0] >> 3, 24)}"
            fault = fault_of(octets)
            if fault is None:
                good.append(octets)
                mine.append(i)
            else:
                line |= _error(fault[0], base + start, fault[1], octets)
        for i, items in zip(mine, read_messages(good), strict=True):
            lines[i]["items"] = items
        yield from lines


def _other(kind: int, octets: bytes) -> dict[str, Any]:
    if kind == KIND_STATUS:
        return {"format": "STATUS", "items": [{"name": "settings", "offset": 0, "octets": octets.hex()}]}
    code = int(IDENTITY[int.from_bytes(octets, "big") & 0x1FFF])
    return {"format": "AC", "items": [{"name": "reply", "offset": 0, "octets": octets.hex(), "value": f"{code:04o}"}]}


def encode_message(line: Mapping[str, Any], stream: str) -> bytes:
    """Return a line of ``MessageLines`` as a message of a "beast" or "avr" stream: its octets, stamp and signal.

    What the items say is for people and not read. Raises WireError for octets, stamps or signals that no message has,
    and for a receiver status in AVR, which has none.
    """
    octets, stamp, signal = line["octets"], line.get("stamp"), line.get("signal", 0)
    try:
        message = bytes.fromhex(octets)
    except (TypeError, ValueError):
        raise WireError(f"octets: expected hexadecimal digits, found {str(octets)[:40]!r}") from None
    status = line["format"] == "STATUS"
    if len(message) not in (2, 7, 14) or (status and len(message) != _WIDTH[KIND_STATUS]):
        raise WireError(f"octets: a message has 2, 7 or 14 octets, found {len(message)}")
    for name, value, most in (("stamp", stamp, (1 << 48) - 1), ("signal", signal, 255)):
        if value is not None and (type(value) is not int or not 0 <= value <= most):
            raise WireError(f"{name}: expected a whole number from 0 to {most}, found {str(value)[:40]}")
    row: U1 = np.frombuffer(message, np.uint8).reshape(1, -1)
    if stream == "beast":
        out = bytearray(beast_frames(row, len(message), stamp or 0, signal)[0].tobytes())
        if status:
            out[1] = ord("0") + KIND_STATUS
        return bytes(out)
    if status:
        raise WireError("a receiver status cannot be told in AVR: encode it as beast")
    if signal and stamp is not None:
        return b"<%012X%02X%s;\n" % (stamp, signal, message.hex().upper().encode())
    return avr_lines(row, len(message), stamp)


def _error(reason: str, octet: int, expected: str, octets: bytes) -> dict[str, Any]:
    return {
        "error": {"reason": reason, "item": "", "octet": octet, "expected": expected},
        "octets": octets.hex(),
    }


def registers_of(root: Node, category: int) -> list[dict[str, Any]]:
    """Return the Comm-B registers that a record of ASTERIX repeats, as items; offsets count in the record."""
    path = REGISTER_ITEMS.get(str(category))
    if path is None:
        return []
    try:
        elements = root[path].parts
    except KeyError:
        return []
    out = []
    for element in elements:
        parts = {part.name: part for part in element.parts}
        if not {"MBDATA", "BDS1", "BDS2"} <= set(parts):
            continue
        data = parts["MBDATA"]
        found = register(data.raw.to_bytes(7, "big"), parts["BDS1"].raw << 4 | parts["BDS2"].raw, data.offset)
        out.append({**found, "item": f"{path}/{element.name}"})
    return out
