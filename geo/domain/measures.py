"""Measures that never hide what they are made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from geo.errors import BadValue


@dataclass(frozen=True, slots=True)
class Share:
    """A rate that is kept with its numerator and denominator.

    Attributes
    ----------
    numerator, denominator : int
        What was counted and out of how many.

    Examples
    --------
    >>> Share(3, 4).rate
    0.75
    >>> Share(0, 0).rate is None
    True
    """

    numerator: int
    denominator: int

    @property
    def rate(self) -> float | None:
        """Numerator over denominator; None (“no data”) where there is nothing to divide by."""
        return self.numerator / self.denominator if self.denominator else None


@dataclass(frozen=True, slots=True)
class AreaShare:
    """A share of an area.

    Attributes
    ----------
    covered_m2, area_m2 : float
        What was covered, and of how much; square metres.
    """

    covered_m2: float
    area_m2: float

    @property
    def rate(self) -> float:
        """Covered area over area."""
        return self.covered_m2 / self.area_m2


@dataclass(frozen=True, slots=True)
class Period:
    """A half-open span of time.

    Attributes
    ----------
    start, end : datetime
        Aware; the end isn't part of it.

    Raises
    ------
    BadValue
        If it doesn't end after it starts.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.end <= self.start:
            expected = f"after {self.start.isoformat()}"
            raise BadValue(field="until", value=self.end.isoformat(), expected=expected)
