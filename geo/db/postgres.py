"""The PostgreSQL programs of this machine that come with PostGIS."""

# Only the standard library: the set-up asks before the packages are installed.
from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FOLDERS = (
    "usr/lib/postgresql/*/bin",  # Debian, Ubuntu
    "usr/pgsql-*/bin",  # PostgreSQL's own packages for Red Hat
    "usr/bin",  # Fedora
    "opt/homebrew/opt/postgresql@*/bin",  # Homebrew on ARM
    "usr/local/opt/postgresql@*/bin",  # Homebrew on Intel
)


@dataclass(frozen=True, slots=True)
class Postgres:
    """One version of PostgreSQL with PostGIS.

    Attributes
    ----------
    folder : Path
        Where its programs are.
    """

    folder: Path

    @property
    def major(self) -> int:
        """The major version, which a cluster belongs to for good."""
        return _major(self.program("postgres"))

    def program(self, name: str) -> str:
        """Give the path of one of its programs.

        Parameters
        ----------
        name : str
            Such as ``initdb`` or ``pg_dump``.

        Returns
        -------
        str
            Absolute path.
        """
        return str(self.folder / name)


def is_installed() -> bool:
    """Say whether some version with PostGIS is there, running nothing.

    Returns
    -------
    bool
        True when `installed` has something to list.
    """
    return any(map(_has_postgis, _program_folders()))


def installed() -> list[Postgres]:
    """List what is installed, newest first.

    Returns
    -------
    list[Postgres]
        Only versions that have PostGIS; empty when there is none.
    """
    found = {folder: Postgres(folder) for folder in _program_folders() if _has_postgis(folder)}
    return sorted(found.values(), key=lambda postgres: postgres.major, reverse=True)


def _program_folders() -> Iterator[Path]:
    on_path = shutil.which("postgres")
    candidates = [folder for pattern in _FOLDERS for folder in Path("/").glob(pattern)]
    candidates += [Path(on_path).parent] if on_path else []
    return (
        folder for folder in candidates if (folder / "postgres").exists() and (folder / "initdb").exists()
    )


def _has_postgis(folder: Path) -> bool:
    home = folder.parent
    shares = (
        Path("/usr/share/postgresql", home.name),  # Debian, Ubuntu
        home / "share",  # PostgreSQL's own packages
        home / "share/postgresql",  # built from source with its defaults
        home / "share/pgsql",  # Fedora
        home / "share" / home.name,  # Homebrew, in the folder of the formula
        home / "../../share" / home.name,  # Homebrew, linked
    )
    return any((share / "extension/postgis.control").exists() for share in shares)


@cache
def _major(postgres: str) -> int:
    answer = subprocess.run(  # noqa: S603 - a program found above
        [postgres, "--version"], capture_output=True, text=True, check=True
    )
    match = re.search(r"\) (\d+)", answer.stdout)
    return int(match[1]) if match else 0
