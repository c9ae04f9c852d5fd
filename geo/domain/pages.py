"""A page of a list, with the cursor to the next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows in a stable order.

    Attributes
    ----------
    rows : tuple
        At most as many rows as were asked for.
    next : int or None
        The id of the row after which the next page begins, None on the last page.
    """

    rows: tuple[T, ...]
    next: int | None
