"""What a mask has left is no data: a file that was taken away masked never takes the place of the truth."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from geo.domain.exchange import Layer, Problem, Severity
from geo.domain.privacy import HIDDEN, is_masked, mask_in
from geo.services.exchange.rows import Rows

KINDS = {
    Layer.ENTITIES: "entity",
    Layer.ADDRESSES: "address",
    Layer.PEOPLE: "person",
    Layer.VISITS: "visit",
    Layer.TRACKS: "track",
    Layer.ISSUES: "issue",
}
"""What the attributes of a layer belong to, in the names of fields of profiles."""
WRITTEN = {
    Layer.VISITS: ("result", "note"),
    Layer.ISSUES: ("description", "address", "result", "public_result", "delay_reason"),
}
"""The fields of a layer in which people write what they like."""
_RECORDS = {Layer.ISSUES: ("history",)}
_PERSONAL = {Layer.PEOPLE: ("name", "phone"), Layer.VISITS: ("people",)}


def masked_values(layer: Layer, rows: Rows, classified: Collection[str]) -> Iterator[Problem]:
    """Give an error for each value of somebody that is what a mask has left.

    Parameters
    ----------
    layer : Layer
        What the rows are.
    rows : Rows
        As they were read.
    classified : collection of str
        Names of the fields that the profile of the city classifies: of attributes these are looked at, and
        those of which nothing at all is left.
    """
    for name in _PERSONAL.get(layer, ()):
        for at, value in enumerate(rows.values[name]):
            if any(map(is_masked, _texts(value))):
                yield _problem(rows, at, name, value)
    yield from _masked_numbers(layer, rows)
    kind = KINDS.get(layer)
    for at, attributes in enumerate(rows.attributes):
        for name, value in (attributes or {}).items():
            told = isinstance(value, str) and (
                value == HIDDEN or (f"{kind}.{name}" in classified and is_masked(value))
            )
            if told:
                yield _problem(rows, at, name, value)


def _masked_numbers(layer: Layer, rows: Rows) -> Iterator[Problem]:
    for name in (*WRITTEN.get(layer, ()), *_RECORDS.get(layer, ())):
        for at, value in enumerate(rows.values[name]):
            if value and (mask := mask_in(str(value))):
                yield _problem(rows, at, name, mask)


def _texts(value: Any) -> Collection[str]:
    return () if value is None else (value,) if isinstance(value, str) else value


def _problem(rows: Rows, at: int, name: str, value: Any) -> Problem:
    return rows.problem(at, "masked", Severity.ERROR, field=name, value=";".join(_texts(value)))
