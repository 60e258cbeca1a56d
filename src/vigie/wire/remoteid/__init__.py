"""Remote ID of drones: what they broadcast by Wi-Fi and Bluetooth, octets <-> fields.

Comes in: radio frames as a capture or a receiver gives them (``air``), or columns of values.
Goes out: messages of 25 octets found in the frames, their fields in SI units, or octets again (``encode``).
All message types of ASTM F3411-22a and EN 4709-002 (basic ID, location, authentication, self ID, system, operator ID,
pack) from Wi-Fi beacons, Wi-Fi NAN, Bluetooth 4 and 5; DroneID beacons of DJI (``dji``, layout unverified).
Never: a socket, a clock, the memory of a drone, an exception for a received octet.
Begin reading at ``layout`` (the published numbers), then ``air.find`` and ``fields``.
Sources: ASTM F3411-22a and ASD-STAN EN 4709-002 as published in opendroneid-core-c (Apache-2.0).
"""
