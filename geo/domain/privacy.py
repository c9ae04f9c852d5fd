"""Personal data: who sees what of it, how the rest is shown, and when its time is up."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from geo.domain.actors import Grant
from geo.domain.profiles.privacy import Classified, FieldClass, Kept, Mask, PrivacyRules, Retention

HIDDEN = "***"


def masked_name(name: str) -> str:
    """Give a name of which the first character is left.

    Examples
    --------
    >>> masked_name("张建国"), masked_name("李")
    ('张**', '李')
    """
    return name[:1] + "*" * (len(name) - 1)


def masked_phone(phone: str) -> str:
    """Give a number of which the middle is gone; of a short one nothing is left.

    Examples
    --------
    >>> masked_phone("13812341234"), masked_phone("0571-1234567"), masked_phone("110")
    ('138****1234', '057*****4567', '***')
    """
    return phone[:3] + "*" * (len(phone) - 7) + phone[-4:] if len(phone) > 7 else HIDDEN


def masked_id_number(number: str) -> str:
    """Give an identity number of which the first and the last character are left.

    Examples
    --------
    >>> masked_id_number("330106199001011234")
    '3****************4'
    """
    return number[:1] + "*" * (len(number) - 2) + number[-1:] if len(number) > 2 else HIDDEN


def masked_text(text: str) -> str:  # noqa: ARG001 - all masks are called alike
    """Give nothing of a text but that there is one."""
    return HIDDEN


_MASKS: Mapping[Mask, Callable[[str], str]] = {
    "name": masked_name,
    "phone": masked_phone,
    "id_number": masked_id_number,
    "text": masked_text,
}


@dataclass(frozen=True, slots=True)
class Veil:
    """What somebody sees of people in one place.

    Attributes
    ----------
    fields : Mapping of str to Classified
        What the profile says of each field.
    seen : frozenset of FieldClass
        The classes that are seen as they are.
    """

    fields: Mapping[str, Classified]
    seen: frozenset[FieldClass]

    def sees(self, name: str) -> bool:
        """Tell whether a field is seen as it is; one that the profile doesn't know is sensitive."""
        found = self.fields.get(name)
        return (found.holds if found else "sensitive") in self.seen

    def value(self, name: str, value: str | None) -> str | None:
        """Give a value, masked unless its field is seen.

        Parameters
        ----------
        name : str
            Of the field, such as ``key_person.phone``.
        value : str or None
            What is kept.
        """
        if value is None or self.sees(name):
            return value
        found = self.fields.get(name)
        return _MASKS[found.mask if found else "text"](value)

    def values(self, kind: str, values: Mapping[str, str | None]) -> dict[str, str | None]:
        """Give values of one thing, each as `value` does.

        Parameters
        ----------
        kind : str
            What kind of thing: the first part of the names of its fields.
        values : Mapping
            By the second part.
        """
        return {name: self.value(f"{kind}.{name}", value) for name, value in values.items()}


def veil(rules: PrivacyRules, seen: Iterable[FieldClass]) -> Veil:
    """Give the veil of a profile over what isn't seen; what is public always is."""
    return Veil({one.field: one for one in rules.fields}, frozenset({"public", *seen}))


def seen_classes(
    rules: PrivacyRules, grants: Iterable[Grant], posts: Collection[str], chain: Collection[str]
) -> frozenset[FieldClass]:
    """Give the classes that somebody sees in a place.

    Parameters
    ----------
    rules : PrivacyRules
        What holds there.
    grants : iterable of Grant
        Roles with where they hold.
    posts : collection of str
        Posts held there.
    chain : collection of str
        Codes of the grids on all levels that hold the place.
    """
    roles = {grant.role for grant in grants if grant.grid_code is None or grant.grid_code in chain}
    return frozenset(
        sight.of
        for sight in rules.sight
        if not roles.isdisjoint(sight.roles) or set(posts) & set(sight.posts)
    )


def retention_of(rules: PrivacyRules, kept: Kept) -> Retention | None:
    """Give for how long something is kept, None for ever."""
    return next((one for one in rules.retention if one.of == kept), None)


def end_of_time(kept: Retention | None, day: date) -> date | None:
    """Give the day on which the time of something of a day is up, None if never."""
    return None if kept is None else months_later(day, kept.months)


def months_later(day: date, months: int) -> date:
    """Give the same day some months later, or the last of a month that is too short.

    Examples
    --------
    >>> months_later(date(2024, 2, 29), 24), months_later(date(2026, 8, 31), 6)
    (datetime.date(2026, 2, 28), datetime.date(2027, 2, 28))
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@dataclass(frozen=True, slots=True)
class KeyPerson:
    """Somebody, or a household, that is looked after. Hardly anybody needs to know who it is.

    Attributes
    ----------
    id, revision : int
        Row and lock counter.
    kind : str
        Key of a kind of the profile.
    grid_code : str
        Where; by code, which outlives generations.
    name, phone, id_number, note : str or None
        Masked, but for a look that leaves its trace.
    """

    id: int
    revision: int
    kind: str
    grid_code: str
    name: str
    phone: str | None
    id_number: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Look:
    """The trace of a look at somebody on the register; appended, never changed.

    Attributes
    ----------
    id, key_person_id : int
        Rows; the person may have been taken off the register since.
    at : datetime
        When, aware.
    actor : str
        Username of who looked.
    grid_code : str
        Where the person was.
    reason : str
        Why.
    """

    id: int
    at: datetime
    actor: str
    key_person_id: int
    grid_code: str
    reason: str


@dataclass(frozen=True, slots=True)
class KeyCount:
    """How many people of a kind are on the register of a grid: counted, not named.

    Attributes
    ----------
    grid_code, kind : str
        Where, and of which kind.
    count : int
        How many.
    """

    grid_code: str
    kind: str
    count: int
