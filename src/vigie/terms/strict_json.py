"""JSON from outside, read strictly: no NaN, no numbers beyond a double, no key twice, no depth that harms."""

from __future__ import annotations

import json
import math
from typing import Any


def loads(text: str) -> Any:
    """Return what a JSON text says.

    Raises
    ------
    ValueError
        For what is no JSON (RFC 8259) or not safe to take: ``NaN``, ``Infinity``, ``1e400``, the same key twice in one
        object, nesting beyond what can be walked. Its words say which.
    """
    try:
        return json.loads(text, parse_constant=_constant, parse_float=_float, parse_int=_int, object_pairs_hook=_object)
    except RecursionError:
        raise ValueError("nested too deep") from None


def _constant(word: str) -> Any:
    raise ValueError(f"{word} is no number of JSON")


def _float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(f"{text[:20]} is beyond every number that can be used")
    return value


def _int(text: str) -> int:
    if len(text) > 400:
        raise ValueError(f"a whole number of {len(text)} digits is beyond every number that can be used")
    return int(text)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice[:40]!r} stands twice in one object")
    return out
