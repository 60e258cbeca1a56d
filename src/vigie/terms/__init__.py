"""The dictionary of the house: tables, batches, ledgers, units, time and errors.

Comes in: nothing. Goes out: the words every other room uses.
Never: imports a room of ours, reads a clock, opens a socket, or a file other than ``words.py`` its catalogue.
Begin reading at ``tables.py``: every table that couples two steps is declared there, once.
"""
