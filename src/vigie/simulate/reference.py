"""The reference page of the exercise language, made from the grammar itself, so that it cannot lie."""

from __future__ import annotations

from vigie.sensors.keys import SENSOR_KEYS, KeyRule
from vigie.simulate import grammar as g
from vigie.simulate.performance import TRANSPONDERS, aircraft_types
from vigie.terms.units import M_PER_FL, MPS_PER_KT

_INTRO = """# Exercise files

An exercise is one TOML text: who flies, what happens, who looks, what breaks. `vigie simulate FILE --to DIR` flies it
into files, `vigie demo FILE` sends it live, and `vigie run exercise:FILE --speed 8` sends it to a live centre at 1 to
100 times the speed of the world: sensors and centre then share one clock, which waits where the machine cannot
follow. A live site (one without `exercise = true`) refuses all of it, by the simulated bit and by the link. Units are
the last word of a key. A wrong file is refused whole, with file, line and key. Places are aerodromes (those of the
Sahel are known by their location indicator), `[[point]]` names, or coordinates like `1512N00430E`; `/F240` after a
place changes the level there, `/N420` the true airspeed (knots), and `/T3600` says when to be over it (seconds after
the start): speed, and the rate to a level given with it, are then chosen for that. Several go in the order
`/N420F240T3600`. A flight that begins at an aerodrome takes off at `depart_s`; one that begins elsewhere is in the
air. Negative times lie before the start: such flights are under way when the exercise begins. The same seed gives the
same bytes. Real trajectories converted to such a route (92 airliners, a tanker on its track, a drone on patrol) are
flown within 120 m in the median, 300 m for 95 % and 600 m for 99 % of the time, place and time together; heights
within 20 m and 100 m.
"""


def _table(title: str, text: str, keys: dict[str, KeyRule]) -> str:
    lines = [f"## {title}", "", text, "", "| key | what it holds |", "| --- | --- |"]
    for key, rule in keys.items():
        must = " (needed)" if rule.required else ""
        lines.append(f"| `{key}` | {rule.expected.replace('|', chr(92) + '|')}{must} |")
    return "\n".join(lines) + "\n"


def _choices(title: str, text: str, choices: dict[str, tuple[tuple[str, ...], tuple[str, ...]]]) -> str:
    lines = [f"## {title}", "", text, "", "| name | needs | may have |", "| --- | --- | --- |"]
    for name, (needs, may) in choices.items():
        need = ", ".join(f"`{' or '.join(n.split('|'))}`" for n in needs)
        lines.append(f"| `{name}` | {need} | {', '.join(f'`{k}`' for k in may)} |")
    return "\n".join(lines) + "\n"


def exercise_reference() -> str:
    """Return the page as Markdown."""
    parts = [
        _INTRO,
        _table(
            "[exercise]", "One table: names in both languages, time, seed, and the centre's place.", g.EXERCISE_KEYS
        ),
        _table("[weather]", "What the air is like at sea level.", g.WEATHER_KEYS),
        _table("[[wind]]", "The wind by level; between two levels it is interpolated.", g.WIND_KEYS),
        _table("[[aerodrome]]", "Aerodromes beyond those known, or to correct one.", g.AERODROME_KEYS),
        _table("[[point]]", "Named places for routes.", g.POINT_KEYS),
        _table("[[flight]]", "One flight. Types and transponders: see below.", g.FLIGHT_KEYS),
        _table("[[traffic]]", "A random flow of flights; the seed chooses them.", g.TRAFFIC_KEYS),
        _table(
            "[[event]]",
            "What one flight does, at `at_s` or when a condition holds (all that are given must).",
            g.EVENT_KEYS,
        ),
        _choices("Actions of events", "`do` names one.", g.ACTIONS),
        _table(
            "[[sensor]]",
            "The keys of a site file's sensor, and the physics that only an exercise knows. Radars send CAT034 and "
            'CAT048, `adsb` a Beast stream or, with `format = "asterix"`, CAT021 and CAT023, `mlat` CAT019 and CAT020, '
            "`external` CAT062 and CAT065, `observer` and `acoustic` CAT205 bearings, `remoteid` radio frames in UDP "
            "datagrams.",
            g.sensor_keys(SENSOR_KEYS),
        ),
        _table(
            "[[reflector]]",
            "A surface that mirrors: the radar shows an aircraft in the mirrored beam a second time, in the direction "
            "of the surface and at the length of the broken way.",
            g.REFLECTOR_KEYS,
        ),
        _table("[[shower]]", "Weather that drifts: a disc of primary plots, anew every turn.", g.SHOWER_KEYS),
        _table("[[clutter]]", "Scatterers that stand, for a radar's clutter map to learn.", g.CLUTTER_KEYS),
        _table("[[fault]]", "What breaks or deceives, from `from_s` to `to_s`.", g.FAULT_KEYS),
        _choices(
            "Kinds of faults",
            "`kind` names one; `from_s` and `to_s` are always allowed. A receiver can have "
            f"{', '.join(g.FAULTS_OF_OTHERS)}, a system that sends positions {', '.join(g.FAULTS_OF_SYSTEMS)}; a radar "
            "any. `replay` sends what a flight said `delay_s` ago once more, with its address and name.",
            g.FAULTS,
        ),
        "## Aircraft types\n\n| type | class | cruise kt | ceiling FL | transponder |\n"
        "| --- | --- | --- | --- | --- |\n"
        + "".join(
            f"| `{t.name}` | {t.family} | {t.cruise_mps / MPS_PER_KT:.0f} | {t.ceiling_m / M_PER_FL:.0f} | "
            f"`{TRANSPONDERS[t.transponder]}` |\n"
            for t in aircraft_types().values()
        ),
    ]
    return "\n".join(parts)
