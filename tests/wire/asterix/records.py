"""Random records of any category and edition, valid to the last octet, from a seed."""

from __future__ import annotations

import numpy as np

from vigie.wire.asterix import spec
from vigie.wire.asterix.items import Node, write_record
from vigie.wire.asterix.spec import Edition, Form


def random_record(rng: np.random.Generator, edition: Edition, share: float = 0.5) -> bytes:
    """Return one record with each item present by ``share``; times of day are below 24 h, spare bits are 0."""
    names = list(edition.profiles)
    which = names[int(rng.integers(len(names)))]
    profile = [name for name in edition.profiles[which] if name not in ("-", "rfs")]
    chosen = [name for name in profile if rng.random() < share] or [profile[0]]
    path = "" if edition.choose is None else edition.choose[0]
    if edition.choose is not None and path.partition("/")[0] not in chosen:
        chosen.append(path.partition("/")[0])
    root = Node(str(edition.category))
    for name in chosen:
        node = Node(name)
        _fill(rng, node, edition.items[name][2])
        root.parts.append(node)
    if edition.choose is not None:
        root[path].raw = int(rng.choice([int(v) for v, name in edition.choose[1].items() if name == which]))
    return write_record(root, edition)


def _fill(rng: np.random.Generator, node: Node, rule: Form) -> None:
    rule = spec.resolve(rule)
    word = rule[0]
    if word == "element":
        node.width = rule[1]
        node.raw = int.from_bytes(rng.bytes(-(-rule[1] // 8)), "big") & ((1 << rule[1]) - 1)
        if rule[1] == 24 and rule[2][0] == "quantity" and rule[2][3] == "s":
            node.raw %= 86_400 * 128
        if rule[2][0] == "string" and rule[2][1] == "icao":
            node.raw = sum(int(rng.choice([1, 26, 32, 48, 57])) << 6 * i for i in range(rule[1] // 6))
    elif word == "group":
        _members(rng, node, rule[1])
    elif word == "extended":
        for part in rule[1][: int(rng.integers(1, len(rule[1]) + 1))]:
            _members(rng, node, part)
    elif word == "repetitive":
        for number in range(int(rng.integers(1, 4))):
            part = Node(str(number + 1))
            _fill(rng, part, rule[2])
            node.parts.append(part)
    elif word == "explicit":
        size = int(rng.integers(1, 6))
        node.octets = bytes([size]) + rng.bytes(size - 1)
    else:
        forms = [form for form in rule[2] if form is not None]
        some = [form for form in forms if rng.random() < 0.5] or forms[:1]
        for form in some:
            part = Node(form[0])
            _fill(rng, part, form[2])
            node.parts.append(part)


def _members(rng: np.random.Generator, node: Node, forms: list[Form]) -> None:
    for name, _, rule in forms:
        part = Node(name)
        if name:
            _fill(rng, part, rule)
        else:
            part.width = int(rule)
        node.parts.append(part)
