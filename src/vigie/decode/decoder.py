"""The decoder: one step of the way, from frames to rows, with its ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from vigie.decode import asterix, weather
from vigie.decode.lookup import (
    I8,
    N_BYTES,
    N_CALLSIGNS,
    N_FRAMES,
    N_PLOTS,
    N_REJECTS,
    N_SENSORS,
    N_SERVICES,
    N_TAILS,
    NEXT,
    R_DISCOVER,
    R_FIRST_ID,
    R_REFUSE_SIMULATED,
    S_ID,
    S_SAC,
    S_SIC,
    U1,
)  # fmt: skip
from vigie.decode.modes import ModesDecoder
from vigie.decode.remoteid import RemoteIdDecoder
from vigie.decode.sensors import build
from vigie.decode.suspect import EditionWatch
from vigie.decode.tables import ALPHABET, accuracy, turns
from vigie.sensors.site import Site
from vigie.terms.batch import FORMAT_ASTERIX, FORMAT_REMOTEID, Frames
from vigie.terms.ledger import Ledger
from vigie.terms.rows import chosen, joined, put
from vigie.terms.tables import PLOT, REJECT, REMOTE_ID, SERVICE, WEATHER, Rows
from vigie.wire.asterix import columns, slots, spec
from vigie.wire.asterix.machine import DEPTH, OUT
from vigie.wire.asterix.program import FAMILY, Compiler
from vigie.wire.asterix.shapes import Shapes

UNKNOWN: Final = -1
NO_EDITION: Final = -2
LATER_IDS: Final = 1001
REMOTE_IDS: Final = 2001
SHORTEST: Final = 8  # octets the machine loads at once
_OCTETS_PER_ROW: Final = 24  # first guess of the room that rows need; the last batch tells better


@dataclass(frozen=True, slots=True)
class Decoded:
    """What one batch of frames said: rows of five tables, each in the order of the frames."""

    plots: Rows
    services: Rows
    rejects: Rows
    remote_ids: Rows = field(default_factory=REMOTE_ID.empty)
    weather: Rows = field(default_factory=WEATHER.empty)


class Decoder:
    """Turns frames into rows; the same frames give the same rows, in whatever batches they come.

    ``editions`` pins an edition of a category for senders that pin none ({48: "1.30"}); otherwise the newest counts.
    ``trailers`` tells octets that a link adds to each payload ({link: 8}); what is not told is learned (see
    ``decode.asterix``). ``discover`` numbers the senders 1, 2, ... as they are first heard, where there is no site.
    """

    NOT_IN_SNAPSHOT = (
        "_tables",
        "_shapes",
        "_default",
        "_family",
        "_raw",
        "_stack",
        "_out",
        "_scaled",
        "_more",
        "_weather_editions",
    )

    def __init__(
        self,
        site: Site | None,
        *,
        editions: Mapping[int, str] | None = None,
        discover: bool = False,
        trailers: Mapping[int, int] | None = None,
        ledger: Ledger | None = None,
    ) -> None:
        self.ledger = Ledger() if ledger is None else ledger
        self._counters: I8 = np.zeros(9, np.int64)
        self._rules: I8 = np.array([0, 0, 1], np.int64)
        self._rules[R_DISCOVER] = int(discover and site is None)
        self._rules[R_REFUSE_SIMULATED] = int(site is not None and not site.exercise)
        self._compile(site, editions or {})
        self._sensors = build(site, self._tables.index, trailers or {}, self._counters)
        self._raw: I8 = np.zeros(slots.SLOTS, np.int64)
        self._stack = np.zeros(2 * DEPTH, np.uint64)
        self._out: I8 = np.zeros(OUT, np.int64)
        self._scaled = np.zeros(slots.SLOTS)
        self._more: I8 = np.zeros(slots.ALL_SLOTS, np.int64)
        self._density = (1.0 / _OCTETS_PER_ROW, 1.0 / _OCTETS_PER_ROW)
        self._discover = discover
        self._site = site
        self._modes: ModesDecoder | None = None
        self._modes_heard: set[int] = set()
        self._remote: RemoteIdDecoder | None = None
        self._watch = EditionWatch()
        self._weather = weather.WeatherReader()
        pinned = (editions or {}).get(weather.CATEGORY)
        self._weather_editions = {
            sensor.id: edition
            for sensor in (() if site is None else site.sensors)
            if (edition := dict(sensor.editions).get(weather.CATEGORY, pinned)) is not None
        }
        self._by_category: I8 = np.zeros(256, np.int64)
        self._counted: I8 = np.zeros(256, np.int64)

    def _compile(self, site: Site | None, editions: Mapping[int, str]) -> None:
        """Compile the newest and every pinned edition of the categories that have a mapping."""
        compiler = Compiler()
        wanted = {(c, e) for sensor in (() if site is None else site.sensors) for c, e in sensor.editions}
        default = np.full(256, UNKNOWN, np.int32)
        family = np.full(256, columns.OTHER, np.uint8)
        for category in sorted(columns.DEFAULT_CLASS):
            table = spec.load(category)
            pinned = editions.get(category)
            default[category] = NO_EDITION
            if pinned is None or pinned in table.editions:
                default[category] = compiler.add(spec.edition(category, pinned))
            for number, name in sorted(wanted):
                if number == category and name in table.editions:
                    compiler.add(spec.edition(category, name))
        self._tables = compiler.tables()
        self._shapes = Shapes()
        for row in self._tables.programs:
            family[row[FAMILY + 1]] = row[FAMILY]
        self._default = default
        self._family: U1 = family

    @property
    def sensors_seen(self) -> list[tuple[int, int, int, set[int]]]:
        """Who was heard: (sensor id, SAC, SIC, categories) in the order of the sensor table.

        Receivers of Mode S have no SAC and SIC (-1) and no categories.
        """
        out = []
        for row in range(int(self._counters[N_SENSORS])):
            heard = {int(c) for c in np.flatnonzero(self._sensors.seen[row])}
            if heard:
                sensor = self._sensors.sensors[row]
                out.append((int(sensor[S_ID]), int(sensor[S_SAC]), int(sensor[S_SIC]), heard))
        known = {row[0] for row in out}
        return out + [(sensor_id, -1, -1, set()) for sensor_id in sorted(self._modes_heard - known)]

    @property
    def suspect_editions(self) -> dict[int, dict[int, str]]:
        """Senders whose edition cannot be right: {sensor id: {category: the edition that fits, "" where none does}}."""
        return self._watch.suspects

    def step(self, frames: Frames) -> Decoded:
        """Decode the frames of one batch."""
        kinds = frames.rows["format"]
        mine = kinds == FORMAT_ASTERIX
        if not len(frames) or bool(mine.all()):
            return self._asterix(frames)
        radio = kinds == FORMAT_REMOTEID
        if radio.any():
            drones = self._drones(frames, first=not self._numbers_given)
            if radio.all():
                return drones
            rest = self.step(Frames(frames.rows[~radio], frames.data))
            return replace(_merged(rest, drones, frames), remote_ids=drones.remote_ids)
        if self._modes is None:
            self._modes = self._modes_decoder(
                first=not mine[0] and not self._counters[N_SENSORS] and self._remote is None
            )
        modes = Decoded(*self._modes.step(frames))
        self._modes_heard.update(np.unique(modes.plots["sensor_id"]).tolist())
        if not mine.any():
            return modes
        return _merged(self._asterix(Frames(chosen(frames.rows, mine), frames.data)), modes, frames)

    @property
    def _numbers_given(self) -> bool:
        """Whether a sender of another kind was numbered already."""
        return bool(self._counters[N_SENSORS]) or self._modes is not None

    def _drones(self, frames: Frames, *, first: bool) -> Decoded:
        """Decode the frames of Remote ID receivers."""
        if self._remote is None:
            if self._discover and first:
                self._rules[R_FIRST_ID] = LATER_IDS
            first_id = 1 if first else REMOTE_IDS
            self._remote = RemoteIdDecoder(
                self._site, ledger=self.ledger, discover=self._discover, first_id=first_id
            )  # fmt: skip
        plots, said, rejects = self._remote.step(frames)
        self._modes_heard.update(plots["sensor_id"].tolist(), said["sensor_id"].tolist())
        return Decoded(plots, SERVICE.empty(), rejects, said)

    def finish(self) -> Decoded:
        """Return what waited for the rest of a stream, when the inputs end."""
        if self._modes is None:
            return Decoded(PLOT.empty(), SERVICE.empty(), REJECT.empty())
        return Decoded(*self._modes.finish())

    def link_lost(self, link: int) -> None:
        """Forget the unfinished rest of a stream whose link went down."""
        if self._modes is not None:
            self._modes.link_lost(link)

    def _modes_decoder(self, *, first: bool) -> ModesDecoder:
        """Return the decoder of Mode S streams; of two kinds of discovered senders, the later one counts from 1001."""
        if self._discover and first:
            self._rules[R_FIRST_ID] = LATER_IDS
        return ModesDecoder(self._site, ledger=self.ledger, discover=self._discover, first_id=1 if first else LATER_IDS)

    def _asterix(self, frames: Frames) -> Decoded:
        rows = frames.rows
        t = self._tables
        h = self._shapes
        n = self._sensors
        c = self._counters
        lengths = np.ascontiguousarray(rows["length"])
        data: U1 = np.require(frames.data, requirements=("C", "W"))  # one type of array: one compiled kernel
        if len(data) < SHORTEST:
            data = np.pad(data, (0, SHORTEST))
        longest = int(lengths.max()) // 2 + 2 if len(rows) else 0
        total = int(lengths.sum(dtype=np.int64))
        plots = np.empty(int(total * self._density[0]) + longest + 64, PLOT.dtype)
        services = np.empty(int(total * self._density[1]) + longest + 64, SERVICE.dtype)
        rejects = np.empty(total // 256 + longest + 64, REJECT.dtype)
        spots: I8 = np.empty((len(rejects), 2), np.int64)
        c[[N_PLOTS, N_SERVICES, N_REJECTS, NEXT]] = 0
        rx, seqs, links, offsets, addresses = (
            np.ascontiguousarray(rows[name]) for name in ("rx_ns", "seq", "link", "offset", "src_addr")
        )
        while True:
            asterix.frames_to_rows(
                data, rx, seqs, links, offsets, lengths, addresses, int(c[NEXT]),
                t.nodes, t.allowed, t.children, t.parts, t.fields, t.octets, t.meanings, t.registers,
                t.register_rows, h.keys, h.states, h.steps, h.copies, h.marks, h.used, h.scratch,
                t.programs, t.scales, self._default, self._family,
                n.sensors, n.places, n.program_of, n.heads, n.chain, n.allow, n.links, self._rules,
                turns(), accuracy(), ALPHABET,
                self._raw, self._stack, self._out, self._scaled, self._scaled.view(np.int64), self._more, n.seen,
                self._by_category,
                plots.view(asterix.PLOT_ROW), services, rejects, spots, c,
            )  # fmt: skip
            if c[NEXT] >= len(rows):
                break
            plots = _roomier(plots, int(c[N_PLOTS]), longest)
            services = _roomier(services, int(c[N_SERVICES]), longest)
            rejects = _roomier(rejects, int(c[N_REJECTS]), longest)
            spots = np.concatenate((spots, np.empty((len(rejects) - len(spots), 2), np.int64)))
        decoded = Decoded(
            _cut(plots, int(c[N_PLOTS])), _cut(services, int(c[N_SERVICES])), _cut(rejects, int(c[N_REJECTS]))
        )
        if total:  # room for a tenth more than the last batch needed, so that rows are seldom copied
            self._density = (1.1 * len(decoded.plots) / total, 1.1 * len(decoded.services) / total)
        self._account(decoded)
        if (decoded.services["category"] == weather.CATEGORY).any():
            known = weather.places_of(n.sensors, n.places, int(c[N_SENSORS]))
            sources = weather.sources_of(n.sensors, int(c[N_SENSORS]))
            rows_of = self._weather.step(frames, decoded.services, known, sources, self._weather_editions)
            decoded = replace(decoded, weather=rows_of)
        if len(decoded.rejects):
            self._watch.step(decoded.rejects, spots[: len(decoded.rejects)], data)
        return decoded

    def _account(self, decoded: Decoded) -> None:
        c = self._counters
        self.ledger.frames += int(c[N_FRAMES])
        self.ledger.bytes += int(c[N_BYTES])
        self.ledger.filter("trailing_bytes", int(c[N_TAILS]))
        self.ledger.filter("bad_callsign", int(c[N_CALLSIGNS]))
        c[[N_FRAMES, N_BYTES, N_TAILS, N_CALLSIGNS]] = 0
        for category in np.flatnonzero(self._by_category != self._counted):
            self.ledger.accept(int(self._by_category[category] - self._counted[category]), str(int(category)))
        self._counted[:] = self._by_category
        if len(decoded.rejects):
            self.ledger.count_rejects(decoded.rejects["reason"].tolist())


def _merged(a: Decoded, b: Decoded, frames: Frames) -> Decoded:
    """Return the rows of two decoders in the order of the frames."""
    order = np.argsort(frames.rows["seq"], kind="stable")
    seqs = frames.rows["seq"][order]

    def merge(x: Rows, y: Rows) -> Rows:
        rows = joined([x, y])
        place = order[np.minimum(np.searchsorted(seqs, rows["frame_no"]), len(seqs) - 1)]
        return chosen(rows, np.argsort(place, kind="stable"))

    return Decoded(
        merge(a.plots, b.plots), merge(a.services, b.services), merge(a.rejects, b.rejects), weather=a.weather
    )


def _roomier(rows: Rows, used: int, longest: int) -> Rows:
    """Return the rows in twice the room, where there is little left."""
    if len(rows) - used > 2 * longest:
        return rows
    return _copied(rows, used, 2 * len(rows) + longest)


def _copied(rows: Rows, used: int, room: int) -> Rows:
    """Return the used rows in other room."""
    out = np.empty(room, rows.dtype)
    put(out, slice(0, used), rows[:used])
    return out


def _cut(rows: Rows, used: int) -> Rows:
    """Return the used rows; copied where they would hold on to more than half of unused room."""
    return _copied(rows, used, used) if 2 * used < len(rows) else rows[:used]
