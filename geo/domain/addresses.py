"""Standard addresses."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shapely import Point

from geo.domain.grids import GridName
from geo.domain.personal import personal


@dataclass(frozen=True, slots=True)
class Address:
    """A standard address with its place.

    Attributes
    ----------
    id, revision : int
        Row and lock counter.
    ref : str or None
        Key in the system that it came from.
    text : str
        The address as written.
    geometry : Point or None
        EPSG:4326, lon, lat.
    grid_code : str or None
        The leaf grid that holds it in the generation in force.
    attributes : Mapping[str, Any]
        Everything else that came with it.
    """

    id: int
    revision: int
    ref: str | None
    text: str
    geometry: Point | None
    grid_code: str | None
    attributes: Mapping[str, Any] = field(default_factory=dict, metadata=personal("address.*"))


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address that may be the one that was meant.

    Attributes
    ----------
    address : Address
        The address.
    score : float
        Likeness, 0 to 1.
    chain : tuple of GridName
        Its grids from the widest level to the narrowest; empty outside every grid.
    """

    address: Address
    score: float
    chain: tuple[GridName, ...]


WRONG_NUMBER = 0.5
"""What an address with another house number is worth at most."""

_TRADITIONAL = (
    "號樓區縣鎮鄉莊灣廣東門棟單層衚衕裡里園場廠龍華國興長橋馬漢蘇陽陰關開陳劉張楊黃趙吳葉羅鐵銀錦億"
)
_SIMPLIFIED = "号楼区县镇乡庄湾广东门栋单层胡同里里园场厂龙华国兴长桥马汉苏阳阴关开陈刘张杨黄赵吴叶罗铁银锦亿"
_TO_SIMPLIFIED = str.maketrans(_TRADITIONAL, _SIMPLIFIED)

_UNITS = "单元|号楼|[号弄幢栋座室层楼组]"
_DIGITS = "零〇一二两三四五六七八九"
_VALUE = dict(zip(_DIGITS, (0, 0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
_POWERS = {"十": 10, "百": 100, "千": 1000}

_NUMERAL = re.compile(f"[{_DIGITS}十百千]+(?={_UNITS})")
_REST = re.compile(r"[^\w-]+|_+")
_SPACE_BESIDE_CHINESE = re.compile(r"(?<=[^\x00-\x7f]) +| +(?=[^\x00-\x7f])")
_END_OF_NAME = re.compile(f"(街道|大道|{_UNITS}|[省市区县镇乡村路街道巷])(?=.)")
_BEFORE_NUMBER = re.compile(r"(?<=[^\s\da-z-])(?=\d)")
_NUMBER = re.compile(f"([0-9]+(?:-[0-9]+)*[a-z]?)({_UNITS})?")


def normalize(text: str) -> str:
    """Give an address in the one spelling in which addresses are compared: words of names and numbers.

    Parameters
    ----------
    text : str
        An address as somebody has written it.

    Returns
    -------
    str
        Compatible characters unified (NFKC), in lower case, the usual traditional characters simplified,
        house numbers in digits, without punctuation, one space after each name and number. Doing it twice is
        doing it once.

    Examples
    --------
    >>> normalize("云溪區 望山街道朝阳路（東）十二号３幢")
    '云溪区 望山街道 朝阳路 东 12号 3幢'
    >>> normalize("一二三弄") == normalize("１２３弄") == normalize("一百二十三弄")
    True
    """
    plain = unicodedata.normalize("NFKC", text).lower().translate(_TO_SIMPLIFIED)
    joined = _SPACE_BESIDE_CHINESE.sub("", _REST.sub(" ", plain))
    named = _END_OF_NAME.sub(r"\1 ", _NUMERAL.sub(lambda found: _in_digits(found[0]), joined))
    return " ".join(_BEFORE_NUMBER.sub(" ", named).split())


def _in_digits(numeral: str) -> str:
    if not any(power in numeral for power in _POWERS):
        return "".join(str(_VALUE[digit]) for digit in numeral)
    total, digit = 0, 0
    for character in numeral:
        if character in _POWERS:
            total += max(digit, 1) * _POWERS[character]
            digit = 0
        else:
            digit = _VALUE[character]
    return str(total + digit)


def same_numbers(asked: str, candidate: str) -> bool:
    """Tell whether each house number that was asked for stands in a candidate, whole and of its kind.

    Parameters
    ----------
    asked, candidate : str
        Addresses as `normalize` gives them.

    Examples
    --------
    >>> same_numbers("朝阳路 12号", "朝阳路 120号"), same_numbers("朝阳路 12号", "朝阳路 12弄 3号")
    (False, False)
    >>> same_numbers("朝阳路 12", "望山街道 朝阳路 12号 3幢"), same_numbers("朝阳路", "朝阳路 8号")
    (True, True)
    """
    present = _NUMBER.findall(candidate)
    return all(
        any(number == other and unit in {"", kind} for other, kind in present)
        for number, unit in _NUMBER.findall(asked)
    )
