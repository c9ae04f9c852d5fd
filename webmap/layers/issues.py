"""Unresolved issues by grid, and as points."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

import numpy as np

from geo.domain.backlog import Backlog, OpenIssue
from geo.domain.issue_flow import Listed
from geo.domain.shapes import Shapes
from webmap import theme
from webmap.i18n import Translator
from webmap.layers.choropleth import Cell, Choropleth
from webmap.layers.legend import Entry, Legend
from webmap.layers.points import Points, Spot

_MOST_CLASSES = len(theme.SEQUENTIAL) - 1


def backlog_choropleth(backlog: Backlog, shapes: Shapes, words: Translator) -> Choropleth:
    """Give the number of unresolved issues of each grid, in classes of about equally many grids.

    Parameters
    ----------
    backlog : Backlog
        The measure.
    shapes : Shapes
        The grids of its level.
    words : Translator
        Language of popups and legend.
    """
    bounds = upper_bounds([row.count.unresolved for row in backlog.grids])
    cells = tuple(
        Cell(
            row.grid,
            bisect_left(bounds, row.count.unresolved),
            (
                words.number(row.count.unresolved),
                words.share(row.count.overdue_share),
                words.number(row.count.undated),
                words.share(row.count.late_share),
            ),
        )
        for row in backlog.grids
    )
    columns = ("map.issues.unresolved", "map.issues.overdue", "map.issues.undated", "map.issues.closed_late")
    note = words.text("map.issues.note", moment=words.time(backlog.at))
    legend = Legend(words.text("map.issues.title"), note, count_entries(bounds, words))
    return Choropleth(shapes, cells, columns=tuple(map(words.text, columns)), legend=legend)


def issue_points(issues: tuple[OpenIssue, ...], words: Translator) -> Points:
    """Give unresolved issues as circles, the overdue in red.

    Parameters
    ----------
    issues : tuple of OpenIssue
        The overdue first.
    words : Translator
        Language of popups and legend.
    """
    spots = tuple(
        Spot(
            issue.lon,
            issue.lat,
            0 if issue.is_overdue else 1,
            issue.number,
            (
                issue.category,
                words.text(f"map.issue.state.{issue.state}"),
                words.time(issue.reported_at),
                words.time(issue.due_at),
            ),
        )
        for issue in issues
    )
    columns = ("map.issue.category", "map.issue.state", "map.issue.reported", "map.issue.due")
    legend = Legend(words.text("map.issue.title"), words.text("map.issue.note"), _overdue_entries(words))
    return Points(spots, columns=tuple(map(words.text, columns)), legend=legend)


def awaiting_points(issues: Sequence[Listed], words: Translator) -> Points:
    """Give the issues that await somebody as circles, the overdue in red.

    Parameters
    ----------
    issues : sequence of Listed
        The most pressing first.
    words : Translator
        Language of popups and legend.
    """
    spots = tuple(
        Spot(
            one.lon,
            one.lat,
            0 if one.is_overdue else 1,
            one.number,
            (one.category, words.text(f"map.issue.state.{one.state}"), words.time(one.due_at)),
        )
        for one in issues
        if one.lon is not None and one.lat is not None
    )
    columns = ("map.issue.category", "map.issue.state", "map.issue.due")
    legend = Legend(words.text("todo.decisions"), words.text("map.issue.note"), _overdue_entries(words))
    return Points(spots, columns=tuple(map(words.text, columns)), legend=legend)


def _overdue_entries(words: Translator) -> tuple[Entry, ...]:
    return (
        Entry(theme.OVERDUE, words.text("map.issue.overdue")),
        Entry(theme.PENDING, words.text("map.issue.pending")),
    )


def upper_bounds(counts: list[int]) -> list[int]:
    """Give the upper bounds of classes of counts: 0 first, then quarters of what isn't 0.

    Parameters
    ----------
    counts : list of int
        Not negative.

    Returns
    -------
    list of int
        Ascending; the last one is the largest count.

    Examples
    --------
    >>> upper_bounds([0, 0, 1, 1, 2, 3, 5, 8, 13, 21])
    [0, 1, 3, 8, 21]
    """
    some = [count for count in counts if count]
    if not some:
        return [0]
    quantiles = np.arange(1, _MOST_CLASSES + 1) / _MOST_CLASSES
    return [0, *np.unique(np.quantile(some, quantiles, method="inverted_cdf")).astype(int).tolist()]


def count_entries(bounds: Sequence[int], words: Translator) -> tuple[Entry, ...]:
    """Give the entries of a legend of counts, the lowest first.

    Parameters
    ----------
    bounds : sequence of int
        See `upper_bounds`.
    words : Translator
        The language.
    """
    lows = [0, *(bound + 1 for bound in bounds[:-1])]
    return tuple(
        Entry(_colour(n, len(bounds)), _range(low, high, words))
        for n, (low, high) in enumerate(zip(lows, bounds, strict=True))
    )


def _colour(place: int, classes: int) -> str:
    """Give the dark end of the scale to the most."""
    step = round(_MOST_CLASSES * place / max(classes - 1, 1))
    return theme.SEQUENTIAL[_MOST_CLASSES - step]


def _range(low: int, high: int, words: Translator) -> str:
    return words.number(low) if low == high else f"{words.number(low)}–{words.number(high)}"
