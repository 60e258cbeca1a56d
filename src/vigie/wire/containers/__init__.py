"""What surveillance data comes wrapped in: files told by their content, flows of a capture, compression.

In: octets of a file or packets of a capture. Out: its kind; frames of whole messages with their receive time; what was
set aside, by reason. ASTERIX blocks in raw files and in FINAL and GPS recorders' files, ORADIS packets in datagrams,
Beast, AVR and SBS streams, all of it inside gzip, zstd, bzip2 or xz with limits.
Never: a file or a socket of its own, the meaning of a message.
Begin reading at ``kind.kind_of``; ``flows`` for captures, ``blocks`` for files without one, ``expand`` for limits.
"""
