"""The people's view: every item of every record or message as lines, and octets again from the lines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TextIO, cast

from vigie.app.items_drones import drone_lines, drone_text
from vigie.app.message_items import FORMATS as STREAMS
from vigie.app.message_items import MessageLines, encode_message, registers_of
from vigie.terms import strict_json
from vigie.terms.batch import FORMAT_ASTERIX, FORMAT_REMOTEID, Frames
from vigie.terms.errors import UsageError, WireError
from vigie.terms.utc import iso
from vigie.wire.asterix import spec
from vigie.wire.asterix.items import Fault, Node, read_record
from vigie.wire.asterix.items_json import from_json
from vigie.wire.asterix.treewrite import write_record

_BLOCK_HEADER = 3


def item_lines(
    frames: Frames, editions: Mapping[int, str], first_frame: int, messages: MessageLines | None = None
) -> Iterator[dict[str, Any]]:
    """Yield one object for each record of ASTERIX frames and each Mode S or Remote ID message, good or bad, in order.

    A good record has ``items``; a bad one has ``error`` with reason, item, octet (in the frame), expected. Records with
    Comm-B registers have their fields in ``registers``. ``messages`` keeps what streams have begun between calls.
    """
    messages = messages or MessageLines()
    for i in range(len(frames)):
        kind = int(frames.rows["format"][i])
        where = {"frame": first_frame + i, "rx": iso(int(frames.rows["rx_ns"][i]))}
        if kind == FORMAT_ASTERIX:
            yield from _frame(frames.payload(i), where, editions)
        elif kind in STREAMS:
            yield from messages.lines(frames.payload(i), int(frames.rows["link"][i]), kind, where)
        elif kind == FORMAT_REMOTEID:
            yield from drone_lines(frames.payload(i), where)


def _frame(octets: bytes, where: dict[str, Any], editions: Mapping[int, str]) -> Iterator[dict[str, Any]]:
    at = block = 0
    while at < len(octets):
        place = {**where, "block": block}
        if len(octets) - at < _BLOCK_HEADER:
            yield {**place, **_error("trailing_bytes", "", at, "a block of at least 3 octets", octets[at:])}
            return
        category, length = octets[at], int.from_bytes(octets[at + 1 : at + 3], "big")
        place["category"] = category
        if length < _BLOCK_HEADER:
            yield {**place, **_error("bad_length", "", at + 1, "a length of at least 3", octets[at:])}
            return
        if at + length > len(octets):
            text = f"{length} octets, {len(octets) - at} are present"
            yield {**place, **_error("block_truncated", "", at + 1, text, octets[at:])}
            return
        yield from _block(octets[at : at + length], place, at, editions)
        at += length
        block += 1


def _block(octets: bytes, place: dict[str, Any], at: int, editions: Mapping[int, str]) -> Iterator[dict[str, Any]]:
    category = octets[0]
    try:
        edition = spec.edition(category, editions.get(category))
    except WireError as why:
        yield {**place, **_error("unknown_category", "", at, str(why), octets)}
        return
    position, number = _BLOCK_HEADER, 0
    while position < len(octets):
        tree, length, fault = read_record(octets[position:], edition)
        line = {**place, "edition": edition.name, "record": number, "offset": at + position}
        if fault is not None:
            yield {**line, **_fault(fault, at + position, octets[position:]), "items": _tree(tree)}
            return
        line |= {"octets": octets[position : position + length].hex(), "items": _tree(tree)}
        registers = registers_of(tree, category)
        yield {**line, "registers": registers} if registers else line
        position += length
        number += 1


def _tree(root: Node) -> list[dict[str, Any]]:
    return [part.as_json() for part in root.parts]


def _fault(fault: Fault, at: int, octets: bytes) -> dict[str, Any]:
    return _error(fault.reason, fault.item, at + fault.offset, fault.expected, octets)


def _error(reason: str, item: str, octet: int, expected: str, octets: bytes) -> dict[str, Any]:
    return {
        "error": {"reason": reason, "item": item, "octet": octet, "expected": expected},
        "octets": octets.hex(),
    }


def tree_text(line: dict[str, Any]) -> str:
    """Return one line of ``item_lines`` as a readable tree."""
    if "remote_id" in line:
        return drone_text(line)
    head = f"frame {line['frame']} {line['rx']}"
    head += f" block {line['block']}" if "block" in line else f" message {line['message']}"
    head += f" {line['format']}" if "format" in line else ""
    if "category" in line:
        head += f" CAT{line['category']:03d}"
    if "edition" in line:
        head += f" ed. {line['edition']} record {line['record']}"
    rows = [head]
    for node in [*line.get("items", []), *line.get("registers", [])]:
        rows += _node_text(node, 1)
    if "error" in line:
        e = line["error"]
        item = f" in item {e['item']}" if e["item"] else ""
        rows.append(f"  REJECTED {e['reason']}{item} at octet {e['octet']}: expected {e['expected']}")
        rows.append(f"  octets {line['octets']}")
    return "\n".join(rows)


def _node_text(node: dict[str, Any], depth: int) -> list[str]:
    if not node["name"] and not node.get("title"):
        return []
    text = "  " * depth + f"{node['name']}"
    if node.get("title"):
        text += f" {node['title']}"
    if "value" in node:
        text += f" = {node['value']}{' ' + node['unit'] if node.get('unit') else ''}"
    if "meaning" in node:
        text += f" ({node['meaning']})"
    if "confidence" in node:
        text += f" (confidence {node['confidence']})"
    if "octets" in node:
        text += f"  [{node['octets']} at {node['offset']}]"
    rows = [text]
    for part in node.get("parts", []):
        rows += _node_text(part, depth + 1)
    return rows


def encode_lines(lines: Iterable[str], *, stream: str = "beast") -> Iterator[bytes]:
    """Yield data blocks made of the records of NDJSON lines, in order; lines of one frame and block share a block.

    Lines of Mode S messages become messages of a ``stream`` instead, "beast" or "avr".

    Raises
    ------
    UsageError
        Naming the line, and what is wrong with it.
    """
    key: tuple[Any, ...] | None = None
    body = b""
    kinds: set[bool] = set()
    for number, text in enumerate(lines, 1):
        if not text.strip():
            continue
        line = _parse(text, number)
        kinds.add("category" in line)
        if len(kinds) > 1:
            raise UsageError(f"line {number}: ASTERIX and Mode S in one file: give each a file of its own")
        try:
            if "category" not in line:
                yield encode_message(line, stream)
                continue
            mine = (line.get("frame"), line.get("block"), line["category"])
            if key is not None and mine != key:
                yield _block_of(key[2], body)
                body = b""
            key = mine
            edition = spec.edition(line["category"], line.get("edition"))
            root = Node(f"{edition.category:03d}", parts=[from_json(part) for part in line["items"]])
            body += write_record(root, edition)
        except (WireError, KeyError, TypeError, ValueError, OverflowError) as why:
            raise UsageError(f"line {number}: cannot be encoded: {why}") from why
    if key is not None:
        yield _block_of(key[2], body)


def _parse(text: str, number: int) -> dict[str, Any]:
    try:
        line = strict_json.loads(text)
    except ValueError as why:
        raise UsageError(f"line {number}: not JSON: {why}. Expected a line as vigie decode --items prints it.") from why
    record = isinstance(line, dict) and type(line.get("category")) is int and isinstance(line.get("items"), list)
    if not record and not (isinstance(line, dict) and "category" not in line and {"octets", "format"} <= line.keys()):
        raise UsageError(
            f"line {number}: expected an object with category and items, or with octets and format, as vigie decode "
            "--items prints it"
        )
    if "error" in line:
        what = str(line["error"])[:200]
        raise UsageError(f"line {number}: is a rejected record ({what}); take it out, it cannot be encoded")
    return cast(dict[str, Any], line)


def _block_of(category: int, body: bytes) -> bytes:
    length = _BLOCK_HEADER + len(body)
    if length > 0xFFFF:
        raise UsageError(f"a block of category {category} would have {length} octets, at most 65535 fit; split it")
    return bytes([category]) + length.to_bytes(2, "big") + body


def write_items(
    frames: Frames,
    editions: Mapping[int, str],
    first_frame: int,
    out: TextIO,
    *,
    tree: bool,
    messages: MessageLines | None = None,
) -> None:
    """Write every record and message of ``frames`` to ``out``, as NDJSON or as readable trees."""
    for line in item_lines(frames, editions, first_frame, messages):
        out.write((tree_text(line) if tree else json.dumps(line, ensure_ascii=False)) + "\n")
