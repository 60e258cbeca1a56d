"""Records read by a learned shape give, bit for bit, what the machine gives that takes each apart by itself."""

from __future__ import annotations

import numpy as np
import pytest

from tests.wire.asterix.records import random_record
from vigie.decode.decoder import Decoded, Decoder
from vigie.terms.batch import FORMAT_ASTERIX, Frames
from vigie.terms.tables import FRAME
from vigie.wire.asterix import columns, spec

CATEGORIES = sorted(columns.DEFAULT_CLASS)


def frames_of(category: int, records: list[bytes]) -> Frames:
    payloads = [bytes([category]) + (len(r) + 3).to_bytes(2, "big") + r for r in records]
    rows = FRAME.empty(len(payloads))
    rows["length"] = [len(p) for p in payloads]
    rows["offset"] = np.cumsum(rows["length"]) - rows["length"]
    rows["rx_ns"], rows["format"], rows["seq"] = 1_700_000_000 * 10**9, FORMAT_ASTERIX, np.arange(len(rows))
    return Frames(rows, np.frombuffer(b"".join(payloads), np.uint8))


def without_shapes(decoder: Decoder) -> Decoder:
    """Fill every place of the decoder's keys with what no record has, so that nothing is learned or found."""
    decoder._shapes.keys[:] = -1
    return decoder


def same(a: Decoded, b: Decoded) -> None:
    assert a.plots.tobytes() == b.plots.tobytes()
    assert a.services.tobytes() == b.services.tobytes()
    assert a.rejects.tobytes() == b.rejects.tobytes()


@pytest.mark.parametrize("category", CATEGORIES)
def test_shapes_and_machine_agree_on_good_and_damaged_records(category: int, campaign: bool) -> None:
    rng = np.random.default_rng([7, category])
    for name in list(spec.load(category).editions)[0 if campaign else -1 :]:
        edition = spec.edition(category, name)
        good = [random_record(rng, edition, share) for share in (0.2, 0.6) for _ in range(12)]
        bad = []
        for record in good * 4:
            octets = bytearray(record)
            octets[int(rng.integers(len(octets)))] ^= 1 << int(rng.integers(8))
            bad.append(bytes(octets[: int(rng.integers(1, len(octets) + 1))] if rng.random() < 0.3 else octets))
        with_shapes = Decoder(None, discover=True, editions={category: name})
        machine = without_shapes(Decoder(None, discover=True, editions={category: name}))
        for records in (good, good, good + bad, bad + good):
            frames = frames_of(category, records)
            same(with_shapes.step(frames), machine.step(frames))
        assert with_shapes._shapes.used[0] > 1
        assert machine._shapes.used[0] == 1


def test_full_tables_are_emptied_and_learned_anew() -> None:
    rng = np.random.default_rng(11)
    edition = spec.edition(62, None)
    frames = frames_of(62, [random_record(rng, edition, float(rng.random())) for _ in range(3000)])
    with_shapes, machine = Decoder(None, discover=True), without_shapes(Decoder(None, discover=True))
    before = int(with_shapes._shapes.used[0])
    peak = 0
    for first in range(0, 3000, 100):
        rows = frames.rows[first : first + 100]
        same(with_shapes.step(Frames(rows, frames.data)), machine.step(Frames(rows, frames.data)))
        now = int(with_shapes._shapes.used[0])
        if now < peak:
            break
        peak = now
    else:
        pytest.fail(f"never full: {before} to {peak} states")


def test_an_expansion_field_is_read_with_a_special_purpose_field_behind_it() -> None:
    """Of I021: RE is the 48th item and SP the 49th; the second made the first forgotten."""
    source, expansion, special = bytes([1, 2]), bytes([4, 0b0000_1000, 0b1000_0000, 0]), bytes([1])  # SGV: stopped
    only = bytes([0x81, 1, 1, 1, 1, 1, 0b100]) + source + expansion
    both = bytes([0x81, 1, 1, 1, 1, 1, 0b110]) + source + expansion + special
    got = Decoder(None, discover=True).step(frames_of(21, [only, both, both, only]))
    assert len(got.rejects) == 0
    assert got.plots["v_east_mps"].tolist() == [0.0] * 4
