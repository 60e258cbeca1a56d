"""``vigie airspace`` and ``vigie flights``: what they print, what they refuse, what they write."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from vigie.airspace.files import format_of
from vigie.app.commands import airspace, flights
from vigie.app.knowledge import load_knowledge
from vigie.sensors.site import load_site

RUN = CliRunner()
OPEN = "AC R\nAN TILLABERI\nAL SFC\nAH FL95\nV X=13:30:00 N 002:06:00 E\nDC 5\nAC P\nAN BAD\nAL X\n"
SITE = '[centre]\nname = "Niamey"\nlat_deg = 13.48\nlon_deg = 2.18\n'
PLAN = "(FPL-NIG105-IS-B738/M-S/C-DRRN1030-N0450F350 NOWHR DCT-DRZA0130-DOF/261127)\n"


def test_areas_are_listed_by_place_and_checked(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text(OPEN)
    shown = RUN.invoke(airspace.program, ["list", str(file), "--json", "--at", "13.5,2.1"])
    assert [a["name"] for a in json.loads(shown.stdout)] == ["TILLABERI"]
    assert not json.loads(RUN.invoke(airspace.program, ["list", str(file), "--json", "--at", "0,0"]).stdout)
    checked = RUN.invoke(airspace.program, ["check", str(file)])
    assert checked.exit_code == 1
    assert f"{file}:9: AL" in checked.output
    assert RUN.invoke(airspace.program, ["check", "builtin:niger"]).exit_code == 0


@pytest.mark.parametrize("name", ["aixm", "openair", "geojson", "ed269", "ed318"])
def test_areas_are_written_in_every_format(tmp_path: Path, name: str) -> None:
    out = tmp_path / "out.any"
    done = RUN.invoke(airspace.program, ["export", "builtin:niger", "--only", "FIR", "--as", name, "--to", str(out)])
    assert done.exit_code == 0, done.output
    assert format_of(out.read_bytes()) == name


def test_areas_and_flights_are_taken_into_a_centre(tmp_path: Path) -> None:
    site, areas, plans = tmp_path / "n.toml", tmp_path / "a.txt", tmp_path / "p.txt"
    site.write_text(SITE)
    areas.write_text(OPEN)
    plans.write_text(PLAN)
    lines = RUN.invoke(airspace.program, ["import", str(areas), "--site", str(site)])
    assert lines.exit_code == 0, lines.output
    taken = RUN.invoke(flights.program, ["import", "messages", str(plans), "--site", str(site)])
    assert taken.exit_code == 0, taken.output
    site.write_text(
        SITE + lines.stdout[lines.stdout.index("[[area]]") :] + taken.stdout[taken.stdout.index("[flights]") :]
    )
    known = load_knowledge(load_site(site))
    assert [v.name for v in known.airspace.volumes.values()] == ["TILLABERI"]
    assert list(known.flights.plans) == ["NIG105/DRRN/2611271030"]
    shown = RUN.invoke(flights.program, ["list", "--site", str(site)])
    assert "NIG105/DRRN/2611271030" in shown.stdout
    assert "NOWHR" in shown.stdout
    again = RUN.invoke(flights.program, ["import", "messages", str(plans), "--site", str(site)])
    assert again.exit_code != 0  # nothing is overwritten


def test_each_bad_row_is_named(tmp_path: Path) -> None:
    file = tmp_path / "permits.csv"
    file.write_text("number;kind;valid_from;icao24s\n1/26;overflight;2026-11-01;062001\n2/26;gift;2026-11-31;xyz\n")
    checked = RUN.invoke(flights.program, ["check", "permits", str(file), "--json"])
    assert checked.exit_code == 1
    told = json.loads(checked.stdout)
    assert told["good"] == 1
    assert [(r["line"], r["field"]) for r in told["set_aside"]] == [(3, "kind"), (3, "valid_from"), (3, "icao24s")]
    assert "number" in RUN.invoke(flights.program, ["columns", "permits"]).stdout
    file.write_text("numbre,kind\n1,overflight\n")
    told = json.loads(RUN.invoke(flights.program, ["check", "permits", str(file), "--json"]).stdout)
    assert "did you mean 'number'" in told["set_aside"][0]["reason"]
