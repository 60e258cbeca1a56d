"""Notices to airmen in ICAO text: items Q and A to G become a ``Notice`` of ``terms.messages``.

Comes in: text of one or more NOTAM. Goes out: notices, and what was set aside with the item named.
Never: raises for a bad text, reads a clock, decides what a notice does to an area (``airspace.store`` does).
Begin reading at ``reader.py``; coordinates and outlines of item E are in ``places.py``.
"""
