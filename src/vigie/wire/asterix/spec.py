"""The ASTERIX definitions as read from ``specs/``: categories, editions, items, and where each field's bits lie.

A *form* is the JSON of one definition (its grammar stands in ``builders/asterix.py``); a *field* is one element of an
item: its path (``"070/MODE3A"``), its place in bits from the item's first octet, its width, sign and resolution.
Source: EUROCONTROL-SPEC-0149 parts 1 to 29, by way of asterix-specs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib import resources
from typing import Any, Final

from vigie.terms.errors import WireError

Form = list[Any]

_SPECS: Final = "vigie.wire.asterix.specs"


@dataclass(frozen=True, slots=True)
class Field:
    """One element of a fixed structure: ``bit`` counts from the first bit of that structure, the highest bit first."""

    path: str
    title: str
    bit: int
    width: int
    content: Form

    @property
    def signed(self) -> bool:
        """Whether the number is two's complement."""
        return bool(self.content[0] in ("integer", "quantity") and self.content[1] == "s")

    @property
    def lsb(self) -> Fraction:
        """The exact value of one step in the unit, 1 where the field is no quantity."""
        return fraction(self.content[2]) if self.content[0] == "quantity" else Fraction(1)

    @property
    def unit(self) -> str:
        """The unit of the definition, empty where it has none."""
        return str(self.content[3]) if self.content[0] == "quantity" else ""


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition of a category: its items by name and its user application profiles (usually one)."""

    category: int
    name: str
    date: str
    items: dict[str, Form]
    profiles: dict[str, tuple[str, ...]]
    choose: tuple[str, dict[str, str]] | None
    expansion: Form | None


@dataclass(frozen=True, slots=True)
class Category:
    """A category with all its editions, the oldest first."""

    number: int
    title: str
    editions: dict[str, Edition]
    unverified: bool = False
    """Whether the source document could not be read: the layout is what others report of it."""

    @property
    def newest(self) -> Edition:
        """The newest edition."""
        return self.editions[list(self.editions)[-1]]


@cache
def categories() -> tuple[int, ...]:
    """Return the numbers of all categories with tables."""
    names = (entry.name for entry in resources.files(_SPECS).iterdir())
    return tuple(sorted(int(n[3:6]) for n in names if n.startswith("cat") and n.endswith(".json")))


@cache
def load(number: int) -> Category:
    """Return the tables of one category; WireError names the categories there are."""
    if number not in categories():
        known = ", ".join(f"{c:03d}" for c in categories())
        raise WireError(f"ASTERIX category {number:03d} has no table. Known: {known}.")
    tree = json.loads(resources.files(_SPECS).joinpath(f"cat{number:03d}.json").read_text("utf-8"))
    forms = tree["forms"]
    expansions = list(tree["expansions"].values())
    expansion = forms[expansions[-1]["form"]] if expansions else None
    editions = {}
    for name, row in tree["editions"].items():
        choose = tuple(row["choose"]) if "choose" in row else None
        editions[name] = Edition(
            category=number,
            name=name,
            date=row["date"],
            items={item: forms[i] for item, i in row["items"].items()},
            profiles={p: tuple(u) for p, u in row["uap"].items()},
            choose=choose,
            expansion=expansion,
        )
    return Category(number, tree["title"], editions, bool(tree.get("unverified", False)))


def edition(number: int, name: str | None = None) -> Edition:
    """Return one edition, the newest where ``name`` is None; WireError names the editions there are."""
    tables = load(number)
    if name is None:
        return tables.newest
    if name not in tables.editions:
        known = ", ".join(tables.editions)
        raise WireError(f"ASTERIX category {number:03d} has no edition {name!r}. Known: {known}.")
    return tables.editions[name]


def fraction(text: str) -> Fraction:
    """Return the number written as ``25``, ``0.25``, ``1/2^7`` or ``360/2^16``, exactly."""
    over, _, under = text.partition("/")
    return _power(over) / _power(under or "1")


def quantity(step: str, raw: int) -> float:
    """Return ``raw`` steps of ``fraction(step)``, exactly, rounded once."""
    over, under = _ratio(step)
    return raw * over / under


@cache
def _ratio(text: str) -> tuple[int, int]:
    return fraction(text).as_integer_ratio()


def _power(text: str) -> Fraction:
    base, _, exponent = text.partition("^")
    return Fraction(base) ** int(exponent or 1)


def resolve(rule: Form) -> Form:
    """Return the structure that bounds a rule: a dependent rule's default, else its first case (all of one size)."""
    while rule[0] == "case":
        rule = rule[3] if rule[3] is not None else next(iter(rule[2].values()))
    return rule


def bits(rule: Form) -> int:
    """Return the width of a fixed structure (element or group)."""
    rule = resolve(rule)
    if rule[0] == "element":
        return int(rule[1])
    if rule[0] == "group":
        return sum(int(i[2]) if not i[0] else bits(i[2]) for i in rule[1])
    raise WireError(f"structure {rule[0]!r} stands where a fixed one is expected")


def fields(rule: Form, path: str, title: str = "", bit: int = 0) -> Iterator[Field]:
    """Yield the elements of an element, a group or an extended structure, FX bits counted."""
    rule = resolve(rule)
    if rule[0] == "element":
        yield Field(path, title, bit, rule[1], rule[2])
    elif rule[0] == "group":
        yield from _members(rule[1], path, bit)
    elif rule[0] == "extended":
        for part in rule[1]:
            yield from _members(part, path, bit)
            bit += sum(int(i[2]) if not i[0] else bits(i[2]) for i in part) + 1


def _members(items: list[Form], path: str, bit: int) -> Iterator[Field]:
    for name, title, rule in items:
        if not name:
            bit += int(rule)
            continue
        yield from fields(rule, f"{path}/{name}", title, bit)
        bit += bits(rule)


def part_octets(rule: Form) -> list[int]:
    """Return the octets of each part of an extended structure, its FX bit counted."""
    sizes = [sum(int(i[2]) if not i[0] else bits(i[2]) for i in part) + 1 for part in rule[1]]
    if not rule[2]:
        sizes[-1] -= 1
    if any(size % 8 for size in sizes):
        raise WireError(f"extended structure with parts of {sizes} bits")
    return [size // 8 for size in sizes]
