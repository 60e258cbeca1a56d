"""Flight messages: ICAO text as AFTN carries it, and FIXM 4.3, become ``FlightMessage`` of ``terms.messages``.

Comes in: octets with any number of messages. Goes out: messages, and what was set aside with the field named.
Never: raises for a bad message, lets one stop the next, reads a clock, decides which flight is meant.
Begin reading at ``reader.py`` (which message has which fields); ``fields.py`` reads each field; ``fixm.py`` is XML.
"""
