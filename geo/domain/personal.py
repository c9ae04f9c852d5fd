"""What tells of people is marked where it is declared, so that one walk finds all of it."""

from __future__ import annotations

from collections.abc import Mapping

MARK = "personal"
"""Under which key of the metadata of a field its name in profiles stands."""


def personal(name: str) -> Mapping[str, str]:
    """Give the metadata of a field that tells of somebody.

    Parameters
    ----------
    name : str
        What profiles call it, such as ``person.phone``; see `geo.domain.profiles.privacy.Classified`.

    Examples
    --------
    >>> from dataclasses import dataclass, field, fields
    >>> @dataclass(frozen=True)
    ... class Guest:
    ...     name: str = field(metadata=personal("person.name"))
    >>> fields(Guest)[0].metadata[MARK]
    'person.name'
    """
    return {MARK: name}


NUMBERS = "text.numbers"
"""What profiles call the numbers of phones and of identity cards in what people write."""

IN_WORDS = personal(NUMBERS)
"""The metadata of a field in which people write what they like: numbers of somebody in it, too."""
