from __future__ import annotations

from pathlib import Path

import pytest

from tests.simulate.skies import ADSB, HEAD, flight, radar, sky, table
from vigie.sensors.site import parse_site
from vigie.simulate import grammar
from vigie.simulate.exercise import exercise_names, load_exercise, parse_exercise
from vigie.simulate.reference import exercise_reference
from vigie.simulate.run import Simulation
from vigie.simulate.site import site_toml
from vigie.terms.errors import ExerciseError

ONE = flight("ONE", ["DRRN", "DRZA"])


def problems(text: str) -> list[str]:
    with pytest.raises(ExerciseError) as caught:
        parse_exercise(text, file="e.toml")
    return caught.value.problems


def line_of(text: str, needle: str) -> int:
    return next(n for n, line in enumerate(text.splitlines(), 1) if line.startswith(needle))


@pytest.mark.parametrize(
    ("text", "needle", "key", "said"),
    [
        (HEAD + flight("ONE", ["DRRN", "XXXX"]), "route", "route", "unknown place 'XXXX'"),
        (HEAD + flight("ONE", ["DRRN", "DRZA"], type="A999"), "type", "type", "expected one of"),
        (HEAD + flight("ONE", ["DRRN", "DRZA/390"]), "route", "route", "/Fnnn"),
        (HEAD + flight("ONE", ["DRRN", "DRZA/T9N400"]), "route", "route", "in this order"),
        (HEAD + flight("ONE", ["DRRN", "DRZA"], code="8888"), "code", "code", "octal"),
        (HEAD + ONE + flight("ONE", ["DRRN", "DRZA"]), "", "callsign", "twice"),
        (HEAD + ONE + "[[flight]]\nroot = 1\n", "root", "root", "did you mean 'route'"),
        (HEAD + ONE + table("event", flight="TWO", at_s=1, do="ident"), "flight =", "flight", "callsign"),
        (HEAD + ONE + table("event", flight="ONE", at_s=1, do="fire"), "do =", "do", "expected one of"),
        (HEAD + ONE + table("event", flight="ONE", at_s=1, do="turn"), "do =", "do", "heading_deg or by_deg"),
        (HEAD + ONE + table("event", flight="ONE", do="ident"), "[[event]]", "at_s", "is missing"),
        (HEAD + ONE + table("event", flight="ONE", at_s=1, do="ident", g=3), "g =", "g", "no meaning"),
        (HEAD + ONE + table("fault", kind="silence", sensor=9), "sensor =", "sensor", "id of a [[sensor]]"),
        (
            HEAD + ONE + radar() + table("fault", kind="silence", sensor=1, from_s=5, to_s=2),
            "to_s",
            "to_s",
            "more than",
        ),
        (HEAD + ONE + radar(period_ms=4), "period_ms", "period_ms", "did you mean 'period_s'"),
        (HEAD + ONE + ADSB.replace("tcp://127.0.0.1:30005", "http://x"), "link", "link", "unknown kind"),
        (HEAD.replace("duration_s = 600", "duration_s = 0") + ONE, "duration_s", "duration_s", "expected a duration"),
        (HEAD.replace("2026-01-01T23:59:30Z", "soon") + ONE, "start", "start", "ISO time"),
        (HEAD + "[[fligth]]\ncallsign='X'\n", "[[fligth]]", "fligth", "did you mean 'flight'"),
        (HEAD, "[exercise]", "exercise", "at least one"),
    ],
)
def test_a_wrong_exercise_names_file_line_and_key(text: str, needle: str, key: str, said: str) -> None:
    found = problems(text)
    about = [p for p in found if said in p]
    assert about, found
    assert f"] {key}: " in about[0]
    file, line, _ = about[0].split(":", 2)
    assert file == "e.toml"
    if needle:
        assert int(line) == line_of(text, needle)


def test_text_that_is_no_toml_and_a_file_that_is_not_there_are_told() -> None:
    assert "not valid TOML" in problems("[exercise\n")[0]
    with pytest.raises(ExerciseError, match="niger_demo"):
        load_exercise("/nowhere/at/all.toml")


def test_every_exercise_of_the_library_is_right_and_in_both_languages() -> None:
    names = exercise_names()
    assert "niger_demo" in names
    for name in names:
        exercise = load_exercise(name)
        assert exercise.name_en != exercise.name_fr
        assert exercise.about_fr
        site = parse_site(site_toml(exercise), file="site.toml")
        assert site.exercise
        assert [s.id for s in site.sensors] == [row.sensor.id for row in exercise.sensors]


def test_the_site_tells_links_and_simulated_streams_but_no_faults() -> None:
    exercise = sky(ONE, radar(azimuth_bias_deg=1.5, range_bias_m=300), ADSB)
    text = site_toml(exercise, [5001, 5002])
    site = parse_site(text, file="site.toml")
    assert [link.text for link in site.links] == ["udp://127.0.0.1:5001", "tcp://127.0.0.1:5002"]
    assert [s.simulated for s in site.sensors] == [True, True]
    assert "bias" not in text
    one, _ = site.sensors
    assert (one.sac, one.sic, one.range_sd_m, one.period_s) == (226, 11, 40.0, 4.0)
    assert one.azimuth_sd_rad == pytest.approx(exercise.sensors[0].sensor.azimuth_sd_rad)


def test_the_reference_page_names_every_key_action_and_fault() -> None:
    page = exercise_reference()
    for names in (grammar.EVENT_KEYS, grammar.FLIGHT_KEYS, grammar.ACTIONS, grammar.FAULTS, grammar.FAULT_KEYS):
        assert all(f"`{name}`" in page for name in names)
    assert "trailer_bytes" not in page


def test_a_bluesky_scenario_flies_as_an_exercise(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    scenario = tmp_path / "two.scn"
    scenario.write_text(
        "# two aircraft\n00:00:00.00>CRE KL204,B738,13.0,2.0,90,FL250,280\n"
        "00:00:00.00>CRE AF1 ZZZZ 14.0 2.5 180 35000 .78\n00:00:00.00>ADDWPT KL204,13.5,4.0\n"
        "00:01:00.00>ALT KL204,FL290\n00:02:00.00>HDG AF1,270\n00:02:00.00>ASAS ON\nnonsense\n"
    )
    exercise = load_exercise(scenario)
    assert {f.callsign for f in exercise.flights} == {"KL204", "AF1"}
    assert exercise.flights[0].route[-1].lat_deg == 13.5
    said = caplog.text
    assert "ZZZZ" in said
    assert "ASAS" in said
    assert "line 8" in said
    simulation = Simulation(exercise)
    simulation.step(simulation.start_ns + 400 * 10**9)
    truth = {bytes(r["callsign"]): r for r in simulation.truth_rows(simulation.start_ns + 400 * 10**9)}
    assert truth[b"KL204"]["press_alt_m"] == pytest.approx(290 * 30.48, abs=20)
    assert truth[b"AF1"]["v_east_mps"] < -150
    assert len(simulation.plots()) > 100
