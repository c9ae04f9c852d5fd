"""Photos: where they belong, what they show, and what makes two of them look alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

SIDE = 8
"""A picture's likeness has SIDE × SIDE bits."""


class Shows(StrEnum):
    """Whether a photo of a step shows the place before it was dealt with (处置前), or after (处置后)."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture taken at a visit or for a step of an issue; its bytes are asked for by themselves.

    Attributes
    ----------
    id : int
        Row.
    sha256 : str
        Of its bytes.
    width, height : int
        In pixels.
    visit_id, issue_event_id : int or None
        Where it belongs; None until the record is filed.
    shows : Shows or None
        What it shows of an issue; None for one of a visit.
    taken_at : datetime or None
        By the camera's clock, aware.
    uploaded_at : datetime
        When it came.
    """

    id: int
    sha256: str
    width: int
    height: int
    visit_id: int | None
    issue_event_id: int | None
    shows: Shows | None
    taken_at: datetime | None
    uploaded_at: datetime


@dataclass(frozen=True, slots=True)
class SeenBefore:
    """A photo of an issue that looks like one that came sooner.

    Attributes
    ----------
    photo, earlier : Photo
        The two.
    bits : int
        In how many of 64 bits they differ, see `likeness`.
    issue_number : str or None
        The issue that the earlier one belongs to; None if it belongs to a visit.
    at : datetime
        When that issue was reported, or that visit was.
    """

    photo: Photo
    earlier: Photo
    bits: int
    issue_number: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class StepPhotos:
    """Ids of pictures that somebody has uploaded for a step of an issue.

    Attributes
    ----------
    before, after : tuple of int
        By what they show.
    """

    before: tuple[int, ...] = ()
    after: tuple[int, ...] = ()


NO_PHOTOS = StepPhotos()


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
