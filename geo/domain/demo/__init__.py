"""A made-up city of any size, the same for the same seed: for a first look and for measuring.

`ground` lays out blocks, roads, a river and the division; `things` puts up buildings, addresses and premises;
`history` lets people work there for half a year.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Ingredients = Mapping[str, Any]
"""Names and shares that the city is made of, as read from ``data/demo/city.yaml``."""


@dataclass(frozen=True, slots=True)
class DemoSize:
    """How large the city is; everything else follows from the number of unit grids.

    Attributes
    ----------
    grids : int
        Unit grids, 2 to 10,000.
    seed : int
        The same seed gives the same city.
    """

    grids: int = 120
    seed: int = 7

    @property
    def communities(self) -> int:
        """About eight unit grids a community."""
        return max(1, round(self.grids / 8))

    @property
    def streets(self) -> int:
        """About five communities a street."""
        return max(1, round(self.communities / 5))

    @property
    def addresses(self) -> int:
        """A hundred addresses a grid."""
        return self.grids * 100

    @property
    def premises(self) -> int:
        """Twenty-five premises a grid."""
        return self.grids * 25

    @property
    def people(self) -> int:
        """One person for two grids."""
        return max(4, self.grids // 2)
