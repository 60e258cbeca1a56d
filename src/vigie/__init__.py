"""Vigie, the lookout: an open airspace surveillance and control centre.

Nouns know things, verbs move data, a verb never imports a verb, and only ``app`` speaks whole sentences.
Begin reading at ``vigie.app.pipeline``: the one file where the chain is written, in order.
"""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("vigie")
except PackageNotFoundError:  # read straight from a source tree that was never installed
    __version__ = "0+unknown"

__all__ = ["__version__"]
