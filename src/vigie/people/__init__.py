"""People: roles, the one table of what each may do, and sessions.

Comes in: a role and an act, or a cookie. Goes out: yes or no, or who it is.
Never: opens a socket or a file, reads a clock, makes a secret (they are given), says yes to what it does not know.
Until accounts come there is one local user, whose key is made at start and printed once.
Begin reading at ``permissions.py``; ``session.py`` knows who is calling.
"""
