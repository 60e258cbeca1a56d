"""The site of an exercise: what a centre is told of the sensors, and nothing of their faults or of the truth."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

from vigie.sensors.site import Site, make_site
from vigie.simulate.rows import Exercise
from vigie.terms.units import C_MPS, DEG_PER_RAD, M_PER_NMI


def site_of(exercise: Exercise) -> Site:
    """Return the site: ``exercise = true``, sensors with their links as the exercise has them."""
    return make_site(
        name=exercise.centre, lat_deg=exercise.lat_deg, lon_deg=exercise.lon_deg,
        sensors=tuple(row.sensor for row in exercise.sensors), exercise=True,
        qnh_hpa=exercise.qnh_hpa, temperature_c=exercise.temperature_c, file="",
    )  # fmt: skip


def site_toml(exercise: Exercise, ports: Sequence[int] | None = None) -> str:
    """Return the site as the text of a site file; ``ports``: other ports on loopback, one a sensor, in their order."""
    if ports is not None:
        exercise = exercise.with_ports(ports)
    lines = [
        f"# The sensors of the exercise: {exercise.name_en}.",
        f"# Les capteurs de l'exercice : {exercise.name_fr}.",
        "[centre]",
        f"name = {_text(exercise.centre)}",
        f"lat_deg = {exercise.lat_deg!r}",
        f"lon_deg = {exercise.lon_deg!r}",
        "exercise = true",
        f"qnh_hpa = {exercise.qnh_hpa!r}",
        f"temperature_c = {exercise.temperature_c!r}",
    ]
    for row in exercise.sensors:
        s = row.sensor
        lines += ["", "[[sensor]]", f"id = {s.id}", f"name = {_text(s.name)}", f"kind = {_text(s.kind)}"]
        if s.sac >= 0:
            lines += [f"sac = {s.sac}", f"sic = {s.sic}"]
        values = {
            "lat_deg": s.lat_deg, "lon_deg": s.lon_deg, "height_m": s.height_m, "period_s": s.period_s,
            "range_sd_m": s.range_sd_m, "azimuth_sd_deg": s.azimuth_sd_rad * DEG_PER_RAD, "pos_sd_m": s.pos_sd_m,
            "max_range_nmi": s.max_range_m / M_PER_NMI, "detection_probability": s.detection_probability,
            "delay_s": s.delay_s, "prf_hz": C_MPS / (2.0 * s.unambiguous_m) if s.unambiguous_m > 0.0 else math.nan,
        }  # fmt: skip
        lines += [f"{key} = {round(value, 9)!r}" for key, value in values.items() if not math.isnan(value)]
        if s.link is not None:
            lines.append(f"link = {_text(s.link.text)}")
        if s.editions:
            pairs = ", ".join(f'"{category}" = {_text(edition)}' for category, edition in s.editions)
            lines.append(f"editions = {{ {pairs} }}")
        if s.format:
            lines.append(f"format = {_text(s.format)}")
        if s.simulated:
            lines.append("simulated = true")
    return "\n".join(lines) + "\n"


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
