"""Codes of grids: how they are made, what they tell, and how missing ones are given."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.domain.grids import Level
from geo.errors import BadValue, LimitExceeded


@dataclass(frozen=True, slots=True)
class CodeRule:
    """How the codes of a city are made: each begins with the code of the grid above.

    Attributes
    ----------
    lengths : tuple of int
        Length of a code on each level, from the district to the unit grid, growing.
    pattern : str
        Regular expression that a whole code matches.

    References
    ----------
    .. [1] GB/T 2260 and GB/T 10114: 6 digits of the county, 3 of the street or town; then 3 of the community
       or village and 3 of the sequence inside it.

    Examples
    --------
    >>> rule = CodeRule()
    >>> rule.fits("330106001001001", Level.UNIT), rule.fits("33010600100100A", Level.UNIT)
    (True, False)
    >>> rule.parent("330106001001001")
    '330106001001'
    """

    lengths: tuple[int, ...] = (6, 9, 12, 15)
    pattern: str = "[0-9]+"

    def fits(self, code: str, level: Level) -> bool:
        """Tell whether a code is one of a grid of this level."""
        return self.level_of(code) is level and re.fullmatch(self.pattern, code) is not None

    def check(self, code: str, level: Level) -> None:
        """Return only if a code is one of a grid of this level.

        Raises
        ------
        BadValue
            With ``expected``: the length and the pattern.
        """
        if not self.fits(code, level):
            expected = f"{self._length_of(level)} × {self.pattern}"
            raise BadValue(field="code", value=code[:80], expected=expected)

    def level_of(self, code: str) -> Level | None:
        """Give the level whose codes are as long as this one, or None."""
        return {length: level for level, length in zip(Level, self.lengths, strict=False)}.get(len(code))

    def parent(self, code: str) -> str | None:
        """Give the code of the grid above, by what the code begins with; None on the widest level."""
        shorter = [length for length in self.lengths if length < len(code)]
        return code[: shorter[-1]] if shorter else None

    def _length_of(self, level: Level) -> int | None:
        return dict(zip(Level, self.lengths, strict=False)).get(level)

    def sequence_digits(self, level: Level) -> int:
        """Give how many digits number the grids of a level inside the grid above.

        Raises
        ------
        BadValue
            If codes of that level have no rule.
        """
        length = self._length_of(level)
        if length is None:
            raise BadValue(field="level", value=level, expected=len(self.lengths))
        return length - max((shorter for shorter in self.lengths if shorter < length), default=0)


def assign_codes(
    parents: Sequence[str],
    x: ArrayLike,
    y: ArrayLike,
    *,
    used: Iterable[str],
    rule: CodeRule,
    level: Level = Level.UNIT,
) -> list[str]:
    """Give new codes to grids: inside each parent from west to east, then from north to south.

    Parameters
    ----------
    parents : sequence of str, length n
        Code of the grid above each grid.
    x, y : array_like of float, shape (n,)
        A point inside each grid; any system whose x grows eastwards and y northwards.
    used : iterable of str
        Every code that is or ever was in use: none of them is given again.
    rule : CodeRule
        How codes are made.
    level : Level, optional
        The level of the grids.

    Returns
    -------
    list of str
        The new codes, in the order of the grids. They number on after the highest ever used in each parent.

    Raises
    ------
    LimitExceeded
        If a parent has no numbers left: ``limit``, ``value``, ``maximum``.

    Examples
    --------
    >>> assign_codes(["330106001001"] * 3, [2, 1, 1], [5, 3, 4], used=["330106001001007"], rule=CodeRule())
    ['330106001001010', '330106001001009', '330106001001008']
    """
    if not parents:
        return []
    digits = rule.sequence_digits(level)
    names, group = np.unique(np.asarray(parents, dtype=str), return_inverse=True)
    highest = _highest(names.tolist(), used, digits)
    order = np.lexsort((-np.asarray(y, np.float64), np.asarray(x, np.float64), group))
    starts = np.searchsorted(group[order], np.arange(len(names)))
    numbers = np.empty(len(parents), dtype=np.int64)
    numbers[order] = np.arange(len(parents)) - starts[group[order]] + highest[group[order]] + 1
    if numbers.max() >= 10**digits:
        raise LimitExceeded(limit="sequence", value=int(numbers.max()), maximum=10**digits - 1)
    return [f"{parent}{number:0{digits}d}" for parent, number in zip(parents, numbers, strict=True)]


def _highest(parents: Sequence[str], used: Iterable[str], digits: int) -> NDArray[np.int64]:
    """Return the highest number ever used in each parent, 0 where there is none."""
    highest = dict.fromkeys(parents, 0)
    for code in used:
        parent, number = code[:-digits], code[-digits:]
        if parent in highest and number.isdecimal():
            highest[parent] = max(highest[parent], int(number))
    return np.array(list(highest.values()), dtype=np.int64)
