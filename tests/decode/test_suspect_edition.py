"""A sender whose edition cannot be right is found out by its rejects; damage alone never accuses an edition."""

from __future__ import annotations

import random
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from tests.decode.recordings import make_frames, recording
from tests.wire import mutants
from vigie.decode import suspect
from vigie.decode.decoder import Decoder
from vigie.monitor.monitor import Monitor
from vigie.monitor.reasons import DEGRADED, NEVER, reason_names
from vigie.sensors.site import Sensor, Site, make_site, sensor_defaults
from vigie.terms.batch import Frames
from vigie.terms.ledger import REASON
from vigie.terms.tables import PLOT, SERVICE
from vigie.terms.utc import TICK_NS
from vigie.wire.asterix import spec
from vigie.wire.asterix.encode import blocks, encode_records
from vigie.wire.asterix.times import legal_blocks

T0 = 1_777_481_640_000_000_000


@cache
def old_blocks(n: int) -> list[bytes]:
    """Return blocks of an ADS-B station that speaks the old edition 0.23, none of which the newest can read."""
    rng = np.random.default_rng(23)
    m = 4 * n + 50
    values = {
        "010/SAC": np.full(m, 20), "010/SIC": np.full(m, 219), "030": np.full(m, 60_840.0) + np.arange(m) / 128,
        "080": rng.integers(1, 1 << 24, m), "130/LAT": rng.uniform(40, 50, m), "130/LON": rng.uniform(5, 9, m),
        "145": rng.uniform(0, 400, m), "160/GS": rng.uniform(0, 0.1, m), "160/TA": rng.uniform(0, 360, m),
    }  # fmt: skip
    records, starts = encode_records(21, "0.23", values)
    data, ends = blocks(21, records, starts)
    newest = spec.load(21).newest.name
    sizes = np.diff(ends).astype(np.int32)
    bad = [i for i in range(m) if not legal_blocks(21, data, ends[i : i + 1], sizes[i : i + 1])[newest]]
    return [data[ends[i] : ends[i + 1]].tobytes() for i in bad][:n]


def station(**more: object) -> Site:
    values = sensor_defaults("adsb") | {
        "id": 3, "name": "Station", "kind": "adsb", "lat_deg": 46.0, "lon_deg": 7.0, "sac": 20, "sic": 219
    }  # fmt: skip
    return make_site(name="Test", lat_deg=0.0, lon_deg=0.0, sensors=(Sensor(**(values | more)),))


def frames(pieces: list[bytes]) -> Frames:
    return make_frames([(T0 + i * 10**7, piece) for i, piece in enumerate(pieces)])


def test_an_old_sender_is_found_out_after_eight_rejects() -> None:
    decoder = Decoder(station())
    decoder.step(frames(old_blocks(10)[:7]))
    assert sum(decoder.ledger.rejected.values()) == 7
    assert decoder.suspect_editions == {}
    decoded = decoder.step(frames(old_blocks(10)[7:]))
    assert decoder.suspect_editions == {3: {21: "0.23"}}
    marks = decoded.rejects["edition_suspect"].tolist()
    assert marks[0] == 0, "the eighth reject brings the judgement"
    assert sum(marks) == 2
    pinned = Decoder(station(editions=((21, "0.23"),)))
    assert len(pinned.step(frames(old_blocks(50))).plots) == 50
    assert pinned.suspect_editions == {}


def test_an_edition_without_a_table_is_suspect_and_the_right_one_is_named() -> None:
    decoder = Decoder(station(editions=((21, "9.9"),)))
    decoder.step(frames(old_blocks(8)))
    assert decoder.suspect_editions == {3: {21: "0.23"}}
    decoder = Decoder(None, discover=True, editions={21: "9.9"})
    decoder.step(frames([b"\x15\x00\x08\x80\x14\xdb\xff\xff"] * 8))
    assert decoder.suspect_editions == {1: {21: ""}}


def test_who_begins_a_block_answers_for_its_later_records() -> None:
    """Misread, the second record of a block begins in the midst of the first: its source is noise."""
    pieces = []
    for one, other in pairwise(old_blocks(40)):
        body = other[3:] + one[3:]
        pieces.append(bytes([21]) + (3 + len(body)).to_bytes(2, "big") + body)
    decoder = Decoder(station())
    rejects = decoder.step(frames(pieces)).rejects
    structural = np.isin(rejects["reason"], [REASON[r] for r in ("record_truncated", "bad_fspec", "bad_item")])
    assert set(rejects["sensor_id"][structural].tolist()) == {3}
    assert decoder.suspect_editions[3][21] in ("0.23", "0.26")  # alike but for a few items


def test_damage_accuses_no_edition() -> None:
    """Octets turned at random in 3,000 datagrams of each category: what fits no table stays damage."""
    for category in (34, 48, 62, 21, 10, 20):
        newest = spec.load(category).newest.name
        chance = random.Random(category)
        pieces = []
        for _ in range(3000):
            octets = bytearray(chance.choice(mutants.frames(category, newest)).octets)
            for _ in range(3):
                octets[chance.randrange(len(octets))] = chance.randrange(256)
            pieces.append(bytes(octets))
        decoder = Decoder(None, discover=True)
        decoder.step(frames(pieces))
        assert sum(decoder.ledger.rejected.values()) > 300
        assert decoder.suspect_editions == {}, category


def test_suspicion_ends_when_the_rejects_have_another_cause() -> None:
    decoder = Decoder(station())
    decoder.step(frames(old_blocks(8)))
    assert decoder.suspect_editions
    broken = [b[:1] + (len(b) - 4).to_bytes(2, "big") + b[3:-4] for b in old_blocks(8)]
    decoder.step(frames(broken))
    assert decoder.suspect_editions == {}


def test_marks_and_conclusions_do_not_depend_on_batches() -> None:
    chance = random.Random(5)
    pieces = []
    for category, edition in ((21, "0.23"), (48, "1.32"), (10, "1.1"), (21, "2.1")):
        pieces += [chance.choice(mutants.frames(category, edition)).octets for _ in range(400)]
    chance.shuffle(pieces)
    all_frames = frames(pieces)
    whole = Decoder(None, discover=True)
    rejects = whole.step(all_frames).rejects
    for cuts in ([0, 1, 9, 17, 500, 501, len(pieces)], list(range(0, len(pieces) + 1, 5))):
        decoder = Decoder(None, discover=True)
        parts = [decoder.step(all_frames.take(a, b)).rejects for a, b in pairwise(cuts)]
        assert np.concatenate(parts).tobytes() == rejects.tobytes()
        assert decoder.suspect_editions == whole.suspect_editions


def test_a_flood_of_invented_senders_is_not_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    judged = []
    judge = suspect._judge
    monkeypatch.setattr(suspect, "_judge", lambda *a: judged.append(1) or judge(*a))
    pieces = [b"\x15\x00\x08\x81\x80" + i.to_bytes(2, "big") + b"\xff" for i in range(2000)] * 10
    decoder = Decoder(None, discover=True)
    decoder.step(frames(pieces))
    assert len(decoder._watch._cases) == suspect.WATCHED
    assert len(judged) <= suspect.WATCHED
    assert decoder.suspect_editions == {}


def test_the_monitor_says_so_even_of_a_sender_of_whom_nothing_is_understood() -> None:
    site = station(editions=((21, "9.9"),))
    decoder, monitor = Decoder(site), Monitor(site)
    for tick in range(1, 20):
        decoded = decoder.step(frames(old_blocks(20)[tick - 1 : tick]))
        health = monitor.step(decoded.plots, decoded.services, decoded.rejects, T0 + tick * TICK_NS, tick * TICK_NS)
    assert health["state"].tolist() == [NEVER]
    assert reason_names(int(health["reasons"][0])) == ["edition_suspect"]
    plots = PLOT.empty(1)
    plots["sensor_id"] = 3
    health = monitor.step(plots, SERVICE.empty(), decoded.rejects, T0 + 20 * TICK_NS, 20 * TICK_NS)
    assert health["state"].tolist() == [DEGRADED]
    for tick in range(21, 21 + 700):
        health = monitor.step(plots, SERVICE.empty(), decoded.rejects[:0], T0 + tick * TICK_NS, tick * TICK_NS)
    assert "edition_suspect" not in reason_names(int(health["reasons"][0]))


@pytest.mark.shared
def test_real_senders_of_older_editions(shared: Path) -> None:
    folder = shared / "data/asterix"
    for name, expected in (
        ("lebl_adsb_cat021v2_cat023_part1.ast", "2.1"),
        ("lebl_20160510_2200-2300_adsb_v023.ast", "0.23"),
    ):
        decoder = Decoder(None, discover=True)
        decoder.step(recording(folder / name))
        assert decoder.suspect_editions == {1: {21: expected}}, name
