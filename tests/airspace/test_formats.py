"""AIXM, OpenAir, GeoJSON, ED-269 and ED-318: own writing, files of others, any octets."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.airspace.aixm_changes import read_changes
from vigie.airspace.files import FORMATS, format_of, read_areas, write_areas
from vigie.airspace.index import build_index
from vigie.airspace.reference import reference_aerodromes, reference_text, reference_volumes
from vigie.airspace.shapes import circle, combine, polygons_of
from vigie.airspace.store import active_ids, all_volumes, apply, state_of
from vigie.airspace.volume import AGL, AMSL, FL, KINDS, SURFACE, UNLIMITED, Level, Volume
from vigie.sensors.places import AREA_FORMATS, AREA_KINDS
from vigie.terms.utc import civil_ns
from vigie.terms.windows import Window

PLACES = {"Niamey": (13.51, 2.11), "Agadez": (16.97, 7.99), "Ouagadougou": (12.37, -1.52), "Gao": (16.27, -0.04)}
BAMAKO = (12.65, -8.0)

names = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=8)
levels = st.one_of(
    st.just(SURFACE), st.integers(10, 600).map(lambda n: Level(FL, n * 30.48)),
    st.integers(1, 400).map(lambda n: Level(AMSL, n * 30.48)), st.integers(1, 100).map(lambda n: Level(AGL, n * 30.48)),
)  # fmt: skip
windows = st.builds(
    Window, days=st.integers(1, 127), from_s=st.integers(0, 23).map(lambda h: h * 3600),
    to_s=st.integers(1, 24).map(lambda h: h * 3600),
)  # fmt: skip
rings = st.tuples(st.floats(-179, 179), st.floats(-80, 80), st.floats(2e3, 200e3)).map(
    lambda c: circle((round(c[0], 4), round(c[1], 4)), c[2])[::9]
)
volumes = st.builds(
    Volume, id=names, name=names, kind=st.sampled_from(["R", "P", "D", "CTR", "TMA", "TSA"]), rings=st.tuples(rings),
    floor=levels, ceiling=st.one_of(levels.filter(lambda x: x != SURFACE), st.just(UNLIMITED)),
)  # fmt: skip


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=10)
@given(st.lists(volumes, min_size=1, max_size=4, unique_by=lambda v: v.id), windows)
def test_what_is_written_is_read_again(name: str, wrote: list[Volume], window: Window) -> None:
    if name in ("aixm", "geojson"):
        wrote = [Volume(**{**_fields(v), "times": (window,)}) for v in wrote]
    data = write_areas(tuple(wrote), name).encode()
    assert format_of(data) == name
    read, problems = read_areas(data, "again")
    assert not problems
    assert len(read) == len(wrote)
    exact_levels = name in ("aixm", "geojson", "openair")
    for a, b in zip(wrote, read, strict=True):
        assert (b.name, b.kind) == (a.name, a.kind if name not in ("ed269", "ed318") else "UAS")
        for x, y in ((a.floor, b.floor), (a.ceiling, b.ceiling)):
            assert y.datum == (x.datum if exact_levels or x.datum != FL else AMSL)
            assert y.value_m == pytest.approx(x.value_m, abs=1e-6)
        # A format whose lines are straight in degrees has more points, none of ours is lost or moved.
        off = np.abs(np.array(a.rings[0])[:, None, :] - np.array(b.rings[0])[None, :, :]).max(axis=2)
        assert off.min(axis=1).max() < (2e-6 if name == "openair" else 1e-9)
        assert len(b.rings[0]) < 4 * len(a.rings[0]) + 40
        if name == "geojson":
            assert b.times == a.times
        if name == "aixm":
            hours = [h * 3_600_000_000_000 + 86_400_000_000_000 * d for d in range(7) for h in range(24)]
            assert [a.active_at(t) for t in hours] == [b.active_at(t) for t in hours]


def _fields(volume: Volume) -> dict[str, object]:
    return {n: getattr(volume, n) for n in Volume.__slots__}


@settings(max_examples=120)
@given(st.sampled_from(FORMATS), st.integers(0, 10_000), st.binary(max_size=8))
def test_any_octets_are_read_or_set_aside(name: str, at: int, junk: bytes) -> None:
    good = write_areas(
        (Volume(id="A", name="A", kind="R", rings=(((0.0, 0.0), (0.0, 1.0), (1.0, 1.0)),)),), name
    ).encode()
    at %= len(good)
    for data in (junk, good[:at] + junk + good[at + len(junk) :]):
        read_areas(data, "x")
        read_areas(data, "x", name)


def test_xml_with_a_document_type_or_entities_is_refused() -> None:
    for data in (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'):
        read, problems = read_areas(data, "x")
        assert not read
        assert [p.field for p in problems] == ["xml_dtd"]


def test_openair_names_the_line_of_what_is_wrong_and_keeps_the_rest() -> None:
    text = "AC R\nAN GOOD\nAL SFC\nAH FL95\nV X=13:30:00 N 002:10:00 E\nDC 5\n\nAC P\nAN BAD\nAL SOON\nDC 5\n\nAC Q\n"
    text += "AN LAST\n"
    read, problems = read_areas((text + "V X=14:00:00 N 003:00:00 E\nDC 3\n").encode(), "a.txt")
    assert [(v.name, v.kind) for v in read] == [("GOOD", "R"), ("LAST", "D")]
    assert [(p.line, p.field) for p in problems] == [(10, "AL")]


def test_extended_openair_has_types_ids_and_times() -> None:
    text = (
        "AI 42\nAY TMZ\nAC D\nAN ONE\nAF 118.150\nAA 2026-11-27T06:00Z/2026-11-27T18:00Z\nAL 1000ft AGL\nAH FL 95\n"
        "DP 13:00:00 N 002:00:00 E\nDP 13:00:00 N 003:00:00 E\nDP 14:00:00 N 003:00:00 E\n"
        "AI 43\nAC R\nAN TWO\nV W=10\nDY 13:00:00 N 002:00:00 E\nDY 14:00:00 N 003:00:00 E\nAA NONE\n"
    )
    (one, two), problems = read_areas(text.encode(), "a.txt")
    assert not problems
    assert (one.id, one.kind, one.icao_class, one.frequency_mhz) == ("42", "TMZ", "D", 118.15)
    assert len(one.times) == 1
    assert (one.floor.datum, one.ceiling.datum) == (AGL, FL)
    assert (two.id, two.by_notice) == ("43", True)


@pytest.mark.shared
def test_the_files_of_others_load_as_their_readme_says(shared: Path) -> None:
    folder = shared / "data/reference"
    donlon, problems = read_areas((folder / "aixm_donlon_EA_AIP_DS_FULL_20170701.xml").read_bytes(), "donlon.xml")
    assert not problems
    assert len({v.source for v in donlon}) == 20  # 20 Airspace, one of them with two layers
    openair, problems = read_areas((folder / "xcsoar_openair.txt").read_bytes(), "openair.txt")
    assert not problems
    assert len(openair) == 25
    firs, problems = read_areas((folder / "vatspy_Boundaries.geojson").read_bytes(), "firs.geojson")
    assert not problems
    assert len(firs) == 1102
    index = build_index([v for v in firs if v.id == "DRRR"])
    assert {name: bool(index.inside(*place)) for name, place in PLACES.items()} == dict.fromkeys(PLACES, True)
    assert not index.inside(*BAMAKO)
    change, problems = read_areas((folder / "aixm_DN_SAA.ACT_area_activation.xml").read_bytes(), "act.xml")
    assert not change
    assert [p.field for p in problems] == ["timeSlice"]
    for volumes in (donlon, openair):
        for name in FORMATS:
            again, wrong = read_areas(write_areas(volumes, name).encode(), name)
            assert not wrong
            assert len(again) >= len(volumes)


@pytest.mark.shared
def test_a_digital_notam_wakes_the_area_of_another_file(shared: Path) -> None:
    folder = shared / "data/reference"
    donlon, _ = read_areas((folder / "aixm_donlon_EA_AIP_DS_FULL_20170701.xml").read_bytes(), "donlon.xml")
    (notice,), aside = read_changes((folder / "aixm_DN_SAA.ACT_area_activation.xml").read_bytes(), "act.xml")
    assert not aside
    assert (notice.number, notice.fir, str(notice.floor), str(notice.ceiling)) == ("A1200/18", "EAAD", "FL250", "FL350")
    asleep = [replace(v, by_notice=True) for v in donlon if v.id == "EAR2"]
    state = apply(state_of(asleep), notice).state
    volumes = all_volumes(state)
    assert [v.id for v in volumes] == ["EAR2"]
    at = [civil_ns(2018, 5, 1, hour) or 0 for hour in (4, 6, 16)]
    assert [active_ids(state, volumes, t) for t in at] == [(False,), (True,), (False,)]
    assert [w.field for w in read_changes(b"<a/>", "x")[1]] == ["timeSlice"]
    assert [w.field for w in read_changes(b"<!DOCTYPE a><a/>", "x")[1]] == ["xml_dtd"]
    assert [w.field for w in read_changes(b"<a>", "x")[1]] == ["xml"]


def test_our_own_reference_is_marked_and_holds_its_towns() -> None:
    volumes = reference_volumes()
    index = build_index([v for v in volumes if v.kind == "FIR"])
    assert len(index.volumes) == 1
    assert all(index.inside(*place) for place in PLACES.values())
    assert not index.inside(*BAMAKO)
    assert sorted(v.id for v in volumes if v.kind == "BORDER") == [
        f"BORDER-{s}" for s in ("BF", "BJ", "DZ", "LY", "ML", "NE", "NG", "TD")
    ]
    assert all("NOT FOR OPERATIONS" in v.remarks for v in volumes)
    assert all("NOT FOR OPERATIONS" in reference_text(n) for n in ("aerodromes.csv", "waypoints.csv", "airways.csv"))
    assert {"DRRN", "DRZA", "DFFD", "GAGO"} <= {a.icao for a in reference_aerodromes()}


def test_the_site_file_knows_the_same_kinds_and_formats() -> None:
    assert AREA_KINDS == KINDS
    assert AREA_FORMATS == FORMATS


def test_outlines_are_joined_cut_and_crossed() -> None:
    left, right = circle((2.0, 13.0), 50e3), circle((2.5, 13.0), 50e3)
    area = {op: _area(combine((left,), (right,), op)) for op in ("UNION", "SUBTR", "INTERS")}
    alone = _area((left,))
    assert area["SUBTR"] + area["INTERS"] == pytest.approx(alone, rel=1e-3)
    assert area["UNION"] + area["INTERS"] == pytest.approx(2 * alone, rel=1e-3)
    hole = combine((circle((2.0, 13.0), 90e3),), (circle((2.0, 13.0), 20e3),), "SUBTR")
    assert len(hole) == 2
    assert [len(p) for p in polygons_of(hole)] == [2]


def _area(outline: tuple[tuple[tuple[float, float], ...], ...]) -> float:
    return sum(shapely.Polygon(p[0], p[1:]).area for p in polygons_of(outline))


def test_geojson_names_the_feature_that_is_wrong() -> None:
    square = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}
    features = [
        {"type": "Feature", "properties": {"name": "good"}, "geometry": square},
        {"type": "Feature", "properties": {"floor": "HIGH"}, "geometry": square},
        {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [0, 0]}},
        {
            "type": "Feature",
            "properties": {},
            "geometry": {"type": "Polygon", "coordinates": [[[0, 95], [1, 0], [1, 1]]]},
        },
    ]
    read, problems = read_areas(json.dumps({"type": "FeatureCollection", "features": features}).encode(), "a.json")
    assert [v.name for v in read] == ["good"]
    assert [p.field for p in problems] == ["feature 2: floor", "feature 3: geometry", "feature 4: coordinates"]
