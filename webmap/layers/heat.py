"""Density of visits as a glow."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from geo.domain.coverage import Density
from webmap import theme
from webmap.base_map import DataLayer, GridMap
from webmap.i18n import Translator
from webmap.layers.legend import Entry, Legend

FULL = 0.95
"""Bins as full as this quantile shine at full strength, so that one crowded place doesn't dim the rest."""


class Heat(DataLayer):
    """Visits in bins, each with the strength of its count.

    Parameters
    ----------
    density : Density
        The bins.
    words : Translator
        Language of the legend.
    """

    def __init__(self, density: Density, words: Translator) -> None:
        super().__init__("heat", words.text("map.heat.title"), control=True, show=False)
        self.density = density
        self.words = words

    @property
    def full(self) -> int:
        """The number of visits that shines at full strength."""
        visits = self.density.visits
        return int(np.quantile(visits, FULL, method="higher")) if len(visits) else 1

    def data(self, on: GridMap) -> dict[str, Any]:
        """Give the bins and the legend, JSON-ready."""
        middles = shapely.get_coordinates(on.drawn(shapely.points(self.density.lon, self.density.lat)))
        strength = np.minimum(self.density.visits / self.full, 1.0).round(3)
        bins = np.column_stack([middles[:, ::-1], strength]).tolist() if len(middles) else []
        steps = np.linspace(0.2, 1.0, len(theme.DENSITY)).round(2).tolist()
        return {
            "bins": bins,
            "gradient": dict(zip(map(str, steps), theme.DENSITY, strict=True)),
            "legend": self._legend().data(),
        }

    def _legend(self) -> Legend:
        few, *_, many = theme.DENSITY
        text, number = self.words.text, self.words.number
        return Legend(
            text("map.heat.title"),
            text("map.heat.note", metres=number(self.density.cell_m)),
            (
                Entry(few, text("map.heat.few", visits=number(1))),
                Entry(many, text("map.heat.many", visits=number(self.full))),
            ),
        )
