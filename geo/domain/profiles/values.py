"""The single values of the rules: from when each holds, and what its source says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from geo.domain.profiles.documents import leaves, value_at
from geo.domain.profiles.regulations import ENDLESS, Regulation
from geo.errors import BadValue

_OF_PART = frozenset({"key", "name", "rules", "clause"})
"""What tells of a part and is no rule by itself."""


@dataclass(frozen=True, slots=True)
class Holding:
    """What holds somewhere from a day on.

    Attributes
    ----------
    since : date
        The first day.
    regulation : Regulation
        What was adopted or changed.
    document : Mapping
        Its profile, JSON-ready.
    """

    since: date
    regulation: Regulation
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Spell:
    """A value with the days in which it holds.

    Attributes
    ----------
    value : object
        JSON-ready; None where nothing stood at the path.
    since, until : date
        Half-open; the last one goes on to `ENDLESS`.
    regulation : Regulation
        What made it so.
    """

    value: object
    since: date
    until: date
    regulation: Regulation


@dataclass(frozen=True, slots=True)
class RuleValue:
    """A single value of the rules that hold on a day.

    Attributes
    ----------
    path, value
        Where it stands, and what.
    since, until : date
        In which days it holds without a break, half-open.
    """

    path: str
    value: object
    since: date
    until: date


@dataclass(frozen=True, slots=True)
class RulePart:
    """A rule with its values and the words of its source.

    Attributes
    ----------
    path : str
        Where it stands in the profile.
    name : Mapping or None
        What it, or the nearest part around it that has a name, is called: ``zh``, ``en``.
    below : tuple of str
        The steps from the part that has the name to this one.
    rules : tuple of str
        Its numbers in the table of rules.
    clause : str or None
        The words of its source.
    values : tuple of RuleValue
        What stands in it.
    """

    path: str
    name: Mapping[str, str] | None
    below: tuple[str, ...]
    rules: tuple[str, ...]
    clause: str | None
    values: tuple[RuleValue, ...]


def spells(holding: Sequence[Holding], path: str) -> tuple[Spell, ...]:
    """Give the values that stood and are going to stand at a path, the earliest first.

    Parameters
    ----------
    holding : sequence of Holding
        The earliest first.
    path : str
        Such as ``posts.posts.head.least``.
    """
    found: list[Spell] = []
    ends = [*(one.since for one in holding[1:]), ENDLESS]
    for one, until in zip(holding, ends, strict=True):
        value = _found(one.document, path)
        if found and found[-1].value == value:
            found[-1] = replace(found[-1], until=until)
        else:
            found.append(Spell(value, one.since, until, one.regulation))
    return tuple(found)


def _found(document: Mapping[str, Any], path: str) -> object:
    try:
        return value_at(document, path)
    except BadValue:
        return None


def rule_parts(holding: Sequence[Holding], day: date) -> tuple[RulePart, ...]:
    """Give the rules that hold on a day, in the order of the document.

    Parameters
    ----------
    holding : sequence of Holding
        The earliest first; one of them begins by this day.
    day : date
        The day.
    """
    present = [one for one in holding if one.since <= day][-1].document
    values = [
        RuleValue(path, value, *_days(spells(holding, path), day))
        for path, value in leaves(present)
        if path.rpartition(".")[2] not in _OF_PART and "." in path
    ]
    parts: dict[str, list[RuleValue]] = {}
    for value in values:
        parts.setdefault(value.path.rpartition(".")[0], []).append(value)
    return tuple(_part(present, path, tuple(below)) for path, below in parts.items())


def _days(found: Sequence[Spell], day: date) -> tuple[date, date]:
    spell = next(spell for spell in reversed(found) if spell.since <= day)
    return spell.since, spell.until


def _part(document: Mapping[str, Any], path: str, values: tuple[RuleValue, ...]) -> RulePart:
    steps = path.split(".")
    around = [(length, _found(document, ".".join(steps[:length]))) for length in range(len(steps), 0, -1)]
    parts = [(length, part) for length, part in around if isinstance(part, Mapping)]
    quoted = next((part for _, part in parts if part.get("rules") or part.get("clause")), {})
    named = ((length, part["name"]) for length, part in parts if isinstance(part.get("name"), Mapping))
    length, name = next(named, (1, None))
    rules, clause = tuple(quoted.get("rules", ())), quoted.get("clause")
    return RulePart(path, name, tuple(steps[length:]), rules, clause, values)


@dataclass(frozen=True, slots=True)
class Difference:
    """A value that is another one in another document.

    Attributes
    ----------
    path : str
        Where it stands.
    before, after : object
        JSON-ready; None where nothing stands.
    """

    path: str
    before: object
    after: object


def differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Difference, ...]:
    """Give the single values in which two documents differ, in the order of the second.

    Parameters
    ----------
    before, after : Mapping
        Documents, JSON-ready.

    Examples
    --------
    >>> differing({"a": 1, "b": 2}, {"a": 1, "b": 3, "c": 4})
    (Difference(path='b', before=2, after=3), Difference(path='c', before=None, after=4))
    """
    old, new = dict(leaves(before)), dict(leaves(after))
    return tuple(
        Difference(path, old.get(path), new.get(path))
        for path in {**new, **old}
        if old.get(path) != new.get(path)
    )


@dataclass(frozen=True, slots=True)
class PartDifference:
    """A rule that is another one in another document.

    Attributes
    ----------
    path : str
        Where it stands.
    before, after : RulePart or None
        What it is called and quoted from in both, without values; None where it doesn't stand.
    values : tuple of Difference
        What is different in it.
    """

    path: str
    before: RulePart | None
    after: RulePart | None
    values: tuple[Difference, ...]

    @property
    def told(self) -> RulePart:
        """The part that tells what it is called: the later one, if it stands there."""
        part = self.after or self.before
        if part is None:
            raise LookupError(self.path)
        return part


def parts_differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[PartDifference, ...]:
    """Give the rules in which two documents differ, section by section in the order of the second.

    Parameters
    ----------
    before, after : Mapping
        Documents, JSON-ready.
    """
    found: dict[str, list[Difference]] = {}
    for one in differing(before, after):
        part, _, field = one.path.rpartition(".")
        if part and field not in _OF_PART:
            found.setdefault(part, []).append(one)
    sections = [*after, *before]
    return tuple(
        PartDifference(path, _part_in(before, path), _part_in(after, path), tuple(values))
        for path, values in sorted(found.items(), key=lambda one: sections.index(one[0].partition(".")[0]))
    )


def _part_in(document: Mapping[str, Any], path: str) -> RulePart | None:
    return None if _found(document, path) is None else _part(document, path, ())
