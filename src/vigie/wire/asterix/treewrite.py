"""The people's view, the way back: the octets of a record from its tree of items."""

from __future__ import annotations

from collections.abc import Iterator

from vigie.terms.errors import WireError
from vigie.wire.asterix import spec
from vigie.wire.asterix.items import Node, chosen
from vigie.wire.asterix.spec import Edition, Form


def write_record(root: Node, edition: Edition) -> bytes:
    """Return the octets of a tree; the order is the profile's, presence bits and lengths are made anew.

    Raises
    ------
    WireError
        For an item that the edition lacks, or bits that do not fill whole octets.
    """
    raw = None
    if edition.choose is not None:
        try:
            raw = root[edition.choose[0]].raw
        except KeyError:
            raw = None
    profile = edition.profiles[chosen(edition, raw)]
    nodes = {part.name: part for part in root.parts if part.name}
    unknown = sorted(set(nodes) - set(profile))
    if unknown:
        raise WireError(f"category {edition.category:03d} edition {edition.name} has no item {unknown[0]!r}")
    body = b""
    slots = []
    for slot, name in enumerate(profile):
        if name not in nodes:
            continue
        slots.append(slot)
        if name == "rfs":
            body += nodes[name].octets
        else:
            body += _octets(_Writer().rule(nodes[name], edition.items[name][2], name), name)
    stated = next((part.width // 8 for part in root.parts if part.title == "FSPEC"), 0)
    return _presence(slots, 0, stated) + body


def _presence(slots: list[int], fixed: int, stated: int) -> bytes:
    """Return the presence field: of ``fixed`` octets, else as many as are needed or were stated before."""
    if fixed:
        return sum(1 << (8 * fixed - 1 - slot) for slot in slots).to_bytes(fixed, "big")
    last = max(max(slots, default=0) // 7, stated - 1)
    octets = bytearray(int(i < last) for i in range(last + 1))
    for slot in slots:
        octets[slot // 7] |= 128 >> slot % 7
    return bytes(octets)


def _octets(bits: tuple[int, int], path: str) -> bytes:
    value, width = bits
    if width % 8:
        raise WireError(f"{path}: {width} bits are not whole octets")
    return value.to_bytes(width // 8, "big")


class _Writer:
    """Gives bits as (number, width)."""

    def rule(self, node: Node, rule: Form, path: str) -> tuple[int, int]:
        rule = _written(node, rule)
        word = rule[0]
        if word == "element":
            if not 0 <= node.raw < 1 << rule[1]:
                raise WireError(f"{path}: {node.raw} does not fit {rule[1]} bits")
            return node.raw, rule[1]
        if word == "group":
            return self.members(node, rule[1], path, iter(node.parts))
        if word == "extended":
            return self.extended(node, rule, path)
        if word == "repetitive":
            if rule[1] and len(node.parts) >> 8 * rule[1]:
                raise WireError(f"{path}: {len(node.parts)} elements, {(1 << 8 * rule[1]) - 1} at most")
            out = (len(node.parts), 8 * rule[1]) if rule[1] else (0, 0)
            for number, part in enumerate(node.parts):
                out = _join(out, self.rule(part, rule[2], path))
                if not rule[1]:
                    out = _join(out, (int(number + 1 < len(node.parts)), 1))
            return out
        if word == "explicit":
            if not node.octets or node.octets[0] != len(node.octets):
                raise WireError(f"{path}: octets that begin with their number expected")
            return int.from_bytes(node.octets, "big"), 8 * len(node.octets)
        nodes = {part.name: part for part in node.parts}
        body = (0, 0)
        slots = []
        for slot, form in enumerate(rule[2]):
            if form is not None and form[0] in nodes:
                slots.append(slot)
                body = _join(body, self.rule(nodes[form[0]], form[2], f"{path}/{form[0]}"))
        presence = _presence(slots, rule[1], node.presence)
        return _join((int.from_bytes(presence, "big"), 8 * len(presence)), body)

    def members(self, node: Node, forms: list[Form], path: str, parts: Iterator[Node]) -> tuple[int, int]:
        out = (0, 0)
        for form in forms:
            part = next(parts, None)
            if part is None or part.name != form[0]:
                raise WireError(f"{path}: {form[0] or 'spare bits'} expected")
            if not form[0] and part.raw >> int(form[2]):
                raise WireError(f"{path}: {part.raw} does not fit {form[2]} spare bits")
            bits = self.rule(part, form[2], f"{path}/{form[0]}") if form[0] else (part.raw, int(form[2]))
            out = _join(out, bits)
        return out

    def extended(self, node: Node, rule: Form, path: str) -> tuple[int, int]:
        parts = list(node.parts)
        out = (0, 0)
        for number, forms in enumerate(rule[1]):
            mine, parts = parts[: len(forms)], parts[len(forms) :]
            out = _join(out, self.members(node, forms, path, iter(mine)))
            if number + 1 < len(rule[1]) or rule[2]:
                out = _join(out, (int(bool(parts)), 1))
            if not parts:
                break
        return out


def _written(node: Node, rule: Form) -> Form:
    """Return the structure that a node has: of a dependent rule's cases, all of one size, the one with its parts."""
    names = [part.name for part in node.parts]
    cases = rule[2].values() if rule[0] == "case" else ()
    fit = (case for case in cases if case[0] == "group" and [form[0] for form in case[1]] == names)
    return next(fit, None) or spec.resolve(rule)


def _join(a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
    return a[0] << b[1] | b[0], a[1] + b[1]


__all__ = ["write_record"]
