"""Inspections, subjects that need one, and suspicious records, as points."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from geo.domain.inspections import Due, Inspection
from geo.domain.suspicions import Suspicion, SuspicionKind
from webmap import theme
from webmap.i18n import Translator
from webmap.layers.legend import Entry, Legend
from webmap.layers.points import Points, Spot

SUSPICION_COLOURS = {
    SuspicionKind.TOO_FAST: theme.HOT[0],
    SuspicionKind.SAME_PHOTO: theme.COLD[0],
    SuspicionKind.FAR_AWAY: theme.HOT[2],
    SuspicionKind.LATE: theme.COLD[2],
}
"""Two hues in two strengths each, which colour-blind people tell apart."""


def due_points(due: Sequence[Due], day: date, words: Translator) -> Points:
    """Give subjects that need a check as circles, those whose time has run out in red."""
    spots = tuple(
        Spot(
            one.lon,
            one.lat,
            0 if one.is_overdue(day) else 1,
            one.name,
            (words.text(f"due.reason.{one.reason}"), words.day(one.since), _until(one, words)),
        )
        for one in due
        if one.lon is not None and one.lat is not None
    )
    columns = ("due.reason", "due.since", "due.by")
    entries = (
        Entry(theme.OVERDUE, words.text("due.overdue")),
        Entry(theme.PENDING, words.text("due.pending")),
    )
    legend = Legend(words.text("due.title"), words.text("due.note"), entries)
    return Points(spots, columns=tuple(map(words.text, columns)), legend=legend)


def _until(one: Due, words: Translator) -> str:
    return words.day(one.due_by) if one.due_by else words.text("due.no_end")


def inspection_points(found: Sequence[Inspection], words: Translator) -> Points:
    """Give inspections as circles."""
    spots = tuple(
        Spot(one.lon, one.lat, 0, one.entity_name, (words.time(one.visited_at), _officers(one, words)))
        for one in found
        if one.lon is not None and one.lat is not None
    )
    columns = ("inspection.visited_at", "inspection.officers")
    entries = (Entry(theme.PENDING, words.text("inspection.one")),)
    legend = Legend(words.text("inspection.title"), words.text("inspection.map_note"), entries)
    return Points(spots, columns=tuple(map(words.text, columns)), legend=legend)


def _officers(one: Inspection, words: Translator) -> str:
    return words.text("list.separator").join(name for _, name in one.officers)


def suspicion_points(found: Sequence[Suspicion], words: Translator) -> Points:
    """Give suspicious records as circles, a colour a kind."""
    kinds = list(SUSPICION_COLOURS)
    spots = tuple(
        Spot(
            one.lon,
            one.lat,
            kinds.index(one.kind),
            words.text(f"suspicion.kind.{one.kind}"),
            (
                words.text("list.separator").join(one.who),
                words.time(one.visited_at),
                suspicion_figure(one, words),
            ),
        )
        for one in found
        if one.lon is not None and one.lat is not None
    )
    columns = ("suspicion.who", "suspicion.when", "suspicion.figure")
    entries = tuple(
        Entry(colour, words.text(f"suspicion.kind.{kind}")) for kind, colour in SUSPICION_COLOURS.items()
    )
    legend = Legend(words.text("suspicion.title"), words.text("suspicion.note"), entries)
    return Points(spots, columns=tuple(map(words.text, columns)), legend=legend)


def suspicion_figure(one: Suspicion, words: Translator) -> str:
    """Give in words why a record is looked at: its figure, and what is allowed."""
    return words.text(
        f"suspicion.figure.{one.kind}",
        value=words.number(one.value, digits=1),
        limit=words.number(one.limit, digits=1),
        metres=words.number(one.distance_m),
        minutes=words.number(None if one.seconds is None else one.seconds / 60, digits=1),
    )
