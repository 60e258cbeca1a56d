"""The people's view: a tree of items, and octet for octet back."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.decode.recordings import make_frames
from tests.wire.asterix.records import random_record
from vigie.decode.decoder import Decoder
from vigie.terms.ledger import REASONS
from vigie.wire.asterix import spec
from vigie.wire.asterix.items import read_record
from vigie.wire.asterix.items_json import from_json
from vigie.wire.asterix.treewrite import write_record

EDITIONS = [(c, e) for c in spec.categories() for e in spec.load(c).editions]


@pytest.mark.parametrize(("category", "name"), EDITIONS)
def test_encode_of_decode_is_the_same_octets(category: int, name: str, campaign: bool) -> None:
    rng = np.random.default_rng(1000 * category + len(name))
    edition = spec.edition(category, name)
    for _ in range(2000 if campaign else 20):
        octets = random_record(rng, edition)
        tree, size, fault = read_record(octets + b"\x00", edition)
        assert fault is None
        assert size == len(octets)
        assert write_record(tree, edition) == octets
        again = from_json(json.loads(json.dumps(tree.as_json())))
        assert write_record(again, edition) == octets


@settings(max_examples=200, derandomize=True)
@given(st.binary(max_size=80), st.sampled_from([(48, "1.32"), (62, "1.20"), (21, "0.23"), (1, "1.4"), (34, "1.29")]))
def test_any_octets_give_a_tree_or_a_fault(octets: bytes, which: tuple[int, str]) -> None:
    edition = spec.edition(*which)
    tree, size, fault = read_record(octets, edition)
    if fault is None:
        assert 0 < size <= len(octets)
        assert tree.octets == octets[:size]
    else:
        assert size == 0
        assert fault.expected
        assert 0 <= fault.offset <= len(octets)


def test_values_units_and_meanings() -> None:
    octets = bytes.fromhex("f8 0102 3fffff 40 80004000 0fc0")
    edition = spec.edition(48, "1.30")
    tree, size, fault = read_record(octets, edition)
    assert fault is None
    assert size == len(octets)
    assert tree["040/RHO"].value == 128.0
    assert tree["040/RHO"].unit == "NM"
    assert tree["040/THETA"].value == 90.0
    assert tree["020/TYP"].meaning == "Single SSR detection"
    assert tree["140"].octets == b"\x3f\xff\xff"
    assert tree["140"].offset == 3
    with pytest.raises(KeyError):
        tree["220"]


def test_a_structure_that_other_items_choose_is_written_as_it_was_read() -> None:
    """I004/120/CC: with message type 11 and table 2 the class is a bit of RIMCAS and two spare ones, else a number."""
    edition = spec.edition(4, "1.12")
    octets = bytes.fromhex("4120 0b 40 28")  # presence of items 000 and 120; of its parts, CC
    tree, _, fault = read_record(octets, edition)
    assert fault is None
    assert octets[-1] == 0x28
    assert tree["120/CC/CPC/RAS"].meaning == "Stage Two Alert"
    assert write_record(tree, edition) == octets
    assert write_record(from_json(json.loads(json.dumps(tree.as_json()))), edition) == octets


def test_a_fault_says_item_place_and_what_was_expected() -> None:
    edition = spec.edition(48, "1.30")
    _, _, fault = read_record(bytes.fromhex("f00102"), edition)
    assert fault is not None
    assert (fault.reason, fault.item, fault.offset) == ("record_truncated", "140", 3)
    assert fault.expected == "3 more octets"
    _, _, fault = read_record(b"\xff" * 60, edition)
    assert fault is not None
    assert fault.reason == "bad_fspec"
    assert fault.expected == "a presence field of at most 4 octets"


def test_a_spare_presence_bit_is_told_before_what_follows_from_it() -> None:
    """Category 001: 3 octets of presence at most, bit 21 of plots is spare where the profile ends."""
    form = spec.edition(1)
    for octets in (bytes.fromhex("bd11aa"), bytes.fromhex("5d419d")):
        _, size, fault = read_record(octets, form)
        assert (size, fault is not None and fault.reason) == (0, "bad_fspec")
        block = bytes([1]) + (len(octets) + 3).to_bytes(2, "big") + octets
        rejects = Decoder(None, discover=True).step(make_frames([(0, block)])).rejects
        assert [REASONS[r] for r in rejects["reason"]] == ["bad_fspec"]


def test_a_record_that_says_its_profile_is_read_by_no_other() -> None:
    """Category 007: type 5 is an uplink; its presence field may not be that of a downlink, legal as it would be."""
    form = spec.edition(7, "1.12")
    octets = bytes.fromhex(
        "fddfffffe6df2a8f4105071d7b947e07f345ace91cb831e55285079681e6080103ab78da09cfcd97736588eacdd954088226c541ce8b973f"
        "ed0e387e90fcb66bc606a539803a8b5e6b500cba0bc506b40d8d8003db00c6053988963c55fc9529450308592075483775031c884a028f03"
        "119e"
    )
    assert read_record(octets, form)[2] is not None
    # Category 001: an item listed in a random field sequence chooses no profile, neither here nor in the fast decoder.
    octets = bytes.fromhex("63f138791d73f421651202efcded09c873f421651202efcded09c8")
    _, _, fault = read_record(octets, spec.edition(1, "1.2"))
    block = bytes([1]) + (len(octets) + 3).to_bytes(2, "big") + octets
    rejects = Decoder(None, discover=True, editions={1: "1.2"}).step(make_frames([(0, block)])).rejects
    assert [REASONS[r] for r in rejects["reason"]] == ([fault.reason] if fault else ["no_source"])
