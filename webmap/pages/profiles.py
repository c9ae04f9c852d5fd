"""The page of the rules that hold: each value with the day since when, and the words of its source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from geo.domain.actors import Action
from geo.domain.profiles import Profile
from geo.domain.profiles.regulations import BEGINNING, ENDLESS, Regulation
from geo.domain.profiles.rules import Words
from geo.domain.profiles.values import RulePart
from webmap.i18n import NO_VALUE, Translator, catalogue
from webmap.pages.frame import Frame, render


@dataclass(frozen=True, slots=True)
class RuleBook:
    """What stands on the page.

    Attributes
    ----------
    profile : Profile
        What holds there on that day.
    parts : sequence of RulePart
        Its rules.
    regulations : sequence of Regulation
        What was adopted and changed.
    shipped : sequence of Profile
        What there is to adopt.
    grid_code : str or None
        Where; None for the whole city.
    day : date
        When.
    """

    profile: Profile
    parts: Sequence[RulePart]
    regulations: Sequence[Regulation]
    shipped: Sequence[Profile]
    grid_code: str | None
    day: date

    @property
    def has_own_rules(self) -> bool:
        """Whether the grid has rules of its own on that day."""
        begun = [
            one.profile
            for one in self.regulations
            if one.grid_code == self.grid_code and one.valid_from <= self.day
        ]
        return self.grid_code is not None and bool(begun) and begun[-1] is not None


def rules_page(frame: Frame, book: RuleBook) -> str:
    """Give the page of the rules that hold somewhere on a day.

    Parameters
    ----------
    frame : Frame
        What the page stands in.
    book : RuleBook
        What stands on it.

    Returns
    -------
    str
        HTML.
    """
    sections = groupby(book.parts, key=lambda part: part.path.partition(".")[0])
    return render(
        "rules.html",
        frame,
        book=book,
        sections=[(section, list(parts)) for section, parts in sections],
        shown=Shown(frame.translator),
        may_change=frame.may(Action.MANAGE_RULES),
        BEGINNING=BEGINNING,
        ENDLESS=ENDLESS,
    )


@dataclass(frozen=True, slots=True)
class Shown:
    """How values and their names are written in a language.

    Attributes
    ----------
    words : Translator
        The language.
    """

    words: Translator

    def label(self, name: str) -> str:
        """Give what a field is called; a key of a document is called what it is."""
        return catalogue(self.words.language).get(f"field.{name}", name)

    def heading(self, part: RulePart) -> str:
        """Give what a part is called, after the part around it that has a name."""
        named = [self.words.choose(part.name["zh"], part.name["en"])] if part.name else []
        return " › ".join([*named, *map(self.label, part.below)]) or self.label(part.path)

    def title(self, name: Words) -> str:
        """Give a name."""
        return self.words.choose(name.zh, name.en)

    def value(self, value: object) -> str:
        """Give a single value as text."""
        if isinstance(value, bool):
            return self.words.text("rule.yes" if value else "rule.no")
        if isinstance(value, dict):
            return self.words.choose(value.get("zh", ""), value.get("en", ""))
        if isinstance(value, list):
            return self.words.text("list.separator").join(map(self.value, value)) or NO_VALUE
        return NO_VALUE if value is None else f"{value:g}" if isinstance(value, float) else str(value)
