"""How octets reach Vigie: live links and files, as FRAME rows with their receive time.

Comes in: sockets (UDP unicast and multicast, TCP both ways) and files of many kinds, told apart by content.
Goes out: ``Frames``: rows of FRAME and the buffer with their octets, sorted by receive time; batches of 100 ms from
files; events (link up and down, drops) and the state of every link. What is not given out is counted by its reason.
Never: looks into a message beyond telling its format, decides what an octet means, waits for a disk or a tracker.
Begin reading at ``files.open_input`` (files), ``ticks.ticks`` (batches), ``live.LiveLinks`` (sockets).
"""
