"""What an aircraft says of itself, checked: against sensors that should see it, physics, its heights, its namesakes.

A statement is unverified until a sensor that measures by itself agrees, verified when one does, contradicted when it
cannot be true. Contradicted tracks stay on the picture; only their stated positions count less.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from vigie.earth.wgs84 import geodetic_to_ecef
from vigie.identify.claims import C_DIFF, C_DIFFS, C_KEY, C_SEEN, C_WIDTH, ROWS, hear, of_tracks
from vigie.identify.cover import DIRECTIONS, RINGS, S_OK, S_WIDTH, look
from vigie.identify.doppler import Doppler
from vigie.identify.drones import DRONE_BITS, DRONE_WORDS
from vigie.identify.gnss import Cells, cell_numbers
from vigie.identify.north import turned
from vigie.identify.replay import Replays
from vigie.sensors.site import Site
from vigie.terms.rows import chosen, copied
from vigie.terms.tables import FLAG_ON_GROUND, PLOT_KIND, TRACK_CONFIRMED, TRACK_ENDED, Rows
from vigie.terms.units import NS_PER_S

UNSTATED, UNVERIFIED, VERIFIED, CONTRADICTED = range(4)
NOT_SEEN: Final = 1
ELSEWHERE: Final = 2
MOTION: Final = 4
TWICE: Final = 8
HEIGHT: Final = 16
QUALITY: Final = 32
GNSS: Final = 64
DOPPLER: Final = 128
REPLAY: Final = 8192
CONTRADICTS: Final = NOT_SEEN | ELSEWHERE | MOTION | TWICE | HEIGHT | DOPPLER | REPLAY | DRONE_BITS
POSITION_DOUBTED: Final = NOT_SEEN | ELSEWHERE | MOTION | DOPPLER | REPLAY
WORDS: Final = {
    NOT_SEEN: "sensors that should see it do not",
    ELSEWHERE: "other sensors see its address elsewhere",
    MOTION: "moves as nothing can",
    TWICE: "its address is in use twice",
    HEIGHT: "its heights do not fit",
    QUALITY: "says itself that its position is unknown",
    GNSS: "in an area of GNSS interference",
    DOPPLER: "the range rate that a radar measures does not fit its motion",
    REPLAY: "it repeats to the metre what it said before",
    **DRONE_WORDS,
}
APART_M: Final = 8_000.0
TWICE_S: Final = 4
SLACK_M: Final = 1_200.0
SLACK_MPS: Final = 120.0
DOUBT_FACTOR: Final = 10.0
CELL_FACTOR: Final = 4.0
_ADSB: Final = PLOT_KIND["adsb"]


def trust_words(bits: int) -> str:
    """Return the English words of trust bits, lowest first."""
    return "; ".join(text for bit, text in WORDS.items() if bits & bit)


class Trust:
    """See the module. ``of(track_no)`` is (trust, bits) as of the last step; ``cells`` the disturbed ones."""

    def __init__(self, site: Site, *, undulation_m: float = 0.0) -> None:
        self._site = site
        self._undulation_m = undulation_m
        self._judges = [s for s in site.sensors if s.kind in ("radar", "mlat")]
        self._adsb = sum(1 << s.id % 64 for s in site.sensors if s.kind == "adsb")
        self._own = sum(1 << s.id % 64 for s in site.sensors if s.kind in ("radar", "mlat", "observer", "acoustic"))
        self._table = np.zeros((len(self._judges), S_WIDTH))
        for row, s in zip(self._table, self._judges, strict=True):
            lat, lon = math.radians(s.lat_deg), math.radians(s.lon_deg)
            missed = 1.0 - 0.97 * min(0.99, s.detection_probability)
            row[:] = (
                *geodetic_to_ecef(lat, lon, s.height_m), lat, lon, s.max_range_m, s.period_s,
                min(2.3, -math.log(max(1e-3, missed))), s.id % 64, 1.0, s.delay_s + 1.5,
            )  # fmt: skip
        self._sight = np.ones((len(self._judges), DIRECTIONS * RINGS))
        self._sight_s = np.zeros_like(self._sight)
        self._book = np.zeros((ROWS, C_WIDTH))
        self._cells = Cells()
        self._doppler = Doppler(site)
        self._replays = Replays()
        self._slot: dict[int, int] = {}
        self._free: list[int] = []
        self._usual_m = 0.0
        self.qnh_hpa = site.qnh_hpa
        self._epoch_ns = 0
        self.latest: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]] = (np.zeros(0, np.int64),) * 2
        """Trust and bits of the live tracks among the rows given last, in their order."""
        self._doubted: frozenset[int] = frozenset()
        self._grow(0)

    @property
    def cells(self) -> tuple[Any, ...]:
        """The cells where satellite navigation is disturbed now."""
        return self._cells.bad

    def of(self, number: int) -> tuple[int, int]:
        """Return (trust, bits) of a track."""
        slot = self._slot.get(number)
        return (UNSTATED, 0) if slot is None else (int(self._trust[slot]), int(self._words[slot]))

    def weigh(self, plots: Rows) -> Rows:
        """Return plots whose stated position counts less where it is doubted or navigation is disturbed."""
        if not (self._doubted or self._cells.numbers) or not len(plots):
            return plots
        adsb = (plots["kind"] == _ADSB) & ~np.isnan(plots["lat_deg"])
        doubted = adsb & np.isin(plots["icao24"], np.array(sorted(self._doubted), np.int64))
        in_cell = adsb & np.isin(
            cell_numbers(np.nan_to_num(plots["lat_deg"]), np.nan_to_num(plots["lon_deg"])),
            np.array(sorted(self._cells.numbers), np.int64),
        )
        if not (doubted.any() or in_cell.any()):
            return plots
        out = copied(plots)
        sd = np.where(np.isnan(out["pos_sd_m"]), 50.0, out["pos_sd_m"])
        sd = np.where(in_cell, sd * CELL_FACTOR, sd)
        sd = np.where(doubted, sd * DOUBT_FACTOR, sd)
        changed = doubted | in_cell
        out["pos_sd_m"][changed] = np.minimum(sd, 20_000.0)[changed]
        return out

    def step(self, tracks: Rows, plots: Rows, health: Rows, now_ns: int) -> None:
        """Take the rows of one tick."""
        if self._epoch_ns == 0:
            self._epoch_ns = now_ns - 60 * NS_PER_S
        if len(plots):
            self._hear(plots)
            self._doppler.hear(plots, self._book, self._epoch_ns)
        if len(health):
            state = dict(zip(health["sensor_id"].tolist(), health["state"].tolist(), strict=True))
            for row, s in zip(self._table, self._judges, strict=True):
                row[S_OK] = float(state.get(s.id, 0) in (1, 2))
        if now_ns % NS_PER_S == 0:
            self._cells.judge(now_ns)
        if len(tracks):
            self._tracks(tracks, now_ns)

    def _hear(self, plots: Rows) -> None:
        said = chosen(plots, (plots["kind"] == _ADSB) & ~np.isnan(plots["lat_deg"]) & (plots["icao24"] != 0))
        said = chosen(said, said["flags"] & FLAG_ON_GROUND == 0)
        if not len(said):
            return
        self._cells.hear(said)
        self._replays.hear(said, self._epoch_ns)
        hear(
            self._book, said["icao24"].astype(np.int64), (said["toa_ns"] - self._epoch_ns) * 1e-9,
            np.radians(said["lat_deg"]), np.radians(said["lon_deg"]), said["v_east_mps"].astype(np.float64),
            said["v_north_mps"].astype(np.float64), said["press_alt_m"].astype(np.float64),
            said["geo_alt_m"].astype(np.float64), said["nac_p"].astype(np.int64), said["nic"].astype(np.int64),
            self.qnh_hpa, self._site.temperature_c, self._undulation_m, self._usual_m, SLACK_M, SLACK_MPS,
        )  # fmt: skip

    def _tracks(self, tracks: Rows, now_ns: int) -> None:
        for number in tracks["track_no"][tracks["status"] == TRACK_ENDED].tolist():
            self._forget(number)
        live = chosen(tracks, (tracks["status"] >= TRACK_CONFIRMED) & (tracks["status"] != TRACK_ENDED))
        self.latest = (np.zeros(0, np.int64),) * 2
        if not len(live):
            return
        numbers = live["track_no"].tolist()
        held = list(map(self._slot.get, numbers))
        slots = np.array([self._slot_of(n) for n in numbers] if None in held else held, np.int64)
        now_s = (now_ns - self._epoch_ns) * 1e-9
        sensors = live["sensors"].astype(np.uint64)
        seen_by = sensors.view(np.int64)
        claims = ((sensors & np.uint64(self._adsb)) != 0).astype(np.int64)
        own = (sensors & np.uint64(self._own)) != 0
        ground = live["flags"] & FLAG_ON_GROUND != 0
        height = np.where(np.isnan(live["press_alt_m"]), live["geo_alt_m"], live["press_alt_m"] + self._undulation_m)
        lat, lon = np.radians(live["lat_deg"]), np.radians(live["lon_deg"])
        look(
            slots, lat, lon, height, seen_by, np.where(ground, 0, claims), now_s, self._table, self._likelihood,
            self._next_s, self._misses, self._hits, self._bits, self._sight, self._sight_s,
        )  # fmt: skip
        address = live["icao24"].astype(np.int64)
        words = np.zeros(address.size, np.int64)
        of_tracks(self._book, address, now_s, words)
        for flagged, bit in ((self._doppler.flagged, DOPPLER), (self._replays.flagged, REPLAY)):
            if flagged:
                words |= np.where(np.isin(address, sorted(flagged)), bit, 0)
        twice, elsewhere = self._namesakes(address, lat, lon, height, sensors, own, slots)
        bits = np.where(claims > 0, self._bits[slots] | words, 0) | twice | elsewhere
        cell = cell_numbers(live["lat_deg"], live["lon_deg"])
        bits |= np.where(np.isin(cell, sorted(self._cells.numbers)) & (claims > 0), GNSS, 0)
        states = np.where(claims > 0, np.where(own, VERIFIED, UNVERIFIED), UNSTATED)
        states = np.where(bits & CONTRADICTS != 0, CONTRADICTED, states)
        self._trust[slots], self._words[slots] = states, bits
        self.latest = (states, bits)
        self._doubted = frozenset(address[(bits & POSITION_DOUBTED != 0) & (address != 0)].tolist())
        if now_ns % (10 * NS_PER_S) == 0:
            self._learn_usual(now_s)

    def _namesakes(
        self, address: npt.NDArray[np.int64], lat: Any, lon: Any, height: Any, sensors: Any, own: Any,
        slots: npt.NDArray[np.int64],
    ) -> tuple[Any, Any]:  # fmt: skip
        """Return the bits of tracks that share an address with another, far away, for some seconds.

        A track without sensor bits coasts: where it stands is a guess, which speaks neither for nor against anyone.
        """
        twice, elsewhere = np.zeros(address.size, np.int64), np.zeros(address.size, np.int64)
        order = np.argsort(address, kind="stable")
        order = order[sensors[order] != 0]
        sorted_ = address[order]
        same = np.flatnonzero((sorted_[1:] == sorted_[:-1]) & (sorted_[1:] != 0))
        touched = set()
        for k in same.tolist():
            i, j = int(order[k]), int(order[k + 1])
            d = (lon[i] - lon[j] + math.pi) % (2.0 * math.pi) - math.pi
            away = math.hypot(d * math.cos(lat[i]), lat[i] - lat[j]) * 6_371_008.8
            if away < APART_M or turned(self._table, int(sensors[i]), int(sensors[j]), *(
                (float(lat[x]), float(lon[x]), float(height[x])) for x in (i, j)
            )):  # fmt: skip
                continue
            for a, b in ((i, j), (j, i)):
                slot = int(slots[a])
                touched.add(slot)
                self._together[slot] += 1
                if self._together[slot] >= TWICE_S:
                    twice[a] = TWICE
                    if own[b] and not own[a]:
                        elsewhere[a] = ELSEWHERE
        for slot in np.flatnonzero(self._together).tolist():
            if slot not in touched:
                self._together[slot] = 0
        return twice, elsewhere

    def _learn_usual(self, now_s: float) -> None:
        """Learn the height difference that all share, which is the weather's, where five or more speak."""
        heard = (self._book[:, C_KEY] > 0) & (now_s - self._book[:, C_SEEN] < 60.0) & (self._book[:, C_DIFFS] >= 5.0)
        if heard.sum() >= 5:
            self._usual_m = float(np.clip(np.median(self._book[heard, C_DIFF]), -600.0, 600.0))
        old = (self._book[:, C_KEY] > 0) & (now_s - self._book[:, C_SEEN] > 600.0)
        if old.sum() > ROWS // 4:  # forget the silent; the table is laid anew so that no chain breaks
            kept = self._book[(self._book[:, C_KEY] > 0) & ~old]
            self._book[:] = 0.0
            for row in kept:
                at = int(row[C_KEY]) * 2654435761 % ROWS
                while self._book[at, C_KEY] != 0.0:
                    at = (at + 1) % ROWS
                self._book[at] = row

    # --- room ---------------------------------------------------------------------------------------------------------

    def _slot_of(self, number: int) -> int:
        slot = self._slot.get(number)
        if slot is None:
            if not self._free:
                self._grow(max(256, 2 * len(self._bits)))
            slot = self._free.pop()
            self._slot[number] = slot
            self._likelihood[slot] = 0.0
            self._next_s[slot] = 0.0
            self._misses[slot] = self._hits[slot] = self._bits[slot] = self._together[slot] = 0
            self._trust[slot] = self._words[slot] = 0
        return slot

    def _forget(self, number: int) -> None:
        slot = self._slot.pop(number, None)
        if slot is not None:
            self._together[slot] = 0
            self._free.append(slot)

    def _grow(self, capacity: int) -> None:
        old = len(self._bits) if hasattr(self, "_bits") else 0

        def wider(name: str, kind: Any, more: tuple[int, ...] = ()) -> None:
            held = getattr(self, name) if old else np.zeros((0, *more), kind)
            setattr(self, name, np.concatenate([held, np.zeros((capacity - old, *more), kind)]))

        wider("_likelihood", np.float64)
        wider("_next_s", np.float64, (len(self._judges),))
        wider("_misses", np.int64)
        wider("_hits", np.int64)
        wider("_together", np.int64)
        wider("_trust", np.int64)
        wider("_words", np.int64)
        wider("_bits", np.int64)
        self._free = list(range(capacity - 1, old - 1, -1)) + self._free

    _likelihood: npt.NDArray[np.float64]
    _next_s: npt.NDArray[np.float64]
    _misses: npt.NDArray[np.int64]
    _hits: npt.NDArray[np.int64]
    _together: npt.NDArray[np.int64]
    _bits: npt.NDArray[np.int64]
    _trust: npt.NDArray[np.int64]
    _words: npt.NDArray[np.int64]
