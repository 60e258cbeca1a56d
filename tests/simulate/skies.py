"""Small exercises for the tests of this room."""

from __future__ import annotations

from vigie.simulate.exercise import parse_exercise
from vigie.simulate.rows import Exercise

HEAD = """
[exercise]
name_en = "test"
name_fr = "essai"
start = "2026-01-01T23:59:30Z"
duration_s = 600
seed = 5
centre = "Niamey"
lat_deg = 13.4815
lon_deg = 2.1836
undulation_m = 23
"""

RADAR = """
[[sensor]]
id = 1
name = "radar"
kind = "radar"
modes = "{modes}"
sac = 226
sic = 11
lat_deg = 13.4770
lon_deg = 2.1700
height_m = 262
period_s = 4.0
range_sd_m = 40
azimuth_sd_deg = 0.06
max_range_nmi = 250
detection_probability = 0.9
delay_s = 0.25
{more}
link = "udp://127.0.0.1:4001"
"""

ADSB = """
[[sensor]]
id = 3
name = "receiver"
kind = "adsb"
lat_deg = 13.4830
lon_deg = 2.1760
height_m = 270
max_range_nmi = 200
loss = 0.1
delay_s = 0.1
link = "tcp://127.0.0.1:30005"
"""


def flight(callsign: str, route: list[str], **keys: object) -> str:
    lines = ["[[flight]]", f'callsign = "{callsign}"', f"route = {route!r}".replace("'", '"')]
    for key, value in ({"type": "A320"} | keys).items():
        lines.append(f"{key} = {value!r}".replace("'", '"'))
    return "\n".join(lines) + "\n"


def table(name: str, /, **keys: object) -> str:
    lines = [f"[[{name}]]"]
    for key, value in keys.items():
        text = str(value).lower() if isinstance(value, bool) else repr(value).replace("'", '"')
        lines.append(f"{key} = {text}")
    return "\n".join(lines) + "\n"


def radar(modes: str = "mode_s", **more: object) -> str:
    return RADAR.format(modes=modes, more="\n".join(f"{k} = {v!r}" for k, v in more.items()))


def sky(*parts: str) -> Exercise:
    return parse_exercise(HEAD + "\n".join(parts), file="test.toml")


def circle(n: int = 40) -> str:
    """Many flights all round Niamey at several distances and levels, level and in straight flight."""
    parts = []
    for k in range(n):
        lat = 13.48 + (0.5 + 2.0 * (k % 7) / 7.0) * (1 if k % 2 else -1)
        lon = 2.18 + (0.4 + 2.2 * (k % 5) / 5.0) * (1 if k % 4 < 2 else -1)
        minutes = round(lat % 1 * 59), round(abs(lon) % 1 * 59)
        here = f"{int(lat):02d}{minutes[0]:02d}N{abs(int(lon)):03d}{minutes[1]:02d}{'E' if lon > 0 else 'W'}"
        parts.append(flight(f"FLT{k}", [here, "2000N01000E"], level_fl=200 + 5 * k, depart_s=0))
    return "\n".join(parts)


def system(number: int, kind: str, port: int, **more: object) -> str:
    keys: dict[str, object] = {
        "id": number, "name": kind, "kind": kind, "sac": 226, "sic": 100 + number, "lat_deg": 13.48, "lon_deg": 2.17,
        "height_m": 240.0, "period_s": 1.0, "delay_s": 0.2, "link": f"udp://127.0.0.1:{port}",
    }  # fmt: skip
    return table("sensor", **(keys | more))
