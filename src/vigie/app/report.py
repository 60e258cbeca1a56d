"""The daily and the incident report as a list of blocks, in English or French; HTML and PDF are laid out from it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any, Final

from vigie import __version__
from vigie.airspace.aerodromes import Aerodrome
from vigie.airspace.volume import Volume
from vigie.app.drawing import Box, Shape, map_shapes
from vigie.evaluate.shapes import Picture
from vigie.history import ask
from vigie.history.figures import AlertLife, Figures
from vigie.sensors.site import Site
from vigie.terms.units import M_PER_FL, NS_PER_S
from vigie.terms.words import tr
from vigie.watch.rules import RULES

MAP_SIZE: Final = (900, 620)
_MOST_ROWS: Final = 40


@dataclass(frozen=True, slots=True)
class Heading:
    """A title; level 1 begins a part (the annex on a new page)."""

    text: str
    level: int = 2
    new_page: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """A paragraph."""

    text: str
    small: bool = False


@dataclass(frozen=True, slots=True)
class Numbers:
    """Large figures side by side: (figure, what it is)."""

    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table; ``shares`` are the columns' shares of the width, ``right`` the columns of figures."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    shares: tuple[float, ...]
    right: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Bars:
    """A bar chart: (label, value) in order."""

    items: tuple[tuple[str, float], ...]
    unit: str


@dataclass(frozen=True, slots=True)
class Map:
    """A map of tracks as shapes of ``MAP_SIZE``."""

    shapes: tuple[Shape, ...]
    caption: str


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot of an evaluation."""

    picture: Picture


Block = Heading | Words | Numbers | Grid | Bars | Map | Plot


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A report ready to be laid out."""

    title: str
    subtitle: str
    language: str
    footer: str
    blocks: tuple[Block, ...]


class Writer:
    """Turns figures into blocks, in one language and one time zone."""

    def __init__(self, figures: Figures, site: Site, aerodromes: Sequence[Aerodrome], volumes: Sequence[Volume], *,
                 language: str, zone: tzinfo, zone_name: str, box: Box | None = None) -> None:  # fmt: skip
        self._f, self._site, self._aerodromes, self._volumes = figures, site, aerodromes, volumes
        self._language, self._zone, self._zone_name, self._box = language, zone, zone_name, box
        self._names = {s.id: s.name for s in site.sensors}

    def report(self, kind: str) -> Report:
        """Return the report: ``daily`` or ``incident``."""
        f, _tr = self._f, self._tr
        whole = f.span.until_ns - f.span.from_ns == 86_400 * NS_PER_S
        first = self._when(f.span.from_ns, "%Y-%m-%d %H:%M")
        range_words = first[:10] if whole else f"{first} – {self._when(f.span.until_ns, '%Y-%m-%d %H:%M')}"
        title = _tr("Air situation: daily report") if kind == "daily" else _tr("Air situation: incident report")
        blocks = [
            *self._summary(), *self._traffic(), *self._map(), *self._flights(kind), *self._alerts(), *self._sensors(),
            *self._annex(),
        ]  # fmt: skip
        marks = " · " + _tr("EXERCISE") if self._site.exercise else ""
        return Report(
            title=title, subtitle=f"{self._site.name} · {range_words} ({self._zone_name}){marks}",
            language=self._language, footer=f"{self._site.name} · {range_words} · Vigie {__version__}",
            blocks=tuple(blocks),
        )  # fmt: skip

    # --- for the minister's office ------------------------------------------------------------------------------------

    def _summary(self) -> list[Block]:
        f, _tr = self._f, self._tr
        grave = [a for a in f.alerts if a.severity >= 3]
        reaction = f.reactions_s(3)
        known = [s.available for s in f.sensors if s.available is not None]
        items = [
            (str(len(f.flights)), _tr("flights seen")), (str(len(f.landings)), _tr("landings")),
            (str(len(f.takeoffs)), _tr("take-offs")), (str(len(f.dark)), _tr("flights without transponder")),
            (str(len(grave)), _tr("warnings and alarms")),
            (self._percent(sum(known) / len(known) if known else None), _tr("sensors available")),
        ]  # fmt: skip
        lines = [self._dark_words(row) for row in f.dark[:3]]
        if not f.dark:
            lines.append(_tr("Every flight answered with its transponder."))
        if not grave:
            lines.append(_tr("No warning and no alarm was raised."))
        elif reaction is None:
            lines.append(_tr("Warnings and alarms: {n}. Nobody acknowledged one.").format(n=len(grave)))
        else:
            words = _tr(
                "Warnings and alarms: {n}. Half of those acknowledged were so within {half}, the last after {most}."
            )
            lines.append(words.format(n=len(grave), half=self._long(reaction[0]), most=self._long(reaction[1])))
        ill = [s for s in f.sensors if s.available is not None and s.available < 0.99]
        if ill:
            named = ", ".join(f"{self._name(s.sensor_id)} ({self._percent(s.available)})" for s in ill)
            lines.append(_tr("Sensors not always available: {sensors}.").format(sensors=named))
        return [Heading(_tr("In short")), Numbers(tuple(items)), *(Words(line) for line in lines)]

    def _dark_words(self, row: dict[str, Any]) -> str:
        _tr = self._tr
        if row["to_aerodrome"]:
            ends = _tr("landed at {place} at {time}")
            where = ends.format(place=row["to_aerodrome"], time=self._when(row["landed_ns"]))
        else:
            where = _tr("last seen at {time}").format(time=self._when(row["last_ns"]))
        return _tr("Flight {who} flew without an answering transponder for {share} of its time; it was first seen at "
                 "{first} and {where}.").format(who=ask.words_of(row), share=self._percent(row["dark_share"]),
                                                first=self._when(row["first_ns"]), where=where)  # fmt: skip

    def _traffic(self) -> list[Block]:
        f, _tr = self._f, self._tr
        blocks: list[Block] = [Heading(_tr("Traffic"))]
        if f.hours:
            bars = tuple((self._when(row["hour_ns"], "%H"), float(row["flights"])) for row in f.hours)
            blocks.append(Bars(bars, _tr("flights first seen, per hour")))
        places = Counter(row["to_aerodrome"] for row in f.landings)
        places.update(row["from_aerodrome"] for row in f.takeoffs)
        if places:
            down = Counter(row["to_aerodrome"] for row in f.landings)
            up = Counter(row["from_aerodrome"] for row in f.takeoffs)
            blocks.append(Grid((_tr("Aerodrome"), _tr("landings"), _tr("take-offs")),
                               tuple((self._place(p), str(down[p]), str(up[p])) for p, _ in places.most_common(12)),
                               (0.6, 0.2, 0.2), frozenset({1, 2})))  # fmt: skip
        states = [row for row in f.states if row["flights"]][:10]
        if states:
            blocks.append(Grid((_tr("State of registry (by address)"), _tr("flights")),
                               tuple((_tr("unknown") if r["state"] == "unknown" else r["state"], str(r["flights"]))
                                     for r in states), (0.8, 0.2), frozenset({1})))  # fmt: skip
        return blocks

    def _map(self) -> list[Block]:
        f, _tr = self._f, self._tr
        if not len(f.map_rows):
            return [Heading(_tr("Map")), Words(_tr("No track was seen in this time."))]
        width, height = MAP_SIZE
        shapes = map_shapes(f.map_rows, self._site, self._aerodromes, box=self._box, width=width, height=height,
                            volumes=self._volumes)  # fmt: skip
        caption = _tr("All tracks of this time. Triangles are sensors, circles aerodromes; a dot is where a track was "
                    "last seen.")  # fmt: skip
        return [Heading(_tr("Map")), Map(tuple(shapes), caption)]

    def _flights(self, kind: str) -> list[Block]:
        f, _tr = self._f, self._tr
        rows = f.flights if kind == "incident" else f.dark
        title = _tr("Flights") if kind == "incident" else _tr("Flights without transponder")
        if not rows:
            return []
        lines = tuple(
            (self._when(r["first_ns"]), self._when(r["last_ns"]), ask.words_of(r),
             f"{r['from_aerodrome'] or '–'} > {r['to_aerodrome'] or '–'}",
             f"{_level(r['min_alt_m'])}–{_level(r['max_alt_m'])}", self._percent(r["dark_share"]))
            for r in rows[:_MOST_ROWS]
        )  # fmt: skip
        head = (
            _tr("first seen"),
            _tr("last seen"),
            _tr("flight"),
            _tr("from > to"),
            _tr("levels"),
            _tr("no transponder"),
        )
        evidence = [Words(f"{ask.words_of(r)}: {r['landed_evidence']}", small=True) for r in rows[:5]
                    if r["landed_evidence"]]  # fmt: skip
        return [Heading(title), Grid(head, lines, (0.13, 0.13, 0.28, 0.18, 0.14, 0.14), frozenset({5})), *evidence,
                *self._more(len(rows))]  # fmt: skip

    def _alerts(self) -> list[Block]:
        f, _tr = self._f, self._tr
        if not f.alerts:
            return [Heading(_tr("Alerts")), Words(_tr("No alert was raised."))]
        rules: dict[str, list[AlertLife]] = {}
        for alert in f.alerts:
            rules.setdefault(alert.rule, []).append(alert)
        rows = []
        for rule, alerts in sorted(rules.items(), key=lambda x: (-len(x[1]), x[0])):
            times = sorted(a.reaction_s for a in alerts if a.reaction_s is not None)
            rows.append((rule_words(rule, self._language), str(len(alerts)), str(len(times)),
                         self._long(times[len(times) // 2]) if times else "–",
                         self._long(times[-1]) if times else "–"))  # fmt: skip
        head = (_tr("Rule"), _tr("alerts"), _tr("acknowledged"), _tr("half within"), _tr("longest"))
        blocks: list[Block] = [Heading(_tr("Alerts")), Grid(head, tuple(rows), (0.44, 0.12, 0.16, 0.14, 0.14),
                                                          frozenset({1, 2, 3, 4}))]  # fmt: skip
        grave = sorted((a for a in f.alerts if a.severity >= 3), key=lambda a: (-a.severity, a.raised_ns))
        if grave:
            lines = tuple(
                (self._when(a.raised_ns), rule_words(a.rule, self._language),
                 a.reason_fr if self._language == "fr" and a.reason_fr else a.reason,
                 self._long(a.reaction_s) if a.reaction_s is not None else _tr("nobody"))
                for a in grave[:_MOST_ROWS]
            )  # fmt: skip
            columns = (_tr("raised"), _tr("Rule"), _tr("why"), _tr("acknowledged after"))
            blocks += [Heading(_tr("Warnings and alarms"), 3), Grid(columns, lines, (0.13, 0.2, 0.51, 0.16))]
            blocks += self._more(len(grave))
        return blocks

    def _sensors(self) -> list[Block]:
        f, _tr = self._f, self._tr
        rows = tuple((self._name(s.sensor_id), f"{s.plots:,}".replace(",", " "), self._percent(s.available),
                      str(len(s.gaps))) for s in f.sensors)  # fmt: skip
        head = (_tr("Sensor"), _tr("reports"), _tr("available"), _tr("gaps"))
        blocks: list[Block] = [Heading(_tr("Sensors and cover"))]
        if not any(s.gaps for s in f.sensors):
            blocks.append(Words(_tr("No sensor was blind, silent or out of use in this time.")))
        blocks.append(Grid(head, rows, (0.5, 0.2, 0.16, 0.14), frozenset({1, 2, 3})))
        gaps = sorted(((gap, s.sensor_id) for s in f.sensors for gap in s.gaps), key=lambda g: g[0][0])
        if gaps:
            lines = tuple(
                (self._name(sensor), self._when(a), self._when(b), self._long((b - a) / NS_PER_S),
                 state_words(state, self._language))
                for (a, b, state), sensor in gaps[:_MOST_ROWS]
            )  # fmt: skip
            columns = (_tr("Sensor"), _tr("from"), _tr("until"), _tr("how long"), _tr("state"))
            blocks += [Heading(_tr("Gaps in cover"), 3), Grid(columns, lines, (0.34, 0.16, 0.16, 0.16, 0.18))]
            blocks += self._more(len(gaps))
        return blocks

    # --- for the technician -------------------------------------------------------------------------------------------

    def _annex(self) -> list[Block]:
        f, _tr = self._f, self._tr
        blocks: list[Block] = [Heading(_tr("Annex for the technician"), 1, new_page=True)]
        if f.acts:
            lines = tuple((self._when(r["now_ns"]), r["who"], r["act"], f"{r['subject']} {r['value']}".strip(),
                           r["reason"]) for r in f.acts[:_MOST_ROWS])  # fmt: skip
            blocks += [Heading(_tr("What people did"), 3),
                       Grid((_tr("when"), _tr("who"), _tr("act"), _tr("on what"), _tr("why")), lines,
                            (0.13, 0.14, 0.2, 0.28, 0.25)), *self._more(len(f.acts))]  # fmt: skip
        for made in f.made[-1:]:
            blocks.append(Heading(_tr("Ledgers, from the recording's beginning to the end of this day"), 3))
            if not made.get("decode"):
                blocks.append(
                    Words(_tr("This archive was made by an older version and holds no ledgers: make it again."))
                )
                continue
            rows = [*_ledger("decode", made["decode"]), *_ledger("track", made["track"])]
            blocks.append(Grid((_tr("ledger"), _tr("count"), _tr("n")), tuple(rows), (0.2, 0.5, 0.3), frozenset({2})))
            if made.get("balances"):
                blocks.append(Words(_tr("They balance: nothing is unaccounted for.")))
            else:
                blocks.append(Words(_tr("THEY DO NOT BALANCE: data was lost unexplained. Tell the makers of Vigie.")))
        facts = [(_tr("tracks shorter than a minute, not counted as flights"), str(f.brief))]
        facts += [(_tr("recording, SHA-256 of its segments"), m.get("recording", "")) for m in f.made]
        facts += [(_tr("digest of the chain"), m.get("digest", "")) for m in f.made if m.get("digest")]
        facts += [(_tr("rows of the recording that are missing"), str(m["missing_rows"])) for m in f.made
                  if "missing_rows" in m]  # fmt: skip
        facts += [(_tr("recorded with"), f"Vigie {m['recorded_with']}") for m in f.made[-1:] if m.get("recorded_with")]
        facts += [(_tr("archive made with"), f"Vigie {m.get('software', '')}") for m in f.made[-1:]]
        blocks.append(Heading(_tr("Where these figures come from"), 3))
        blocks.append(Grid((_tr("fact"), _tr("value")), tuple(facts), (0.4, 0.6)))
        return [*blocks, *(Words(text, small=True) for text in self._terms())]

    def _terms(self) -> list[str]:
        _tr = self._tr
        return [
            _tr("A flight is the life of one track. Landings and take-offs are detected from the tracks alone."),
            _tr("Without transponder: neither address nor code was heard in the 15 s before, for a fifth of the "
              "flight's time at least."),
            _tr("Available: the share of the time, by looks every ten seconds, in which a sensor was well."),
            _tr("A reaction time runs from the alert to its acknowledgement by a person. Warnings and alarms are "
                "alerts of severity 3 and 4."),
        ]  # fmt: skip

    # --- small words --------------------------------------------------------------------------------------------------

    def _tr(self, text: str) -> str:
        return tr(text, self._language)

    def _more(self, n: int) -> list[Block]:
        if n <= _MOST_ROWS:
            return []
        return [Words(self._tr("{n} more are not printed.").format(n=n - _MOST_ROWS), small=True)]

    def _when(self, t_ns: int, form: str = "") -> str:
        when = datetime.fromtimestamp(t_ns // NS_PER_S, UTC).astimezone(self._zone)
        if not form:
            form = "%H:%M:%S" if self._f.span.until_ns - self._f.span.from_ns <= 86_400 * NS_PER_S else "%d. %H:%M:%S"
        return when.strftime(form)

    def _percent(self, share: float | None) -> str:
        if share is None or not math.isfinite(share):
            return "–"
        text = f"{share * 100:.0f}" if share in (0.0, 1.0) else f"{min(share, 0.999) * 100:.1f}"
        return text.replace(".", ",") + " %" if self._language == "fr" else text + "%"

    def _long(self, seconds: float) -> str:
        whole = round(seconds)
        if whole < 120:
            return f"{whole} s"
        return (
            f"{whole // 60} min {whole % 60:02d} s" if whole < 7200 else f"{whole // 3600} h {whole // 60 % 60:02d} min"
        )

    def _name(self, sensor_id: int) -> str:
        return self._names.get(sensor_id, str(sensor_id))

    def _place(self, icao: str) -> str:
        found = next((a.name for a in self._aerodromes if a.icao == icao), "")
        return f"{icao} {found}".strip()


def _ledger(name: str, ledger: dict[str, Any], prefix: str = "") -> list[tuple[str, str, str]]:
    rows = []
    for key, value in ledger.items():
        if isinstance(value, dict):
            rows += _ledger(name, value, f"{prefix}{key}: ")
        else:
            rows.append(
                (name, f"{prefix}{key}", f"{value:,}".replace(",", " ") if isinstance(value, int) else str(value))
            )
    return rows


def _level(value: float | None) -> str:
    return "?" if value is None or not math.isfinite(value) else f"FL{value / M_PER_FL:03.0f}"


def rule_words(name: str, language: str) -> str:
    """Return what a rule is called; its own name where this version does not have it."""
    rule = next((r for r in RULES if r.name == name), None)
    if rule is None:
        return name
    return rule.title_fr if language == "fr" else rule.title


def state_words(state: int, language: str) -> str:
    """Return what a state of a sensor is called."""
    names = (tr("never heard", language), "ok", tr("degraded", language), tr("blind", language),
             tr("silent", language), "NOGO")  # fmt: skip
    return names[state] if 0 <= state < len(names) else str(state)
