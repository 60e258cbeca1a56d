"""News of flights and areas, given by a person or a program: messages, notices and lists, applied in their step.

An act brings its text as it is (``flight.message``: ICAO or FIXM; ``notice.message``: NOTAM; ``flight.list``: CSV of
the list that its subject names), so that the record holds what was said and a replay reads it again. What cannot be
used is set aside, counted, and told to who sent it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from vigie.airspace import store as airspace_store
from vigie.app.knowledge import notices_of
from vigie.flights import lists
from vigie.flights import store as flights_store
from vigie.flights.route import Navigation
from vigie.terms.batch import Act
from vigie.wire.flightplan.fixm import read_fixm
from vigie.wire.flightplan.reader import read_messages

ACTS: Final = ("flight.message", "notice.message", "flight.list")


def apply_news(
    acts: tuple[Act, ...], flights: flights_store.State, airspace: airspace_store.State, navigation: Navigation,
    now_ns: int,
) -> tuple[flights_store.State, airspace_store.State, list[tuple[Act, str]]]:  # fmt: skip
    """Return what is known after the acts that are news, and what was set aside of each with its field in words."""
    told: list[tuple[Act, str]] = []
    for act in acts:
        if act.act == "flight.message":
            flights, why = _messages(act, flights, navigation, now_ns)
        elif act.act == "notice.message":
            airspace, why = _notices(act, airspace)
        elif act.act == "flight.list":
            flights, why = _list(act, flights)
        else:
            continue
        told += [(act, text) for text in why]
    return flights, airspace, told


def _messages(
    act: Act, flights: flights_store.State, navigation: Navigation, now_ns: int
) -> tuple[flights_store.State, list[str]]:
    data = act.value.encode()
    messages, aside = (read_fixm if act.value.lstrip().startswith("<") else read_messages)(data, act.who)
    flights = flights_store.count_set_aside(flights, aside)
    why = [str(one) for one in aside]
    for message in messages:
        done = flights_store.apply(flights, message, now_ns, navigation)
        flights = done.state
        why += [str(done.set_aside)] if done.set_aside else []
    return flights, why


def _notices(act: Act, airspace: airspace_store.State) -> tuple[airspace_store.State, list[str]]:
    notices, aside = notices_of(act.value.encode(), act.who)
    why = [str(one) for one in aside]
    for notice in notices:
        done = airspace_store.apply(airspace, notice)
        airspace = done.state
        why += [str(done.set_aside)] if done.set_aside else []
    return airspace, why


def _list(act: Act, flights: flights_store.State) -> tuple[flights_store.State, list[str]]:
    """Add the rows of a list; a permit, an aircraft or a plan of the same name is replaced."""
    name = act.subject
    if name == "permits":
        permits, problems = lists.read_permits(act.value, name)
        flights = replace(flights, permits={**flights.permits, **{p.number: p for p in permits}})
    elif name == "register":
        aircraft, problems = lists.read_register(act.value, name)
        flights = replace(flights, aircraft={**flights.aircraft, **{a.icao24: a for a in aircraft}})
    elif name == "known":
        known, problems = lists.read_known(act.value, name)
        flights = replace(flights, known=(*flights.known, *(k for k in known if k not in flights.known)))
    elif name == "repetitive":
        plans, problems = lists.read_repetitive(act.value, name)
        flights = replace(flights, repetitive=(*flights.repetitive, *(p for p in plans if p not in flights.repetitive)))
    else:
        return flights, [f"{name!r} is no list; known: permits, register, known, repetitive"]
    return flights, [str(p) for p in problems]
