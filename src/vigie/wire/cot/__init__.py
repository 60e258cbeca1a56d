"""Cursor on Target 2.0: what people with telephones and other centres say in XML events, octets <-> fields.

Comes in: octets of a stream (TCP, a file) or of one datagram. Goes out: ``CotEvent``, or what was set aside and why.
Positions, markers, drawings and chat are read. Tasking (types ``t-`` and the replies ``y-``) is refused by name at this
door, weapon delivery among it; only the upkeep of a connection (ping, delete, protocol version) is let through as read.
Never: a document type, an entity, a socket, a clock, an exception for a received octet.
TAK's protobuf framing (0xbf) is recognised and refused by name; it is not parsed.
Begin reading at ``event.py``, then ``stream.py``.
"""
