"""Evaluate: how good a recorded air picture is, against where the targets really were.

Comes in: TRACK rows in batches (``Judge.add``) and the whole TRUTH (``truth_of``). Goes out: a ``Score``: the figures
of the picture and of each flight, the series over time, and the pairs of one followed target.
Then: a table against published thresholds (``thresholds``), plots and a page of HTML (``plots``, ``page``).
Never: changes a track, guesses a truth, reads a clock or a file, holds more of the tracks than one batch.
Begin reading at ``judge.py``; the rule of each figure is in ``figures.py``, one instant's pairing in ``pairing.py``.
"""
