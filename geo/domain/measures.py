"""Measures that never hide what they are made of."""

from __future__ import annotations

from dataclasses import dataclass


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
