"""What every JSON body must satisfy before it is parsed: UTF-8, finite, storable, not too deep."""

from __future__ import annotations

import math
import re

import numpy as np

from geo.errors import BadValue, LimitExceeded, Malformed

_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
"""A string, or the rest of the body after a quotation mark without its partner: each byte is read once."""

_CONSTANT = re.compile(rb"NaN|Infinity")
_LONG_NUMBER = re.compile(rb"[0-9]{300}")
_LARGE_NUMBER = re.compile(rb"(?<![0-9])[0-9]++(?:\.[0-9]++)?[eE]\+?[0-9]{3,}")
_SURROGATE_PAIR = re.compile(rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def check_json(body: bytes, depth: int) -> None:
    """Return only if a JSON body may be parsed and what it holds may be stored.

    Parameters
    ----------
    body : bytes
        The body, as it came.
    depth : int
        How deep values may be nested.

    Raises
    ------
    Malformed
        If it isn't UTF-8.
    BadValue
        If it holds a number that is not finite, the character 0, or half a surrogate pair.
    LimitExceeded
        If it is nested deeper than ``depth``.

    Notes
    -----
    Works on bytes in a few linear passes, so that the cost is below that of parsing.

    Examples
    --------
    >>> check_json(b'{"lon": 121.5, "tags": ["[[[["]}', depth=2)
    """
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed(expected="UTF-8", position=error.start) from None
    _check_characters(body)
    outside = _STRING.sub(b"", body)
    _check_depth(outside, depth)
    _check_finite(outside)


def _check_depth(outside: bytes, maximum: int) -> None:
    characters = np.frombuffer(outside, dtype=np.uint8)
    steps = np.isin(characters, list(b"[{")).astype(np.int32) - np.isin(characters, list(b"]}"))
    deepest = int(np.cumsum(steps, dtype=np.int32).max(initial=0))
    if deepest > maximum:
        raise LimitExceeded(limit="depth", value=deepest, maximum=maximum)


def _check_characters(body: bytes) -> None:
    escapes = _SURROGATE_PAIR.sub(b"", body.replace(rb"\\", b""))
    if rb"\u0000" in escapes or _SURROGATE.search(escapes):
        raise BadValue(field="body", value="\\u0000, \\ud800", expected="unicode")


def _check_finite(outside: bytes) -> None:
    not_finite = _CONSTANT.search(outside) or _LONG_NUMBER.search(outside)
    if not_finite:
        raise BadValue(field="body", value=not_finite[0][:40].decode(), expected="finite")
    for number in _LARGE_NUMBER.finditer(outside):
        if not math.isfinite(float(number[0])):
            raise BadValue(field="body", value=number[0][:40].decode(), expected="finite")
