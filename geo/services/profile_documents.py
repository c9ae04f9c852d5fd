"""Documents of profiles, read strictly: each fault is told with its path and what was expected."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import TypeAdapter, ValidationError

from geo.domain.profiles import Profile
from geo.domain.profiles.documents import faults_of, step_of
from geo.domain.profiles.rules import Fault
from geo.errors import LimitExceeded, NotFound, ProfileRefused
from geo.services.plain_yaml import PlainLoader

SHIPPED = Path(__file__).resolve().parents[2] / "data" / "profiles"
"""The profiles that come with the product."""

_LARGEST = 1_000_000
_SHAPE = TypeAdapter(Profile)


def shipped_profiles() -> Mapping[str, Profile]:
    """Give the profiles that come with the product, by key."""
    return {path.stem: shipped_profile(path.stem) for path in sorted(SHIPPED.glob("*.yaml"))}


@cache
def shipped_profile(key: str) -> Profile:
    """Give a profile that comes with the product.

    Parameters
    ----------
    key : str
        Such as ``food-drug``.

    Raises
    ------
    NotFound
        If none has this key.
    """
    path = {path.stem: path for path in SHIPPED.glob("*.yaml")}.get(key)
    if path is None:
        raise NotFound(kind="profile", key=key)
    return read_yaml(path.read_text(encoding="utf-8"))


def read_yaml(text: str) -> Profile:
    """Give the profile that a document in YAML holds.

    Parameters
    ----------
    text : str
        The document; JSON is YAML.

    Raises
    ------
    ProfileRefused
        With each fault: ``path``, ``code``, and more.
    LimitExceeded
        If the document is larger than any profile.
    """
    return read_document(read_value(text))


def read_value(text: str) -> object:
    """Give the value that a text in YAML holds: a number, a text, a list, a mapping.

    Parameters
    ----------
    text : str
        The text.

    Raises
    ------
    ProfileRefused
        If it can't be read.
    LimitExceeded
        If the text is larger than any profile.
    """
    if len(text) > _LARGEST:
        raise LimitExceeded(limit="profile_characters", value=len(text), maximum=_LARGEST)
    try:
        value: object = yaml.load(text, PlainLoader)  # noqa: S506 - a SafeLoader that allows less
    except (yaml.YAMLError, ValueError) as failure:
        raise _refused([_unreadable(failure)]) from None
    return value


def read_document(given: object) -> Profile:
    """Give the profile that a document holds.

    Parameters
    ----------
    given : object
        Mappings, lists, texts, numbers and days, as YAML or JSON give them.

    Raises
    ------
    ProfileRefused
        With each fault: ``path``, ``code``, and more.
    """
    try:
        profile = _SHAPE.validate_json(json.dumps(given, default=_day))
    except ValidationError as failure:
        raise _refused([_misfit(error, given) for error in failure.errors(include_url=False)]) from None
    if faults := faults_of(profile, profile.post_keys):
        raise _refused(faults)
    return profile


@lru_cache(maxsize=256)
def read_stored(document: str) -> Profile:
    """Give the profile that was kept as JSON; what an older version knew and this one doesn't is left out."""
    return _SHAPE.validate_json(document, extra="ignore")


def document_of(profile: Profile) -> dict[str, Any]:
    """Give the whole document of a profile, JSON-ready, with the values that it left to the product."""
    document: dict[str, Any] = _SHAPE.dump_python(profile, mode="json")
    return document


@cache
def schema() -> dict[str, Any]:
    """Give the JSON Schema of documents, for editors that complete and check them."""
    return _SHAPE.json_schema()


# YAML ----------------------------------------------------------------------------------------------------


def _unreadable(failure: Exception) -> Fault:
    mark = getattr(failure, "problem_mark", None)
    problem = getattr(failure, "problem", None)
    place = {} if mark is None else {"line": mark.line + 1, "column": mark.column + 1}
    return Fault("", "not-yaml", {"problem": str(problem or "character"), **place})


def _day(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


# what doesn't fit ----------------------------------------------------------------------------------------


def _refused(faults: Sequence[Fault]) -> ProfileRefused:
    return ProfileRefused(
        paths=[fault.path or "–" for fault in faults],
        faults=[{"path": fault.path, "code": fault.code, **fault.fields} for fault in faults],
    )


def _misfit(error: Mapping[str, Any], given: object) -> Fault:
    kind = error["type"]
    steps = list(_steps(error["loc"], given))
    path, last = _path(steps, given), str(steps[-1]) if steps else ""
    if kind in {"unexpected_keyword_argument", "extra_forbidden", "unexpected_positional_argument"}:
        known = _names_at(steps[:-1])
        near = get_close_matches(last, known, 1)
        if near:
            return Fault(path, "mistyped-key", {"value": last, "near": near[0]})
        return Fault(path, "unknown-key", {"value": last, "known": known})
    if kind in {"missing", "missing_argument", "missing_keyword_only_argument"}:
        return Fault(path, "missing")
    expected = error.get("ctx", {}).get("expected", _EXPECTED.get(kind, kind))
    return Fault(path, "wrong-value", {"expected": expected, "value": _short(error["input"])})


_EXPECTED = {
    "int_type": "integer",
    "int_from_float": "integer",
    "float_type": "number",
    "bool_type": "true, false",
    "string_type": "text",
    "date_type": "YYYY-MM-DD",
    "date_from_datetime_parsing": "YYYY-MM-DD",
    "date_parsing": "YYYY-MM-DD",
    "tuple_type": "list",
    "list_type": "list",
    "dict_type": "mapping",
    "dataclass_type": "mapping",
    "dataclass_exact_type": "mapping",
    "finite_number": "finite number",
}
"""What the types of fields are called in a document."""


def _short(value: object) -> Any:
    text = json.dumps(value, ensure_ascii=False, default=_day)
    return text if len(text) <= 80 else f"{text[:79]}…"


def _steps(location: Sequence[int | str], given: object) -> Iterator[int | str]:
    """Give the steps of a location that stand in the document: pydantic names kinds of rules in between."""
    value: Any = given
    for k, step in enumerate(location):
        if _stands(value, step):
            value = value[step]
            yield step
        elif k == len(location) - 1:
            yield step


def _path(steps: Sequence[int | str], given: object) -> str:
    """Give steps as a path: items of a list by their key, where they have one."""
    value: Any = given
    names = []
    for step in steps:
        names.append(step_of(value, step) if isinstance(step, int) else step)
        value = value[step] if _stands(value, step) else None
    return ".".join(names)


def _stands(value: object, step: int | str) -> bool:
    if isinstance(step, int):
        return isinstance(value, list) and step < len(value)
    return isinstance(value, Mapping) and step in value


def _names_at(steps: Sequence[int | str]) -> list[str]:
    """Give the names that a part of a profile may hold, in the order of its fields."""
    whole = schema()
    places: list[Mapping[str, Any]] = [whole]
    for step in steps:
        places = [below for place in places for below in _down(place, step, whole["$defs"])]
    found = [place for start in places for place in _resolved(start, whole["$defs"])]
    return list(dict.fromkeys(name for place in found for name in place.get("properties", {})))


def _down(
    place: Mapping[str, Any], step: int | str, defined: Mapping[str, Any]
) -> Iterator[Mapping[str, Any]]:
    for one in _resolved(place, defined):
        below = one.get("items") if isinstance(step, int) else one.get("properties", {}).get(step)
        below = below or one.get("additionalProperties")
        if isinstance(below, Mapping):
            yield below


def _resolved(place: Mapping[str, Any], defined: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    choices = place.get("anyOf") or place.get("oneOf")
    if "$ref" in place:
        yield from _resolved(defined[place["$ref"].rpartition("/")[2]], defined)
    elif choices:
        for choice in choices:
            yield from _resolved(choice, defined)
    else:
        yield place
