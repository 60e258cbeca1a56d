"""Airspace: volumes and their times, protected sites, aerodromes, borders; what may be where, and when.

Comes in: texts of AIXM 5.1.1, OpenAir, GeoJSON, ED-269 and ED-318, tables of aerodromes, notices (terms.messages).
Goes out: ``Volume``, ``Aerodrome``, ``Place``: frozen descriptions; and ``Index``: the same as arrays for kernels,
with who is in which volume, how far from its edge, and when its edge is reached.
Rings are lists of (longitude, latitude) in degrees WGS-84; an edge is the shortest way on the ellipsoid.
Never: reads a clock or the network, follows a link of an XML file, guesses a datum, imports another noun but earth.
Begin reading at ``volume.py``, then ``index.py`` (arrays) and ``kernels.py`` (the questions); ``store.py`` has notices.
"""
