"""Mode S, ADS-B, TIS-B and the streams that carry them: bytes to fields and fields to bytes.

Comes in: octets of Beast, AVR or SBS streams, or columns of values. Goes out: messages of 7 or 14 octets with their
time and signal, decoded field values, or octets again.
Never: keeps the state of an aircraft, opens a socket or a file, knows a sensor, raises on received bytes.
Begin reading at ``tables.py`` (the published constants), then ``stream.py`` (Beast, AVR) and ``sbs.py`` (BaseStation
lines), ``cpr.py`` (positions), ``encode.py`` (the way back), ``split.py`` (files to frames), ``iq.py`` (raw samples).
Sources: ICAO Annex 10 volume IV; ICAO Doc 9871; RTCA DO-260, DO-260A, DO-260B (called versions 0, 1, 2).
"""
