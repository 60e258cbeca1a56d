"""Identify: who a track is, with the evidence in words; and how far its own statements can be trusted.

Comes in: TRACK, PLOT and HEALTH rows, what is known of flights, which alerts a track holds, acts of people.
Goes out: IDENTITY rows of what changed; trust by track; cells of the sky where satellite navigation is disturbed;
plots whose stated position counts less.
Never: reads a clock, guesses between two plans, calls a track hostile by itself, deletes or hides a track.
Begin reading at ``identify.py`` (the step), then ``evidence.py`` (what counts how much) and ``trust.py``.
"""
