"""What a centre wants, said in its site file: rules, words, sounds, identification, codes, terrain."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.earth.test_terrain import write_tile
from vigie.app.known import known_from, known_text
from vigie.app.pipeline import State
from vigie.app.policy import terrain_from, terrain_text, wanted_of
from vigie.sensors.site import load_site, parse_site
from vigie.show.describe import site_json
from vigie.terms.errors import SiteError
from vigie.watch.kernels.ground import NO_TERRAIN, Terrain

HEAD = '[centre]\nname = "T"\nlat_deg = 13.5\nlon_deg = 2.5\n'


def test_rules_words_sounds_and_identification_are_those_of_the_site_file() -> None:
    site = parse_site(HEAD + """
[alerts]
off = ["loitering"]
parameters = { "stca.horizon_s" = 60, "apw_intrusion/NIA-R1.raise_s" = 5 }
sounds = { border_crossing = "none", stca = "alarm" }
texts = { stca = { en = "CONFLICT", fr = "CONFLIT" } }
[identity]
categories = ["pending", "unknown", "friend", "suspect"]
civil = true
weights = { plan = 4 }
suspect = -5
codes = ["4001-4007"]
""", file="t.toml")  # fmt: skip
    state = State(site)
    assert state.watch.settings == {
        ("loitering", "", "on"): 0.0, ("stca", "", "horizon_s"): 60.0, ("apw_intrusion", "NIA-R1", "raise_s"): 5.0,
    }  # fmt: skip
    assert state.watch.texts == {"stca": ("CONFLICT", "CONFLIT")}
    assert site_json(site)["sounds"] == {"border_crossing": "none", "stca": "alarm"}
    policy = state.identify.policy
    assert (policy.civil, policy.suspect, policy.weight("plan")) == (True, -5, 4.0)
    assert policy.used == {0, 1, 3, 5}
    assert state.hands.codes.ranges == [(0o4001, 0o4007)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[alerts]\noff = ["stcca"]', "no parameter 'stcca.on' is known"),
        ('[alerts]\nparameters = { "stca.horizon_s" = -3 }', "-3 is not between"),
        ('[alerts]\nsounds = { sctca = "alarm" }', "no rule 'sctca' is known"),
        ('[alerts]\nsounds = { stca = "loud" }', "expected by rule one of none"),
        ('[alerts]\nsend_to = ["udp://127.0.0.1:4000"]', "needs sac and sic"),
        ('[alerts]\nsend_to = ["tcp://127.0.0.1:4000"]\nsac = 1\nsic = 2', "udp://HOST:PORT"),
        ('[identity]\ncategories = ["foe"]', "'foe' is none of pending"),
        ("[identity]\nweights = { charm = 3 }", "no evidence 'charm' is known"),
        ('[identity]\ncodes = ["4001-4008"]', "ranges of Mode 3/A codes"),
        ("[terrain]\nstep_deg = 0.01", "tiles: is missing"),
        ('[terrain]\ntiles = "nowhere"', "cannot be read"),
    ],
)
def test_what_nothing_knows_is_named_with_its_place(text: str, said: str) -> None:
    with pytest.raises(SiteError, match=r"t\.toml:\d+: \[") as caught:
        known_text(parse_site(HEAD + text, file="t.toml"), 0)
    assert said in str(caught.value)


def test_the_operators_tiles_reach_the_watch_and_a_recording_carries_them(tmp_path: Path) -> None:
    heights = np.full((121, 121), 300.0)
    heights[60, 60] = 1400.0
    write_tile(tmp_path / "n13.tif", heights, 2.0, 14.0, 1 / 120)
    (tmp_path / "t.toml").write_text(
        HEAD + '[terrain]\ntiles = "n13.tif"\nradius_nmi = 40\nundulation_m = 25\n', "utf-8"
    )
    site = load_site(tmp_path / "t.toml")
    text = known_text(site, 0)
    (tmp_path / "n13.tif").unlink()
    ground = State(site, known=known_from(text)).watch.ground
    assert ground.undulation_m == 25.0
    known = ground.terrain.heights_m[np.isfinite(ground.terrain.heights_m)]
    assert (known.min(), known.max()) == (300.0, 1400.0)
    assert known.size < ground.terrain.heights_m.size  # the tile is smaller than the circle
    assert len(text) < 20_000


def test_a_ground_goes_into_text_and_back() -> None:
    there = Terrain(lat0_deg=1.0, lon0_deg=2.0, step_deg=0.5, heights_m=np.array([[1.0, np.nan], [-7.0, 4000.0]]))
    back = terrain_from(terrain_text(there))
    np.testing.assert_array_equal(back.heights_m, there.heights_m)
    assert (back.lat0_deg, back.lon0_deg, back.step_deg) == (1.0, 2.0, 0.5)
    assert terrain_from(terrain_text(NO_TERRAIN)).heights_m.size == 0
    assert wanted_of(parse_site(HEAD, file="t.toml")).settings == {}
