"""What all parts of a profile have in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Fault:
    """Something in a document that can't hold.

    Attributes
    ----------
    path : str
        Where, as ``posts.posts.head.least``; empty for the whole document.
    code : str
        What is the matter; words stand where people read them.
    fields : Mapping[str, Any]
        What the words are made from, JSON-ready.
    """

    path: str
    code: str
    fields: Mapping[str, Any] = field(default_factory=dict)


class Rules:
    """A part of a profile: its fields are the only ones that its document may hold."""

    __slots__ = ()
    __pydantic_config__: ClassVar[dict[str, Any]] = {
        "extra": "forbid",
        "strict": True,
        "allow_inf_nan": False,
    }

    def faults(self, posts: frozenset[str]) -> Iterator[Fault]:  # noqa: ARG002 - most parts have none
        """Give what can't hold in this part beyond the types of its fields, with paths that begin here.

        Parameters
        ----------
        posts : frozenset of str
            Keys of the posts of the whole profile.
        """
        return iter(())


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Named(Quoted):
    """A rule that records refer to.

    Attributes
    ----------
    key : str
        What records keep.
    name : Words
        What people read.
    """

    key: str
    name: Words
