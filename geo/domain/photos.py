"""Photos: what makes two pictures look alike."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SIDE = 8
"""A picture's likeness has SIDE × SIDE bits."""


def likeness(grey: NDArray[np.uint8]) -> int:
    """Give 64 bits of a picture, few of which change when it is scaled, compressed, or made lighter.

    Parameters
    ----------
    grey : NDArray[uint8], shape (8, 9)
        The picture, shrunk and without colours.

    Returns
    -------
    int
        Signed, as databases keep 64 bits. A bit is 1 where the picture gets darker to the right.

    References
    ----------
    .. [1] N. Krawetz: Kind of Like That (dHash), 2013.

    Examples
    --------
    >>> fading = np.tile(np.arange(200, 20, -20, dtype=np.uint8), (8, 1))
    >>> likeness(fading), likeness(fading[:, ::-1]), likeness(fading // 2)
    (-1, 0, -1)
    """
    darker = grey[:, :-1] > grey[:, 1:]
    return int.from_bytes(np.packbits(darker).tobytes(), "big", signed=True)
