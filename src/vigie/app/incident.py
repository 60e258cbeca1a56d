"""The incident package: what was received, known, decided and shown in a time and an area, sealed in one folder."""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
from importlib.metadata import distributions
from pathlib import Path
from typing import Any, Final

import numpy as np

import vigie
from vigie import __version__
from vigie.app.archive import places_of
from vigie.app.drawing import Box, map_shapes, png, svg
from vigie.app.known import known_from
from vigie.app.pipeline import State, step
from vigie.history.flights import flights, origin_words
from vigie.history.formats import csv_table, geojson
from vigie.history.tables import FLIGHT
from vigie.record import standalone
from vigie.record.heads import KEY_FILE, signer_of
from vigie.record.reader import Recording
from vigie.record.slice import copy_rows
from vigie.sensors.site import Site
from vigie.terms.errors import UsageError, VigieError
from vigie.terms.rows import joined
from vigie.terms.tables import ALERT, IDENTITY, PLOT, TRACK, TRACK_COASTING, TRACK_CONFIRMED, Rows, Table
from vigie.terms.utc import iso

_README: Final = """Incident package of {name}, {first} to {last}.

Verify it with:  python verify.py     (any Python from 3.8 on, nothing else)
recording.vrec   the rows as they were received, their numbers and hash chain untouched (SQLite)
chain.json       which rows, and the heads of the chain that the centre signed while it recorded
site.toml known.json   the configuration with which it ran
software.json    version and SHA-256 of every file of the program, versions of its libraries
decisions.json   what people did
alerts.csv identities.csv flights.json tracks.csv tracks.geojson   what was concluded
picture.svg picture.png   the tracks as a map
manifest.json manifest.sig   SHA-256 of every file, signed with the centre's key
"""


_PICTURE: Final = (900, 640)


def make(recording: Recording, folder: Path, site: Site, to: Path, *, from_ns: int, until_ns: int,
         box: Box | None = None) -> dict[str, Any]:  # fmt: skip
    """Write the package into the new folder ``to``; ``folder`` holds the centre's key. Return the manifest.

    Raises
    ------
    UsageError
        If ``to`` exists, or the recording has no key (it was never signed).
    """
    if to.exists():
        raise UsageError(f"{to}: exists already; name another folder, nothing is overwritten")
    if not (folder / KEY_FILE).is_file():
        raise UsageError(f"{folder}: has no {KEY_FILE}: only the centre that recorded can seal it. Run this there.")
    signer = signer_of(folder)
    part = to.with_name(to.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    proof = copy_rows(recording, from_ns, until_ns, part / standalone.SLICE)
    _json(part / standalone.CHAIN, proof)
    held = recording.configuration
    (part / "site.toml").write_text(held.site_text, "utf-8")
    (part / "known.json").write_text(held.known_text or "{}", "utf-8")
    _json(part / "software.json", software(held.software))
    tracks, alerts, plots, identities, acts = _conclusions(recording, site, from_ns, until_ns, box)
    places = places_of(known_from(held.known_text))
    (part / "tracks.csv").write_text("".join(csv_table(TRACK, tracks)), "utf-8", newline="")
    (part / "tracks.geojson").write_text("".join(geojson(tracks)), "utf-8")
    (part / "alerts.csv").write_text("".join(csv_table(ALERT, alerts)), "utf-8", newline="")
    (part / "identities.csv").write_text("".join(csv_table(IDENTITY, identities)), "utf-8", newline="")
    _json(part / "decisions.json", acts)
    found = flights(tracks, plots, places)
    _json(part / "flights.json", [plain(FLIGHT, row) | {"origin": origin_words(row, places)} for row in found])
    title = f"{site.name}  {iso(from_ns)} - {iso(until_ns)}"
    shapes = map_shapes(tracks, site, places, box=box, volumes=known_from(held.known_text).ground.volumes)
    (part / "picture.svg").write_text(svg(shapes, *_PICTURE, title), "utf-8")
    (part / "picture.png").write_bytes(png(shapes, *_PICTURE, title))
    shutil.copy(standalone.__file__, part / "verify.py")
    words = _README.format(name=site.name, first=iso(from_ns), last=iso(until_ns))
    (part / "README.txt").write_text(words, "utf-8")
    manifest = {
        "what": "incident package of Vigie", "software": f"vigie {__version__}", "site": site.name,
        "window": f"{iso(from_ns)} to {iso(until_ns)}", "box": box, "public": signer.public.hex(),
        "files": {p.name: _sha256(p) for p in sorted(part.iterdir())},
    }  # fmt: skip
    text = (json.dumps(manifest, indent=1) + "\n").encode()
    (part / standalone.MANIFEST).write_bytes(text)
    signature = signer.key.sign(b"vigie incident 1\0" + text)
    (part / standalone.SIGNATURE).write_text(signature.hex() + "\n", "ascii")
    part.rename(to)
    return manifest


def verify(folder: Path) -> tuple[list[str], dict[str, Any]]:
    """Return problems and facts of a package, by the same file that lies in it."""
    if not folder.is_dir():
        raise UsageError(f"{folder}: is no folder of an incident package")
    problems, facts = standalone.verify(str(folder))
    return list(problems), dict(facts)


def software(recorded_with: str) -> dict[str, Any]:
    """Return the program's version, the SHA-256 of each of its files, and the versions of its libraries."""
    home = Path(vigie.__file__).parent
    sources = {p.relative_to(home).as_posix(): _sha256(p) for p in sorted(home.rglob("*.py"))}
    libraries = {d.metadata["Name"]: d.version for d in distributions() if d.metadata["Name"]}
    return {
        "recorded_with": recorded_with, "sealed_with": __version__, "python": platform.python_version(),
        "system": platform.system(), "machine": platform.machine(), "files": sources,
        "libraries": dict(sorted(libraries.items())),
    }  # fmt: skip


def plain(table: Table, row: np.void) -> dict[str, Any]:
    """Return a row as JSON holds it: text as text, NaN as null."""
    values = {}
    for column in table.columns:
        value = row[column.name].item()
        if isinstance(value, bytes):
            value = value.decode("utf-8", "replace").rstrip()
        elif isinstance(value, float) and not np.isfinite(value):
            value = None
        values[column.name] = value
    return values


def _conclusions(recording: Recording, site: Site, from_ns: int, until_ns: int,
                 box: Box | None) -> tuple[Rows, Rows, Rows, Rows, list[dict[str, Any]]]:  # fmt: skip
    """Return tracks, alerts, plots, identities and acts of the window; the chain runs from the beginning."""
    state = State(site, known=known_from(recording.configuration.known_text))
    tracks, alerts, plots, acts = [TRACK.empty()], [ALERT.empty()], [PLOT.empty()], []
    identities, begun = [IDENTITY.empty()], False
    for batch in recording.batches(until_ns=until_ns):
        out = step(state, batch)
        if out.now_ns < from_ns:
            continue
        # What was held of each track when the window began, then every change within it.
        identities.append(out.identities if begun else state.identify.rows(out.now_ns))
        begun = True
        shown = out.tracks[(out.tracks["status"] == TRACK_CONFIRMED) | (out.tracks["status"] == TRACK_COASTING)]
        if box is not None:
            shown = shown[(shown["lat_deg"] >= box[0]) & (shown["lat_deg"] <= box[2]) & (shown["lon_deg"] >= box[1])
                          & (shown["lon_deg"] <= box[3])]  # fmt: skip
        tracks.append(shown)
        alerts.append(out.alerts)
        plots.append(out.plots)
        acts += [{name: getattr(act, name) for name in ("seq", "rx_ns", "who", "role", "act", "subject", "value",
                                                       "reason")} for act in batch.acts]  # fmt: skip
    if not state.ledgers_balance():
        raise VigieError("the ledgers do not balance, this is a fault of ours; the package is not made")
    return (joined(tracks), joined(alerts), joined(plots), joined(identities), acts)


def _json(path: Path, what: Any) -> None:
    path.write_text(json.dumps(what, indent=1, ensure_ascii=False, allow_nan=False) + "\n", "utf-8")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
