"""The people's view of Remote ID: every message of every radio frame as a line, good or bad."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from vigie.terms.ledger import REASONS
from vigie.wire.remoteid import dji, fields
from vigie.wire.remoteid.air import messages_of
from vigie.wire.remoteid.layout import (
    CARRIERS,
    DJI_FLIGHT,
    M_CARRIER,
    M_COUNTER,
    M_LENGTH,
    M_OFFSET,
    M_REASON,
    M_SENDER,
    M_SIGNAL,
    M_TYPE,
    NO_SIGNAL,
    OPERATOR_ID,
    TYPE_NAMES,
)


def drone_lines(octets: bytes, where: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield one object for each Remote ID message of a frame; ``where`` is put in front of each.

    A frame without Remote ID has no line; a message that cannot be read has ``error`` with its reason and octet.
    """
    data = np.frombuffer(bytearray(octets), np.uint8)
    rows, _ = messages_of(data, np.zeros(1, np.int64), np.array([len(data)], np.int64))
    for row in rows:
        at, size, kind = int(row[M_OFFSET]), int(row[M_LENGTH]), int(row[M_TYPE])
        line = where | {
            "remote_id": TYPE_NAMES.get(kind, str(kind)),
            "offset": at,
            "octets": octets[at : at + size].hex(),
        }
        if row[M_CARRIER]:
            line["carrier"] = CARRIERS[int(row[M_CARRIER])]
        if row[M_SENDER]:
            line["sender"] = f"{int(row[M_SENDER]):012x}"
        if row[M_SIGNAL] != NO_SIGNAL:
            line["signal_dbm"] = int(row[M_SIGNAL])
        line["counter"] = int(row[M_COUNTER])
        if row[M_REASON]:
            yield line | {"error": {"reason": REASONS[int(row[M_REASON])], "octet": at}}
        elif kind <= OPERATOR_ID:
            yield line | {"items": fields.as_items(octets[at : at + size])}
        elif kind == DJI_FLIGHT:
            yield line | {"items": _flight(data, at, size)}
        else:
            yield line


def _flight(data: np.ndarray[Any, np.dtype[np.uint8]], at: int, size: int) -> dict[str, Any]:
    told = dji.flights(data, np.array([at]), np.array([size]))
    out = {}
    for name in told.__slots__:
        value = getattr(told, name)[0]
        value = value.decode() if isinstance(value, bytes) else value.item()
        if value == value:  # noqa: PLR0124  NaN is what the record does not tell
            out[name] = value
    return out


def drone_text(line: dict[str, Any]) -> str:
    """Return one line of ``drone_lines`` as readable text."""
    head = f"frame {line['frame']} {line['rx']} {line['remote_id']} ({line.get('carrier', '?')}"
    head += f", from {line['sender']}" if "sender" in line else ""
    head += f", {line['signal_dbm']} dBm)" if "signal_dbm" in line else ")"
    if "error" in line:
        return (
            f"{head}\n  REJECTED {line['error']['reason']} at octet {line['error']['octet']}\n  octets {line['octets']}"
        )
    return "\n".join([head, *(f"  {name} = {value}" for name, value in line.get("items", {}).items())])
