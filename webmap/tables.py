"""Tables with typed columns: written out for people in a printed form, kept as values in a workbook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from geo.domain.measures import Share
from webmap.i18n import NO_VALUE, Translator

Value = str | float | Share | date | datetime | None
"""What a cell holds; None where there is nothing to tell."""


class Kind(StrEnum):
    """What the values of a column are."""

    TEXT = "text"
    NUMBER = "number"
    CHANGE = "change"
    """A number that is written with its sign."""
    SHARE = "share"
    """A rate, 1 is 100 %; a `Share` is written with its numerator and denominator."""
    DEVIATION = "deviation"
    """A rate that is written with its sign."""
    DAY = "day"
    MOMENT = "moment"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes
    ----------
    title : str
        Its heading.
    kind : Kind
        What its values are.
    unit : str
        In which they are measured.
    digits : int
        How many places after the point, at most.
    """

    title: str
    kind: Kind = Kind.TEXT
    unit: str = ""
    digits: int = 0

    def written(self, value: Value, words: Translator) -> str:
        """Give a value as people read it.

        Parameters
        ----------
        value : Value
            Of the kind of this column; text stands as it is in any column.
        words : Translator
            Language and time zone.

        Examples
        --------
        >>> from webmap.i18n import Language
        >>> Column("Households", Kind.CHANGE).written(1200, Translator(Language.ENGLISH))
        '+1,200'
        """
        match value:
            case None:
                return NO_VALUE
            case str():
                return value
            case Share():
                return words.share(value)
            case datetime():
                return words.time(value)
            case date():
                return words.day(value)
            case _:
                return self._number(value, words)

    def _number(self, value: float, words: Translator) -> str:
        sign = "+" if self.kind in {Kind.CHANGE, Kind.DEVIATION} and value > 0 else ""
        if self.kind in {Kind.SHARE, Kind.DEVIATION}:
            return sign + words.percent(value)
        return sign + words.number(value, digits=self.digits)


@dataclass(frozen=True, slots=True)
class Table:
    """A table with what stands above and below it.

    Attributes
    ----------
    title : str
        What it shows.
    columns : tuple of Column
        From left to right.
    rows : sequence of rows
        A value for each column.
    totals : sequence of Value
        The last row, set apart; empty for none.
    lines : tuple of str
        What is said under the title: the period, the division, who made it.
    notes : tuple of str
        What is said below.
    """

    title: str
    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Value]]
    totals: Sequence[Value] = ()
    lines: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def texts(self, words: Translator) -> list[list[str]]:
        """Give the rows as people read them.

        Parameters
        ----------
        words : Translator
            Language and time zone.
        """
        return [self.written(row, words) for row in self.rows]

    def written(self, row: Sequence[Value], words: Translator) -> list[str]:
        """Give a row, or the totals, as people read it.

        Parameters
        ----------
        row : sequence of Value
            A value for each column.
        words : Translator
            Language and time zone.
        """
        return [column.written(value, words) for column, value in zip(self.columns, row, strict=True)]
