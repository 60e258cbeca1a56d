"""Share: what each neighbour may have of the air picture, under the release rules of the site file.

Comes in: the tables ``[[neighbour]]``, TRACK and IDENTITY rows, the time.
Goes out: for each neighbour the rows it would receive, with what is not released blanked, and counts of why others
stay. A rule that lacks anything denies everything.
Never: sends, opens a link, reads a clock, fills in what a rule does not say.
Begin reading at ``rules.py``, then ``release.py``.
"""
