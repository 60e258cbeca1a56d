"""BlueSky scenario files as exercises: ``.scn`` text in, exercise text (TOML) out, and what could not be taken over.

Taken over: CRE, ADDWPT and DEST (coordinates), ALT, HDG, SPD, DEL. A scenario has no sensors, so a Mode S radar and an
ADS-B receiver are put in its middle; edit the text to have others. Source: BlueSky's published command reference.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field
from typing import Any, Final

from vigie.simulate.performance import aircraft_types
from vigie.terms.units import M_PER_FT, MPS_PER_KT

_LINE: Final = re.compile(r"\s*(\d+):(\d\d):(\d\d(?:\.\d*)?)\s*>\s*(\w+)\s*(.*)")
_FAR_NMI: Final = 600.0


@dataclass(slots=True)
class _Aircraft:
    callsign: str
    type: str
    lat_deg: float
    lon_deg: float
    heading_deg: float
    level_fl: float
    speed_kt: float
    depart_s: float
    route: list[str] = field(default_factory=list)


class _Reader:
    def __init__(self) -> None:
        self.aircraft: dict[str, _Aircraft] = {}
        self.points: dict[str, tuple[float, float]] = {}
        self.events: list[dict[str, Any]] = []
        self.left_out: list[str] = []
        self.last_s = 0.0

    def line(self, number: int, text: str) -> None:
        if not text.strip() or text.lstrip().startswith("#"):
            return
        match = _LINE.match(text)
        if match is None:
            self.left_out.append(f"line {number}: {text.strip()!r} is no HH:MM:SS>COMMAND")
            return
        t_s = int(match[1]) * 3600 + int(match[2]) * 60 + float(match[3])
        self.last_s = max(self.last_s, t_s)
        words = [w for w in re.split(r"[,\s]+", match[5].strip()) if w]
        try:
            known = self._command(match[4].upper(), words, t_s)
        except (ValueError, IndexError, KeyError):
            known = False
        if not known:
            self.left_out.append(f"line {number}: {text.strip()!r} is not taken over")

    def _command(self, command: str, words: list[str], t_s: float) -> bool:
        if command == "CRE":
            self._create(words, t_s)
            return True
        plane = self.aircraft[words[0].upper()]
        event: dict[str, Any] = {"flight": plane.callsign, "at_s": t_s + 0.0}
        if command in ("ADDWPT", "DEST"):
            plane.route.append(self._place(words[1:], plane))
        elif command == "ALT":
            level = _level(words[1])
            climbs = level >= plane.level_fl
            self.events.append(event | {"do": "climb" if climbs else "descend", "level_fl": level})
        elif command == "HDG":
            self.events.append(event | {"do": "turn", "heading_deg": float(words[1]) % 360.0})
        elif command == "SPD":
            self.events.append(event | {"do": "speed", "speed_kt": _tas_kt(words[1], plane.level_fl)})
        elif command == "DEL":
            self.events.append(event | {"do": "vanish"})
        else:
            return False
        return True

    def _create(self, words: list[str], t_s: float) -> None:
        callsign = re.sub(r"[^A-Z0-9]", "", words[0].upper())[:8]
        kind = words[1].upper()
        if kind not in aircraft_types():
            self.left_out.append(f"{callsign}: the type {kind} is not known here and flies as A320")
            kind = "A320"
        level = _level(words[5])
        self.aircraft[words[0].upper()] = _Aircraft(
            callsign, kind, float(words[2]), float(words[3]), float(words[4]), level, _tas_kt(words[6], level), t_s
        )

    def _place(self, words: list[str], plane: _Aircraft) -> str:
        if re.fullmatch(r"-?\d+(\.\d+)?", words[0]):
            name = f"W{len(self.points)}"
            self.points[name] = (float(words[0]), float(words[1]))
            return name
        if words[0].upper() in self.points:
            return words[0].upper()
        raise KeyError(f"{words[0]} on the way of {plane.callsign}")


def _level(text: str) -> float:
    """Return a flight level of ``FL250`` or of feet."""
    return float(text[2:]) if text.upper().startswith("FL") else float(text) / 100.0


def _tas_kt(text: str, level_fl: float) -> float:
    """Return a true airspeed of a calibrated one in knots, or of a Mach number, near enough for a scenario."""
    sound_mps = 20.046796 * math.sqrt(max(288.15 - 0.0065 * level_fl * 100 * M_PER_FT, 216.65))
    value = float(text)
    if value < 3.0:
        return value * sound_mps / MPS_PER_KT
    density = math.exp(-level_fl * 100 * M_PER_FT / 9600.0)
    return min(value / math.sqrt(density), 0.95 * sound_mps / MPS_PER_KT)


def import_scn(text: str, *, name: str = "BlueSky scenario") -> tuple[str, list[str]]:
    """Return the exercise text of a scenario, and a sentence for everything that was left out."""
    reader = _Reader()
    for number, line in enumerate(text.splitlines(), 1):
        reader.line(number, line)
    planes = list(reader.aircraft.values())
    middle = [sum(v) / max(len(planes), 1) for v in ([p.lat_deg for p in planes], [p.lon_deg for p in planes])]
    parts = [_rows("exercise", {
        "name_en": name, "name_fr": f"{name} (importé)", "start": "2026-01-01T00:00:00Z",
        "duration_s": reader.last_s + 3600.0, "seed": 1, "centre": name, "lat_deg": middle[0], "lon_deg": middle[1],
    }).replace("[[exercise]]", "[exercise]")]  # fmt: skip
    flights = []
    for k, plane in enumerate(planes):
        reader.points[f"S{k}"] = (plane.lat_deg, plane.lon_deg)
        if not plane.route:
            course = math.radians(plane.heading_deg)
            wide = math.cos(math.radians(plane.lat_deg))
            far = (
                plane.lat_deg + _FAR_NMI / 60 * math.cos(course),
                plane.lon_deg + _FAR_NMI / 60 * math.sin(course) / wide,
            )
            reader.points[f"E{k}"] = far
            plane.route.append(f"E{k}")
        flights.append(_rows("flight", {
            "callsign": plane.callsign, "type": plane.type, "route": [f"S{k}", *plane.route],
            "level_fl": plane.level_fl, "speed_kt": plane.speed_kt, "depart_s": plane.depart_s,
        }))  # fmt: skip
    names = sorted(reader.points)
    parts += [
        _rows("point", {"name": n, "lat_deg": reader.points[n][0], "lon_deg": reader.points[n][1]}) for n in names
    ]
    parts += flights
    parts += [_rows("event", event) for event in reader.events]
    here = {"lat_deg": middle[0], "lon_deg": middle[1], "height_m": 50.0}
    radar = {"id": 1, "name": "radar", "kind": "radar", "modes": "mode_s", "sac": 1, "sic": 1}
    receiver = {"id": 2, "name": "receiver", "kind": "adsb"}
    parts.append(_rows("sensor", radar | here | {"link": "udp://127.0.0.1:4001"}))
    parts.append(_rows("sensor", receiver | here | {"link": "tcp://127.0.0.1:30005"}))
    return "\n".join(parts), reader.left_out


def _rows(table: str, keys: dict[str, Any]) -> str:
    lines = [f"[[{table}]]"]
    lines += [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in keys.items()]
    return "\n".join(lines) + "\n"
