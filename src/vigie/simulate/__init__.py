"""Exercises: a text file becomes a sky, its sensors, and the very bytes they would put on the wire.

Comes in: an exercise (TOML) and a seed. Goes out: truth (TRUTH rows), what was measured (PLOT rows), a site file, and
FRAMES in time order: ASTERIX datagrams and Beast streams, with the simulated bit where the format has one.
Never: touches the pipeline, tells a sensor's user the truth, draws a random number that the seed does not fix.
Begin reading at ``run.py`` (``Simulation``: exercise in, frames out). ``exercise.py`` reads the file, ``fly.py`` moves
the aircraft, ``detect.py``, ``echoes.py`` and ``squit.py`` are what radars and ADS-B receivers get of them,
``asterix_out.py`` and ``beast_out.py`` write the bytes; ``reporters.py`` names the sensors that report by themselves;
``live.py`` sends all of it, ``headless.py`` writes it to files.
"""
