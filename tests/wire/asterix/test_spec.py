"""The definitions: every category and edition compiles, and known places are where the documents put them."""

from __future__ import annotations

from fractions import Fraction

import pytest

from vigie.terms.errors import WireError
from vigie.wire.asterix import columns, slots, spec
from vigie.wire.asterix.program import Compiler


def test_every_edition_of_every_category_compiles() -> None:
    compiler = Compiler()
    editions = [e for c in spec.categories() for e in spec.load(c).editions.values()]
    assert len(editions) >= 60
    assert len({compiler.add(edition) for edition in editions}) == len(editions)
    tables = compiler.tables()
    assert tables.children.max() < len(tables.nodes) // 8
    assert tables.fields.reshape(-1, 6)[:, 4].max() < slots.ALL_SLOTS


def test_editions_are_ordered_and_the_newest_is_last() -> None:
    assert spec.load(20).newest.name == "1.11"  # after 1.9 and 1.10
    assert spec.load(21).newest.name == "2.7"
    with pytest.raises(WireError, match=r"no edition '9.9'. Known: 1.27"):
        spec.edition(48, "9.9")
    with pytest.raises(WireError, match="category 077 has no table"):
        spec.load(77)


@pytest.mark.parametrize(
    ("text", "value"),
    [("25", Fraction(25)), ("0.25", Fraction(1, 4)), ("1/2^7", Fraction(1, 128)), ("360/2^16", Fraction(360, 65536))],
)
def test_resolutions_are_exact(text: str, value: Fraction) -> None:
    assert spec.fraction(text) == value


def test_bits_lie_where_the_document_says() -> None:
    items = spec.edition(48, "1.30").items
    fields = {f.path: f for f in spec.fields(items["070"][2], "070")}
    assert (fields["070/MODE3A"].bit, fields["070/MODE3A"].width) == (4, 12)
    fields = {f.path: f for f in spec.fields(items["020"][2], "020")}
    assert fields["020/TST"].bit == 8  # first bit of the first extension, behind the FX bit
    assert spec.part_octets(items["020"][2])[:2] == [1, 1]


def test_the_mapping_names_only_fields_that_some_edition_has() -> None:
    for table in (columns.VALUES, columns.BITS):
        for key, mapping in table.items():
            category = int(key.partition(":")[0])
            known: set[str] = set()
            for edition in spec.load(category).editions.values():
                if columns.key(category, edition.name, table) == key:
                    for name, form in edition.items.items():
                        known |= _paths(form[2], name)
                    if edition.expansion is not None and "RE" in edition.items:
                        known |= _paths(edition.expansion, "RE")
            wanted = {end for path in mapping for end in path.split("..")}
            assert wanted <= known, (key, wanted - known)


def _paths(rule: spec.Form, path: str) -> set[str]:
    rule = spec.resolve(rule)
    if rule[0] in ("element", "group", "extended"):
        return {f.path for f in spec.fields(rule, path)}
    if rule[0] == "compound":
        return set().union(*(_paths(c[2], f"{path}/{c[0]}") for c in rule[2] if c))
    return set()
