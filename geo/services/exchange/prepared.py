"""Rows of a located layer as they are going to be written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from geo.domain.exchange import Problem
from geo.services.exchange.table import Column


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is going to be written.

    Attributes
    ----------
    columns : Mapping[str, NDArray[object]]
        Values by column of the table, without id, place and batch.
    problems : tuple of Problem
        What keeps rows from being written.
    people : NDArray[object] or None
        For visits, the ids of the people of each.
    histories, merged_into : NDArray[object] or None
        For issues, the events of each, and the number of the one that each was merged into.
    """

    columns: Mapping[str, Column]
    problems: tuple[Problem, ...] = ()
    people: Column | None = None
    histories: Column | None = None
    merged_into: Column | None = None
