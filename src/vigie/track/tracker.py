"""The tracker as a readable sentence: take in, commit what is old enough, look once at what is not, show.

Plots wait a little, because reports of one moment arrive in any order: every half second the batch that is older than
``SETTLE_NS`` is processed for good, in time order. At a whole second the younger plots are processed too, on copies,
so that the picture is as fresh as the data; then the copies are thrown away. Later plots correct the state at its own
time. Nothing here reads a clock: the same rows and ticks give the same bits.
"""

from __future__ import annotations

import hashlib
import logging
import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from vigie.sensors.site import Site
from vigie.terms.ledger import TrackLedger
from vigie.terms.tables import PLOT, TRACK, Rows
from vigie.terms.units import NS_PER_S, RAD_PER_DEG
from vigie.track.altimeter import altimeter
from vigie.track.kernels import intake as door
from vigie.track.kernels import neighbour
from vigie.track.kernels.bearing import B_WIDTH
from vigie.track.kernels.clutter import LAYER
from vigie.track.kernels.commit import ROOM_FLOATS, ROOM_INTS, commit
from vigie.track.kernels.echo import GHOSTS
from vigie.track.kernels.ends import live
from vigie.track.kernels.lineup import line_up
from vigie.track.kernels.merge import merge
from vigie.track.kernels.neighbour import links_of, settle, show_alone
from vigie.track.kernels.output import fold, output
from vigie.track.kernels.seek import NEAR, index_tracks
from vigie.track.models import model_table
from vigie.track.north import look_north
from vigie.track.sensor_rows import BIAS_SD, bias_filter, gain_sd, gain_shows, sensor_table
from vigie.track.state import (
    C_ASSOCIATED,
    C_FREE,
    C_HELD,
    C_NEXT_NO,
    C_PENDING,
    C_PLOTS,
    C_SETASIDE,
    C_STARTED,
    C_TRACKS,
    C_WIDTH,
    I_NO,
    I_STATUS,
    I_TOUCH,
    I_WIDTH,
    N_BR,
    N_BT,
    N_CLK_SEED,
    N_FREE,
    N_GAIN,
    N_MIDDLE,
    N_VR,
    WIDTH,
    Z_WIDTH,
    ZI_WIDTH,
    Floats,
    Ints,
)
from vigie.track.tuning import tune, tuning_table

log = logging.getLogger(__name__)

SETTLE_NS = 800_000_000
"""A plot is processed for good when it is this old: nearly all of its neighbours in space have come by then."""

SETTLE_BEARING_NS = 1_000_000_000  # listening posts and observers report later

COMMIT_NS = 500_000_000
RESERVED = 1 << 18
COMMIT_PHASE_NS = 400_000_000  # not in the tick that shows: the work is spread
HEALTH_NOGO = 5

# Biases (range m, azimuth rad, time s): what to expect before anything is known, what is never exceeded without a
# person's decision, and the variance they may drift by in half a second (a tenth of the prior in an hour).
BIAS_LIMIT = (500.0, 2.0 * RAD_PER_DEG, 10.0, 1e-3)
"""Range (m), azimuth (rad), time (s) and range scale up to which a sensor is corrected without a supervisor's act."""
BIAS_DRIFT = tuple((0.1 * sd) ** 2 / 7200.0 for sd in BIAS_SD)

_REASONS = ("", "duplicate", "late", "absurd_value", "no_position", "nogo", "outside_range", "unknown_sensor",
            "split_plot", "reflection", "second_time_around")  # fmt: skip


def _numeric(dtype: np.dtype[np.void]) -> np.dtype[np.void]:
    """The same bytes with the call sign as one number, which kernels can carry."""
    return np.dtype([(n, "<u8" if dtype[n] == np.dtype("S8") else dtype[n]) for n in dtype.names or ()])


PLOT_NUMBERS = _numeric(PLOT.dtype)
TRACK_NUMBERS = _numeric(TRACK.dtype)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bias:
    """One sensor's errors, reported minus true, each with its 1-sigma; NaN where it cannot be known."""

    range_m: float = math.nan
    range_sd_m: float = math.nan
    azimuth_rad: float = math.nan
    azimuth_sd_rad: float = math.nan
    time_s: float = math.nan
    time_sd_s: float = math.nan
    gain: float = math.nan
    """Scale of range, reported over true, less 1; ``range_m`` is what is left at range zero where it is applied."""
    gain_sd: float = math.nan


class Tracker:
    """Plots in, tracks out, at ticks of 100 ms; see ``step``."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self._sensors = sensor_table(site.sensors)
        self._index = np.full(65536, -1, np.int64)
        for k, sensor in enumerate(site.sensors):
            self._index[sensor.id] = k
        self._blocked = np.zeros(max(1, len(site.sensors)), np.int64)
        self._sets = model_table()
        self._alt = altimeter(site)
        self._counters = np.zeros(C_WIDTH, np.int64)
        self._counters[C_NEXT_NO] = 1
        self._reasons = np.zeros(door.R_COUNT, np.int64)
        self._codes = np.zeros(65536, np.int64)
        self._by_code = np.full(65536, -1, np.int64)
        self._ghosts = np.zeros(GHOSTS)
        self._aside = np.zeros(64, np.int64)
        self._clutter = np.zeros((max(1, len(site.sensors)), 2, LAYER))
        self._waiting = np.full((256, B_WIDTH), -1e9)
        self._clutter_t = np.zeros(self._clutter.shape)
        self._keys = np.zeros(1 << 17, np.int64)
        self._times = np.full(1 << 17, -1e18)
        self._areas, self._area_points = tuning_table(site.tuning)
        self._bias_at, self._bias, self._bias_p = bias_filter(site.sensors)
        self._work = np.zeros(1024 + 2 * self._bias.size)
        self._room, self._names = np.zeros(ROOM_FLOATS), np.zeros(ROOM_INTS, np.int64)
        self._wait_for(4096)
        self._undo_i: Ints = np.zeros(0, np.int64)
        self._undo_s: Floats = np.zeros((0, WIDTH))
        self._undo_k: Ints = np.zeros((0, I_WIDTH), np.int64)
        self._all_s: Floats = np.zeros((RESERVED, WIDTH))
        self._all_i: Ints = np.zeros((RESERVED, I_WIDTH), np.int64)
        self._grow(1024)
        # what neighbours' systems track; those that calibrate our radars are fed by them and are not fused
        fused = any(s.kind == "external" and not s.registration_reference for s in site.sensors)
        self._others: Floats = np.zeros((neighbour.ROOM if fused else 1, neighbour.E_WIDTH))
        self._others_i: Ints = np.zeros((len(self._others), neighbour.EI_WIDTH), np.int64)
        bearings = any(s.kind in ("observer", "acoustic") for s in site.sensors)
        self._settle_ns = SETTLE_BEARING_NS if bearings else SETTLE_NS
        self._none = TRACK.empty()
        self._epoch_ns, self._indexed_s = 0, 0.0
        self.pardon_s, self.pardon_until_ns = 0.0, 0  # the centre's own absence ends no track before it was due again
        self._lanes = np.arange(1, 5, dtype=np.int64)
        self.digest = hashlib.blake2b(digest_size=16).hexdigest()

    # --- one tick -------------------------------------------------------------------------------------------------

    def step(self, plots: Rows, health: Rows, now_ns: int) -> Rows:
        """Take the PLOT rows of a tick and return TRACK rows at whole seconds, valid at ``now_ns`` (else none).

        ``plots`` have ``rx_ns`` <= ``now_ns`` and come in (rx_ns, link, seq) order; ``health`` are HEALTH rows (may be
        empty): sensors that say NOGO are not tracked.
        """
        self._epoch_ns = self._epoch_ns or now_ns
        now = (now_ns - self._epoch_ns) * 1e-9
        if len(health):
            k = self._index[health["sensor_id"]]
            self._blocked[k[k >= 0]] = health["state"][k >= 0] == HEALTH_NOGO
        if len(plots):
            self._take(plots, now)
        if now_ns % COMMIT_NS == COMMIT_PHASE_NS:
            self._commit(now - self._settle_ns * 1e-9, now, now_ns)
        if now_ns % NS_PER_S == 0:
            return self._show(now, now_ns)
        return self._none

    def _take(self, plots: Rows, now: float) -> None:
        n = int(self._counters[C_PENDING])
        if n + len(plots) > len(self._z):
            z, zi = self._z, self._zi
            self._wait_for(max(2 * len(z), n + len(plots)))
            self._z[:n], self._zi[:n] = z[:n], zi[:n]
        door.intake(
            plots.view(PLOT_NUMBERS), self._epoch_ns, self._index, self._blocked, self._sensors, self._alt, self._z,
            self._zi, self._counters, self._reasons, self._keys, self._times, now,
        )  # fmt: skip

    def _commit(self, until: float, now: float, now_ns: int) -> None:
        n = self._line_up(until, keep=False)
        self._counters[C_PENDING] -= n
        while self._counters[C_FREE] < n:
            self._grow(2 * len(self._s))
        self._indexed_s = until
        before = int(self._counters[C_SETASIDE])
        index_tracks(self._s, self._i, self._counters, until, self._heads, self._nodes, self._owners, self._by_code)
        self._run(n, provisional=False)
        if now_ns % NS_PER_S == COMMIT_PHASE_NS:
            if len(self._areas):
                tune(self._s, self._i, int(self._counters[C_TRACKS]), self._areas, self._area_points)
            look_north(self._s, self._i, int(self._counters[C_TRACKS]), self._sensors, self._bias_at, self._bias,
                       self._bias_p, self._clutter, self._clutter_t, now)  # fmt: skip
            merge(self._s, self._i, self._counters, self._sensors, self._heads, now_ns // NS_PER_S % 2)
        self._settle_biases()
        now -= self.pardon_s * (now_ns < self.pardon_until_ns)
        live(self._s, self._i, self._free, self._counters, self._sensors, self._codes, now, self._aside)
        new = int(self._counters[C_SETASIDE]) - before
        for number in self.set_aside[-new:] if new else ():
            log.warning("track %d is set aside: its numbers are no longer finite; all others go on", number)
        if len(self._others) > 1:
            settle(self._i, self._others, self._others_i, self._sensors, now)

    def _line_up(self, until: float, *, keep: bool) -> int:
        n: int = line_up(
            self._z, self._zi, int(self._counters[C_PENDING]), until, keep, self._sensors, self._orders, self._lined,
            self._lined_i, self._bins,
        )  # fmt: skip
        return n

    def _run(self, n: int, *, provisional: bool) -> int:
        """Process the first ``n`` plots in line; return how many rows were kept for undoing."""
        if n == 0:
            return 0
        kept = n if provisional else 1
        if len(self._undo_i) < kept:
            self._undo_i = np.zeros(2 * kept, np.int64)
            self._undo_s = np.zeros((2 * kept, WIDTH))
            self._undo_k = np.zeros((2 * kept, I_WIDTH), np.int64)
        kept = commit(
            self._lined[:n], self._lined_i[:n], self._s, self._i, self._free, self._counters, self._sensors,
            self._sets, self._codes, self._heads, self._taken, self._bins, self._who, self._gain, self._work,
            provisional, self._undo_i, self._undo_s, self._undo_k, self._bias, self._bias_p, self._bias_at,
            self._clutter, self._clutter_t, self._waiting, self._plan, self._room, self._names, self._nodes,
            self._indexed_s, self._owners, self._others, self._others_i, self._by_code, self._reasons, self._aside,
            self._ghosts,
        )  # fmt: skip
        return int(kept)

    def _settle_biases(self) -> None:
        """Apply what registration knows now, within limits, and let it drift a little."""
        for k, at in enumerate(self._bias_at.tolist()):
            if at < 0:
                continue
            row = self._sensors[k]
            if row[N_CLK_SEED] == 1.0:  # the clock cannot be right: start from what the delays say
                row[N_CLK_SEED] = 2.0
                self._bias[at + 2] = row[N_BT]
                self._bias_p[at + 2, :] = 0.0
                self._bias_p[:, at + 2] = 0.0
                self._bias_p[at + 2, at + 2] = 0.04
            for j, drift in enumerate(BIAS_DRIFT):
                self._bias_p[at + j, at + j] += drift
            limits = (math.inf,) * 4 if row[N_FREE] != 0.0 else BIAS_LIMIT
            b, p = self._bias[at : at + 4], self._bias_p[at : at + 4, at : at + 4]
            middle = row[N_MIDDLE]
            shows = gain_shows(b, p, math.sqrt(self._alt[door.A_P]), applied=row[N_GAIN] != 0.0)
            row[N_GAIN] = min(limits[3], max(-limits[3], b[3])) if shows else 0.0
            found = (b[0] + b[3] * middle, b[1], b[2])
            for j, value in enumerate(found):
                row[N_BR + j] = min(limits[j], max(-limits[j], value))
                row[N_VR + j] = p[j, j]
            row[N_VR] += middle * (2.0 * p[0, 3] + middle * p[3, 3])

    def _show(self, now: float, now_ns: int) -> Rows:
        kept = self._run(self._line_up(math.inf, keep=True), provisional=True)
        tracks = int(self._counters[C_TRACKS])
        fused = len(self._others) > 1
        links = np.empty(tracks if fused else 0, np.int64)
        alone = links_of(self._i, self._others_i, links) if fused else 0
        room = np.empty(tracks + alone, TRACK.dtype)  # every column is written
        count: int = output(
            self._s, self._i, self._counters, self._sensors, self._sets, self._alt, self._epoch_ns, now_ns,
            room.view(TRACK_NUMBERS), self._work, links, self._others,
        )  # fmt: skip
        if fused:
            count = show_alone(
                self._others, self._others_i, self._i, self._sensors, self._alt, self._epoch_ns, now_ns,
                room.view(TRACK_NUMBERS), count,
            )  # fmt: skip
        if kept:
            touched = self._undo_i[:kept]
            self._s[touched] = self._undo_s[:kept]
            self._i[touched] = self._undo_k[:kept]
        rows = room[:count]
        octets = rows.view(np.uint8)
        whole = octets.size // 8 * 8
        fold(octets[:whole].view(np.int64), self._lanes)
        said = self._lanes.tobytes() + octets[whole:].tobytes() + count.to_bytes(8, "little")
        self.digest = hashlib.blake2b(bytes.fromhex(self.digest) + said, digest_size=16).hexdigest()
        return rows

    def drop(self, track_no: int) -> bool:
        """End a track by a person's act: it is told as ended at the next output. False where there is none."""
        used = int(self._counters[C_TRACKS]) if track_no else 0
        rows = np.flatnonzero(self._i[:used, I_NO] == track_no)
        self._i[rows, I_STATUS], self._i[rows, I_TOUCH] = 4, 0
        return len(rows) > 0

    def release_bias(self, sensor_id: int, *, beyond: bool) -> bool:
        """Correct a sensor beyond the limits, or within them again; False where registration does not know it."""
        k = next((k for k, s in enumerate(self.site.sensors) if s.id == sensor_id), -1)
        if k < 0 or self._bias_at[k] < 0:
            return False
        self._sensors[k, N_FREE] = float(beyond)
        return True

    def set_qnh(self, qnh_hpa: float) -> None:
        """Take another QNH: what was learned of heights begins anew from it."""
        self._alt[:] = altimeter(replace(self.site, qnh_hpa=qnh_hpa))

    # --- what is known ----------------------------------------------------------------------------------------------

    @property
    def ledger(self) -> TrackLedger:
        """The account of every plot given so far: it balances at any instant."""
        c = self._counters
        return TrackLedger(
            plots=int(c[C_PLOTS]),
            associated=int(c[C_ASSOCIATED]),
            started=int(c[C_STARTED]),
            held=int(c[C_HELD]),
            in_flight=int(c[C_PENDING]),
            filtered={name: int(self._reasons[k]) for k, name in enumerate(_REASONS) if self._reasons[k]},
        )

    @property
    def set_aside(self) -> tuple[int, ...]:
        """Numbers of the tracks set aside because their numbers were no longer finite, newest last (64 at most)."""
        n = int(self._counters[C_SETASIDE])
        return tuple(self._aside[np.arange(max(0, n - len(self._aside)), n) % len(self._aside)].tolist())

    def biases(self) -> dict[int, Bias]:
        """Return what is known of each sensor's errors (reported minus true), by sensor id."""
        out = {}
        for k, sensor in enumerate(self.site.sensors):
            at = int(self._bias_at[k])
            if at < 0:
                out[sensor.id] = Bias()
                continue
            b, p = self._bias[at : at + 4].copy(), self._bias_p[at : at + 4, at : at + 4].copy()
            if self._sensors[k, N_GAIN] == 0.0:  # one error for all ranges: that at the middle of its plots
                middle = self._sensors[k, N_MIDDLE]
                b[0] += b[3] * middle
                p[0, 0] += middle * (2.0 * p[0, 3] + middle * p[3, 3])
            sd = np.sqrt(np.diag(p)).tolist()
            sd[3] = gain_sd(p, math.sqrt(self._alt[door.A_P]))
            known = [s < 0.7 * prior for s, prior in zip(sd, BIAS_SD, strict=True)]
            value = [x if k else math.nan for x, k in zip(b.tolist(), known, strict=True)]
            sigma = [x if k else math.nan for x, k in zip(sd, known, strict=True)]
            out[sensor.id] = Bias(
                range_m=value[0], range_sd_m=sigma[0], azimuth_rad=value[1], azimuth_sd_rad=sigma[1],
                time_s=value[2], time_sd_s=sigma[2], gain=value[3], gain_sd=sigma[3],
            )  # fmt: skip
        return out

    @property
    def epoch_ns(self) -> int:
        """The first tick's time (UTC, ns), from which the tracker counts; 0 before it."""
        return self._epoch_ns

    def filtered(self) -> tuple[Floats, Ints, int, Floats]:
        """Return the tracks' rows, how many are or were in use, and the motion models: to read, not to write."""
        return self._s, self._i, int(self._counters[C_TRACKS]), self._sets

    # --- a snapshot -------------------------------------------------------------------------------------------------

    NOT_IN_SNAPSHOT = (
        "site", "_areas", "_area_points", "_index", "_sets", "_none", "_s", "_i", "_all_s", "_all_i", "_undo_i",
        "_undo_s", "_undo_k", "_work", "_z", "_zi", "_lined", "_lined_i", "_orders", "_bins", "_who", "_gain",
        "_plan",
    )  # fmt: skip

    def snapshot_parts(self) -> dict[str, Any]:
        """Return what lasts: tracks up to the highest row ever used, waiting plots, and all that is learned."""
        waiting = int(self._counters[C_PENDING])
        used = np.flatnonzero(self._i.any(axis=1) | self._s.any(axis=1))
        top = int(used[-1]) + 1 if len(used) else 0
        parts = {name: value for name, value in vars(self).items() if name not in self.NOT_IN_SNAPSHOT}
        parts |= {
            "_capacity": len(self._s), "_tracks_s": self._s[:top], "_tracks_i": self._i[:top],
            "_waiting_z": self._z[:waiting], "_waiting_zi": self._zi[:waiting],
        }  # fmt: skip
        return dict(sorted(parts.items()))

    def take_parts(self, parts: dict[str, Any]) -> None:
        """Take back what ``snapshot_parts`` gave."""
        counters = parts["_counters"].copy()  # read in place already, and growing counts free rows in it
        self._grow(parts.pop("_capacity"))
        for mine, name in ((self._s, "_tracks_s"), (self._i, "_tracks_i")):
            kept = parts.pop(name)
            mine[: len(kept)], mine[len(kept) :] = kept, 0
        z, zi = parts.pop("_waiting_z"), parts.pop("_waiting_zi")
        self._wait_for(max(4096, len(z)))
        self._z[: len(z)], self._zi[: len(zi)] = z, zi
        for name, value in (parts | {"_counters": counters}).items():
            setattr(self, name, value)

    # --- room -------------------------------------------------------------------------------------------------------

    def _wait_for(self, room: int) -> None:
        """Make room for ``room`` waiting plots and for one pass over them."""
        self._z: Floats = np.zeros((room, Z_WIDTH))
        self._zi: Ints = np.zeros((room, ZI_WIDTH), np.int64)
        self._lined, self._lined_i = np.zeros_like(self._z), np.zeros_like(self._zi)
        self._orders, self._bins = np.zeros((2, room), np.int64), np.zeros(room, np.int64)
        self._who, self._gain = np.zeros((room, NEAR), np.int64), np.zeros((room, NEAR))
        self._plan = np.zeros((4, room), np.int64)

    def _grow(self, capacity: int) -> None:
        """Make room for more tracks; free rows are taken lowest number first.

        Up to RESERVED rows nothing is copied: the memory is asked for at once and becomes real when it is touched.
        """
        old = len(self._s) if hasattr(self, "_s") else 0
        if capacity > len(self._all_s):
            s, i = np.zeros((capacity, WIDTH)), np.zeros((capacity, I_WIDTH), np.int64)
            s[:old], i[:old] = self._s, self._i
            self._all_s, self._all_i = s, i
        s, i = self._all_s[:capacity], self._all_i[:capacity]
        free = np.zeros(capacity, np.int64)
        used = int(self._counters[C_FREE])
        fresh = np.arange(capacity - 1, old - 1, -1)
        free[: len(fresh)] = fresh
        if old:
            free[len(fresh) : len(fresh) + used] = self._free[:used]
        self._s: Floats = s
        self._i: Ints = i
        self._free: Ints = free
        self._counters[C_FREE] = len(fresh) + used
        self._taken = np.zeros(capacity, np.int64)
        self._heads = np.full(2 * capacity, -1, np.int64)
        self._owners = np.full(2 * capacity, -1, np.int64)
        self._nodes = np.zeros((capacity, 8))
