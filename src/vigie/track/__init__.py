"""Track: plots of every sensor become one true picture.

Comes in: PLOT rows with ``rx_ns`` up to the tick, HEALTH rows, the tick. Goes out: TRACK rows at whole seconds, the
ledger, the digest, the sensors' biases.
Never: reads a clock or a file, rewrites a row, uses a plot that came after the tick, guesses a height as zero.
Begin reading at ``tracker.py`` (the order of the work). Then one room per step, each a small kernel file:
``kernels/intake.py`` (filter, time, duplicates), ``kernels/gate.py`` (who may belong to whom, how likely),
``kernels/assign.py`` (optimal pairs), ``kernels/imm.py`` (predict, update), ``kernels/commit.py`` (one batch),
``kernels/life.py`` (start, confirm, coast, end, merge), ``kernels/registration.py`` (biases),
``kernels/output.py`` (rows). ``state.py`` names every column of a track's row; ``models.py`` holds the numbers.
"""
