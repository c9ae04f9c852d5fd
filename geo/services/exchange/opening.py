"""From a file of somebody's to a table: bounded, copied to a private folder, told by its bytes, read."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from zipfile import BadZipFile, ZipFile

from geo.domain.exchange import FileFacts, Problem
from geo.errors import Malformed, NotFound, UnknownFormat
from geo.services.exchange.formats.registry import FORMATS, Format
from geo.services.exchange.formats.source import Source
from geo.services.exchange.limits import Limits, archive_members, check_limit
from geo.services.exchange.table import Table

_COMPANIONS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_HEAD_BYTES = 512


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is to be read.

    Attributes
    ----------
    encoding : str or None
        How its text is encoded; found out from its bytes by default.
    layer : str or None
        Which layer or sheet, where there are several.
    """

    encoding: str | None = None
    layer: str | None = None


def open_file(
    path: Path, limits: Limits, reading: Reading, *, name: str | None = None
) -> tuple[Table, FileFacts]:
    """Return what a file holds and what it is.

    Parameters
    ----------
    path : Path
        The file, or a folder with a shapefile.
    limits : Limits
        How large it may be.
    reading : Reading
        How it is to be read.
    name : str, optional
        What it is called by whoever brings it; its own name by default. Only the ending counts.

    Returns
    -------
    table : Table
        Its rows.
    facts : FileFacts
        Its digest, format, encoding and declared reference system.

    Raises
    ------
    NotFound
        If there is no such file.
    UnknownFormat
        If its format is on no list, or its first bytes aren't those of what its name says.
    Malformed, LimitExceeded, BadValue
        If it can't be read or is larger than allowed.
    """
    called = PurePath(name or path.name).name
    if not path.exists():
        raise NotFound(kind="file", key=called)
    members = _members(path)
    check_limit("upload_bytes", sum(member.stat().st_size for member in members), limits.upload_bytes)
    kind = _format_of(called, members, is_folder=path.is_dir())
    with tempfile.TemporaryDirectory(prefix="wangge-") as folder:
        source = Source(
            _private_copy(kind, members, Path(folder), limits),
            called,
            limits,
            reading.encoding,
            reading.layer,
        )
        table = kind.read(source)
    problems = tuple(replace(problem, file=called) for problem in table.problems)
    facts = FileFacts(
        called,
        _digest(members),
        kind.name,
        table.encoding,
        table.declared,
        len(table),
        tuple(table.columns),
        table.geometries is not None,
    )
    return replace(table, problems=_in_order(problems)), facts


def _in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(problems, key=lambda problem: problem.row or 0))


def _members(path: Path) -> list[Path]:
    """Return the files that belong together: those of a folder, the companions of a ``.shp``, or the one."""
    if path.is_dir():
        return sorted(one for one in path.iterdir() if one.is_file() and one.suffix.lower() in _COMPANIONS)
    if path.suffix.lower() == ".shp":
        beside = (one for one in path.parent.iterdir() if one.stem == path.stem)
        return sorted(one for one in beside if one.suffix.lower() in _COMPANIONS)
    return [path]


def _format_of(name: str, members: list[Path], *, is_folder: bool) -> Format:
    suffix = ".shp" if is_folder else PurePath(name).suffix.lower()
    kind = next((one for one in FORMATS.values() if suffix in one.extensions), None)
    main = next((one for one in members if one.suffix.lower() == ".shp"), next(iter(members), None))
    if kind is None or main is None or not kind.starts(_head(main)):
        raise UnknownFormat(name=name, formats=sorted(FORMATS))
    return kind


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEAD_BYTES)


def _digest(members: list[Path]) -> str:
    digest = hashlib.sha256()
    for member in members:
        with member.open("rb") as file:
            while block := file.read(2**20):
                digest.update(block)
    return digest.hexdigest()


def _private_copy(kind: Format, members: list[Path], folder: Path, limits: Limits) -> Path:
    main = members[0]
    if _head(main).startswith(b"PK\3\4") and kind.name in {"shapefile", "kml"}:
        return _unpacked(main, folder, limits, wanted=".shp" if kind.name == "shapefile" else ".kml")
    for member in members:
        shutil.copyfile(member, folder / f"layer{member.suffix.lower()}")
    return folder / f"layer{'.shp' if kind.name == 'shapefile' else main.suffix.lower()}"


def _unpacked(archive: Path, folder: Path, limits: Limits, *, wanted: str) -> Path:
    """Return the one wanted file of an archive, unpacked with its companions under names of ours."""
    members = archive_members(archive, limits)
    found = [
        one.filename for one in members if _plain(one.filename) and one.filename.lower().endswith(wanted)
    ]
    if len(found) != 1:
        raise Malformed(path=archive.name, expected=f"one {wanted}", found=found)
    stem = found[0][: -len(wanted)].lower()
    try:
        with ZipFile(archive) as file:
            for member in members:
                suffix = PurePath(member.filename).suffix.lower()
                if member.filename.lower() == stem + suffix and suffix in (*_COMPANIONS, wanted):
                    with file.open(member) as packed, (folder / f"layer{suffix}").open("wb") as unpacked:
                        shutil.copyfileobj(packed, unpacked)
    except (BadZipFile, NotImplementedError, OSError, RuntimeError, EOFError) as error:
        raise Malformed(path=archive.name, expected="zip") from error
    return folder / f"layer{wanted}"


def _plain(name: str) -> bool:
    return not name.startswith("__MACOSX/")
