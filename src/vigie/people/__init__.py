"""People: accounts, roles and positions, the one table of what each may do, sessions, and the audit chain.

Comes in: a name with a password, a role and an act, a cookie, or an entry for the chain. Goes out: yes or no, who it
is, and a chain that shows every change to itself.
Never: opens a socket, reads a clock (times are given), says yes to what it does not know, forgets an entry.
Secrets are random, shown once, and kept as Argon2id hashes or digests only; files have mode 0600.
Begin reading at ``permissions.py``; ``session.py`` knows who is calling, ``accounts.py`` who may.
"""
