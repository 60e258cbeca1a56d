"""Flights: who said that he would fly, who may, and which aircraft are known.

Comes in: flight messages (terms.messages), permits, repetitive plans, the aircraft register, lists of known aircraft,
waypoints and airways. Goes out: ``State``, what is known at one moment, changed by plain functions that return a new
one; ``FlightPlan`` with its route as places and times; whose a 24-bit address is.
A message that cannot be applied is set aside with its field named, and never stops the next.
Never: reads a clock, looks at a track, guesses which of two plans is meant.
Begin reading at ``plan.py`` (what is known), then ``store.py`` (how it changes); ``route.py`` draws a route.
"""
