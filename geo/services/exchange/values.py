"""From the cells of a column to the values of a field."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.domain.exchange import Field, Problem, Severity, Type
from geo.errors import BadValue
from geo.services.exchange.options import Options
from geo.services.exchange.table import Column, objects, plain
from geo.services.exchange.times import parse_dates, parse_times

_INTEGER = re.compile(r"[+-]?\d{1,9}(?:\.0*)?")
_BETWEEN = re.compile(r"[,;，、；|]+")
_ASIDE = re.compile(r"\s*[（(][^()（）]*[)）]\s*$")
_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Parsed:
    """The values of a field.

    Attributes
    ----------
    values : NDArray[object]
        As the field's type has them, or None.
    bad : NDArray[bool]
        Whether there was something that is none of the field's values.
    doubtful : NDArray[bool]
        Whether the value could have been meant otherwise.
    ambiguous : bool
        Whether the whole column could have been meant otherwise.
    """

    values: Column
    bad: NDArray[np.bool_]
    doubtful: NDArray[np.bool_]
    ambiguous: bool = False


def parse(field: Field, column: Column, options: Options) -> Parsed:
    """Return the values of a field.

    Parameters
    ----------
    field : Field
        What they should be.
    column : NDArray[object]
        What the file has.
    options : Options
        Translations, constants, the clock.

    Returns
    -------
    Parsed
        With every value that can't be read marked.
    """
    default = options.constants.get(field.name, field.default)
    words = options.translations.get(field.name, {})
    given = objects(_meant(value, words) for value in column) if words else column
    if default is not None:
        given = objects(default if _is_blank(value) else value for value in given)
    if field.choices is not None:
        return _each(given, _chooser(field.choices))
    if field.type is Type.TIME:
        times = parse_times(given, options.zone, options.time_format)
        return Parsed(times.values, times.bad, times.doubtful, times.day_or_month)
    if field.type is Type.DATE:
        dates, bad = parse_dates(given)
        return Parsed(dates, bad, np.zeros(len(bad), dtype=bool))
    return _each(given, _PARSERS[field.type])


def check_said(fields: Iterable[Field], options: Options) -> None:
    """Accept what somebody says of the values of fields.

    Parameters
    ----------
    fields : iterable of Field
        The fields.
    options : Options
        Constants, and what words mean.

    Raises
    ------
    BadValue
        If a field doesn't exist, or a constant or the meaning of a word is none of its values.
    """
    known = {field.name: field for field in fields}
    said = [("constants", name, value) for name, value in options.constants.items()]
    said += [
        ("words", name, value) for name, words in options.translations.items() for value in words.values()
    ]
    for part, name, value in said:
        if name not in known:
            raise BadValue(field=part, value=name, expected=sorted(known))
        if parse(known[name], objects([value]), replace(options, translations={})).bad.any():
            raise BadValue(field=f"{part}.{name}", value=value, expected=_expected(known[name]))


def _expected(field: Field) -> list[str] | str:
    return list(field.choices) if field.choices else field.type


def problems_of(
    field: Field, column: Column, parsed: Parsed, numbers: NDArray[np.int64]
) -> Iterator[Problem]:
    """Give the problems of the values of a field.

    Parameters
    ----------
    field : Field
        The field.
    column : NDArray[object]
        What the file has.
    parsed : Parsed
        What was read from it.
    numbers : NDArray[int64]
        Numbers of the rows.

    Yields
    ------
    Problem
        For each bad or doubtful value, each missing one that is required, and once for an ambiguous column.
    """
    expected = {"expected": _expected(field)}
    for at in np.flatnonzero(parsed.bad):
        yield Problem(
            "bad-value",
            Severity.ERROR,
            row=int(numbers[at]),
            field=field.name,
            value=shown(column[at]),
            detail=expected,
        )
    if field.required:
        missing = objects(_is_blank(value) for value in parsed.values).astype(bool) & ~parsed.bad
        for at in np.flatnonzero(missing):
            yield Problem("missing-value", Severity.ERROR, row=int(numbers[at]), field=field.name)
    for at in np.flatnonzero(parsed.doubtful):
        value = shown(column[at])
        yield Problem("doubtful-time", Severity.NOTE, row=int(numbers[at]), field=field.name, value=value)
    if parsed.ambiguous:
        yield Problem("day-or-month-first", Severity.WARNING, field=field.name)


def shown(value: Any) -> str:
    """Return a value as a report shows it: one short line."""
    text = value if isinstance(value, str) else json.dumps(plain(value), ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _meant(value: Any, words: Mapping[str, str]) -> Any:
    if value is None:
        return None
    return words.get(value if isinstance(value, str) else shown(value), value)


def _is_blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _each(given: Column, parser: Callable[[Any], Any]) -> Parsed:
    bad = np.zeros(len(given), dtype=bool)
    values = []
    for at, value in enumerate(given):
        try:
            values.append(None if value is None else parser(value))
        except (ValueError, OverflowError, RecursionError):
            bad[at] = True
            values.append(None)
    return Parsed(objects(values), bad, np.zeros(len(given), dtype=bool))


def _key(value: Any) -> str | None:
    return _text(value).strip() or None


def _text(value: Any) -> str:
    match value:
        case str():
            return str(plain(value))
        case float() if value.is_integer():
            return str(int(value))
        case dict() | list():
            return json.dumps(plain(value), ensure_ascii=False)
        case _:
            return str(plain(value))


def _words(value: Any) -> list[str]:
    texts = [_text(one) for one in value] if isinstance(value, list) else _BETWEEN.split(_text(value))
    return [text.strip() for text in texts if text.strip()]


def _integer(value: Any) -> int | None:
    text = _text(value).strip()
    if text and not _INTEGER.fullmatch(text):
        raise ValueError(text)
    return int(text.partition(".")[0]) if text else None


def _number(value: Any) -> float | None:
    text = _text(value).strip()
    number = float(text) if text else None
    if number is not None and not np.isfinite(number):
        raise ValueError(text)
    return number


def _json(value: Any) -> dict[str, Any] | None:
    found = json.loads(value) if isinstance(value, str) and value.strip() else value
    match found:
        case None | "":
            return None
        case dict():
            return {str(name): plain(inner) for name, inner in found.items()}
        case _:
            raise ValueError(found)


def _records(value: Any) -> list[dict[str, Any]] | None:
    found = json.loads(value) if isinstance(value, str) and value.strip() else value
    match found:
        case None | "":
            return None
        case list() if all(isinstance(one, dict) for one in found):
            return [plain(one) for one in found]
        case _:
            raise ValueError(found)


def _chooser(choices: Mapping[str, tuple[str, ...]]) -> Callable[[Any], str | None]:
    meanings = {word.casefold(): choice for choice, words in choices.items() for word in (choice, *words)}

    def choose(value: Any) -> str | None:
        text = _text(value).strip().casefold()
        if not text:
            return None
        choice = meanings.get(text) or meanings.get(_ASIDE.sub("", text))
        if choice is None:
            raise ValueError(text)
        return str(choice)

    return choose


_PARSERS: dict[Type, Callable[[Any], Any]] = {
    Type.KEY: _key,
    Type.TEXT: _text,
    Type.WORDS: _words,
    Type.INTEGER: _integer,
    Type.NUMBER: _number,
    Type.JSON: _json,
    Type.RECORDS: _records,
}
