"""Which cell of a division covers a point, exactly and at once."""

from geo.geometry.locate.index import Found, LocateIndex
from geo.geometry.locate.kernels import OUTSIDE

__all__ = ["OUTSIDE", "Found", "LocateIndex"]
