"""Reports: what they say is what the archive holds, in both languages, and a PDF is one."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from tests.app.test_recording import SITE
from tests.way.command import vigie
from vigie.airspace.aerodromes import Aerodrome
from vigie.app.drawing import Line, Text, png, svg
from vigie.history import ask
from vigie.history.figures import figures
from vigie.history.flights import flights
from vigie.history.store import DayWriter
from vigie.history.words import parse_span
from vigie.terms.tables import ALERT, HEALTH, PLOT, TRACK
from vigie.terms.utc import parse_instant

DAY = "2026-11-25"
START = parse_instant("2026-11-25T01:00:00Z", 0)
NS = 10**9
PLACE = Aerodrome(icao="SARR", name="Resistencia <b>", lat_deg=-26.7566, lon_deg=-60.4926, elevation_amsl_m=90.0)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A flight without transponder that lands, one that flies over, a false track of two seconds, three alerts."""
    folder = tmp_path_factory.mktemp("reported")
    n = 900
    tracks = TRACK.empty(2 * n + 2)
    for k, rows in enumerate((tracks[:n], tracks[n : 2 * n])):
        t = np.arange(n)
        rows["now_ns"], rows["track_no"], rows["status"] = START + t * NS, k + 1, 2
        down = np.clip((n - 100 - t) / n, 0, 1) if k == 0 else (n - t) / n
        rows["lat_deg"], rows["lon_deg"] = PLACE.lat_deg + down, PLACE.lon_deg + 0.4 * k
        rows["v_north_mps"] = np.where(down <= 0.01, 5.0, 140.0)
        rows["v_east_mps"] = 0.0
    tracks["icao24"][n : 2 * n], tracks["callsign"][n : 2 * n] = 0xE00001, b"ARG<1>"
    tracks["now_ns"][2 * n :], tracks["track_no"][2 * n :], tracks["status"][2 * n :] = START, 3, 2
    tracks["lat_deg"][2 * n :], tracks["lon_deg"][2 * n :] = PLACE.lat_deg + 0.5, PLACE.lon_deg
    plots = PLOT.empty(n)
    plots["rx_ns"] = plots["toa_ns"] = START + np.arange(n) * NS
    plots["kind"], plots["icao24"], plots["sensor_id"] = 4, 0xE00001, 1
    alerts = ALERT.empty(4)
    alerts["alert_no"], alerts["severity"] = [1, 2, 3, 1], [3, 4, 1, 3]
    alerts["rule"], alerts["reason"], alerts["reason_fr"] = b"stca", b"too near", "trop près à 3 NM".encode()
    alerts["raised_ns"] = START + np.array([10, 20, 30, 10]) * NS
    alerts["now_ns"] = START + np.array([10, 20, 30, 52]) * NS
    alerts["acknowledged_ns"][3], alerts["acknowledged_by"][3] = START + 52 * NS, b"aicha"
    health = HEALTH.empty(90)
    health["now_ns"], health["sensor_id"] = START + np.arange(90) * 10 * NS, 1
    health["state"] = np.where(np.arange(90) < 81, 1, 4)
    writer = DayWriter(folder, DAY)
    for name, rows in (("tracks", tracks), ("plots", plots), ("alerts", alerts), ("health", health)):
        writer.add(name, rows)
    writer.add("flights", flights(tracks, plots, [PLACE]))
    writer.close({"software": "t", "site_text": SITE, "recording": "ab" * 32, "balances": True,
                  "decode": {"records": 900, "rejected": {"bad_fspec": 2}}, "track": {"plots": 898}})  # fmt: skip
    return folder


def test_the_figures_are_those_of_the_rows(archive: Path) -> None:
    span = parse_span(DAY, START)
    held = ask.Archive(archive, span)
    found = figures(held, span)
    assert [row["track_no"] for row in found.flights] == [1, 2]
    assert found.brief == 1
    assert [row["to_aerodrome"] for row in found.landings] == ["SARR"]
    assert [row["track_no"] for row in found.dark] == [1]
    (sensor,) = found.sensors
    assert (sensor.plots, sensor.available) == (900, pytest.approx(0.9))
    assert [(b - a) // NS for a, b, _ in sensor.gaps] == [80]
    assert [a.alert_no for a in found.alerts] == [1, 2, 3]
    assert found.reactions_s(3) == (42.0, 42.0)
    assert found.alerts[0].by == "aicha"
    assert found.alerts[0].reason_fr == "trop près à 3 NM"
    assert len(found.map_rows) == 2 * 45 + 2
    elsewhere = figures(held, span, box=(10.0, 10.0, 11.0, 11.0))
    held.close()
    assert not elsewhere.flights
    assert not elsewhere.landings


def test_both_languages_and_both_layouts(archive: Path, tmp_path: Path) -> None:
    words = ("--archive", archive, "--zone", "Africa/Niamey", "--now", "2026-11-26T00:00:00Z")
    vigie("report", "daily", DAY, *words, "--language", "fr", "--to", tmp_path / "jour")
    page = (tmp_path / "jour.html").read_text("utf-8")
    for text in ("rapport du jour", "Vols sans transpondeur", "trop près à 3 NM", "Annexe pour le technicien", "42 s",
                 "90,0 %", "bad_fspec", "Conflit à court terme", "posé à SARR", "Ils sont équilibrés"):  # fmt: skip
        assert text in page, text
    assert "<script" not in page
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "ARG<1>" not in page
    assert "ARG&lt;1&gt;" in page
    octets = (tmp_path / "jour.pdf").read_bytes()
    assert octets.startswith(b"%PDF-")
    assert re.search(rb"/FontName /\w{6}\+BitstreamVeraSans", octets)  # embedded, so that every reader has the letters
    vigie("report", "daily", DAY, *words, "--language", "fr", "--to", tmp_path / "again.pdf")
    assert (tmp_path / "again.pdf").read_bytes() == octets  # nothing of the clock or of chance is in it
    said = vigie("report", "daily", DAY, *words, "--to", tmp_path / "jour.pdf", expect=2)
    assert "nothing is overwritten" in said
    vigie("report", "incident", f"{DAY} 02:00-03:00", *words, "--language", "en", "--to", tmp_path / "i.html",
          "--box=-27,-61,-25,-60.3")  # fmt: skip
    page = (tmp_path / "i.html").read_text("utf-8")
    assert "incident report" in page
    assert "too near" in page
    assert "expected en or fr" in vigie("report", "daily", DAY, *words, "--language", "xx", "--to", "x", expect=2)


def test_a_picture_is_the_same_shapes_in_svg_and_png() -> None:
    shapes = [Line(((1.0, 1.0), (90.0, 50.0)), "#ff0000", 4), Text(5, 50, "<à>")]
    assert "&lt;à&gt;" in svg(shapes, 100, 60)
    octets = png(shapes, 100, 60, "title")
    assert octets.startswith(b"\x89PNG")
    assert octets[16:24] == (100).to_bytes(4, "big") + (60).to_bytes(4, "big")
