"""Questions to the archive: what flew where and when, what landed, what was never seen.

Comes in: rows of TRACK, PLOT, IDENTITY, ALERT; the daily Parquet files made of them; a question with a time in words.
Goes out: flights (one row per track's life) with the evidence for where each took off and landed, crossings of areas,
answers as tables; tracks as GeoJSON, KML, GPX and CSV.
The archive is made from the recording and can be made again: nothing here is the record.
Never: writes to a recording, changes an archived day in place, lets SQL reach a file or the network.
Begin reading at ``flights.py`` (a track's life as one row), then ``store.py`` (the files), ``ask.py`` (the questions).
"""
