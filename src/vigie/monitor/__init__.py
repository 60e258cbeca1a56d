"""Monitor: what is known of each sensor at each tick: heard, blind, silent, how it turns, how its clock runs.

Comes in: PLOT, SERVICE and REJECT rows of one tick, with ``now_ns`` and ``mono_ns``. Goes out: one HEALTH row per
sensor of the site at every tick, and the changes of state for the event log.
Time-outs run on ``mono_ns`` alone: a step of the host's clock makes no sensor silent.
Never: reads a clock, drops a plot, corrects a time, thinks about targets.
Begin reading at ``monitor.py``; the rules of the states are in ``rules.py``, their names in ``reasons.py``.
"""
