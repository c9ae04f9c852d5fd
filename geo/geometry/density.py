"""How the density of points is binned."""

from __future__ import annotations

import numpy as np

METRES_PER_DEGREE = 111_195.0
"""Of a great circle on the sphere with the mean radius 6 371 008.8 m."""


def bin_size(cell_m: float, lat: float) -> tuple[float, float]:
    """Return the width and height in degrees of a square bin of some metres at a latitude.

    Parameters
    ----------
    cell_m : float
        Side of the bin, metres.
    lat : float
        Latitude, degrees, short of the poles.

    Returns
    -------
    tuple of float
        Degrees of longitude and of latitude.

    Notes
    -----
    On the sphere; good to 1 % of the side, which binning doesn't notice.

    Examples
    --------
    >>> width, height = bin_size(100, 60)
    >>> round(width / height, 3)
    2.0
    """
    height = cell_m / METRES_PER_DEGREE
    return height / float(np.cos(np.radians(lat))), height
