"""The tracker's hot loops: arrays in, arrays out, nothing else.

Comes in: rows of floats and integers laid out as ``track/state.py`` says. Goes out: the same rows, changed.
Never: allocates per plot, reads a global array, calls Python.
Begin reading at ``commit.py``: one batch of plots from gate to update.
"""
