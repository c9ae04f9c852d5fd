"""A file to be read: a private copy, with what is known about it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from geo.services.exchange.limits import Limits


@dataclass(frozen=True, slots=True)
class Source:
    """A private copy of a file.

    Attributes
    ----------
    path : Path
        The copy, under a name of ours.
    name : str
        What the file is called by whoever brings it.
    limits : Limits
        How large it may be.
    encoding : str or None
        How its text is encoded, if somebody said so.
    layer : str or None
        Which of its layers or sheets is meant, if somebody said so.
    """

    path: Path
    name: str
    limits: Limits
    encoding: str | None = None
    layer: str | None = None
