"""What a centre knows beside its sensors: airspace, protected sites, aerodromes, flights; by the site file.

Rows of the site file that are wrong stop the start, with file, line and key; rows of the files they name are set aside
one by one and told. Afterwards messages and acts change the knowledge through ``flights.store`` and ``airspace.store``.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from vigie.airspace import store as airspace_store
from vigie.airspace.aerodromes import Aerodrome, read_aerodromes
from vigie.airspace.aixm_changes import read_changes
from vigie.airspace.drawn import drawn_rings
from vigie.airspace.files import read_areas
from vigie.airspace.reference import BUILTIN, reference_aerodromes, reference_text, reference_volumes
from vigie.airspace.sites import ProtectedSite, read_sites
from vigie.airspace.volume import Volume
from vigie.app.policy import terrain_from, terrain_of, terrain_text, wanted_of
from vigie.flights import lists
from vigie.flights import store as flights_store
from vigie.flights.route import Navigation, Place
from vigie.sensors.places import Row
from vigie.sensors.site import Site
from vigie.terms.errors import SiteError
from vigie.terms.levels import SURFACE, UNLIMITED, Level, parse_level
from vigie.terms.listing import Problem
from vigie.terms.messages import Notice, SetAside
from vigie.terms.windows import parse_windows
from vigie.watch.kernels.ground import NO_TERRAIN, Terrain
from vigie.wire.flightplan.fixm import read_fixm
from vigie.wire.flightplan.reader import read_messages
from vigie.wire.notam.reader import read_notices

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """All of it at the start. ``problems`` is what was set aside while reading, each with its place."""

    airspace: airspace_store.State = field(default_factory=airspace_store.State)
    sites: tuple[ProtectedSite, ...] = ()
    aerodromes: tuple[Aerodrome, ...] = ()
    flights: flights_store.State = field(default_factory=flights_store.State)
    navigation: Navigation = field(default_factory=Navigation)
    own_state: str = ""
    terrain: Terrain = NO_TERRAIN
    undulation_m: float = 0.0
    problems: tuple[Problem, ...] = ()


def load_knowledge(site: Site, now_ns: int = 0) -> Knowledge:
    """Return what the site file and the files it names say. ``now_ns``: when, for messages that bear no date.

    Raises
    ------
    SiteError
        For rows of the site file that cannot be used, or files that cannot be read, each with its place.
    """
    reader = _Reader(site)
    volumes = reader.areas()
    sites = reader.protected()
    aerodromes = reader.aerodromes()
    navigation = reader.navigation(aerodromes)
    flights, airspace = reader.flights(navigation, airspace_store.state_of(volumes), now_ns)
    if reader.wrong:
        raise SiteError(reader.wrong)
    wanted_of(site)
    terrain = site.policy.get("terrain", Row("", {})).keys
    return Knowledge(
        airspace=airspace, sites=sites, aerodromes=aerodromes, flights=flights, navigation=navigation,
        own_state=site.places.flights.keys.get("own_state", ""), problems=tuple(reader.problems),
        terrain=terrain_of(site), undulation_m=terrain.get("undulation_m", 0.0),
    )  # fmt: skip


def notices_of(data: bytes, name: str) -> tuple[tuple[Notice, ...], tuple[SetAside, ...]]:
    """Return the notices of NOTAM text, or of the temporary changes of an AIXM message."""
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return read_changes(data, name)
    return read_notices(data.decode("utf-8", "replace"), name)


def knowledge_text(known: Knowledge) -> str:
    """Return knowledge as text (JSON), so that a recording can carry it and a replay knows the same."""
    tree = {
        "airspace": airspace_store.snapshot(known.airspace), "flights": flights_store.snapshot(known.flights),
        "sites": [asdict(s) for s in known.sites], "aerodromes": [asdict(a) for a in known.aerodromes],
        "waypoints": known.navigation.waypoints, "airways": known.navigation.airways,
        "places": known.navigation.aerodromes, "own_state": known.own_state,
        "problems": [asdict(p) for p in known.problems], "terrain": terrain_text(known.terrain),
        "undulation_m": known.undulation_m,
    }  # fmt: skip
    return json.dumps(tree, ensure_ascii=False, separators=(",", ":"))


def knowledge_of(text: str) -> Knowledge:
    """Return the knowledge that ``knowledge_text`` told."""
    tree = json.loads(text)
    return Knowledge(
        airspace=airspace_store.restore(tree["airspace"]), flights=flights_store.restore(tree["flights"]),
        sites=tuple(ProtectedSite(**s) for s in tree["sites"]),
        aerodromes=tuple(Aerodrome(**a) for a in tree["aerodromes"]),
        navigation=Navigation(
            waypoints={n: _tuples(p) for n, p in tree["waypoints"].items()},
            airways={n: _tuples(c) for n, c in tree["airways"].items()},
            aerodromes={n: _tuples(p) for n, p in tree["places"].items()},
        ),
        own_state=tree["own_state"], problems=tuple(Problem(**p) for p in tree["problems"]),
        terrain=terrain_from(tree.get("terrain", {})), undulation_m=tree.get("undulation_m", 0.0),
    )  # fmt: skip


def _tuples(value: Any) -> Any:
    return tuple(_tuples(v) for v in value) if isinstance(value, (list, tuple)) else value


class _Reader:
    def __init__(self, site: Site) -> None:
        self.wrong: list[str] = []
        self.problems: list[Problem] = []
        self._site = site
        self._base = Path(site.file).parent if site.file else Path()

    def areas(self) -> list[Volume]:
        found: list[Volume] = []
        for row in self._site.places.areas:
            if "file" in row.keys:
                found += self._area_file(row)
            else:
                volume = self._drawn(row)
                found += [volume] if volume else []
        seen: dict[str, str] = {}
        for volume in found:
            if volume.id in seen:
                self._say(volume.source, "area", "id", f"{volume.id!r} is the id of {seen[volume.id]} already")
            seen.setdefault(volume.id, volume.source)
        return found

    def _area_file(self, row: Row) -> list[Volume]:
        name = row.keys["file"]
        if name == BUILTIN:
            volumes: tuple[Volume, ...] = reference_volumes()
        else:
            data = self._bytes(name, row, "area")
            if data is None:
                return []
            volumes, problems = read_areas(data, name, row.keys.get("format", ""))
            self.problems += problems
        only = set(row.keys.get("only", ()))
        chosen = [v for v in volumes if not only or {v.id, v.name, v.kind} & only]
        if not chosen:
            self._say(row.where, "area", "only" if only else "file", f"no area of {name} fits")
        return [self._said(v, row) for v in chosen]

    def _said(self, volume: Volume, row: Row) -> Volume:
        """Return a volume with what its row of the site file says over it."""
        keys = row.keys
        return replace(
            volume, kind=keys.get("kind", volume.kind), icao_class=keys.get("class", volume.icao_class),
            floor=self._level(row, "floor", volume.floor), ceiling=self._level(row, "ceiling", volume.ceiling),
            times=self._times(row) if "times" in keys else volume.times,
            by_notice=keys.get("by_notice", volume.by_notice), rules=tuple(keys.get("rules", volume.rules)),
            parameters=tuple((k, float(v)) for k, v in keys["parameters"].items()) if "parameters" in keys
            else volume.parameters,
        )  # fmt: skip

    def _drawn(self, row: Row) -> Volume | None:
        keys = row.keys
        if "id" not in keys or "kind" not in keys:
            return None  # said already
        try:
            rings = drawn_rings(keys)
        except ValueError as why:
            self._say(row.where, "area", "outline_deg", str(why))
            rings = ()
        shell = Volume(
            id=keys["id"], name=keys.get("name", keys["id"]), kind=keys["kind"], rings=rings, source=row.where
        )
        return self._said(shell, row)

    def _level(self, row: Row, key: str, usual: Level) -> Level:
        if key not in row.keys:
            return usual
        try:
            return parse_level(row.keys[key])
        except ValueError as why:
            self._say(row.where, "area", key, str(why))
            return SURFACE if key == "floor" else UNLIMITED

    def _times(self, row: Row) -> tuple[Any, ...]:
        found: list[Any] = []
        for text in row.keys["times"]:
            try:
                found += parse_windows(text, source=row.where)
            except ValueError as why:
                self._say(row.where, "area", "times", str(why))
        return tuple(found)

    def protected(self) -> tuple[ProtectedSite, ...]:
        found: list[ProtectedSite] = []
        for row in self._site.places.sites:
            if "file" in row.keys:
                found += self._list(row.keys["file"], row, "site", read_sites) or ()
            elif {"id", "lat_deg", "lon_deg"} <= row.keys.keys():
                keys = {"name": row.keys["id"], **row.keys}
                found.append(ProtectedSite(**keys, source=row.where))
        return tuple(found)

    def aerodromes(self) -> tuple[Aerodrome, ...]:
        found: dict[str, Aerodrome] = {}
        for row in self._site.places.aerodromes:
            if "file" in row.keys:
                name = row.keys["file"]
                more = (
                    reference_aerodromes() if name == BUILTIN else self._list(name, row, "aerodrome", read_aerodromes)
                )
                found |= {a.icao: a for a in more or ()}
            elif {"icao", "lat_deg", "lon_deg"} <= row.keys.keys():
                keys = {"name": row.keys["icao"], **row.keys}
                height = keys.pop("elevation_m", 0.0)
                found[keys["icao"]] = Aerodrome(**keys, elevation_amsl_m=height, source=row.where)
        return tuple(found.values())

    def navigation(self, aerodromes: tuple[Aerodrome, ...]) -> Navigation:
        row = self._site.places.flights
        waypoints: dict[str, tuple[Place, ...]] = {}
        airways: dict[str, Any] = {}
        for name in row.keys.get("waypoints", ()):
            for point, places in (self._list(name, row, "flights", lists.read_waypoints) or {}).items():
                waypoints[point] = (
                    *waypoints.get(point, ()),
                    *(p for p in places if p not in waypoints.get(point, ())),
                )
        for name in row.keys.get("airways", ()):
            airways |= self._list(name, row, "flights", lists.read_airways) or {}
        for chains in airways.values():  # a point of an airway is a point of the sky, listed or not
            for point, place in (p for chain in chains for p in chain):
                if not any(abs(place[0] - q[0]) + abs(place[1] - q[1]) < 0.01 for q in waypoints.get(point, ())):
                    waypoints[point] = (*waypoints.get(point, ()), place)
        return Navigation(
            waypoints=waypoints, airways=airways, aerodromes={a.icao: (a.lat_deg, a.lon_deg) for a in aerodromes}
        )

    def flights(
        self, navigation: Navigation, airspace: airspace_store.State, now_ns: int
    ) -> tuple[flights_store.State, airspace_store.State]:
        row = self._site.places.flights
        keys = row.keys
        state = flights_store.State(
            permits={p.number: p for p in self._lists(row, "permits", lists.read_permits)},
            aircraft={a.icao24: a for a in self._lists(row, "register", lists.read_register)},
            repetitive=tuple(self._lists(row, "repetitive", lists.read_repetitive)),
            known=tuple(self._lists(row, "known", lists.read_known)),
        )
        for name, read in [(n, read_messages) for n in keys.get("messages", ())] + [
            (n, read_fixm) for n in keys.get("fixm", ())
        ]:
            data = self._bytes(name, row, "flights")
            if data is None:
                continue
            messages, aside = read(data, name)
            self.problems += [_problem(why.source or name, why) for why in aside]
            state = flights_store.count_set_aside(state, aside)
            for message in messages:
                done = flights_store.apply(state, message, now_ns, navigation)
                state = done.state
                self.problems += [_problem(message.source or name, done.set_aside)] if done.set_aside else []
        for name in keys.get("notices", ()):
            data = self._bytes(name, row, "flights")
            if data is None:
                continue
            notices, aside = notices_of(data, name)
            self.problems += [_problem(why.source or name, why) for why in aside]
            for notice in notices:
                applied = airspace_store.apply(airspace, notice)
                airspace = applied.state
                self.problems += [_problem(notice.source or name, applied.set_aside)] if applied.set_aside else []
        return state, airspace

    def _lists(self, row: Row, key: str, read: Callable[[str, str], tuple[tuple[T, ...], Any]]) -> list[T]:
        return [one for name in row.keys.get(key, ()) for one in self._list(name, row, "flights", read) or ()]

    def _list(self, name: str, row: Row, section: str, read: Callable[[str, str], tuple[T, Any]]) -> T | None:
        if name == BUILTIN:
            own: dict[Any, str] = {lists.read_waypoints: "waypoints.csv", lists.read_airways: "airways.csv"}
            if read not in own:
                self._say(row.where, section, "file", f"{BUILTIN} has no such list")
                return None
            return read(reference_text(own[read]), BUILTIN)[0]
        data = self._bytes(name, row, section)
        if data is None:
            return None
        found, problems = read(data.decode("utf-8-sig", "replace"), name)
        self.problems += problems
        return found

    def _bytes(self, name: str, row: Row, section: str) -> bytes | None:
        try:
            return (self._base / name).read_bytes()
        except OSError as why:
            self._say(row.where, section, name, f"cannot be read: {why.strerror}")
            return None

    def _say(self, where: str, section: str, key: str, problem: str) -> None:
        self.wrong.append(f"{where}: [{section}] {key}: {problem}.")


def _problem(where: str, why: SetAside) -> Problem:
    file, _, line = where.rpartition(":")
    at = int(line) if line.isdigit() else 1
    return Problem(file if line.isdigit() else where, at, f"{why.kind} field {why.field}", why.reason)
