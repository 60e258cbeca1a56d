"""Events: what an exercise orders its aircraft to do, at a time or when a condition comes true.

Looked at once a second, before the block is flown; each event happens once. Conditions: at a time, when passing near a
place, when above or below a level, after another event; ``delay_s`` waits after any of them.
"""

from __future__ import annotations

import math
from typing import Any

from vigie.simulate import fleet as fl
from vigie.simulate import fly
from vigie.simulate.fleet import Fleet
from vigie.simulate.rows import EventRow, Place
from vigie.terms.units import DEG_PER_RAD, M_PER_FL, M_PER_FT, M_PER_NMI, MPS_PER_FPM, MPS_PER_KT, RAD_PER_DEG

_SYSTEMS = {
    "all": 31, "remote_id": fl.REMOTE, "mode_c": fl.MODE_C, "mode_s": fl.MODE_S | fl.ADS_B, "adsb": fl.ADS_B,
}  # fmt: skip
_EMERGENCY = {"emergency": (0o7700, 1), "radio_loss": (0o7600, 4), "hijack": (0o7500, 5)}


class Script:
    """The events of an exercise that have not happened yet."""

    def __init__(self, events: tuple[EventRow, ...], fleet: Fleet) -> None:
        self._fleet = fleet
        self._waiting: list[tuple[EventRow, int, float]] = [(e, fleet.number[e.flight], math.inf) for e in events]
        self._done: dict[str, float] = {}
        self._kept: dict[int, tuple[int, int]] = {}

    def advance(self, t_s: float) -> None:
        """Do what is due at ``t_s`` seconds after the start."""
        if not self._waiting:
            return
        still = []
        for event, i, known_s in self._waiting:
            due_s = known_s
            if math.isinf(due_s) and self._holds(event, i, t_s):
                due_s = t_s + event.keys.get("delay_s", 0.0)
            if t_s < due_s:
                still.append((event, i, due_s))
                continue
            self._do(event, i, t_s)
            if "name" in event.keys:
                self._done[event.keys["name"]] = t_s
        self._waiting = still

    def _holds(self, event: EventRow, i: int, t_s: float) -> bool:
        k = event.keys
        fleet = self._fleet
        if "at_s" in k and t_s < k["at_s"]:
            return False
        if "after" in k and k["after"] not in self._done:
            return False
        if fleet.mode[fly.PHASE, i] not in (fly.GROUND, fly.FLYING):
            return False
        alt = fleet.state[fly.ALT, i]
        if "above_fl" in k and alt <= k["above_fl"] * M_PER_FL:
            return False
        if "below_fl" in k and (alt >= k["below_fl"] * M_PER_FL or fleet.mode[fly.PHASE, i] != fly.FLYING):
            return False
        if "passing" in k:
            place = event.places[0]
            near = k.get("within_nmi", 5.0) * M_PER_NMI
            return bool(self._distance(i, place) <= near)
        return True

    def _distance(self, i: int, place: Place) -> float:
        state = self._fleet.state
        return float(fly.course_and_distance(
            state[fly.LAT, i], state[fly.LON, i], place.lat_deg * RAD_PER_DEG, place.lon_deg * RAD_PER_DEG
        )[1])  # fmt: skip

    def _do(self, event: EventRow, i: int, t_s: float) -> None:
        k, fleet, do = event.keys, self._fleet, event.do
        plan, mode, state, who = fleet.plan, fleet.mode, fleet.state, fleet.who
        places = event.places[1:] if "passing" in k else event.places
        if do in ("turn", "leave_route", "split"):
            self._turn(i, k)
        elif do in ("climb", "descend"):
            plan[fly.WANT_ALT, i] = self._level(k)
            plan[fly.WANT_ROC, i] = k["rate_fpm"] * MPS_PER_FPM if "rate_fpm" in k else 0.0
        elif do == "speed":
            plan[fly.WANT_TAS, i] = k["speed_kt"] * MPS_PER_KT
        elif do == "normal_speed":
            plan[fly.WANT_TAS, i] = -1.0
        elif do == "resume":
            mode[fly.NAV, i] = fly.ROUTE
            plan[fly.WANT_G, i] = plan[fly.WANT_ROC, i] = 0.0
        elif do in ("direct", "reroute"):
            fleet.reroute(i, places)
            if "level_fl" in k:
                plan[fly.WANT_ALT, i] = k["level_fl"] * M_PER_FL
        elif do == "orbit":
            self._orbit(i, k, places)
        elif do == "racetrack":
            self._racetrack(i, k)
        elif do == "hover":
            mode[fly.NAV, i] = fly.HOVER
        elif do == "low_flight":
            plan[fly.WANT_ALT, i] = self._level(k)
            if "speed_kt" in k:
                plan[fly.WANT_TAS, i] = k["speed_kt"] * MPS_PER_KT
        elif do == "airdrop":
            plan[fly.WANT_ALT, i] = self._level({"height_ft": k["height_ft"]})
            plan[fly.WANT_TAS, i] = k.get("speed_kt", 130.0) * MPS_PER_KT
        elif do == "go_around":
            mode[fly.LANDS, i] = 0
            plan[fly.WANT_ALT, i] = k.get("level_fl", 40.0) * M_PER_FL
            self._turn(i, {"heading_deg": state[fly.HDG, i] * DEG_PER_RAD})
        elif do == "join":
            fleet.follow(i, fleet.number[k["leader"]], k.get("behind_m", 400.0), k.get("right_m", 200.0))
        elif do == "vanish":
            mode[fly.PHASE, i] = fly.GONE
        elif do in ("squawk", "emergency_over"):
            who.mode3a[i] = int(k["code"], 8)
            who.emergency[i] = 0
        elif do in _EMERGENCY:
            who.mode3a[i], who.emergency[i] = _EMERGENCY[do]
        elif do == "ident":
            who.spi_until_s[i] = t_s + 18.0  # Annex 10 vol. IV, 3.1.1.6.3: 15 to 30 s
        elif do == "transponder_off":
            off = self._systems(k)
            self._kept[i] = (int(who.has[i]) & off | self._kept.get(i, (0, 0))[0], 0)
            who.has[i] &= ~off
        elif do == "transponder_on":
            who.has[i] |= self._kept.get(i, (fl.A_C | fl.MODE_C, 0))[0] & self._systems(k)

    @staticmethod
    def _systems(k: dict[str, Any]) -> int:
        bits = 0
        for name in k.get("systems", ["all"]):
            bits |= _SYSTEMS[name]
        return bits

    def _level(self, k: dict[str, Any]) -> float:
        if "level_fl" in k:
            return float(k["level_fl"] * M_PER_FL)
        return self._fleet.press_alt(k["height_ft"] * M_PER_FT)

    def _turn(self, i: int, k: dict[str, Any]) -> None:
        plan, heading = self._fleet.plan, self._fleet.state[fly.HDG, i]
        side = {"left": -1.0, "right": 1.0}.get(k.get("direction", ""), 0.0)
        if "by_deg" in k:
            plan[fly.WANT_HDG, i] = heading + k["by_deg"] * RAD_PER_DEG
            side = side or (math.copysign(1.0, k["by_deg"]) if abs(k["by_deg"]) > 175.0 else 0.0)
        elif "heading_deg" in k:
            plan[fly.WANT_HDG, i] = k["heading_deg"] * RAD_PER_DEG
        else:
            plan[fly.WANT_HDG, i] = heading
        plan[fly.WANT_SIDE, i] = side
        plan[fly.WANT_G, i] = k.get("g", 0.0)
        self._fleet.mode[fly.NAV, i] = fly.HEADING

    def _orbit(self, i: int, k: dict[str, Any], places: tuple[Place, ...]) -> None:
        plan, state = self._fleet.plan, self._fleet.state
        radius = k["radius_nmi"] * M_PER_NMI
        side = -1.0 if k.get("direction") == "left" else 1.0
        if places:
            lat, lon = places[0].lat_deg * RAD_PER_DEG, places[0].lon_deg * RAD_PER_DEG
        else:  # the circle that begins here, at the wing tip
            a = state[fly.HDG, i] + side * math.pi / 2.0
            lat = state[fly.LAT, i] + radius * math.cos(a) * state[fly.PER_M, i]
            lon = state[fly.LON, i] + radius * math.sin(a) * state[fly.PER_E, i]
        plan[fly.ORBIT_LAT, i], plan[fly.ORBIT_LON, i], plan[fly.ORBIT_M, i] = lat, lon, radius
        plan[fly.WANT_SIDE, i] = side
        self._fleet.mode[fly.NAV, i] = fly.ORBIT

    def _racetrack(self, i: int, k: dict[str, Any]) -> None:
        """Fly ``times`` racetracks from here (a refuelling track, a hold), then the rest of the route."""
        fleet, state = self._fleet, self._fleet.state
        leg = k["leg_nmi"] * M_PER_NMI
        wide = 2.0 * k.get("radius_nmi", 4.0) * M_PER_NMI * (-1.0 if k.get("direction") == "left" else 1.0)
        a = state[fly.HDG, i]
        corners = []
        for along, across in ((leg, 0.0), (leg, wide), (0.0, wide), (0.0, 0.0)):
            north = along * math.cos(a) - across * math.sin(a)
            east = along * math.sin(a) + across * math.cos(a)
            corners.append(Place("", math.degrees(state[fly.LAT, i] + north * state[fly.PER_M, i]),
                                 math.degrees(state[fly.LON, i] + east * state[fly.PER_E, i])))  # fmt: skip
        rest = fleet.points[fleet.mode[fly.POINT, i] : fleet.mode[fly.POINT_END, i]]
        lands = bool(fleet.mode[fly.LANDS, i])
        elevation = fleet.plan[fly.TO_ALT, i]
        onward = [Place("", math.degrees(p[fly.P_LAT]), math.degrees(p[fly.P_LON])) for p in rest]
        fleet.reroute(i, (*(corners * k.get("times", 3)), *onward))
        fleet.mode[fly.LANDS, i] = int(lands)
        fleet.plan[fly.TO_ALT, i] = elevation
