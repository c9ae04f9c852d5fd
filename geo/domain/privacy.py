"""Personal data: who sees what of it, how the rest is shown, and when its time is up."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import Field, dataclass, field, fields, is_dataclass, replace
from datetime import date, datetime
from typing import Any, TypeVar, cast

from geo.domain.actors import Grant
from geo.domain.personal import IN_WORDS, MARK, NUMBERS, personal
from geo.domain.profiles.privacy import Classified, FieldClass, Kept, Mask, PrivacyRules, Retention

T = TypeVar("T")

HIDDEN = "***"

_MASKED = re.compile(r".{0,3}\*+.{0,4}", re.DOTALL)

_NUMBER = re.compile(
    r"""(?<![0-9A-Za-z])(?<![0-9]\.)
    (?:(?P<identity>[1-9][0-9]{5}(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx])
      |(?:(?:\+|00)?86[ -]?)?
        (?:1[3-9][0-9][ -]?[0-9]{4}
          |0(?:10|2[0-9]|[3-9][0-9]{2})[)）]?[ -]?[1-9][0-9]{2,3}
        )[ -]?[0-9]{4})
    (?![0-9A-Za-z])""",
    re.VERBOSE,
)
"""An identity number, or else a mobile phone or a landline with its area code; no part of a longer code."""

_MASKED_NUMBER = re.compile(r"[0-9+]{3}\*{4,}[0-9]{4}|[1-9]\*{16}[0-9Xx]")

_STANDARD = (
    Classified(field="person.attributes", holds="personal", mask="text"),
    Classified(field=NUMBERS, holds="personal", mask="numbers"),
)
"""What holds of fields that a profile was kept without: before they were known."""


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


def masked_numbers(text: str) -> str:
    """Give a text in which numbers of phones and of identity cards are masked, and nothing else.

    Parameters
    ----------
    text : str
        In the words of whoever wrote it.

    Notes
    -----
    A mobile phone has 11 digits, a landline its area code, both may be written in groups. An identity number
    has 18 places of which one is a day and the last is the check digit of ISO 7064 MOD 11-2 over the others:
    codes of grids, licences and credits of the same length are left. Numbers of 15 digits are left too: since
    2013 they are no identity numbers, and codes of grids are as long.

    References
    ----------
    GB 11643, Citizen identification number.

    Examples
    --------
    >>> masked_numbers("联系人13812341234，或0571-88001234；身份证11010519491231002X")
    '联系人138****1234，或057******1234；身份证1****************X'
    >>> masked_numbers("网格330106001001001，编号110105194912310021，东经120.13812341234")
    '网格330106001001001，编号110105194912310021，东经120.13812341234'
    """
    return _NUMBER.sub(_masked_number, text)


def _masked_number(found: re.Match[str]) -> str:
    number = found[0]
    if found["identity"] is None:
        return masked_phone(number)
    return masked_id_number(number) if _has_check_digit(number) else number


def _has_check_digit(number: str) -> bool:
    """Tell whether the digits of an identity number, X for 10, weighed by powers of 2, are 1 modulo 11."""
    digits = (10 if digit in "Xx" else int(digit) for digit in number)
    return sum(digit << place for place, digit in zip(range(17, -1, -1), digits, strict=True)) % 11 == 1


def masked_text(text: str) -> str:  # noqa: ARG001 - all masks are called alike
    """Give nothing of a text but that there is one."""
    return HIDDEN


def is_masked(value: str) -> bool:
    """Tell whether a value of a personal field is what a mask leaves: nothing that can be kept.

    Examples
    --------
    >>> [is_masked(value) for value in ("张**", "138****1234", "***", "张建国", "13812341234")]
    [True, True, True, False, False]
    """
    return _MASKED.fullmatch(value.strip()) is not None


def mask_in(text: str) -> str | None:
    """Give the first number in a text that is what a mask leaves, or None.

    Examples
    --------
    >>> [mask_in(text) for text in ("联系人138****1234", "联系人13812341234", "评级****")]
    ['138****1234', None, None]
    """
    found = _MASKED_NUMBER.search(text)
    return found and found[0]


_MASKS: Mapping[Mask, Callable[[str], str]] = {
    "name": masked_name,
    "phone": masked_phone,
    "id_number": masked_id_number,
    "numbers": masked_numbers,
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

    def value(self, name: str, value: T) -> T:
        """Give a value, masked unless its field is seen.

        Parameters
        ----------
        name : str
            Of the field, such as ``key_person.phone``.
        value : T
            What is kept: of tuples and lists all texts are masked, of mappings all values. Under a name
            such as ``entity.*`` mappings are given as `values` does.
        """
        kind, _, last = name.rpartition(".")
        if last == "*":
            return cast("T", self.values(kind, cast("Mapping[str, Any]", value)))
        if self.sees(name):
            return value
        found = self.fields.get(name)
        return cast("T", _covered(value, _MASKS[found.mask if found else "text"]))

    def values(self, kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """Give values by name, those masked of which the profile says that they tell of somebody.

        Parameters
        ----------
        kind : str
            What kind of thing: the first part of the names of its fields.
        values : Mapping
            By the second part; what the profile doesn't name stays as it is.
        """
        return {name: self._attribute(f"{kind}.{name}", value) for name, value in values.items()}

    def shown(self, thing: T) -> T:
        """Give a thing with all that is marked in it and in its parts as it is seen.

        Parameters
        ----------
        thing : T
            A dataclass with fields that are `geo.domain.personal.personal`, a tuple of such, or anything
            else, which stays as it is.
        """
        if isinstance(thing, tuple):
            return cast("T", tuple(map(self.shown, thing)))
        if not is_dataclass(thing) or isinstance(thing, type):
            return thing
        seen = {one.name: self._part(one, getattr(thing, one.name)) for one in fields(thing)}
        changed = {name: value for name, value in seen.items() if value is not getattr(thing, name)}
        return cast("T", replace(thing, **changed)) if changed else thing

    def _attribute(self, name: str, value: Any) -> Any:
        if name not in self.fields or self.sees(name):
            return value
        return self.value(name, str(value) if isinstance(value, int | float) else value)

    def _part(self, one: Field[Any], value: Any) -> Any:
        return self.value(one.metadata[MARK], value) if MARK in one.metadata else self.shown(value)


def _covered(value: object, mask: Callable[[str], str]) -> object:
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, tuple | list):
        return type(value)(_covered(one, mask) for one in value)
    return dict.fromkeys(value, HIDDEN) if isinstance(value, Mapping) else value


def unveiled(given: T, seen: object, before: object) -> T:
    """Give what is given, but for what comes back as it was seen: that stays as it is, masked or not.

    Parameters
    ----------
    given : T
        All that is told now: a dataclass or a mapping, which are gone through field by field, a tuple, which
        is gone through one by one, or a text, in which each masked
        number is again the one that it stands for.
    seen : object
        What the one who tells it has seen, in attributes of the same names.
    before : object
        What is kept.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Guest:
    ...     name: str
    ...     note: str
    >>> seen = Guest("张**", "电话138****1234")
    >>> unveiled(Guest("张**", "已搬走，电话138****1234"), seen, before=Guest("张建国", "电话13812341234"))
    Guest(name='张建国', note='已搬走，电话13812341234')
    """
    if given == seen:
        return cast("T", before)
    if isinstance(given, str) and isinstance(seen, str) and isinstance(before, str):
        return cast("T", _with_numbers_of(before, given) if seen != before else given)
    if isinstance(given, tuple) and isinstance(seen, tuple) and isinstance(before, tuple):
        return cast("T", _unveiled_each(given, seen, before))
    if isinstance(given, Mapping) and isinstance(seen, Mapping) and isinstance(before, Mapping):
        both = seen.keys() & before.keys()
        kept = {key: unveiled(given[key], seen[key], before[key]) for key in given.keys() & both}
        return cast("T", {**given, **kept})
    if not is_dataclass(given) or isinstance(given, type):
        return given
    names = [one.name for one in fields(given)]
    told = {name: unveiled(*(getattr(one, name) for one in (given, seen, before))) for name in names}
    return cast("T", replace(given, **told))


def _unveiled_each(given: tuple[T, ...], seen: tuple[T, ...], before: tuple[T, ...]) -> tuple[T, ...]:
    if len(given) == len(seen):
        return tuple(map(unveiled, given, seen, before))
    return tuple(before[seen.index(one)] if one in seen else one for one in given)


def _with_numbers_of(before: str, given: str) -> str:
    """Give a text whose masked numbers are again those of the text before; one that may be either stays."""
    behind: dict[str, set[str]] = {}
    for found in _NUMBER.finditer(before):
        behind.setdefault(_masked_number(found), set()).add(found[0])
    known = {mask: numbers.pop() for mask, numbers in behind.items() if len(numbers) == 1}
    return _MASKED_NUMBER.sub(lambda found: known.get(found[0], found[0]), given)


def veil(rules: PrivacyRules, seen: Iterable[FieldClass]) -> Veil:
    """Give the veil of a profile over what isn't seen; what is public always is."""
    return Veil({one.field: one for one in (*_STANDARD, *rules.fields)}, frozenset({"public", *seen}))


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
    name: str = field(metadata=personal("key_person.name"))
    phone: str | None = field(metadata=personal("key_person.phone"))
    id_number: str | None = field(metadata=personal("key_person.id_number"))
    note: str | None = field(metadata=personal("key_person.note"))


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
    reason: str = field(metadata=IN_WORDS)


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
