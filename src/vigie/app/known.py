"""What the chain knows before the first batch: the airspace, the flights, where routes go."""

from __future__ import annotations

from dataclasses import dataclass, field

from vigie.flights.route import Navigation
from vigie.flights.store import State as Flights
from vigie.watch.watch import Ground


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Airspace, flights and navigation as they are when the chain starts; acts and messages change them later."""

    ground: Ground = field(default_factory=Ground)
    flights: Flights = field(default_factory=Flights)
    navigation: Navigation = field(default_factory=Navigation)
