"""The words of both languages, and numbers and times as each of them writes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent

from geo.domain.measures import Share

LOCALES = Path(__file__).parent / "locales"
NO_VALUE = "–"


class Language(StrEnum):
    """The languages of the pages, by what stands in their addresses."""

    CHINESE = "zh"
    ENGLISH = "en"

    @property
    def locale(self) -> Locale:
        """The locale by which numbers and dates are written."""
        return Locale.parse("zh_Hans_CN" if self is Language.CHINESE else "en_GB")

    @property
    def subtag(self) -> str:
        """What ``lang`` says in HTML: the script too, so that the right glyphs are chosen."""
        return "zh-Hans" if self is Language.CHINESE else "en"

    @property
    def endonym(self) -> str:
        """What its speakers call it."""
        return "中文" if self is Language.CHINESE else "English"

    @property
    def file(self) -> Path:
        """The catalogue of its words."""
        folder = "zh_Hans" if self is Language.CHINESE else "en"
        return LOCALES / folder / "LC_MESSAGES" / "messages.po"


def chosen(*wishes: str | None) -> Language:
    """Give the first language that is wished for and spoken here; 中文 if there is none.

    Parameters
    ----------
    *wishes : str or None
        Subtags, the most pressing wish first.

    Returns
    -------
    Language
        The language of the page.

    Examples
    --------
    >>> chosen(None, "en")
    <Language.ENGLISH: 'en'>
    >>> chosen("xx")
    <Language.CHINESE: 'zh'>
    """
    spoken = (Language(wish) for wish in wishes if wish in set(Language))
    return next(spoken, Language.CHINESE)


@cache
def catalogue(language: Language) -> Mapping[str, str]:
    """Give the words of a language by their keys.

    Parameters
    ----------
    language : Language
        Which one.

    Returns
    -------
    Mapping[str, str]
        Read once for each process from the ``.po`` file.
    """
    with language.file.open("rb") as file:
        messages = read_po(file, locale=language.locale)
    return MappingProxyType({str(message.id): str(message.string) for message in messages if message.id})


@dataclass(frozen=True, slots=True)
class Translator:
    """Writes words, numbers and times in one language, for one time zone.

    Attributes
    ----------
    language : Language
        The language.
    timezone : str
        IANA name of the time zone in which times are told.
    """

    language: Language
    timezone: str = "Asia/Shanghai"

    def text(self, key: str, **fields: object) -> str:
        """Give the words of a key, with its ``{fields}`` filled in; the key itself where there are none.

        Parameters
        ----------
        key : str
            The msgid.
        **fields : object
            What stands in the gaps.
        """
        words = catalogue(self.language).get(key, key)
        return words.format_map(fields) if fields else words

    def choose(self, zh: str, en: str) -> str:
        """Give the one of two texts that is in the language.

        Parameters
        ----------
        zh, en : str
            简体中文 and English.
        """
        return zh if self.language is Language.CHINESE else en

    def words(self, prefix: str) -> dict[str, str]:
        """Give all the words whose keys begin with a prefix, by the rest of the key.

        Parameters
        ----------
        prefix : str
            Such as ``js.``.
        """
        words = catalogue(self.language)
        return {key.removeprefix(prefix): text for key, text in words.items() if key.startswith(prefix)}

    def number(self, value: float | None, *, digits: int = 0) -> str:
        """Write a number with its thousands grouped, and a dash for none.

        Parameters
        ----------
        value : float or None
            The number.
        digits : int, optional
            How many places after the point, at most.
        """
        if value is None:
            return NO_VALUE
        pattern = "#,##0." + "#" * digits if digits else "#,##0"
        return format_decimal(value, format=pattern, locale=self.language.locale)

    def percent(self, rate: float | None) -> str:
        """Write a rate as a percentage with one place, and a dash for none.

        Parameters
        ----------
        rate : float or None
            1 is 100 %.
        """
        if rate is None:
            return NO_VALUE
        return format_percent(rate, format="0.0%", locale=self.language.locale)

    def share(self, share: Share) -> str:
        """Write a share with its numerator and denominator, such as ``75.0% (3/4)``.

        Parameters
        ----------
        share : Share
            What is to be written.
        """
        return f"{self.percent(share.rate)} ({self.number(share.numerator)}/{self.number(share.denominator)})"

    def day(self, day: date) -> str:
        """Write a day.

        Parameters
        ----------
        day : date or datetime
            The day; an aware moment gives its day in the time zone.
        """
        if isinstance(day, datetime):
            day = day.astimezone(ZoneInfo(self.timezone))
        return format_date(day, format="medium", locale=self.language.locale)

    def time(self, moment: datetime | None) -> str:
        """Write a moment as day and time of the time zone, and a dash for none.

        Parameters
        ----------
        moment : datetime or None
            Aware.
        """
        if moment is None:
            return NO_VALUE
        there = moment.astimezone(ZoneInfo(self.timezone))
        return f"{self.day(there)} {format_time(there, format='short', locale=self.language.locale)}"
