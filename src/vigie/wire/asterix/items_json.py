"""Trees of items from JSON that somebody else wrote: checked before any of it is used."""

from __future__ import annotations

from typing import Any, Final

from vigie.terms.errors import WireError
from vigie.wire.asterix.items import Node

_DEEPEST: Final = 24  # the published layouts go seven deep
_MOST: Final = {"offset": 65_535, "width": 8 * 65_535, "raw": 0, "presence": 16}
"""Greatest number of each key; ``raw`` is bounded by the width of its field where it is written."""


def from_json(tree: Any, path: str = "") -> Node:
    """Return the node that ``Node.as_json`` wrote; values, units and meanings are for people and not read.

    Raises
    ------
    WireError
        Naming the place in the tree, what was found there, and what was expected.
    """
    if not isinstance(tree, dict):
        raise WireError(f"{path or 'item'}: expected an object, found {type(tree).__name__}")
    name, octets, parts = tree.get("name", ""), tree.get("octets", ""), tree.get("parts", [])
    if not isinstance(name, str) or not isinstance(octets, str) or not isinstance(parts, list):
        raise WireError(f"{path or 'item'}: expected a text as name, a text as octets, a list as parts")
    where = f"{path}/{name}" if path else name
    if where.count("/") > _DEEPEST:
        raise WireError(f"{where[:40]}...: nested more than {_DEEPEST} deep")
    numbers = {key: tree.get(key, 0) for key in _MOST}
    for key, value in numbers.items():
        if type(value) is not int or value < 0 or (_MOST[key] and value > _MOST[key]):
            most = f" to {_MOST[key]}" if _MOST[key] else ""
            raise WireError(f"{where}: {key}: expected a whole number from 0{most}, found {str(value)[:40]}")
    try:
        raw = bytes.fromhex(octets)
    except ValueError:
        raise WireError(f"{where}: octets: expected hexadecimal digits, found {octets[:40]!r}") from None
    return Node(
        name=name,
        title=str(tree.get("title", "")),
        octets=raw,
        parts=[from_json(part, where or "/") for part in parts],
        **numbers,
    )
