"""What somebody says of the columns of files, kept as a file of its own."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

import yaml

from geo.errors import LimitExceeded, Malformed
from geo.services.plain_yaml import TextLoader

_LARGEST = 200_000


@dataclass(frozen=True, slots=True)
class MappingFile:
    """What a mapping file says.

    Attributes
    ----------
    fields : Mapping[str, str]
        Column by field; an empty one leaves the field without a column.
    constants : Mapping[str, str]
        Value by field, for rows without one.
    words : Mapping[str, Mapping[str, str]]
        For each field, what a word of the file means.
    """

    fields: Mapping[str, str] = dataclasses.field(default_factory=dict)
    constants: Mapping[str, str] = dataclasses.field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = dataclasses.field(default_factory=dict)


_PARTS = ("fields", "constants", "words")


def read_mapping(text: str) -> MappingFile:
    r"""Give what a mapping file says.

    Parameters
    ----------
    text : str
        YAML; JSON is YAML.

    Returns
    -------
    MappingFile
        Each value as the text that it is written as.

    Raises
    ------
    LimitExceeded
        If it is larger than any mapping.
    Malformed
        If it is no YAML, has another part, or a part that isn't what it should be.

    Examples
    --------
    >>> read_mapping("fields: {name: shop}\nwords: {state: {01: active}}").words
    {'state': {'01': 'active'}}
    """
    if len(text) > _LARGEST:
        raise LimitExceeded(limit="mapping_characters", value=len(text), maximum=_LARGEST)
    try:
        given = yaml.load(text, TextLoader)  # noqa: S506 - a SafeLoader that allows less
    except (yaml.YAMLError, ValueError) as failure:
        raise Malformed(expected="YAML") from failure
    parts = _mapping(given, "fields, constants, words")
    if unknown := {*parts} - {*_PARTS}:
        raise Malformed(expected=", ".join(_PARTS), found=sorted(unknown))
    fields, constants, words = (_mapping(parts.get(name), f"{name}: {{…: …}}") for name in _PARTS)
    return MappingFile(
        _texts(fields, "fields: {FIELD: COLUMN}"),
        _texts(constants, "constants: {FIELD: VALUE}"),
        {name: _texts(_mapping(one, _WORDS), _WORDS) for name, one in words.items()},
    )


_WORDS = "words: {FIELD: {WORD: VALUE}}"


def _mapping(given: object, expected: str) -> dict[str, object]:
    if given is None or given == "":
        return {}
    if not isinstance(given, dict):
        raise Malformed(expected=expected)
    return given


def _texts(given: Mapping[str, object], expected: str) -> dict[str, str]:
    found = {name: value for name, value in given.items() if isinstance(value, str)}
    if len(found) < len(given):
        raise Malformed(expected=expected)
    return found
