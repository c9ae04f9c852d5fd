"""The page of the rules that hold: each value with the day since when, and the words of its source."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from geo.domain.actors import Action
from geo.domain.profiles import Profile
from geo.domain.profiles.documents import parts
from geo.domain.profiles.regulations import BEGINNING, ENDLESS, Regulation
from geo.domain.profiles.rules import Words
from geo.domain.profiles.values import PartDifference, RulePart, parts_differing
from geo.services.profile_documents import document_of
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
        sections=[(section, list(rules)) for section, rules in sections],
        shown=Shown(frame.translator, Names(book.profile)),
        may_change=frame.may(Action.MANAGE_RULES),
        BEGINNING=BEGINNING,
        ENDLESS=ENDLESS,
    )


@dataclass(frozen=True, slots=True)
class Choice:
    """Two profiles side by side, for who has to choose.

    Attributes
    ----------
    before, after : Profile
        The profiles.
    differences : sequence of PartDifference
        In what they differ.
    shipped : sequence of Profile
        What there is to choose from.
    present : bool
        Whether `before` is what holds.
    grid_code : str or None
        Where it holds; None for the whole city.
    day : date
        When.
    """

    before: Profile
    after: Profile
    differences: Sequence[PartDifference]
    shipped: Sequence[Profile]
    present: bool
    grid_code: str | None
    day: date


def choice_page(frame: Frame, choice: Choice) -> str:
    """Give the page of what would be different if another profile held.

    Parameters
    ----------
    frame : Frame
        What the page stands in.
    choice : Choice
        What stands on it.

    Returns
    -------
    str
        HTML.
    """
    sections = groupby(choice.differences, key=lambda one: one.path.partition(".")[0])
    return render(
        "rules_comparison.html",
        frame,
        choice=choice,
        sections=[(section, list(found)) for section, found in sections],
        before=Shown(frame.translator, Names(choice.before)),
        after=Shown(frame.translator, Names(choice.after)),
    )


@dataclass(frozen=True, slots=True)
class Told:
    """A difference in words, in a language."""

    rule: str
    before: str
    after: str


def told_differences(words: Translator, before: Profile, after: Profile) -> dict[str, Told]:
    """Give in words which single values differ, by path; without what a rule is called and quoted from.

    Parameters
    ----------
    words : Translator
        The language.
    before, after : Profile
        The profiles.
    """
    old, new = (Shown(words, Names(one)) for one in (before, after))
    return {
        value.path: Told(
            f"{new.heading(one.told)} › {new.label(value.path.rpartition('.')[2])}",
            old.value(value.path, value.before),
            new.value(value.path, value.after),
        )
        for one in parts_differing(document_of(before), document_of(after))
        for value in one.values
    }


UNITS = {
    "apart_m": "metres",
    "best": "people",
    "day_of_month": "month_days",
    "delay_hours": "hours",
    "distance_m": "metres",
    "full_score": "points",
    "high": "households",
    "households": "households",
    "inspectors": "people",
    "least": "people",
    "least_width_m": "metres",
    "low": "households",
    "minimum_sample": "records",
    "months": "months",
    "most": "people",
    "notified_after_days": "days",
    "photo_bits": "bits",
    "points": "points",
    "population": "people",
    "reminders": "times",
    "speed_km_h": "km_h",
    "times": "times",
    "weight": "points",
    "within_days": "days",
    "within_m": "metres",
    "within_months": "months",
    "yuan_from": "yuan",
    "yuan_to": "yuan",
}
"""What numbers are counted in, by name of the field."""
UNITLESS = frozenset({"weights"})
"""Parts whose numbers are counted in nothing, whatever they are called."""
RATES = frozenset({"target", "below"})
"""Fields that hold a share of the whole, 0 to 1; a limit above 1 is one of the score."""


class Names:
    """What the parts of a profile are called, by their keys.

    Parameters
    ----------
    profile : Profile
        The profile.
    """

    def __init__(self, profile: Profile) -> None:
        self._of_section: dict[str, dict[str, Words]] = {}
        for path, part in parts(profile):
            key, name = getattr(part, "key", None), getattr(part, "name", None)
            if path and isinstance(key, str) and isinstance(name, Words):
                self._of_section.setdefault(path.partition(".")[0], {}).setdefault(key, name)
        self._of_section.setdefault("assessment", {}).update(profile.assessment.consequences)

    def near(self, path: str, key: str) -> Words | None:
        """Give what a key means at a path: in its section, or in the one that the field is named after."""
        return self._in((path.partition(".")[0], path.rpartition(".")[2]), key)

    def anywhere(self, key: str) -> Words | None:
        """Give what a key means in whatever section has it."""
        return self._in(self._of_section, key)

    def _in(self, sections: Iterable[str], key: str) -> Words | None:
        known = (self._of_section.get(section, {}).get(key) for section in sections)
        return next(filter(None, known), None)


@dataclass(frozen=True, slots=True)
class Shown:
    """How values and their names are written in a language.

    Attributes
    ----------
    words : Translator
        The language.
    names : Names
        What the keys of the profile mean.
    """

    words: Translator
    names: Names

    def label(self, name: str) -> str:
        """Give what a field is called; a key of a document is called what it is."""
        return self._known(f"field.{name}") or name

    def heading(self, part: RulePart) -> str:
        """Give what a part is called, after the part around it that has a name."""
        named = [self.words.choose(part.name["zh"], part.name["en"])] if part.name else []
        return " › ".join([*named, *map(self.label, part.below)]) or self.label(part.path)

    def title(self, name: Words) -> str:
        """Give a name."""
        return self.words.choose(name.zh, name.en)

    def value(self, path: str, value: object) -> str:
        """Give a single value as text, with its unit."""
        if value is None or value == []:
            return NO_VALUE
        if isinstance(value, bool):
            return self.words.text("rule.yes" if value else "rule.no")
        if isinstance(value, dict):
            return self.words.choose(value.get("zh", ""), value.get("en", "")) or NO_VALUE
        if isinstance(value, list):
            return self.words.text("list.separator").join(self.value(path, one) for one in value)
        return self._number(path, value) if isinstance(value, int | float) else self._text(path, str(value))

    def _number(self, path: str, value: float) -> str:
        *_, part, field = path.split(".")
        if field in RATES and value <= 1:
            return self.words.percent(value)
        unit = None if part in UNITLESS else UNITS.get(field)
        return " ".join([f"{value:g}", *([self.words.text(f"unit.{unit}")] if unit else [])])

    def _text(self, path: str, value: str) -> str:
        near = self.names.near(path, value)
        if near:
            return self.title(near)
        known = self._known(f"value.{value}")
        elsewhere = self.names.anywhere(value)
        return known or (self.title(elsewhere) if elsewhere else value)

    def _known(self, key: str) -> str | None:
        return catalogue(self.words.language).get(key)
