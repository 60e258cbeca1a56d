"""The dictionary of the house: tables, batches, ledgers, units, time and errors.

Comes in: nothing. Goes out: the words every other room uses.
Never: imports a room of ours, reads a clock, opens a file or a socket.
Begin reading at ``tables.py``: every table that couples two steps is declared there, once.
"""
