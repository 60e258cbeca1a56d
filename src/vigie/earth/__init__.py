"""The Earth: WGS-84 geodesy, local frames, the standard atmosphere, the geoid's height.

Comes in: coordinates. Goes out: other coordinates. Pure kernels over floats and arrays.
Never: keeps state, reads files (but ``tiles.py`` the operator's terrain), guesses a datum (it is in every name).
Begin reading at ``wgs84.py``; ``atmosphere.py`` has pressure and height, ``terrain.py`` what hills hide.
"""
