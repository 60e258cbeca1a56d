"""OpenAir text, original and extended, to volumes and back.

Read: AC AN AL AH AF AR AG AY AI AA AX SP SB (pens ignored), V X= D= W= Z=, DP DA DB DC DY, AT. Records are set apart
by AC (and by blank lines and AI or AY before it, in the extended form). A bad record is set aside with its line and
never stops the next. Source: Winpilot OpenAir (2003 text); Naviter OpenAir 2.1 (AY, AI, AA, FL and coordinates).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from vigie.airspace.shapes import Point, arc, arc_between, circle, clean_ring, corridor
from vigie.airspace.times import iso_text, iso_window
from vigie.airspace.volume import CLASSES, Volume
from vigie.terms.levels import AGL, AMSL, FL, SFC, SURFACE, UNL, UNLIMITED, Level, parse_level
from vigie.terms.listing import Problem
from vigie.terms.units import M_PER_FL, M_PER_FT, M_PER_NMI
from vigie.terms.windows import FOREVER_NS, Window

_KIND_OF_CLASS: Final = {
    "R": "R", "Q": "D", "P": "P", "GP": "GLIDER", "W": "GLIDER", "CTR": "CTR", "TMZ": "TMZ", "RMZ": "RMZ", "TMA": "TMA",
    "CTA": "CTA", "FIR": "FIR", "UIR": "UIR", "TSA": "TSA", "TRA": "TRA", "ATZ": "ATZ", "MTMA": "MIL", "MCTR": "MIL",
    "UNC": "OTHER", "ADIZ": "ADIZ", "UAS": "UAS", "GSEC": "GLIDER", "CUSTOM": "OTHER",
}  # fmt: skip
_CLASS_OF_KIND: Final = {"R": "R", "D": "Q", "P": "P", "CTR": "CTR", "TMZ": "TMZ", "RMZ": "RMZ", "GLIDER": "W"}
_POINT: Final = re.compile(
    r"(\d{1,3}(?:\.\d+)?)(?::(\d{1,2}(?:\.\d+)?))?(?::(\d{1,2}(?:\.\d+)?))?\s*([NS])\s*,?\s*"
    r"(\d{1,3}(?:\.\d+)?)(?::(\d{1,2}(?:\.\d+)?))?(?::(\d{1,2}(?:\.\d+)?))?\s*([EW])"
)


class _WrongError(ValueError):
    pass


@dataclass(slots=True)
class _Record:
    line: int
    class_: str = ""
    type_: str = ""
    id_: str = ""
    name: str = ""
    floor: Level = SURFACE
    ceiling: Level = UNLIMITED
    frequency_mhz: float = 0.0
    station: str = ""
    times: list[Window] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)
    rings: list[tuple[Point, ...]] = field(default_factory=list)
    airway: list[Point] = field(default_factory=list)
    width_m: float = 0.0
    wrong: Problem | None = None
    by_notice: bool = False


def read_openair(text: str, file: str) -> tuple[tuple[Volume, ...], tuple[Problem, ...]]:
    """Return the volumes of an OpenAir text and what was set aside. Never raises."""
    reader = _Reader(file)
    for number, raw in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        reader.line(number, raw.partition("*")[0].strip())
    reader.close()
    return tuple(reader.volumes), tuple(reader.problems)


class _Reader:
    def __init__(self, file: str) -> None:
        self.volumes: list[Volume] = []
        self.problems: list[Problem] = []
        self._file = file
        self._record: _Record | None = None
        self._ids: set[str] = set()
        self._reset()
        self._do: dict[str, Callable[[_Record, str], None]] = {
            "AN": self._name, "AL": self._floor, "AH": self._ceiling, "AF": self._frequency, "AR": self._frequency,
            "AX": _nothing,
            "AG": self._station, "AA": self._times, "AT": _nothing, "SP": _nothing, "SB": _nothing, "TO": _nothing,
            "TC": _nothing, "V": self._variable, "DP": self._point, "DA": self._arc_angles, "DB": self._arc_points,
            "DC": self._circle, "DY": self._airway,
        }  # fmt: skip

    def _reset(self) -> None:
        self._centre: Point | None = None
        self._clockwise = True
        self._width_m = 0.0

    def line(self, number: int, text: str) -> None:
        if not text:
            return
        word, _, rest = text.partition(" ")
        word, rest = word.upper(), rest.strip()
        if "=" in word:  # V X=... written without its space
            word, rest = word[:1], text[1:].strip()
        if word == "AC":
            if self._record is None or self._record.class_:
                self._begin(number)
            assert self._record is not None
            self._record.class_ = rest.upper()
            return
        if word in ("AI", "AY"):
            # The extended form may write them before or after AC; after a name they begin the next record.
            if self._record is None or (self._record.points or self._record.rings):
                self._begin(number)
            assert self._record is not None
            if word == "AI":
                self._record.id_ = rest
            else:
                self._record.type_ = rest.upper()
            return
        if self._record is None or not self._record.class_:
            if self._record is None:
                self.problems.append(Problem(self._file, number, word, "stands before the first AC"))
            else:
                self._do.get(word, _nothing)(self._record, rest) if word == "AN" else None
            return
        record = self._record
        if record.wrong is not None:
            return
        action = self._do.get(word)
        if action is None:
            # What draws (D..., V) must be understood; what only labels (A...) may be left out, and is said.
            problem = Problem(self._file, number, word[:12], "is no OpenAir command that is known")
            if word.startswith("A"):
                self.problems.append(problem)
            else:
                record.wrong = problem
            return
        try:
            action(record, rest)
        except ValueError as why:
            record.wrong = Problem(self._file, number, word, f"{why}; the area {record.name!r} is set aside")

    def _begin(self, number: int) -> None:
        self.close()
        self._record = _Record(number)
        self._reset()

    def close(self) -> None:
        record, self._record = self._record, None
        if record is None:
            return
        if record.points:
            record.rings.append(clean_ring(record.points))
        if len(record.airway) > 1:
            record.rings.append(corridor(record.airway, record.width_m))
        if record.wrong is None and not any(len(r) > 2 for r in record.rings):
            record.wrong = Problem(self._file, record.line, "DP", f"the area {record.name!r} has no outline")
        if record.wrong is not None:
            self.problems.append(record.wrong)
            return
        base = record.id_ or record.name or f"{record.class_} {record.line}"
        volume_id, n = base, 1
        while volume_id in self._ids:
            n += 1
            volume_id = f"{base} ({n})"
        self._ids.add(volume_id)
        type_ = record.type_ or record.class_
        kind = _KIND_OF_CLASS.get(
            type_, _KIND_OF_CLASS.get(record.class_, "CTA" if record.class_ in CLASSES else "OTHER")
        )
        extra = [("AC", record.class_)] + ([("AY", record.type_)] if record.type_ else [])
        self.volumes.append(
            Volume(
                id=volume_id, name=record.name or volume_id, kind=kind,
                icao_class=record.class_ if record.class_ in CLASSES else "",
                rings=tuple(r for r in record.rings if len(r) > 2), floor=record.floor, ceiling=record.ceiling,
                times=tuple(record.times), by_notice=record.by_notice, frequency_mhz=record.frequency_mhz,
                remarks=record.station, source=f"{self._file}:{record.line}", extra=tuple(extra),
            )
        )  # fmt: skip

    def _name(self, record: _Record, text: str) -> None:
        record.name = text[:200]

    def _floor(self, record: _Record, text: str) -> None:
        record.floor = parse_level(text)

    def _ceiling(self, record: _Record, text: str) -> None:
        record.ceiling = parse_level(text)

    def _frequency(self, record: _Record, text: str) -> None:
        found = re.match(r"\d{2,3}(?:[.,]\d{1,3})?", text)
        if not found:
            raise _WrongError(f"{text[:20]!r} is no frequency")
        record.frequency_mhz = float(found.group().replace(",", "."))

    def _station(self, record: _Record, text: str) -> None:
        record.station = text[:200]

    def _times(self, record: _Record, text: str) -> None:
        if text.upper() in ("NONE", "BY NOTAM", "NOTAM"):
            record.by_notice = True
            return
        record.times.append(iso_window(text))

    def _variable(self, record: _Record, text: str) -> None:
        name, equals, value = text.partition("=")
        name = name.strip().upper()
        if not equals:
            raise _WrongError(f"{text[:20]!r} sets nothing")
        if name == "X":
            self._centre = _point(value)
        elif name == "D":
            self._clockwise = value.strip() != "-"
        elif name == "W":
            self._width_m = _number(value) * M_PER_NMI
        elif name != "Z":
            raise _WrongError(f"{name[:10]!r} is no variable")

    def _point(self, record: _Record, text: str) -> None:
        record.points.append(_point(text))

    def _arc_angles(self, record: _Record, text: str) -> None:
        parts = [_number(p) for p in text.split(",")]
        if len(parts) != 3:
            raise _WrongError("an arc needs radius, start and end")
        record.points += arc(self._here(), _radius(parts[0]), parts[1], parts[2], self._clockwise)

    def _arc_points(self, record: _Record, text: str) -> None:
        ends = [_point(p) for p in _split_points(text)]
        if len(ends) != 2:
            raise _WrongError("an arc needs two points")
        record.points += arc_between(self._here(), ends[0], ends[1], self._clockwise)

    def _circle(self, record: _Record, text: str) -> None:
        record.rings.append(circle(self._here(), _radius(_number(text))))

    def _airway(self, record: _Record, text: str) -> None:
        if self._width_m <= 0.0:
            raise _WrongError("an airway needs its width before (V W=)")
        record.airway.append(_point(text))
        record.width_m = self._width_m

    def _here(self) -> Point:
        if self._centre is None:
            raise _WrongError("has no centre (V X=) before it")
        return self._centre


def _nothing(record: _Record, text: str) -> None:
    """Pens, brushes, labels: nothing to know."""


def _number(text: str) -> float:
    try:
        return float(text.strip().split()[0])
    except (ValueError, IndexError):
        raise _WrongError(f"{text.strip()[:20]!r} is no number") from None


def _radius(miles: float) -> float:
    if not 0.0 < miles <= 3_000.0:
        raise _WrongError(f"radius {miles:g} NM is out of range")
    return miles * M_PER_NMI


def _split_points(text: str) -> list[str]:
    return [m.group() for m in _POINT.finditer(text.upper())]


def _point(text: str) -> Point:
    found = _POINT.search(text.upper())
    if not found:
        raise _WrongError(f"{text.strip()[:30]!r} is no place")
    d, m, s, ns, d2, m2, s2, ew = found.groups()
    lat = float(d) + float(m or 0) / 60.0 + float(s or 0) / 3600.0
    lon = float(d2) + float(m2 or 0) / 60.0 + float(s2 or 0) / 3600.0
    if lat > 90.0 or lon > 180.0 or max(float(x or 0) for x in (m, s, m2, s2)) >= 60.0:
        raise _WrongError(f"{text.strip()[:30]!r} is not on the Earth")
    return (-lon if ew == "W" else lon), (-lat if ns == "S" else lat)


def write_openair(volumes: tuple[Volume, ...]) -> str:
    """Return OpenAir 2.1 text of volumes; every ring is a polygon, times are AA lines where OpenAir can say them.

    OpenAir has one ring an area: an area of several rings is written as several areas of one name.
    """
    lines: list[str] = ["* Written by Vigie. Check before use."]
    for volume in volumes:
        said = dict(volume.extra)
        class_ = said.get("AC") or volume.icao_class or _CLASS_OF_KIND.get(volume.kind, "UNC")
        for ring in volume.rings:
            lines += [
                "",
                f"AC {class_}",
                f"AY {said.get('AY') or _type_of(volume)}",
                f"AN {' '.join(volume.name.split())}",
            ]
            lines += [f"AL {level_text(volume.floor)}", f"AH {level_text(volume.ceiling)}"]
            if volume.frequency_mhz:
                lines.append(f"AF {volume.frequency_mhz:.3f}")
            if volume.by_notice:
                lines.append("AA NONE")
            lines += [f"AA {text}" for w in volume.times if (text := _window_text(w))]
            lines += [f"DP {_written(lat, 'NS')} {_written(lon, 'EW')}" for lon, lat in ring]
    return "\r\n".join(lines) + "\r\n"


def level_text(level: Level) -> str:
    """Return a level as OpenAir writes it."""
    if level.datum == FL:
        feet = level.value_m / M_PER_FL
        return f"FL{round(feet)}" if abs(feet - round(feet)) < 1e-6 else f"{level.value_m / M_PER_FT:.0f}ft STD"
    if level.datum == AGL:
        return f"{level.value_m / M_PER_FT:.0f}ft AGL"
    if level.datum == AMSL:
        return f"{level.value_m / M_PER_FT:.0f}ft AMSL"
    return {SFC: "SFC", UNL: "UNL"}[level.datum]


def _type_of(volume: Volume) -> str:
    return {"D": "Q", "GLIDER": "GSEC", "OTHER": "NONE"}.get(volume.kind, volume.kind)


def _window_text(window: Window) -> str:
    bounded = window.start_ns > -FOREVER_NS and window.end_ns < FOREVER_NS
    return iso_text(window.start_ns, window.end_ns) if bounded else ""


def _written(value: float, letters: str) -> str:
    total = round(abs(value) * 3_600_00)  # hundredths of a second
    degrees, rest = divmod(total, 360_000)
    minutes, hundredths = divmod(rest, 6_000)
    return f"{degrees:02d}:{minutes:02d}:{hundredths / 100:05.2f} {letters[value < 0]}"
