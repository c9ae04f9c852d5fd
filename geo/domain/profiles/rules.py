"""What all parts of a profile have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar


class Rules:
    """A part of a profile: its fields are the only ones that its document may hold."""

    __slots__ = ()
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid", "strict": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class Words(Rules):
    """A name in both languages.

    Attributes
    ----------
    zh, en : str
        简体中文 and English.
    """

    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted(Rules):
    """A rule with where it comes from.

    Attributes
    ----------
    rules : tuple of str
        Its numbers in the table of rules (``A1`` … ``H``); empty for what a district added by itself.
    clause : str or None
        The words of its source.
    """

    rules: tuple[str, ...] = ()
    clause: str | None = None
