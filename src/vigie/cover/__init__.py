"""Cover: where the sensors can see at a height, and so where silence means nothing.

Comes in: a site's sensors and which of them are in order. Goes out: for places and heights, how many sensors see them
and which; a grid of that for the display's hatching. Range, the horizon of a 4/3 earth, the cone over the antenna.
Never: knows terrain (yet), looks at a track, keeps state, reads a file, calls a place covered that only a sensor that
is not in order could see.
Begin reading at ``cover.py``; the one question in ``kernels.py`` is asked by points and by the grid alike.
"""
