"""Random records of any category and edition, valid to the last octet, from a seed."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np

from vigie.wire.asterix import spec
from vigie.wire.asterix.items import Node
from vigie.wire.asterix.spec import Edition, Form
from vigie.wire.asterix.treewrite import write_record


def random_record(rng: np.random.Generator, edition: Edition, share: float = 0.5) -> bytes:
    """Return one record with each item present by ``share``; times of day are below 24 h, spare bits are 0."""
    chance = random.Random(int(rng.integers(1 << 62)))  # one draw of NumPy's a record: it is slow at small ones
    names = list(edition.profiles)
    which = chance.choice(names)
    profile = [name for name in edition.profiles[which] if name not in ("-", "rfs")]
    chosen = [name for name in profile if chance.random() < share] or [profile[0]]
    path = "" if edition.choose is None else edition.choose[0]
    if edition.choose is not None and path.partition("/")[0] not in chosen:
        chosen.append(path.partition("/")[0])
    root = Node(str(edition.category))
    for name in chosen:
        node = Node(name)
        if name == "RE" and edition.expansion is not None and chance.random() < 0.5:
            inside = expansion(chance, edition)
            node.octets = bytes([len(inside) + 1]) + inside
        else:
            _fill(chance, node, edition.items[name][2])
        root.parts.append(node)
    if edition.choose is not None:
        root[path].raw = chance.choice([int(v) for v, name in edition.choose[1].items() if name == which])
    return write_record(root, edition)


def expansion(chance: random.Random, edition: Edition) -> bytes:
    """Return what is inside a random expansion field (RE) of the published layout."""
    form = edition.expansion
    assert form is not None
    alone = replace(edition, items={"X": ["X", "", form]}, profiles={"uap": ("X",)}, choose=None)
    node = Node("X")
    _fill(chance, node, form)
    return write_record(Node("", parts=[node]), alone)[1:]  # behind the presence of the item


def _fill(chance: random.Random, node: Node, rule: Form) -> None:
    rule = spec.resolve(rule)
    word = rule[0]
    if word == "element":
        node.width = rule[1]
        node.raw = chance.getrandbits(rule[1])
        if rule[1] == 24 and rule[2][0] == "quantity" and rule[2][3] == "s":
            node.raw %= 86_400 * 128
        if rule[2][0] == "string" and rule[2][1] == "icao":
            node.raw = sum(chance.choice((1, 26, 32, 48, 57)) << 6 * i for i in range(rule[1] // 6))
    elif word == "group":
        _members(chance, node, rule[1])
    elif word == "extended":
        for part in rule[1][: chance.randint(1, len(rule[1]))]:
            _members(chance, node, part)
    elif word == "repetitive":
        for number in range(chance.randint(1, 3)):
            part = Node(str(number + 1))
            _fill(chance, part, rule[2])
            node.parts.append(part)
    elif word == "explicit":
        size = chance.randint(1, 5)
        node.octets = bytes([size]) + chance.randbytes(size - 1)
    else:
        forms = [form for form in rule[2] if form is not None]
        some = [form for form in forms if chance.random() < 0.5] or forms[:1]
        for form in some:
            part = Node(form[0])
            _fill(chance, part, form[2])
            node.parts.append(part)


def _members(chance: random.Random, node: Node, forms: list[Form]) -> None:
    for name, _, rule in forms:
        part = Node(name)
        if name:
            _fill(chance, part, rule)
        else:
            part.width = int(rule)
        node.parts.append(part)
