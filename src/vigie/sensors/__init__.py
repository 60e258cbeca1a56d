"""Sensors: what each one is, where it stands, how well it measures, how its bytes reach us.

Comes in: a site file (TOML). Goes out: ``Site``, ``Sensor``, ``Link``: frozen descriptions.
Never: opens a socket, keeps state, decodes a message.
Begin reading at ``site.py``; the keys and their checks are in ``keys.py``.
"""
