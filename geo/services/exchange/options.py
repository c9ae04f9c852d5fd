"""What somebody asks of an import."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from geo.domain.exchange import OnExisting
from geo.domain.grids import Level
from geo.services.exchange.opening import Reading


@dataclass(frozen=True, slots=True)
class Options:
    """How rows are read from files, and what becomes of them.

    Attributes
    ----------
    mapping : Mapping[str, str]
        Column by field; the rest is guessed.
    constants : Mapping[str, str]
        Value by field, for rows without one.
    translations : Mapping[str, Mapping[str, str]]
        For each field, what a word of the file means.
    reference : str or None
        What the numbers are; by default what the file declares.
    reading : Reading
        How the file is read.
    zone : ZoneInfo
        The clock that times without an offset were read from.
    time_format : str or None
        How times are written, as `datetime.strptime` has it.
    on_existing : OnExisting
        What happens to rows whose key is there already.
    skip_bad : bool
        Whether good rows are committed though others are bad.
    repair : bool
        Whether geometry is repaired.
    tolerance_m : float
        How far a repair may move a border, metres.
    gap_m : float or None
        How wide a gap a repair may close, metres; as much as the tolerance by default.
    """

    mapping: Mapping[str, str] = dataclasses.field(default_factory=dict)
    constants: Mapping[str, str] = dataclasses.field(default_factory=dict)
    translations: Mapping[str, Mapping[str, str]] = dataclasses.field(default_factory=dict)
    reference: str | None = None
    reading: Reading = dataclasses.field(default_factory=Reading)
    zone: ZoneInfo = dataclasses.field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))
    time_format: str | None = None
    on_existing: OnExisting = OnExisting.REFUSE
    skip_bad: bool = False
    repair: bool = False
    tolerance_m: float = 0.5
    gap_m: float | None = None

    def as_json(self) -> dict[str, Any]:
        """Return what was asked for, as the batch keeps it."""
        return {
            "mapping": dict(self.mapping),
            "constants": dict(self.constants),
            "translations": {field: dict(words) for field, words in self.translations.items()},
            "reference": self.reference,
            "encoding": self.reading.encoding,
            "layer": self.reading.layer,
            "timezone": self.zone.key,
            "time_format": self.time_format,
            "on_existing": self.on_existing,
            "skip_bad": self.skip_bad,
            "repair": self.repair,
            "tolerance_m": self.tolerance_m,
            "gap_m": self.gap_m,
        }


@dataclass(frozen=True, slots=True)
class UpperLevel:
    """Where a level above the grids comes from.

    Attributes
    ----------
    code_column, name_column : str or None
        Columns of the grids that hold its code and its name.
    outlines : Path or None
        A file with its grids.
    names : Path or None
        A file from which only names are taken.
    mapping : Mapping[str, str]
        Column by field (``code``, ``name``) in these files.
    reference : str or None
        What the numbers of these files are; by default what they declare.
    """

    code_column: str | None = None
    name_column: str | None = None
    outlines: Path | None = None
    names: Path | None = None
    mapping: Mapping[str, str] = dataclasses.field(default_factory=dict)
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class DivisionOptions:
    """How a division is made of grids.

    Attributes
    ----------
    level : Level
        The level of the grids.
    upper : Mapping[Level, UpperLevel]
        Where levels above come from; those without a word are made of the prefixes of codes.
    code_lengths : tuple of int
        Length of a code on each level, from district to unit.
    code_pattern : str
        What the whole code matches.
    from_prefixes : bool
        Whether levels above that nobody speaks of are made of what the codes begin with.
    code_prefix : str
        What codes begin with that are assigned to grids without any level above.
    assign_codes : bool
        Whether grids without a code get one.
    join_parts : bool
        Whether rows that share a code are parts of one grid.
    allow_gaps : bool
        Whether ground inside the division may be in no grid.
    name : str
        What its planners call the division.
    valid_from : datetime or None
        From when it holds; from now on by default.
    """

    level: Level = Level.UNIT
    upper: Mapping[Level, UpperLevel] = dataclasses.field(default_factory=dict)
    code_lengths: tuple[int, ...] = (6, 9, 12, 15)
    code_pattern: str = "[0-9]+"
    from_prefixes: bool = True
    code_prefix: str = ""
    assign_codes: bool = False
    join_parts: bool = False
    allow_gaps: bool = False
    name: str = ""
    valid_from: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        """Return what was asked for, as the batch keeps it."""
        return {
            "level": self.level,
            "upper": {
                level: {
                    "code_column": one.code_column,
                    "name_column": one.name_column,
                    "outlines": one.outlines and one.outlines.name,
                    "names": one.names and one.names.name,
                    "mapping": dict(one.mapping),
                    "reference": one.reference,
                }
                for level, one in self.upper.items()
            },
            "from_prefixes": self.from_prefixes,
            "code_prefix": self.code_prefix,
            "assign_codes": self.assign_codes,
            "join_parts": self.join_parts,
            "allow_gaps": self.allow_gaps,
            "name": self.name,
            "valid_from": self.valid_from and self.valid_from.isoformat(),
        }
