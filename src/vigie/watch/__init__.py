"""Watch: what is about to go wrong, told in time, and never forgotten until a person has seen it.

Comes in: TRACK, PLOT, HEALTH and IDENTITY rows, the airspace and the flights as known at the tick, acts of people.
Goes out: ALERT rows: raised, acknowledged, cleared, closed; each with its reason in English and French words.
Each rule is one small file in ``rules/`` with its parameters; ``life.py`` is the life of an alarm, the same for all.
Never: reads a clock, a socket or a random number, decides anything, deletes an alert that nobody has acknowledged.
Begin reading at ``watch.py`` (the step), then ``rule.py`` (what a rule is) and ``rules/emergency.py`` (the shortest).
"""
