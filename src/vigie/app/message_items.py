"""The people's view of Beast and AVR streams: one line for each message, good or bad, wherever the network cut it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np

from vigie.terms.batch import FORMAT_AVR, FORMAT_BEAST
from vigie.terms.ledger import REASONS
from vigie.wire.asterix.columns import REGISTER_ITEMS
from vigie.wire.asterix.items import Node
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
