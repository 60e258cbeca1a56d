"""Another implementation judges: every element of every record equals libasterix's, bits, value, text and meaning."""

from __future__ import annotations

import math
import os
import random
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.decode.recordings import RAW, make_frames, payloads
from tests.wire.asterix.records import expansion, random_record

from asterix import base, generated
from vigie.decode.decoder import Decoder
from vigie.terms.tables import FLAG_EMERGENCY, PLOT
from vigie.wire.asterix import columns, slots, spec
from vigie.wire.asterix.items import Node, read_record
from vigie.wire.asterix.treewrite import write_record

SAME = [(c, e) for c in spec.categories() if not spec.load(c).unverified for e in spec.load(c).editions]
# I010/202 and I010/210 are 0.25 m/s and 0.25 m/s2 in the document (16 bits reach 8,192 m/s); asterix-specs says 1/16.
CORRECTED = {(10, "202/VX"), (10, "202/VY"), (10, "210/AX"), (10, "210/AY")}


def judge(category: int, edition: str) -> Any:
    for spec_class in generated.manifest["CATS"][category]:
        if spec_class.cv_edition == tuple(int(p) for p in edition.split(".")):
            return spec_class
    pytest.fail(f"libasterix lacks category {category} edition {edition}")


@cache
def kind_of(judge_class: type) -> type:
    """Return which of libasterix's structures a class of it is."""
    kinds = (base.Element, base.Group, base.Extended, base.Repetitive, base.Compound, base.Explicit)
    return next(kind for kind in kinds if issubclass(judge_class, kind))


def case_of(root: Node, depends_on: list[list[str]]) -> list[int] | None:
    """Return the values that choose a case, None where the record lacks one of them."""
    try:
        return [root["/".join(path)].raw for path in depends_on]
    except KeyError:
        return None


def inner(root: Node, nonspare: Any) -> Any:
    """Return the structure that an item of libasterix holds: the case that other items choose, else the default."""
    rule = nonspare.arg
    if not isinstance(rule, base.RuleVariationDependent):
        return rule.arg
    case = case_of(root, rule.cv_depends_on)
    known = [key for key, _ in rule.cv_cases]
    return rule._variation(case if case in known else None)


def follow(category: int, root: Node, node: Node, structure: Any, path: str) -> int:
    """Walk both trees side by side: the same names in the same order, the same elements. Return how many elements."""
    kind = kind_of(type(structure))
    if kind is base.Element:
        same(category, root, path, node, structure)
        return 1
    if kind is base.Explicit:
        assert structure.unparse().to_bytes() == node.octets, path
        return 0
    parts = node.parts
    seen = 0
    if kind is base.Compound:
        assert [part.name for part in parts] == list(structure.arg), path
        for part, nonspare in zip(parts, structure.arg.values(), strict=True):
            seen += follow(category, root, part, inner(root, nonspare), f"{path}/{part.name}")
    elif kind is base.Repetitive:
        assert len(parts) == len(structure.arg), path
        for part, element in zip(parts, structure.arg, strict=True):
            seen += follow(category, root, part, element, f"{path}/{part.name}")
    else:
        items = structure.arg
        if kind is base.Extended:
            items = [item for group in items for item in group if item is not None]
        assert len(parts) == len(items), path
        for part, item in zip(parts, items, strict=True):
            if isinstance(item, base.Item):
                assert part.name == item.cv_non_spare.cv_name, path
                seen += follow(category, root, part, inner(root, item.arg), f"{path}/{part.name}")
            else:
                assert part.name == "", path
                assert part.raw == item.as_uint(), path
    return seen


def compare(category: int, octets: bytes, edition: str, judge_class: Any) -> int:
    """Compare one record and return how many elements it had."""
    form = spec.edition(category, edition)
    tree, size, fault = read_record(octets, form)
    uap = judge_class.cv_uap
    record_class = uap.cv_record if issubclass(uap, base.UapSingle) else None
    if record_class is None:
        choose, names = form.choose or ("", {})
        record_class = uap.cv_uaps[names[str(tree[choose].raw)]]
    result = record_class._parse(base.ParsingMode.StrictParsing, base.Bits.from_bytes(octets))
    if isinstance(result, ValueError):
        assert fault is not None, (octets.hex(), result)
        return 0
    assert fault is None, (octets.hex(), fault)
    record, rest = result
    assert len(rest) == 8 * (len(octets) - size)
    assert write_record(tree, form) == octets[:size]
    mine = [part for part in tree.parts if part.name not in ("", "rfs")]
    assert [part.name for part in mine] == list(record.items_regular)
    seen = 0
    for part, nonspare in zip(mine, record.items_regular.values(), strict=True):
        if part.name in ("RE", "SP"):
            assert nonspare.unparse().to_bytes() == part.octets
        else:
            seen += follow(category, tree, part, inner(tree, nonspare), part.name)
    return seen


JUDGED: dict[type, dict[int, tuple[Any, ...]]] = {}
"""What libasterix makes of the bits of its narrow elements: it depends on the class and the bits alone."""


def same(category: int, root: Node, path: str, node: Node, element: Any) -> None:
    """Compare one element: bits, width, and what the bits mean."""
    raw = element.as_uint()
    assert node.raw == raw, path
    assert node.width == len(element.bs), path
    known = JUDGED.setdefault(type(element), {})
    verdict = known.get(raw)
    if verdict is None:
        verdict, depends = judged(root, element, exact=(category, path) not in CORRECTED)
        if node.width <= 12 and not depends:
            known[raw] = verdict
    what, value, unit = verdict
    if what is base.ContentQuantity:
        assert node.value == value or math.isclose(node.value, value, rel_tol=1e-12, abs_tol=0.0), path  # type: ignore[arg-type]
        assert node.unit == unit, path
    elif what is base.ContentInteger:
        assert node.value == value, path
    elif what is base.ContentTable:
        assert node.meaning == value, path
    elif what is base.ContentString and isinstance(node.value, str) and "?" not in node.value:
        assert node.value == value, path


def judged(root: Node, element: Any, *, exact: bool) -> tuple[tuple[Any, Any, str], bool]:
    """Return libasterix's kind of content, value and unit of an element, and whether other items choose them.

    The kind is None where there is nothing to compare.
    """
    rule = element._get_rule()
    depends = isinstance(rule, base.RuleContentDependent)
    if depends:
        case = case_of(root, rule.cv_depends_on)
        content = rule._get_content(case if case in [key for key, _ in rule.cv_cases] else None)
    else:
        content = rule._get_content()
    verdict: tuple[Any, Any, str] = (None, None, "")
    if isinstance(content, base.ContentQuantity) and exact:
        verdict = base.ContentQuantity, content._as_quantity(), content.cv_unit
    elif isinstance(content, base.ContentInteger):
        verdict = base.ContentInteger, content.as_integer(), ""
    elif isinstance(content, base.ContentTable):
        verdict = base.ContentTable, content.table_value() or "", ""
    elif isinstance(content, base.ContentString):
        verdict = base.ContentString, content.as_string(), ""
    return verdict, depends


@pytest.mark.parametrize(("category", "edition"), SAME)
def test_random_valid_records(category: int, edition: str, campaign: bool) -> None:
    rng = np.random.default_rng(category)
    judge_class = judge(category, edition)
    tables = spec.edition(category, edition)
    # CI takes 200 records of the newest edition of each category, fewer of the older ones, which share most items.
    many = int(os.environ.get("VIGIE_RECORDS", "10000"))  # a part of the campaign: VIGIE_RECORDS=1000
    share = many if campaign else 200 if edition == spec.load(category).newest.name else 20
    elements = 0
    for _ in range(share):
        elements += compare(category, random_record(rng, tables, 0.3), edition, judge_class)
    assert elements > share


EXPANSIONS = [(c, sorted(generated.manifest["REFS"][c], key=lambda r: r.cv_edition)[-1]) for c in (21, 48, 62)]


def expansion_record(chance: random.Random, edition: spec.Edition) -> tuple[bytes, bytes]:
    """Return a record of source, time and a random expansion field, and the octets inside that field."""
    inside = expansion(chance, edition)
    time = next(path for path, slot in columns.VALUES[str(edition.category)].items() if slot == slots.TOD)
    source = Node("010", parts=[Node("SAC", raw=1), Node("SIC", raw=2)])
    field = Node("RE", octets=bytes([len(inside) + 1]) + inside)
    parts = [source, Node(time, raw=43_200 * 128), field]
    return write_record(Node(str(edition.category), parts=parts), edition), inside


def flat(structure: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield (path, element) in the order of the octets; libasterix has spare bits of I021/RE/STA in another place."""
    if isinstance(structure, base.Element):
        yield path, structure
    elif isinstance(structure, base.Expansion | base.Compound):
        for name, nonspare in structure.arg.items():
            yield from flat(nonspare.arg.arg, f"{path}/{name}")
    elif isinstance(structure, base.Repetitive):
        for number, element in enumerate(structure.arg):
            yield from flat(element, f"{path}/{number + 1}")
    else:
        for item in (i for part in structure.arg for i in (part if isinstance(part, list) else [part])):
            if isinstance(item, base.Item):
                yield from flat(item.arg.arg.arg, f"{path}/{item.cv_non_spare.cv_name}")


def element_of(structure: Any, path: str) -> Any:
    """Return the element of libasterix at a path, None where the structure lacks it."""
    for name in path.split("/"):
        if isinstance(structure, base.Expansion | base.Compound):
            nonspare = structure.arg.get(name)
        else:
            items = [i for part in structure.arg for i in (part if isinstance(part, list) else [part])]
            nonspare = next((i.arg for i in items if isinstance(i, base.Item) and i.cv_non_spare.cv_name == name), None)
        if nonspare is None:
            return None
        structure = nonspare.arg.arg
    return structure


@pytest.mark.parametrize(("category", "judge_class"), EXPANSIONS, ids=[str(c) for c, _ in EXPANSIONS])
def test_expansion_fields(category: int, judge_class: Any, campaign: bool) -> None:
    """The expansion's elements equal libasterix's, in the people's view and in the columns of the plot."""
    chance = random.Random(category)
    edition = spec.edition(category)
    records, theirs = [], []
    for _ in range(10_000 if campaign else 150):
        record, inside = expansion_record(chance, edition)
        told, rest = judge_class.cv_expansion._parse(base.Bits.from_bytes(inside))
        assert not len(rest)
        tree, _, fault = read_record(record, edition)
        assert fault is None
        mine, judge_s = dict(tree["RE"].elements("RE")), dict(flat(told, "RE"))
        assert list(mine) == list(judge_s)
        for path, element in judge_s.items():
            same(category, tree, path, mine[path], element)
        records.append((12 * 3600 * 10**9, bytes([category]) + (len(record) + 3).to_bytes(2, "big") + record))
        theirs.append(told)
    plots = Decoder(None, discover=True).step(make_frames(records)).plots
    assert len(plots) == len(records)
    filled: Counter[str] = Counter()
    for plot, told in zip(plots, theirs, strict=True):
        for name, value in expected_columns(category, told).items():
            absent = next(c.absent for c in PLOT.columns if c.name == name)
            given = absent if value is None else value
            assert plot[name] == pytest.approx(given, rel=1e-6, abs=1e-9, nan_ok=True), (name, told.bs.bs.hex())
            filled[name] += value is not None
    assert all(n >= 3 for n in filled.values()), filled


def expected_columns(category: int, field: Any) -> dict[str, float | int | None]:
    """Return what the columns should hold by libasterix's values in SI, None for nothing."""

    def quantity(path: str) -> float | None:
        element = element_of(field, path)
        return None if element is None else element._get_rule()._get_content()._as_quantity()

    def number(path: str) -> int | None:
        element = element_of(field, path)
        return None if element is None else element.as_uint()

    def scaled(value: float | None, factor: float) -> float | None:
        return None if value is None else value * factor

    def priority(path: str) -> dict[str, int | None]:
        status = number(f"{path}/VAL") if number(f"{path}/EP") else None
        return {"emergency": status if status in (0, 1, 3, 4, 5) else None, "flags": FLAG_EMERGENCY if status else 0}

    if category == 48:
        mode5 = "M5N" if element_of(field, "M5N/POS") is not None else "MD5"
        high = "M5N" if element_of(field, "M5N/GA") is not None else "MD5"
        return {
            "lat_deg": quantity(f"{mode5}/POS/LAT"), "lon_deg": quantity(f"{mode5}/POS/LON"),
            "geo_alt_m": scaled(quantity(f"{high}/GA/GA"), 0.3048), "range_m": scaled(quantity("ERR"), 1852.0),
        }  # fmt: skip
    if category == 62:
        return {"v_east_mps": quantity("TVS/VX"), "v_north_mps": quantity("TVS/VY"), **priority("V3/PS3")}
    speed, angle = scaled(quantity("SGV/GSS"), 1852.0 / 3600.0), scaled(quantity("SGV/HGT"), math.pi / 180.0)
    track = number("SGV/HTS") == 1 and number("SGV/HTT") == 1 and number("SGV/HRD") == 0
    compass = number("SGV/HTS") == 1 and number("SGV/HTT") == 0 and number("SGV/HRD") == 1
    moving = None if speed is None or angle is None or not track else (speed * math.sin(angle), speed * math.cos(angle))
    east, north = (0.0, 0.0) if number("SGV/STP") else moving or (None, None)
    return {
        "v_east_mps": east, "v_north_mps": north, "heading_rad": angle if compass else None, **priority("STA/PS3"),
    }  # fmt: skip


def test_an_expansion_of_ones_own_fills_nothing() -> None:
    """Octets that are not of the published expansion to the last one are passed over, and the record stays whole."""
    edition = spec.edition(48)
    chance = random.Random(48)
    record, inside = next(r for r in (expansion_record(chance, edition) for _ in range(99)) if r[1][0] & 8)  # ERR
    whole = record[: -len(inside) - 1]
    payloads_ = []
    for octets in (inside, inside + b"\x00", inside[:-1], b"\x00", b""):
        body = whole + bytes([len(octets) + 1]) + octets
        payloads_.append((12 * 3600 * 10**9, bytes([48]) + (len(body) + 3).to_bytes(2, "big") + body))
    got = Decoder(None, discover=True).step(make_frames(payloads_))
    assert not len(got.rejects)
    assert np.isfinite(got.plots["range_m"]).tolist() == [True, False, False, False, False]


@pytest.mark.shared
@pytest.mark.parametrize(("name", "editions"), RAW.items(), ids=list(RAW))
def test_real_records(shared: Path, name: str, editions: dict[int, str], campaign: bool) -> None:
    blocks = payloads(shared / "data/asterix" / name)
    elements = 0
    for payload in blocks if campaign else blocks[:: max(1, len(blocks) // 60)]:
        at = 0
        while len(payload) - at >= 3:
            category = payload[at]
            stop = at + int.from_bytes(payload[at + 1 : at + 3], "big")
            if category not in editions or stop > len(payload):
                break
            at += 3
            while at < stop:
                edition = editions[category]
                tree, size, fault = read_record(payload[at:stop], spec.edition(category, edition))
                assert fault is None, (name, payload.hex(), fault)
                elements += compare(category, payload[at:stop], edition, judge(category, edition))
                assert tree.octets == payload[at : at + size]
                at += size
    assert elements > 5
