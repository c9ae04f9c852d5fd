"""In which order and at what pace people of the demo city go from one place to the next."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from geo.domain.demo.ground import Floats, Ints

ENTERED_AFTER = timedelta(minutes=4)
"""So long after a visit it is entered."""
STAY_S = 120.0
"""For so long somebody stays at least before they go on."""
ON_THE_WAY_M_S = 3.0
"""The pace from one place to the next: on foot for the next door, by bicycle for the next street."""


def walked(walk: Ints, xy: Floats, wished: Floats) -> Floats:
    """Give when each place of some walks is reached: from west to east, none before one can be there.

    Parameters
    ----------
    walk : NDArray[intp], shape (n,)
        To which walk each place belongs.
    xy : NDArray[float64], shape (n, 2)
        The places, in metres.
    wished : NDArray[float64], shape (n,)
        Times at which somebody would be anywhere, in seconds; each walk has its own ones.

    Returns
    -------
    NDArray[float64], shape (n,)
        Seconds.

    Notes
    -----
    With the places of a walk in order, its wishes ascending, and s the sum of all ways and stays before a
    place, it is reached at ``s[k] + max(wished[j] - s[j] for j <= k)``.

    Examples
    --------
    >>> xy = np.array([[300.0, 0.0], [0.0, 0.0], [0.0, 0.0]])
    >>> walked(np.array([0, 0, 1]), xy, np.array([0.0, 10.0, 50.0])).tolist()
    [220.0, 0.0, 50.0]
    """
    order = np.lexsort((xy[:, 0], walk))
    first = np.diff(walk[order], prepend=-1) != 0
    need = STAY_S + np.hypot(*np.diff(xy[order], axis=0, prepend=xy[order][:1]).T) / ON_THE_WAY_M_S
    begin = np.flatnonzero(first)
    which = np.cumsum(first) - 1
    passed = np.cumsum(need)
    passed -= passed[begin][which]
    slack = wished[np.lexsort((wished, walk))] - passed
    apart = (np.ptp(slack) + 1.0) * which if len(slack) else slack
    at = np.empty_like(wished)
    at[order] = passed + np.maximum.accumulate(slack + apart) - apart
    return at
