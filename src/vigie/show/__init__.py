"""The picture server: what the core knows goes to every screen, what people do comes back.

Comes in: updates of the core (tracks, plots, health, status) as octets; acts from browsers.
Goes out: the picture (version n) to each client as binary columns, full once and then only differences;
acts, checked against ``people.allowed``, to the caller's ``submit``.
Never: decides about data quality, keeps history, waits for a slow screen, speaks to another host.
Begin reading at ``picture.py`` (what a client is told), then ``hub.py`` (when) and ``server.py`` (how).
``columns.py`` is the binary form; ``place.py`` and ``status.py`` run on the core's side.
"""
