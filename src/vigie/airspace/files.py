"""Files of areas: which format it is, by content, and its volumes; and volumes to a file."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Final

from vigie.airspace.aixm import read_aixm, write_aixm
from vigie.airspace.geojson import read_geojson, write_geojson
from vigie.airspace.openair import read_openair, write_openair
from vigie.airspace.uas import read_ed269, read_ed318, write_ed269, write_ed318
from vigie.airspace.volume import Volume
from vigie.terms.listing import Problem

Read = tuple[tuple[Volume, ...], tuple[Problem, ...]]
FORMATS: Final = ("aixm", "openair", "geojson", "ed269", "ed318")
MOST_OCTETS: Final = 256 * 1024 * 1024
_READERS: Final[dict[str, Callable[[str, str], Read]]] = {
    "openair": read_openair, "geojson": read_geojson, "ed269": read_ed269, "ed318": read_ed318,
}  # fmt: skip
_WRITERS: Final[dict[str, Callable[[tuple[Volume, ...]], str]]] = {
    "aixm": write_aixm, "openair": write_openair, "geojson": write_geojson, "ed269": write_ed269, "ed318": write_ed318,
}  # fmt: skip


def format_of(data: bytes) -> str:
    """Return the format of a file of areas by its content, empty where it is none that is known."""
    head = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"<"):
        return "aixm"
    if head.startswith((b"{", b"[")):
        try:
            tree = json.loads(data.decode("utf-8-sig"))
        except (ValueError, RecursionError):
            return "geojson"  # whose reader says what is wrong with it
        features = tree.get("features") if isinstance(tree, dict) else None
        first = features[0] if isinstance(features, list) and features and isinstance(features[0], dict) else {}
        properties = first.get("properties")
        said = properties if isinstance(properties, dict) else {}
        if isinstance(first.get("geometry"), list) or (isinstance(tree, dict) and "UASZoneList" in tree):
            return "ed269"
        if "restriction" in first or "zoneAuthority" in first:
            return "ed269"
        return "ed318" if {"zoneAuthority", "identifier"} <= said.keys() or "variant" in said else "geojson"
    return "openair" if re.search(rb"(?m)^\s*(AC|AN|AY)\s", data) else ""


def read_areas(data: bytes, file: str, format_name: str = "") -> Read:
    """Return the volumes of a file and what was set aside in it. Never raises for what the file holds."""
    if len(data) > MOST_OCTETS:
        return (), (Problem(file, 1, "file", f"is larger than {MOST_OCTETS >> 20} MB"),)
    name = format_name or format_of(data)
    if name == "aixm":
        return read_aixm(data, file)
    if name not in _READERS:
        return (), (Problem(file, 1, "file", "is no file of areas that is known: " + ", ".join(FORMATS)),)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")  # old OpenAir files
    return _READERS[name](text, file)


def write_areas(volumes: tuple[Volume, ...], format_name: str) -> str:
    """Return volumes as the text of a file of one of ``FORMATS``."""
    return _WRITERS[format_name](volumes)
