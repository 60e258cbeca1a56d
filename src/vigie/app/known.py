"""What the chain knows before the first batch: the airspace, the flights, where routes go."""

from __future__ import annotations

from dataclasses import dataclass, field

from vigie.airspace.store import all_volumes
from vigie.app.knowledge import Knowledge, knowledge_of, knowledge_text, load_knowledge
from vigie.app.policy import wanted_of
from vigie.flights.route import Navigation
from vigie.flights.store import State as Flights
from vigie.sensors.site import Site
from vigie.watch.watch import Ground


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Airspace, flights and navigation as they are when the chain starts; acts and messages change them later."""

    ground: Ground = field(default_factory=Ground)
    flights: Flights = field(default_factory=Flights)
    navigation: Navigation = field(default_factory=Navigation)
    own_state: str = ""


def known_of(knowledge: Knowledge) -> Known:
    """Return what the chain takes of a centre's knowledge."""
    airspace = knowledge.airspace
    ground = Ground(
        volumes=all_volumes(airspace), notices=airspace, sites=knowledge.sites, aerodromes=knowledge.aerodromes,
        terrain=knowledge.terrain, undulation_m=knowledge.undulation_m,
    )  # fmt: skip
    return Known(
        ground=ground, flights=knowledge.flights, navigation=knowledge.navigation, own_state=knowledge.own_state
    )


def known_text(site: Site, now_ns: int) -> str:
    """Return what a site file and the files it names say, as the text that goes into the recording."""
    places = site.places
    wanted_of(site)
    if not (places.areas or places.sites or places.aerodromes or places.flights.keys or "terrain" in site.policy):
        return ""
    return knowledge_text(load_knowledge(site, now_ns))


def known_from(text: str) -> Known:
    """Return what ``known_text`` told: empty for empty text."""
    return known_of(knowledge_of(text)) if text else Known()
