"""What the colours of a layer claim, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Entry:
    """One colour and what it claims.

    Attributes
    ----------
    colour : str
        As ``#rrggbb``.
    label : str
        What it claims.
    is_hatched : bool
        Whether the colour is hatched: there is no data.
    """

    colour: str
    label: str
    is_hatched: bool = False

    def data(self) -> dict[str, Any]:
        """Give the entry, JSON-ready."""
        return {"colour": self.colour, "label": self.label, "hatched": self.is_hatched}


@dataclass(frozen=True, slots=True)
class Legend:
    """The entries of a layer.

    Attributes
    ----------
    title, note : str
        What is measured, with its unit; how it is counted.
    entries : tuple of Entry
        In the order in which they stand.
    """

    title: str
    note: str
    entries: tuple[Entry, ...]

    def data(self) -> dict[str, Any]:
        """Give the legend, JSON-ready."""
        return {
            "title": self.title,
            "note": self.note,
            "entries": [entry.data() for entry in self.entries],
        }
