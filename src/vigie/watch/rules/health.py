"""Sensors and cover: who has gone silent, and what nobody sees any more; and the host's clock."""

from __future__ import annotations

import math
from typing import Final

from vigie.sensors.site import Sensor
from vigie.terms.tables import HEALTH_BIAS_LIMIT
from vigie.watch.rule import CAUTION, WARNING, Find, Param, Rule
from vigie.watch.view import View

_STATES: Final = {
    2: ("degraded", "dégradé"), 3: ("blind: alive, no plots", "aveugle : vivant, sans plots"),
    4: ("silent", "muet"), 5: ("not released for use (NOGO)", "non autorisé (NOGO)"),
}  # fmt: skip
_RINGS: Final = (0.35, 0.6, 0.8, 0.95)


def find_sensors(view: View) -> list[Find]:
    """Return a find for each sensor that is not well; one never heard is told as well."""
    finds = []
    for row in view.health:
        state = int(row["state"])
        if state not in _STATES or (state == 2 and not view.value(RULES[0], "degraded")):
            continue
        sensor = view.site.sensor(int(row["sensor_id"]))
        if sensor is None:
            continue
        en, fr = _STATES[state]
        finds.append(Find(
            rule="sensor_health", area=sensor.name, lat_deg=sensor.lat_deg, lon_deg=sensor.lon_deg,
            severity=0 if state > 2 else 1, reason=f"{sensor.name} is {en}", reason_fr=f"{sensor.name} est {fr}",
        ))  # fmt: skip
    return finds


def find_bias(view: View) -> list[Find]:
    """Return a find for each sensor whose error is beyond what is corrected without a supervisor's act."""
    finds = []
    for row in view.health:
        sensor = view.site.sensor(int(row["sensor_id"]))
        if sensor is None or not int(row["reasons"]) & HEALTH_BIAS_LIMIT:
            continue
        range_m, azimuth_deg = float(row["range_bias_m"]), math.degrees(float(row["azimuth_bias_rad"]))
        said = [
            f"{value:+.{digits}f} {unit}"
            for value, digits, unit in (
                (range_m, 0, "m"),
                (azimuth_deg, 2, "°"),
                (float(row["time_bias_s"]), 1, "s"),
                (1e6 * float(row["range_gain"]), 0, "ppm"),
            )
            if math.isfinite(value)
        ]
        finds.append(Find(
            rule="registration", area=sensor.name, lat_deg=sensor.lat_deg, lon_deg=sensor.lon_deg,
            reason=f"{sensor.name} is off by {', '.join(said)}: it is corrected up to the limit only",
            reason_fr=f"{sensor.name} se trompe de {', '.join(said)} : corrigé jusqu'à la limite seulement",
        ))  # fmt: skip
    return finds


def find_uncovered(view: View) -> list[Find]:
    """Return a find for each failed sensor with what share of its cover no other sensor sees."""
    state = {int(r["sensor_id"]): int(r["state"]) for r in view.health}
    failed = [s for s in view.site.sensors if state.get(s.id, 0) >= 3]
    if not failed:
        return []
    key = tuple(sorted(state.items()))
    held = view.notes.get("uncovered")
    if held is None or held[0] != key:
        height_m = view.value(RULES[1], "height_m")
        well = [s for s in view.site.sensors if state.get(s.id, 0) in (1, 2)]
        held = (key, {s.id: _uncovered(s, well, height_m) for s in failed})
        view.notes["uncovered"] = held
    finds = []
    for sensor in failed:
        share = held[1].get(sensor.id, 0.0)
        if share <= view.value(RULES[1], "share"):
            continue
        percent = round(100 * share)
        finds.append(Find(
            rule="coverage_lost", area=sensor.name, lat_deg=sensor.lat_deg, lon_deg=sensor.lon_deg,
            reason=f"{percent} % of the cover of {sensor.name} is seen by no other: no track there means nothing",
            reason_fr=f"{percent} % de la couverture de {sensor.name} n'est vue par aucun autre capteur : "
            "l'absence de piste n'y signifie rien",
        ))  # fmt: skip
    return finds


def find_clock(view: View) -> list[Find]:
    """Return a find while the host's clock is not known to be right: the last clock event says so."""
    for event in view.events:
        if event.kind == "clock_state":
            view.notes["clock"] = (event.value, event.text)
    value, text = view.notes.get("clock", (0, ""))
    if not value:
        return []
    return [Find(
        rule="degraded_time", area="host", reason=f"DEGRADED-TIME: the host's clock is not synchronised ({text})",
        reason_fr=f"DEGRADED-TIME : l'horloge de la machine n'est pas synchronisée ({text})",
    )]  # fmt: skip


def find_room(view: View) -> list[Find]:
    """Return a find while the disk of the recording is short of room: the last event of it says so."""
    for event in view.events:
        if event.kind == "disk_room":
            view.notes["room"] = (event.value, event.text)
    level, text = view.notes.get("room", (0, ""))
    if not level:
        return []
    share = text.partition(" ")[0]
    return [Find(
        rule="recording_room", area="recording", severity=CAUTION if level == 1 else WARNING,
        reason=f"{text}: move old recordings away, or set keep_days or keep_gib",
        reason_fr=f"{share} % du disque de l'enregistrement est libre : déplacez d'anciens enregistrements, "
        "ou posez keep_days ou keep_gib",
    )]  # fmt: skip


def reach_m(sensor: Sensor, height_m: float) -> float:
    """Return how far a sensor sees at a height: its range, or the horizon of a 4/3 earth where that is nearer."""
    radius = 6_371_000.0 * 4.0 / 3.0
    horizon = math.sqrt(2.0 * radius * max(1.0, height_m)) + math.sqrt(2.0 * radius * max(1.0, sensor.height_m))
    return min(sensor.max_range_m, horizon)


def _uncovered(sensor: Sensor, others: list[Sensor], height_m: float) -> float:
    """Return the share of a sensor's cover, by area, that none of the others sees."""
    lat0, lon0 = math.radians(sensor.lat_deg), math.radians(sensor.lon_deg)
    total = seen = 0.0
    far = reach_m(sensor, height_m)
    for ring in _RINGS:
        for k in range(24):
            d, az = ring * far / 6_371_000.0, k * math.pi / 12.0
            lat = math.asin(math.sin(lat0) * math.cos(d) + math.cos(lat0) * math.sin(d) * math.cos(az))
            lon = lon0 + math.atan2(
                math.sin(az) * math.sin(d) * math.cos(lat0), math.cos(d) - math.sin(lat0) * math.sin(lat)
            )
            total += ring
            for other in others:
                a, o = math.radians(other.lat_deg), math.radians(other.lon_deg)
                h = math.sin((a - lat) / 2) ** 2 + math.cos(a) * math.cos(lat) * math.sin((o - lon) / 2) ** 2
                if 2.0 * 6_371_000.0 * math.asin(math.sqrt(h)) <= reach_m(other, height_m):
                    seen += ring
                    break
    return 1.0 - seen / total


RULES: Final = (
    Rule(
        name="sensor_health", title="Sensor not well", title_fr="Capteur en défaut", severity=WARNING, scope="system",
        find=find_sensors, raise_s=1.0, clear_s=3.0, escalate_s=0.0,
        about="The monitor holds a sensor silent, blind or not released; degraded ones are told as information.",
        params=(Param(name="degraded", usual=1.0, high=1.0, meaning="1: degraded sensors are told as well"),),
    ),
    Rule(
        name="coverage_lost", title="Cover lost", title_fr="Couverture perdue", severity=CAUTION, scope="system",
        find=find_uncovered, raise_s=1.0, clear_s=3.0, escalate_s=0.0,
        about="A sensor failed and a share of what it sees is seen by no other: silence there means nothing.",
        params=(
            Param(name="share", usual=0.1, meaning="shares up to this are not told", high=1.0),
            Param(name="height_m", usual=6000.0, meaning="height at which cover is asked for, m", high=30_000.0),
        ),
    ),
    Rule(
        name="degraded_time", title="Clock not synchronised", title_fr="Horloge non synchronisée", severity=CAUTION,
        scope="system", find=find_clock, raise_s=0.0, clear_s=2.0, escalate_s=0.0,
        about="The host's clock is not synchronised, or its error is larger than allowed: times may be wrong.",
    ),
    Rule(
        name="recording_room", title="Little room to record", title_fr="Peu de place pour enregistrer",
        severity=CAUTION, scope="system", find=find_room, raise_s=0.0, clear_s=2.0, escalate_s=0.0,
        about="Less than 10 % of the disk of the recording is free (caution), less than 2 % (warning).",
    ),
    Rule(
        name="registration", title="Sensor off beyond limits", title_fr="Erreur de capteur hors limites",
        severity=CAUTION, scope="system", find=find_bias, raise_s=2.0, clear_s=5.0, escalate_s=0.0,
        about="Registration finds a range, azimuth or time error beyond what it corrects by itself (500 m, 2°, 10 s).",
    ),
)  # fmt: skip
