"""How large a file may be, checked before any parser sees it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from zipfile import BadZipFile, ZipFile, ZipInfo

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.errors import LimitExceeded, Malformed

_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Limits:
    """How large an input may be.

    Attributes
    ----------
    upload_bytes, unzipped_bytes : int
        Size of a file, and of everything that an archive holds.
    archive_files : int
        Number of files in an archive.
    features, vertices, geometry_vertices : int
        Number of rows, of vertices of all rows, of vertices of one geometry.
    depth : int
        How deep JSON values may be nested.
    """

    upload_bytes: int = 256 * 2**20
    unzipped_bytes: int = 2**30
    archive_files: int = 200
    features: int = 1_000_000
    vertices: int = 20_000_000
    geometry_vertices: int = 1_000_000
    depth: int = 32


def check_limit(name: str, value: int, maximum: int) -> None:
    """Return only if a value is within a limit.

    Parameters
    ----------
    name : str
        Name of the limit as it is published.
    value, maximum : int
        What there is, and what there may be.

    Raises
    ------
    LimitExceeded
        If it is not.
    """
    if value > maximum:
        raise LimitExceeded(limit=name, value=value, maximum=maximum)


def check_geometries(geometries: NDArray[np.object_], limits: Limits) -> None:
    """Return only if the geometries together, and each of them, have few enough vertices.

    Parameters
    ----------
    geometries : NDArray[object]
        Shapely geometries or None.
    limits : Limits
        How many there may be.

    Raises
    ------
    LimitExceeded
        If there are more.
    """
    vertices = shapely.get_num_coordinates(geometries)
    check_limit("vertices", int(vertices.sum()), limits.vertices)
    check_limit("geometry_vertices", int(vertices.max(initial=0)), limits.geometry_vertices)


def check_depth(text: bytes, limits: Limits) -> None:
    """Return only if brackets are nested no deeper than allowed.

    Parameters
    ----------
    text : bytes
        A JSON text.
    limits : Limits
        How deep they may be nested.

    Raises
    ------
    LimitExceeded
        If they are nested deeper.

    Examples
    --------
    >>> check_depth(b'{"a": ["[[[["]}', Limits(depth=2))
    """
    symbols = np.frombuffer(_STRINGS.sub(b"", text), dtype=np.uint8)
    opening = (symbols == ord("[")) | (symbols == ord("{"))
    closing = (symbols == ord("]")) | (symbols == ord("}"))
    steps = opening.astype(np.int8) - closing.astype(np.int8)
    check_limit("depth", int(np.cumsum(steps[steps != 0], dtype=np.int64).max(initial=0)), limits.depth)


def archive_members(path: Path, limits: Limits) -> list[ZipInfo]:
    """Return the files of a ZIP archive that is within the limits and stays in its folder.

    Parameters
    ----------
    path : Path
        The archive.
    limits : Limits
        How many files there may be, and how large they may be together when unzipped.

    Returns
    -------
    list of ZipInfo
        The files, without folders.

    Raises
    ------
    LimitExceeded
        If there are too many or they are too large. Sizes are those that the archive states; reading never
        gives more bytes than stated.
    Malformed
        If it is no ZIP archive, is encrypted, or one of its names leaves the folder.
    """
    try:
        with ZipFile(path) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
    except (BadZipFile, NotImplementedError, UnicodeDecodeError) as error:
        raise Malformed(path=path.name, expected="zip") from error
    check_limit("archive_files", len(members), limits.archive_files)
    check_limit("unzipped_bytes", sum(member.file_size for member in members), limits.unzipped_bytes)
    for member in members:
        name = PurePosixPath(member.filename.replace("\\", "/"))
        if name.is_absolute() or ".." in name.parts or member.flag_bits & 1:
            raise Malformed(path=member.filename, expected="plain-archive")
    return members
