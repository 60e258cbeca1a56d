"""The keys of a site file that say how the centre wants things done: alerts, identity, terrain.

Here they are only checked, key by key; ``app.policy`` makes settings of rules and of identification of them, and
names what no rule knows.
"""

from __future__ import annotations

import re
from typing import Any, Final

from vigie.sensors.keys import Checker, KeyRule
from vigie.sensors.places import Row

SOUNDS: Final = {"none": 0, "notice": 1, "caution": 2, "warning": 3, "alarm": 4}
"""Names of sounds: none, or that of a severity."""
_SETTING: Final = r"[a-z_]+(/[\w. -]{1,60})?\.[a-z0-9_]+"


def _numbers(value: Any, names: str) -> bool:
    return all(re.fullmatch(names, k) and type(v) in (int, float) for k, v in value.items())


def _texts(value: Any) -> bool:
    return all(
        isinstance(v, dict)
        and set(v) <= {"en", "fr"}
        and all(isinstance(t, str) and 0 < len(t) <= 80 for t in v.values())
        for v in value.values()
    )


def _links(value: Any) -> bool:
    return all(isinstance(v, str) and re.fullmatch(r"udp://[^\s?]+:\d{1,5}(\?interface=\S+)?", v) for v in value)


def _ranges(value: Any) -> bool:
    return all(isinstance(v, str) and re.fullmatch(r"[0-7]{4}-[0-7]{4}", v) and v[:4] <= v[5:] for v in value)


def _names(value: Any) -> bool:
    return all(isinstance(v, str) and re.fullmatch(r"[a-z_]+", v) for v in value)


_NUMBER: Final = (int, float)
_SCORE: Final = KeyRule(_NUMBER, "a score from -20 to 20", lambda v: -20 <= v <= 20)
ALERTS_KEYS: Final[dict[str, KeyRule]] = {
    "off": KeyRule((list,), "a list of names of rules that do not apply here", _names),
    "parameters": KeyRule(
        (dict,), 'numbers in SI by "RULE.PARAMETER" or "RULE/AREA.PARAMETER"', lambda v: _numbers(v, _SETTING)
    ),
    "sounds": KeyRule(
        (dict,), "by rule one of " + ", ".join(SOUNDS),
        lambda v: all(re.fullmatch(r"[a-z_]+", k) and s in SOUNDS for k, s in v.items()),
    ),
    "texts": KeyRule(
        (dict,), 'by rule { en = "...", fr = "..." }, up to 80 characters, said before the reason', _texts
    ),
    "send_to": KeyRule((list,), "a list of links udp://HOST:PORT that alerts go to as CAT004", _links),
    "send_rules": KeyRule((list,), "a list of names of rules whose alerts are sent (else all CAT004 knows)", _names),
    "sac": KeyRule((int,), "a whole number from 0 to 255", lambda v: 0 <= v <= 255),
    "sic": KeyRule((int,), "a whole number from 0 to 255", lambda v: 0 <= v <= 255),
}  # fmt: skip
IDENTITY_KEYS: Final[dict[str, KeyRule]] = {
    "categories": KeyRule((list,), "a list of the categories in use", _names),
    "civil": KeyRule((bool,), "true for civil names of the categories"),
    "weights": KeyRule((dict,), "weights from -20 to 20 by evidence", lambda v: _numbers(v, "[a-z_]+")
                       and all(-20 <= w <= 20 for w in v.values())),
    "pending_s": KeyRule(_NUMBER, "a time from 0 to 600 s", lambda v: 0 <= v <= 600),
    "friend": _SCORE,
    "assumed_friend": _SCORE,
    "neutral": _SCORE,
    "suspect": _SCORE,
    "margin": KeyRule(_NUMBER, "a score from 0 to 5", lambda v: 0 <= v <= 5),
    "codes": KeyRule((list,), 'ranges of Mode 3/A codes to give out, for example ["4001-4077"]', _ranges),
}  # fmt: skip
TERRAIN_KEYS: Final[dict[str, KeyRule]] = {
    "tiles": KeyRule((str,), "a folder of terrain tiles (.hgt .dt0 .dt1 .dt2 .tif)", lambda v: 0 < len(v) <= 400),
    "radius_nmi": KeyRule(_NUMBER, "how far around the centre, 1 to 600 NM", lambda v: 1 <= v <= 600),
    "step_deg": KeyRule(_NUMBER, "the grid's step from 0.001 to 0.1 degrees", lambda v: 0.001 <= v <= 0.1),
    "undulation_m": KeyRule(_NUMBER, "the geoid over the ellipsoid, -120 to 100 m", lambda v: -120 <= v <= 100),
}  # fmt: skip
TABLES: Final = {"alerts": ALERTS_KEYS, "identity": IDENTITY_KEYS, "terrain": TERRAIN_KEYS}


def read_policy(tree: dict[str, Any], check: Checker) -> dict[str, Row]:
    """Return the checked tables that are there, by name; each wrong key becomes a problem of ``check``."""
    found = {}
    for name, keys in TABLES.items():
        if name in tree:
            row = Row(check.where(name, 0), check.table(tree[name], name, 0, keys))
            found[name] = row
            if "send_to" in row.keys and not {"sac", "sic"} <= row.keys.keys():
                check.say(name, 0, "send_to", "needs sac and sic: who sends the alerts")
            if name == "terrain" and "tiles" not in row.keys:
                check.say(name, 0, "tiles", "is missing")
    return found
