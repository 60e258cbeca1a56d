"""What a centre knows beside its sensors: the tables of the site file and the files they name."""

from __future__ import annotations

from pathlib import Path

import pytest

from vigie.airspace.index import build_index
from vigie.airspace.store import active_ids, all_volumes
from vigie.app.inputs import known_for
from vigie.app.knowledge import knowledge_of, knowledge_text, load_knowledge
from vigie.app.known import known_from, known_text
from vigie.record.writer import Recorder
from vigie.sensors.site import load_site
from vigie.terms.batch import Batch, no_frames
from vigie.terms.errors import SiteError
from vigie.terms.utc import civil_ns

SITE = """
[centre]
name = "Niamey"
lat_deg = 13.48
lon_deg = 2.18

[[area]]
file = "builtin:niger"
only = ["FIR", "BORDER-NE"]

[[area]]
id = "R1"
kind = "R"
lat_deg = 13.5
lon_deg = 2.2
radius_m = 5000
floor = "500 FT AGL"
ceiling = "FL095"
times = ["MON-FRI 0600-1800"]
parameters = { warn_s = 120 }

[[area]]
id = "C1"
kind = "CORRIDOR"
centreline_deg = [[13.5, 2.2], [16.97, 7.99]]
width_m = 20000

[[area]]
file = "open.txt"

[[site]]
id = "DEPOT"
lat_deg = 13.5
lon_deg = 2.1
warn_m = 15000

[[aerodrome]]
file = "builtin:niger"

[flights]
messages = ["plans.txt"]
permits = ["permits.csv"]
waypoints = ["builtin:niger"]
airways = ["builtin:niger"]
notices = ["notam.txt"]
known = ["known.csv"]
own_state = "NE"
"""
NOW = civil_ns(2026, 11, 27, 9) or 0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "site.toml").write_text(SITE)
    (tmp_path / "open.txt").write_text("AC P\nAN PALACE\nV X=13:30:00 N 002:06:00 E\nDC 1\nAC R\nAN BAD\nAL X\n")
    (tmp_path / "plans.txt").write_text(
        "(FPL-NIG105-IS-B738/M-S/C-DRRN1030-N0450F350 VINAM VG1 VIAGA DCT-DRZA0130-DOF/261127)\n(FPL-BAD)"
    )
    (tmp_path / "permits.csv").write_text("number,valid_from,callsigns\n7/26,2026-11-01,CTM*\n8/26,soon,X\n")
    (tmp_path / "known.csv").write_text("known_as,icao24,reason\nfriend,062001,ours\nfriend,,nobody\n")
    (tmp_path / "notam.txt").write_text(
        "A0001/26 NOTAMN\nQ) DRRR/QRPCA/IV/BO/W/000/100/1400N00300E010\nA) DRRR B) 2611270600 C) 2611271800\nE) X"
    )
    return tmp_path


def test_all_tables_and_files_are_known_and_each_bad_row_is_named(folder: Path) -> None:
    known = load_knowledge(load_site(folder / "site.toml"), NOW)
    volumes = all_volumes(known.airspace)
    assert [v.id for v in volumes] == ["BORDER-NE", "VIGIE-NIAMEY-FIR", "R1", "C1", "PALACE", "NOTAM A0001/26"]
    active = dict(zip((v.id for v in volumes), active_ids(known.airspace, volumes, NOW), strict=True))
    assert active["R1"]
    assert active["NOTAM A0001/26"]
    r1 = known.airspace.volumes["R1"]
    assert (str(r1.floor), str(r1.ceiling), r1.parameter("warn_s", 0.0)) == ("500 FT AGL", "FL095", 120.0)
    assert {v.id for v in build_index(volumes).inside(13.5, 2.1)} >= {
        "BORDER-NE",
        "VIGIE-NIAMEY-FIR",
        "PALACE",
        "C1",
    } - {"C1"}
    assert [s.id for s in known.sites] == ["DEPOT"]
    (plan,) = known.flights.plans.values()
    assert [p.name for p in plan.points] == ["DRRN", "VINAM", "VITAH", "VIAGA", "DRZA"]
    assert not plan.unresolved
    assert all(p.eto_ns > NOW for p in plan.points)
    assert list(known.flights.permits) == ["7/26"]
    assert len(known.flights.known) == 1
    assert known.own_state == "NE"
    assert [(p.file, p.line, p.field) for p in known.problems] == [
        ("open.txt", 7, "AL"), ("permits.csv", 3, "valid_from"), ("known.csv", 3, "icao24"),
        ("plans.txt", 2, "FPL field 8"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('floor = "500 FT AGL"', 'floor = "HIGH"', r"site.toml:11: \[area\] floor: 'HIGH' is no level"),
        ("MON-FRI", "MOON", r"site.toml:11: \[area\] times: 'MOON' is no day"),
        ('"open.txt"', '"nowhere.txt"', r"\[area\] nowhere.txt: cannot be read"),
        ("radius_m = 5000", "", r"site.toml:11: \[area\] area: has no shape, expected one of"),
        ("radius_m", "radius", r"site.toml:16: \[area\] radius: unknown key; did you mean 'radius_m'"),
        ("width_m = 20000", "", r"\[area\] width_m: is missing"),
        ("centreline_deg = [[13.5, 2.2]", "centreline_deg = [[135, 2.2]", r"\[area\] centreline_deg: found"),
        ('id = "R1"', 'id = "BORDER-NE"', r"\[area\] id: 'BORDER-NE' is the id of"),
        ('only = ["FIR"', 'only = ["FIRE"', None),
        ("warn_m = 15000", "warn_m = 1", r"\[site\] warn_m: found 1, expected a distance"),
        ('own_state = "NE"', 'own_state = "Niger"', r"\[flights\] own_state: found 'Niger'"),
    ],
)  # fmt: skip
def test_a_wrong_key_is_named_with_its_line(folder: Path, old: str, new: str, expected: str | None) -> None:
    (folder / "site.toml").write_text(SITE.replace(old, new, 1))
    if expected is None:
        load_knowledge(load_site(folder / "site.toml"), NOW)
        return
    with pytest.raises(SiteError, match=expected):
        load_knowledge(load_site(folder / "site.toml"), NOW)


def test_a_recording_carries_what_was_known(folder: Path) -> None:
    known = load_knowledge(load_site(folder / "site.toml"), NOW)
    again = knowledge_of(knowledge_text(known))
    assert again == known
    chain = known_from(known_text(load_site(folder / "site.toml"), NOW))
    assert chain.ground.volumes == all_volumes(known.airspace)
    assert chain.flights == known.flights
    assert known_from("").ground.volumes == ()
    recorder = Recorder(folder / "out", known_text=knowledge_text(known))
    recorder.append(Batch(now_ns=NOW, mono_ns=1, frames=no_frames()))
    recorder.close()
    assert knowledge_of(known_for([folder / "out"], None)) == known
