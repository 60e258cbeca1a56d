"""Cursor on Target: what is written is read, what is split is whole, what is tasking stays outside."""

from __future__ import annotations

import math
import random

import pytest

from vigie.wire.cot.event import AIR, MOST_OCTETS, OTHER, PERSON, UPKEEP, CotEvent, read_cot, write_cot
from vigie.wire.cot.stream import CotStream

S = 1_000_000_000
LAUGHS = '<!DOCTYPE event [<!ENTITY a "lol"><!ENTITY b "&a;&a;">]>'


def some(seed: int, kind: str = "a-f-A-M-F") -> CotEvent:
    r = random.Random(seed)
    start = r.randrange(1_700_000_000 * S, 1_900_000_000 * S)
    known = r.random() < 0.7
    return CotEvent(
        uid=f"ANDROID-{r.getrandbits(48):x}", type=kind, how="m-g", time_ns=start, start_ns=start,
        stale_ns=start + r.randrange(600 * S), lat_deg=r.uniform(-90, 90), lon_deg=r.uniform(-180, 180),
        hae_m=r.uniform(-400, 20_000) if known else math.nan, ce_m=r.uniform(0, 900) if known else math.nan,
        le_m=r.uniform(0, 900) if known else math.nan, callsign=r.choice(["", "ZÉBU <3>", "a&b", "]]>"]),
        course_rad=r.uniform(0, 6.28) if known else math.nan, speed_mps=r.uniform(0, 900) if known else math.nan,
        group=r.choice(["", "Cyan"]), role=r.choice(["", "Team Lead"]), remarks=r.choice(["", "</event> <event>"]),
    )  # fmt: skip


def same(a: CotEvent, b: CotEvent) -> bool:
    for name in CotEvent.__slots__:
        x, y = getattr(a, name), getattr(b, name)
        if isinstance(x, float) and not (x == pytest.approx(y, rel=1e-12) or (math.isnan(x) and math.isnan(y))):
            return False
        if not isinstance(x, float) and x != y:
            return False
    return True


@pytest.mark.parametrize("seed", range(40))
def test_what_is_written_is_read(seed: int) -> None:
    event = some(seed)
    good, aside = read_cot(write_cot(event))
    assert not aside
    assert same(good[0], event)


def test_sorts_of_positions_and_when_they_are_stale() -> None:
    for kind, sort in (("a-n-A-C-F", AIR), ("a-f-G-U-C", PERSON), ("b-m-p-w", OTHER), ("a-u-S", OTHER), ("a-f", OTHER)):
        event = read_cot(write_cot(some(3, kind)))[0][0]
        assert event.sort == sort
        assert not event.is_stale(event.stale_ns - 1)
        assert event.is_stale(event.stale_ns)


@pytest.mark.parametrize("kind", ["t-k", "t-k-d", "t-s-v", "t-x-m-c", "t-x-c", "t", "y-c-f", "y"])
def test_tasking_is_refused_by_name(kind: str) -> None:
    good, aside = read_cot(write_cot(some(5, kind)))
    assert good == ()
    assert [a.field for a in aside] == ["tasking_refused"]


@pytest.mark.parametrize("kind", [*sorted(UPKEEP), "b-t-f", "b-m-p-s-m", "b-r-f-h-c"])
def test_upkeep_markers_and_chat_are_read(kind: str) -> None:
    assert read_cot(write_cot(some(6, kind)))[0][0].type == kind


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ('version="2.0"', 'version="3"', "version"), ('type="a-f-A-M-F"', 'type=""', "type"),
        ("<event", "<other", "event"), ('lat="', 'lat="9e9" x="', "point"), ('lat="', 'lat="nan" x="', "lat"),
        ('lon="', 'lon="x" x="', "lon"), ('lat="', 'x="', "point"), ('hae="', 'hae="-200000" x="', "point"),
        ('ce="', 'ce="-1" x="', "point"), ('uid="', 'uid="" x="', "uid"), ('stale="', 'stale="now" x="', "stale"),
        ('stale="', 'stale="1999-02-03T00:00:00Z" x="', "stale"), ('time="', 'time="2026-02-30T00:00:00Z" x="', "time"),
    ],
)  # fmt: skip
def test_what_is_absurd_is_set_aside_with_its_field(old: str, new: str, field: str) -> None:
    text = write_cot(some(7)).decode().replace(old, new, 1)
    text = text.replace("</event>", "</other>") if old == "<event" else text
    good, aside = read_cot(text.encode())
    assert good == ()
    assert [a.field for a in aside] == [field]


def test_a_client_without_a_fix_has_no_position_and_without_a_speed_it_has_one() -> None:
    text = write_cot(some(8)).decode()
    lost = text.replace('lat="', 'lat="0" a="', 1).replace('lon="', 'lon="0.0" b="', 1)
    lost = lost.replace('ce="', 'ce="9999999.0" c="', 1)
    assert [a.field for a in read_cot(lost.encode())[1]] == ["no_position"]
    still = next(t for n in range(99) if b"<track" in (t := write_cot(some(n))))
    event = read_cot(still.replace(b'speed="', b'speed="-1" x="'))[0][0]
    assert math.isnan(event.speed_mps)
    assert math.isnan(event.course_rad)


def test_tak_protobuf_and_what_is_too_long_are_named() -> None:
    assert read_cot(b"\xbf\x01\xbf\x0a\x00")[1][0].field == "tak_protobuf"
    assert read_cot(b"<event>" + b" " * MOST_OCTETS)[1][0].field == "buffer_limit"


def pieces(data: bytes, r: random.Random, most: int) -> list[bytes]:
    out = []
    while data:
        n = r.randint(1, most)
        out.append(data[:n])
        data = data[n:]
    return out


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("most", [1, 7, 300, 1 << 20])
def test_a_stream_gives_the_same_documents_however_it_is_cut(seed: int, most: int) -> None:
    r = random.Random(seed)
    docs = [write_cot(some(seed * 100 + n)) for n in range(6)]
    protobuf = b"\xbf" + bytes([200, 1]) + b"<event>" * 28 + b"abcd"
    dtd = LAUGHS.encode() + b"<event a='>'>&b;</event>"
    long = b"<event>" + b"<a/>" * 20_000 + b"</event>"
    data = (
        docs[0] + b"\r\n<?xml version='1.0'?><!-- <event> -->" + docs[1] + protobuf + docs[2] + dtd + b"junk<auth/>"
        + docs[3] + (long if most > 7 else b"") + b"<event uid='cut'><p" + docs[4] + b"<event/>" + docs[5] + b"<event>"
    )  # fmt: skip
    stream = CotStream()
    found = [doc for piece in pieces(data, r, most) for doc in stream.feed(piece)]
    stream.finish()
    assert [d for d in found if read_cot(d)[0]] == [
        docs[0], b"<?xml version='1.0'?><!-- <event> -->" + docs[1], *docs[2:]
    ]  # fmt: skip
    assert [read_cot(d)[1][0].field for d in found if read_cot(d)[1]] == ["xml_dtd", "version"]
    assert stream.counts == {"buffer_limit": int(most > 7), "record_truncated": 2, "tak_protobuf": 1}


@pytest.mark.parametrize("seed", range(150))
def test_mutants_raise_nothing_and_are_counted_once(seed: int) -> None:
    r = random.Random(90_000 + seed)
    data = bytearray(b"".join(write_cot(some(seed + n)) for n in range(3)))
    for _ in range(r.randint(1, 12)):
        at = r.randrange(len(data))
        match r.randrange(4):
            case 0:
                data[at] = r.randrange(256)
            case 1:
                del data[at : at + r.randint(1, 40)]
            case 2:
                data[at:at] = r.choice([b"<", b'"', b"<!--", b"<![CDATA[", b"<!DOCTYPE a [", b"\xbf\x05", b"<event "])
            case _:
                data[at:at] = data[at : at + 90]
    results = []
    for most in (1, 50, 1 << 20):
        stream = CotStream()
        found = [doc for piece in pieces(bytes(data), r, most) for doc in stream.feed(piece)]
        stream.finish()
        results.append((found, stream.counts))
        for doc in found:
            good, aside = read_cot(doc)
            assert len(good) + len(aside) == 1
    assert results[0] == results[1] == results[2]


@pytest.mark.parametrize("begin", [b"<!--", b"<![CDATA[", b"<?"])
@pytest.mark.parametrize("most", [1, 999, 1 << 20])
def test_what_has_no_end_hides_64_kib_and_no_more(begin: bytes, most: int) -> None:
    """Each octet of it is looked at once: begun anew at every mark, 240 kB of them took five seconds."""
    doc = write_cot(some(4))
    hidden = begin * (MOST_OCTETS // len(begin) + 1)
    stream = CotStream()
    data = hidden[:MOST_OCTETS] + doc
    found = [d for piece in pieces(data, random.Random(most), most) for d in stream.feed(piece)]
    assert found == [doc]
    assert stream._at == 0
    assert len(stream._held) == 0
