"""Wire formats: octets to fields and fields to octets, for every format that reaches a surveillance centre.

Comes in: octets, or fields. Goes out: fields, or octets.
One folder per family: ``pcap`` and ``containers`` (captures and files), ``asterix``, ``modes`` (Mode S, ADS-B and their
streams), ``remoteid`` (drones), ``cot`` (Cursor on Target), ``recording`` (our own format). Each says itself what
comes in and goes out.
Never: a socket, a clock, a file of its own, an exception for a bad received octet.
Begin reading at the folder of the format you look for.
"""
