"""Documents of profiles as trees: each part and each single value has a path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

from geo.domain.profiles.rules import Fault, Quoted, Rules
from geo.errors import BadValue


def parts(value: object, path: str = "") -> Iterator[tuple[str, Rules]]:
    """Give each part of a profile with its path, the whole one first.

    Parameters
    ----------
    value : object
        A profile, or a part of one.
    path : str, optional
        Where it stands.
    """
    if isinstance(value, Rules):
        yield path, value
    for step, below in _below(value):
        yield from parts(below, joined_path(path, step))


def _below(value: object) -> Iterator[tuple[str, object]]:
    if is_dataclass(value) and not isinstance(value, type):
        yield from ((one.name, getattr(value, one.name)) for one in fields(value))
    elif isinstance(value, Mapping):
        yield from ((str(key), below) for key, below in value.items())
    elif isinstance(value, tuple | list):
        yield from ((step_of(value, k), below) for k, below in enumerate(value))


def leaves(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Give each single value of a document with its path, in order; names and plain lists are single values.

    Parameters
    ----------
    value : object
        A document, JSON-ready.
    path : str, optional
        Where it stands.

    Examples
    --------
    >>> list(leaves({"posts": [{"key": "head", "least": 1}], "days": [15, 20]}))
    [('posts.head.key', 'head'), ('posts.head.least', 1), ('days', [15, 20])]
    """
    if is_single(value):
        yield path, value
        return
    for step, one in _below(value):
        yield from leaves(one, joined_path(path, step))


def is_single(value: object) -> bool:
    """Tell whether a value has no parts that stand for themselves."""
    if isinstance(value, Mapping):
        return set(value) <= {"zh", "en"}
    return not isinstance(value, list) or not any(isinstance(one, list | Mapping) for one in value)


def step_of(items: Sequence[object], k: int) -> str:
    """Give the name of an item in a path: its key where it has one of its own, else its place.

    Parameters
    ----------
    items : sequence
        The list.
    k : int
        Place of the item, from 0.
    """
    keys = [_key(item) for item in items]
    key = keys[k]
    return key if key is not None and keys.count(key) == 1 else str(k)


def _key(item: object) -> str | None:
    key = item.get("key") if isinstance(item, Mapping) else getattr(item, "key", None)
    return key if isinstance(key, str) and "." not in key and key != "" else None


def joined_path(path: str, step: str) -> str:
    """Give the path of something below another."""
    return f"{path}.{step}" if path else step


def value_at(document: object, path: str) -> Any:
    """Give the value that stands at a path.

    Parameters
    ----------
    document : object
        A document, JSON-ready, or a profile.
    path : str
        Such as ``posts.posts.head.least``.

    Raises
    ------
    BadValue
        If nothing stands there; ``expected`` names what stands beside it.
    """
    value = document
    for step in path.split("."):
        below = dict(_below(value))
        if step not in below:
            raise BadValue(field="path", value=path, expected=", ".join(below) or "–")
        value = below[step]
    return value


def with_value(document: Mapping[str, Any], path: str, value: Any) -> dict[str, Any]:
    """Give a document in which another value stands at a path.

    Parameters
    ----------
    document : Mapping
        JSON-ready; not changed.
    path : str
        Where something stands already.
    value : Any
        What is to stand there, JSON-ready.

    Raises
    ------
    BadValue
        If nothing stands at the path.

    Examples
    --------
    >>> with_value({"posts": [{"key": "head", "least": 1}]}, "posts.head.least", 2)
    {'posts': [{'key': 'head', 'least': 2}]}
    """
    value_at(document, path)
    changed: dict[str, Any] = _changed(document, path.split("."), value)
    return changed


def _changed(value: Any, steps: Sequence[str], new: Any) -> Any:
    if not steps:
        return new
    below = {step: _changed(one, steps[1:], new) if step == steps[0] else one for step, one in _below(value)}
    return list(below.values()) if isinstance(value, tuple | list) else below


def quoted_at(profile: Rules, path: str) -> Quoted:
    """Give the rule from which the value at a path comes: the nearest part that names its source.

    Parameters
    ----------
    profile : Rules
        A whole profile.
    path : str
        Where something stands.
    """
    steps = path.split(".")
    around = [value_at(profile, ".".join(steps[:length])) for length in range(len(steps), 0, -1)]
    sources = (part for part in around if isinstance(part, Quoted) and (part.rules or part.clause))
    return next(sources, Quoted())


def faults_of(profile: Rules, posts: frozenset[str]) -> tuple[Fault, ...]:
    """Give everything that can't hold in a profile beyond the types of its fields.

    Parameters
    ----------
    profile : Rules
        The whole profile.
    posts : frozenset of str
        Keys of its posts.
    """
    return tuple(
        replace(fault, path=".".join(filter(None, (path, fault.path))))
        for path, part in parts(profile)
        for fault in part.faults(posts)
    )
