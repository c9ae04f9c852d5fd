"""The ways that tracks tell of."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.geometry.adjacency import Indices
from geo.geometry.projection import Floats


def walked(
    xy: Floats, seconds: Floats, owner: Indices, *, speed_limit_m_per_s: float, gap_s: float
) -> NDArray[np.object_]:
    """Return the stretches of tracks along which somebody really went.

    Parameters
    ----------
    xy : numpy.ndarray, shape (n, 2)
        The fixes of all tracks, one track after the other, each in the order of time; metric CRS.
    seconds : numpy.ndarray, shape (n,)
        Time of each fix.
    owner : numpy.ndarray of int, shape (n,)
        The track that each fix belongs to.
    speed_limit_m_per_s : float
        Faster than this nobody went: the fix jumped.
    gap_s : float
        After so long a silence nobody knows which way was taken.

    Returns
    -------
    numpy.ndarray of LineString
        Lines of consecutive fixes without a jump or a gap between them, in the order of the tracks; a track
        falls into as many as it takes, single fixes are left out.

    Examples
    --------
    >>> xy = np.array([[0, 0], [10, 0], [5000, 0], [5010, 0]])
    >>> seconds, owner = np.array([0, 10, 20, 30]), np.zeros(4, dtype=int)
    >>> [line.wkt for line in walked(xy, seconds, owner, speed_limit_m_per_s=50, gap_s=600)]
    ['LINESTRING (0 0, 10 0)', 'LINESTRING (5000 0, 5010 0)']
    """
    if len(xy) < 2:
        return np.empty(0, dtype=object)
    step_m, step_s = np.hypot(*np.diff(xy, axis=0).T), np.diff(seconds)
    jumped = step_m > speed_limit_m_per_s * np.maximum(step_s, 1.0)
    cut = (owner[1:] != owner[:-1]) | (step_s > gap_s) | jumped
    stretch = np.concatenate([[0], np.cumsum(cut)])
    lasting = np.bincount(stretch)[stretch] > 1
    _, numbers = np.unique(stretch[lasting], return_inverse=True)
    return np.atleast_1d(np.asarray(shapely.linestrings(xy[lasting], indices=numbers), dtype=object))
