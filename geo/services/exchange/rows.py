"""Rows of files: values by field, attributes, geometry, and everything found on the way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.domain.exchange import FieldSource, FileFacts, Problem, Severity
from geo.geometry.crs import Reference
from geo.services.exchange.table import Column


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one or several files.

    Attributes
    ----------
    values : Mapping[str, NDArray[object]]
        Values by field; every field of the layer is there.
    attributes : NDArray[object]
        Everything else, a dict for each row.
    geometries : NDArray[object]
        In the numbers of the file, or None.
    numbers : NDArray[int64]
        Number of each row in its file.
    files : NDArray[object]
        Name of the file of each row.
    facts : tuple of FileFacts
        The files.
    mapping : tuple of FieldSource
        Which columns became which fields.
    reference : Reference
        What the numbers are.
    problems : tuple of Problem
        What was found while reading.
    unread : int
        Rows that could not be read at all.
    """

    values: Mapping[str, Column]
    attributes: Column
    geometries: Column
    numbers: NDArray[np.int64]
    files: Column
    facts: tuple[FileFacts, ...]
    mapping: tuple[FieldSource, ...]
    reference: Reference
    problems: tuple[Problem, ...]
    unread: int

    def __len__(self) -> int:
        return len(self.numbers)

    def problem(self, at: int | np.intp, code: str, severity: Severity, **more: Any) -> Problem:
        """Return a problem of the row at a place.

        Parameters
        ----------
        at : int
            Place of the row, from 0.
        code : str
            The kind of problem.
        severity : Severity
            What it means for the row.
        **more
            Further fields of `Problem`.
        """
        return Problem(code, severity, row=int(self.numbers[at]), file=self.files[at], **more)

    def problems_where(
        self, mask: NDArray[np.bool_], code: str, severity: Severity, **more: Any
    ) -> Iterator[Problem]:
        """Give the same problem for each row for which `mask` holds."""
        return (self.problem(at, code, severity, **more) for at in np.flatnonzero(mask))


def bad_rows(rows: Rows, problems: Iterable[Problem]) -> NDArray[np.bool_]:
    """Return which rows have an error.

    Parameters
    ----------
    rows : Rows
        The rows.
    problems : iterable of Problem
        What was found.

    Returns
    -------
    NDArray[bool]
        One for each row.
    """
    bad = {(p.file, p.row) for p in problems if p.severity is Severity.ERROR and p.row is not None}
    places = zip(rows.files.tolist(), rows.numbers.tolist(), strict=True)
    return np.fromiter((place in bad for place in places), dtype=bool, count=len(rows))
