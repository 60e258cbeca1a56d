"""Record: every batch to disk before anything thinks about it, and back.

Comes in: batches (frames, acts, events, both times), digests. Goes out: a folder of hourly segments, and from it the
same batches again, in order, with every damaged row named.
Promises: ``append`` never blocks; what ``durable_seq`` says is on the disk; what is refused is counted exactly and
written down; no file is overwritten, none deleted.
Never: decodes a frame, stops the picture, hides a loss.
Begin reading at ``writer.py`` (``Recorder``), then ``reader.py`` (``open_recording``) and ``verify.py``.
"""
