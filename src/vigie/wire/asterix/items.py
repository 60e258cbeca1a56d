"""The people's view: one record as a tree of items with name, value, unit, raw bits, place; ``treewrite`` leads back.

Slow and complete where ``machine`` is fast and selective: every bit of a record is in the tree, spare bits too, so
``write_record(read_record(octets)) == octets``. Bad octets give a ``Fault`` that says what was expected where.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from vigie.wire.asterix import plain, spec
from vigie.wire.asterix.spec import Edition, Form
from vigie.wire.asterix.text import text_of


@dataclass(slots=True)
class Node:
    """One item or field: ``offset`` in octets from the record's first; an element has ``raw`` bits, others parts.

    ``value`` is a number in ``unit``, a text, or the raw number; ``meaning`` is the table's word for it. ``octets`` are
    the octets of a whole item. ``presence``: how many octets the presence field of a compound had, since senders may
    write more than they need. Spare bits have the name ``""``; the elements of a repetitive item are named 1, 2, ...
    """

    name: str
    title: str = ""
    offset: int = 0
    width: int = 0
    raw: int = 0
    value: float | int | str | None = None
    unit: str = ""
    meaning: str = ""
    octets: bytes = b""
    presence: int = 0
    parts: list[Node] = field(default_factory=list)

    def __getitem__(self, path: str) -> Node:
        """Return the part at ``"040/RHO"``; KeyError where the record has none."""
        node = self
        for name in path.split("/"):
            found = next((p for p in node.parts if p.name == name), None)
            if found is None:
                raise KeyError(path)
            node = found
        return node

    def elements(self, path: str = "") -> Iterator[tuple[str, Node]]:
        """Yield every element with its path, spare bits left out."""
        if not self.parts and self.width and self.name:
            yield path, self
        for part in self.parts:
            yield from part.elements(f"{path}/{part.name}" if path else part.name)

    def as_json(self) -> dict[str, Any]:
        """Return the node as plain values for NDJSON; ``items_json.from_json`` is the way back."""
        out: dict[str, Any] = {"name": self.name, "offset": self.offset}
        if self.title:
            out["title"] = self.title
        if self.octets:
            out["octets"] = self.octets.hex()
        if self.width:
            out |= {"width": self.width, "raw": self.raw}
        if self.presence:
            out["presence"] = self.presence
        for key in ("value", "unit", "meaning"):
            if getattr(self, key) not in (None, ""):
                out[key] = getattr(self, key)
        if self.parts:
            out["parts"] = [part.as_json() for part in self.parts]
        return out


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a record is illegal: a reason of the ledger, the item, the octet, and what was expected there."""

    reason: str
    item: str
    offset: int
    expected: str


class _IllegalError(Exception):
    def __init__(self, reason: str, offset: int, expected: str) -> None:
        super().__init__(expected)
        self.reason = reason
        self.offset = offset
        self.expected = expected


class _Reader:
    """Walks the octets of one record; positions are in bits from its first octet."""

    def __init__(self, octets: bytes, edition: Edition) -> None:
        self.octets = octets
        self.edition = edition
        self.raws: dict[str, int] = {}
        self.item = ""

    def take(self, bit: int, width: int) -> int:
        """Return ``width`` bits at ``bit``."""
        last = (bit + width + 7) // 8
        if last > len(self.octets):
            raise _IllegalError("record_truncated", len(self.octets), f"{last - len(self.octets)} more octets")
        word = int.from_bytes(self.octets[bit // 8 : last], "big")
        return word >> (8 * last - bit - width) & ((1 << width) - 1)

    def presence(self, bit: int, fixed: int, count: int) -> tuple[list[int], int]:
        """Return which presence bits are set, and the bit after the field."""
        if fixed:
            field_ = self.take(bit, 8 * fixed)
            return [i for i in range(8 * fixed) if field_ >> (8 * fixed - 1 - i) & 1], bit + 8 * fixed
        found: list[int] = []
        slot = 0
        while True:
            if slot >= count:
                raise _IllegalError("bad_fspec", bit // 8, f"a presence field of at most {-(-count // 7)} octets")
            octet = self.take(bit, 8)
            found += [slot + i for i in range(7) if octet >> (7 - i) & 1]
            slot += 7
            bit += 8
            if not octet & 1:
                return found, bit

    def rule(self, node: Node, rule: Form, path: str, bit: int) -> int:
        """Fill ``node`` from the structure at ``bit`` and return the bit after it."""
        rule = self.choose(rule)
        word = rule[0]
        node.offset = bit // 8
        first = bit
        if word == "element":
            node.width = rule[1]
            node.raw = self.take(bit, node.width)
            self.raws[path] = node.raw
            self.element(node, rule[2])
            bit += node.width
        elif word == "group":
            bit = self.members(node, rule[1], path, bit)
        elif word == "extended":
            for number, part in enumerate(rule[1]):
                bit = self.members(node, part, path, bit)
                last = number + 1 == len(rule[1])
                if last and not rule[2]:
                    break
                bit += 1
                if not self.take(bit - 1, 1):
                    break
                if last:
                    raise _IllegalError("bad_item", (bit - 1) // 8, "the last FX bit to be 0")
        elif word == "repetitive":
            bit = self.repeated(node, rule, path, bit)
        elif word == "explicit":
            bit = self.explicit(node, rule[1], bit)
        else:
            found, bit = self.presence(bit, rule[1], len(rule[2]))
            node.presence = (bit - first) // 8
            for slot in found:
                if slot >= len(rule[2]) or rule[2][slot] is None:
                    raise _IllegalError("bad_fspec", node.offset, f"presence bit {slot + 1} to be 0")
            for slot in found:
                bit = self.named(node, rule[2][slot], path, bit)
        if first % 8 == 0 and bit % 8 == 0:
            node.octets = self.octets[first // 8 : bit // 8]
        return bit

    def named(self, parent: Node, form: Form, path: str, bit: int) -> int:
        name, title, rule = form
        if not name:
            parent.parts.append(Node("", offset=bit // 8, width=rule, raw=self.take(bit, rule)))
            return bit + int(rule)
        node = Node(name, title)
        parent.parts.append(node)
        return self.rule(node, rule, f"{path}/{name}" if path else name, bit)

    def members(self, node: Node, forms: list[Form], path: str, bit: int) -> int:
        known = plain.plan(forms)
        if known is None or bit + known.width > 8 * len(self.octets):
            for form in forms:
                bit = self.named(node, form, path, bit)
            return bit
        bits = self.take(bit, known.width)
        prefix = f"{path}/" if path else ""
        for name, title, before, width, behind, mask, content, words in known.members:
            at = bit + before
            part = Node(name, title, at >> 3, width, bits >> behind & mask)
            node.parts.append(part)
            if not name:
                continue
            self.raws[prefix + name] = part.raw
            if words is None:
                self.element(part, content)
            else:
                part.value = part.raw
                part.meaning = words.get(part.raw, "")
            if not (at | width) & 7:
                part.octets = self.octets[at >> 3 : at + width >> 3]
        return bit + known.width

    def repeated(self, node: Node, rule: Form, path: str, bit: int) -> int:
        left = 1
        if rule[1]:
            left = self.take(bit, 8 * rule[1])
            bit += 8 * rule[1]
        number = 0
        while left:
            number += 1
            part = Node(str(number), offset=bit // 8)
            node.parts.append(part)
            bit = self.rule(part, rule[2], path, bit)
            if rule[1]:
                left -= 1
            else:
                left = self.take(bit, 1)
                bit += 1
        return bit

    def explicit(self, node: Node, kind: str, bit: int) -> int:
        size = self.take(bit, 8)
        if size == 0:
            raise _IllegalError("bad_item", bit // 8, "a length of at least 1 octet")
        self.take(bit, 8 * size)
        end = bit + 8 * size
        if kind == "re" and self.edition.expansion is not None:
            inner = Node("")
            try:
                reached = self.rule(inner, self.edition.expansion, "RE", bit + 8)
            except _IllegalError:
                reached = -1
            if reached == end:  # otherwise an expansion of another edition or of one's own: octets only
                node.parts = inner.parts
        return end

    def choose(self, rule: Form) -> Form:
        """Return the structure or content that the values read so far select."""
        while rule[0] == "case":
            values = [self.raws.get(path) for path in rule[1]]
            found = None if None in values else rule[2].get(",".join(str(v) for v in values))
            rule = found or rule[3] or (["raw"] if rule[3] is None and _is_content(rule) else spec.resolve(rule))
        return rule

    def element(self, node: Node, content: Form) -> None:
        """Give the node its value, unit and meaning."""
        content = self.choose(content)
        word = content[0]
        raw = node.raw
        if word in ("integer", "quantity") and content[1] == "s" and raw >> (node.width - 1):
            raw -= 1 << node.width
        node.value = raw
        if word == "quantity":
            node.value = spec.quantity(content[2], raw)
            node.unit = content[3]
        elif word == "string":
            node.value = text_of(content[1], node.raw, node.width)
        elif word == "table":
            node.meaning = content[1].get(str(raw), "")


def _is_content(rule: Form) -> bool:
    return next(iter(rule[2].values()))[0] not in ("element", "group", "extended", "repetitive", "explicit", "compound")


def read_record(octets: bytes, edition: Edition) -> tuple[Node, int, Fault | None]:
    """Return the tree of the record that ``octets`` begin with, how many octets it has, and why it is illegal.

    With a fault the tree holds what came before it and the length is 0: the next record cannot be found.
    """
    results = {}
    told = next(iter(edition.profiles))
    for name, profile in edition.profiles.items():
        reader = _Reader(octets, edition)
        results[name] = result = _read_profile(reader, profile)
        raw = None if edition.choose is None else reader.raws.get(edition.choose[0])
        if chosen(edition, raw) == name and (raw is not None or result[2] is None or edition.choose is None):
            return result
        if raw is not None:  # legal under this profile or not: the record itself says that it has another
            told = chosen(edition, raw)
    return results[told]


def chosen(edition: Edition, raw: int | None) -> str:
    """Return the profile that the choosing field selects; the first where it is absent."""
    names = list(edition.profiles)
    return names[0] if edition.choose is None or raw is None else edition.choose[1].get(str(raw), names[0])


def _read_profile(reader: _Reader, profile: tuple[str, ...]) -> tuple[Node, int, Fault | None]:
    edition = reader.edition
    root = Node(f"{edition.category:03d}")
    spare = -1
    try:
        found, bit = reader.presence(0, 0, len(profile))
        spare = next((slot for slot in found if slot >= len(profile) or profile[slot] == "-"), -1)
        if not found:
            raise _IllegalError("bad_fspec", 0, "at least one item")
        root.parts.append(Node("", "FSPEC", 0, bit, reader.take(0, bit)))
        for slot in found:
            if slot == spare:
                break
            name = reader.item = profile[slot]
            if name == "rfs":
                bit = _random(reader, root, profile, bit)
            else:
                bit = reader.named(root, edition.items[name], "", bit)
    except _IllegalError as why:
        if spare < 0:
            return root, 0, Fault(why.reason, reader.item, why.offset, why.expected)
    if spare >= 0:  # the items before it were read for people to see; wherever they failed, this was wrong first
        return root, 0, Fault("bad_fspec", "-", spare // 7, f"presence bit {spare + 1} to be 0")
    root.octets = reader.octets[: bit // 8]
    return root, bit // 8, None


def _random(reader: _Reader, root: Node, profile: tuple[str, ...], bit: int) -> int:
    """Read a random field sequence: how many items, then each with its number in the profile."""
    node = Node("rfs", offset=bit // 8)
    root.parts.append(node)
    first = bit
    count = reader.take(bit, 8)
    bit += 8
    own, reader.raws = reader.raws, dict(reader.raws)
    try:
        for _ in range(count):
            slot = reader.take(bit, 8)
            name = profile[slot - 1] if 0 < slot <= len(profile) else "-"
            if name in ("-", "rfs"):
                raise _IllegalError("bad_item", bit // 8, "the number of an item of the profile")
            node.parts.append(Node("", width=8, raw=slot, offset=bit // 8))
            bit = reader.named(node, reader.edition.items[name], "", bit + 8)
    finally:
        reader.raws = own  # what is listed here chooses no profile
    node.octets = reader.octets[first // 8 : bit // 8]
    return bit
