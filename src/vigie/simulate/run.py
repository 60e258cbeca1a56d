"""A running exercise: time in, frames out, and the truth beside them.

``Simulation(exercise).step(until_ns)`` returns what the sensors put on the wire up to then. The sky is flown in blocks
of one second whatever the steps, and every draw belongs to its subject, so the same seed gives the same bytes however
the steps are cut.
"""

from __future__ import annotations

import numpy as np

from vigie.sensors.site import Site
from vigie.simulate.asterix_out import RadarWire
from vigie.simulate.beast_out import Receivers
from vigie.simulate.events import Script
from vigie.simulate.faults import Faults
from vigie.simulate.fleet import Fleet
from vigie.simulate.ground import terrain_of
from vigie.simulate.outbox import Outbox
from vigie.simulate.radar import Radars
from vigie.simulate.reporters import reporters_of
from vigie.simulate.rows import Exercise
from vigie.simulate.site import site_of, site_toml
from vigie.terms.batch import Frames
from vigie.terms.tables import PLOT, Rows
from vigie.terms.units import NS_PER_S


class Simulation:
    """One exercise in flight.

    Parameters
    ----------
    exercise
        A checked exercise.
    seed
        Another seed than the exercise's own.
    start_ns
        Another start than the exercise's own: live, the present.
    """

    def __init__(self, exercise: Exercise, seed: int | None = None, *, start_ns: int | None = None) -> None:
        self.exercise = exercise
        self.seed = exercise.seed if seed is None else seed
        self.start_ns = exercise.start_ns if start_ns is None else start_ns
        self.fleet = Fleet(exercise, self.seed)
        self._site = site_of(exercise)
        self._script = Script(exercise.events, self.fleet)
        terrain = terrain_of(exercise)
        self._radars = Radars(exercise, self.seed, terrain)
        self._receivers = Receivers(exercise, self.seed, len(self.fleet), terrain)
        links = {row.sensor.id: self._site.link_number(row.sensor) for row in exercise.sensors}
        self._beast_links = [links[row.sensor.id] for row in self._receivers.rows]
        self._wire = RadarWire(
            self._radars, [links[row.sensor.id] for row in self._radars.rows], self.start_ns, self.seed
        )
        self._systems = reporters_of(exercise, links, self.start_ns, self.seed, terrain)
        self._faults = Faults(exercise, self._radars, self._receivers, self._systems, self.fleet, self._wire, self.seed)
        self._outbox = Outbox()
        self._plots: list[Rows] = []
        self._released_ns = self.start_ns

    @property
    def flown_ns(self) -> int:
        """How far the sky has been flown: always a whole number of seconds from the start."""
        return self.start_ns + self.fleet.now_s * NS_PER_S

    def step(self, until_ns: int) -> Frames:
        """Fly on to ``until_ns`` and return the frames that left the sensors since the last step, up to it."""
        while self.flown_ns < until_ns:
            self._block()
        self._released_ns = max(self._released_ns, until_ns)
        return self._outbox.release(until_ns)

    def _block(self) -> None:
        t_s = float(self.fleet.now_s)
        self._script.advance(t_s)
        self._faults.advance(t_s)
        self.fleet.next_block()
        self._faults.replay()
        if len(self._radars):
            self._plots.append(self._wire.emit(self._radars.look(self.fleet), self.fleet, self._outbox))
        if len(self._receivers):
            self._plots.append(self._receivers.listen(self.fleet, self.start_ns, self._beast_links, self._outbox))

        for system in self._systems:
            self._plots.append(system.report(self.fleet, self._receivers.gnss, self._outbox))

    def plots(self) -> Rows:
        """Return as PLOT rows what left the sensors since the last call (``frame_no`` 0), in order of ``rx_ns``."""
        rows = np.concatenate([PLOT.empty(), *self._plots])
        rows = rows[np.argsort(rows["rx_ns"], kind="stable")]
        n = int(np.searchsorted(rows["rx_ns"], self._released_ns, side="right"))
        self._plots = [rows[n:]]
        out: Rows = rows[:n]
        return out

    def truth_rows(self, now_ns: int) -> Rows:
        """Return TRUTH rows at ``now_ns``, which must lie within the last second flown; the sky is flown to it."""
        while self.flown_ns < now_ns:
            self._block()
        return self.fleet.truth(self.start_ns, now_ns)

    def site(self) -> Site:
        """Return the site that a centre is told: its sensors and links, ``exercise = true``."""
        return self._site

    def site_toml(self) -> str:
        """Return the same as the text of a site file."""
        return site_toml(self.exercise)
