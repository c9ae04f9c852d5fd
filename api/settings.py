"""What an operator may choose: environment variables that begin with ``WANGGE_``."""

from __future__ import annotations

import secrets
from datetime import time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PositiveInt, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from api.private_files import write_once
from geo.domain.jobs import Daily, Every, JobKey, Terms, Timer

CHECKOUT = Path(__file__).resolve().parents[1]
"""The folder that holds the packages."""


class Limits(BaseModel):
    """How large an input may be before it is refused; published at ``/limits``.

    Attributes
    ----------
    upload_bytes : int
        Size of an uploaded file.
    at_once_bytes : int
        Size of files up to which an import is answered at once; larger ones go on after the answer.
    body_bytes : int
        Size of any other request body.
    unzipped_bytes : int
        Size of everything that an archive holds.
    archive_files : int
        Number of files in an archive.
    features : int
        Number of rows of one layer.
    vertices : int
        Number of vertices of one layer.
    geometry_vertices : int
        Number of vertices of one geometry.
    depth : int
        How deep JSON values and collections may be nested.
    batch_points : int
        Number of points in one lookup.
    page_rows : int
        Number of rows in one page of a list.
    photo_bytes, photo_pixels : int
        Size of a photo as a file, and unpacked.
    """

    model_config = ConfigDict(frozen=True)

    upload_bytes: PositiveInt = 256 * 2**20
    at_once_bytes: PositiveInt = 2**20
    body_bytes: PositiveInt = 64 * 2**20
    unzipped_bytes: PositiveInt = 2**30
    archive_files: PositiveInt = 200
    features: PositiveInt = 1_000_000
    vertices: PositiveInt = 20_000_000
    geometry_vertices: PositiveInt = 1_000_000
    depth: PositiveInt = 32
    batch_points: PositiveInt = 1_000_000
    page_rows: PositiveInt = 1_000
    photo_bytes: PositiveInt = 20 * 2**20
    photo_pixels: PositiveInt = 50_000_000


class BaseMap(BaseModel):
    """A background of tiles that the operator allows the pages to load.

    Attributes
    ----------
    name : str
        What people choose it by.
    url : str
        Template of the address of a tile, with ``{x}``, ``{y}``, ``{z}``.
    datum : str
        What the tiles are drawn in.
    attribution : str
        Whom the page must name.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    url: str
    datum: Literal["wgs84", "cgcs2000", "gcj02", "bd09"] = "wgs84"
    attribution: str = ""


def _timer(given: object) -> object:
    said = str(given)
    if said.isdecimal() and int(said) > 0:
        return Every(timedelta(minutes=int(said)))
    return Daily(time.fromisoformat(said)) if isinstance(given, str) else given


SaidTimer = Annotated[Timer, BeforeValidator(_timer)]


class Timers(BaseModel):
    """When the application does what it does by itself: a number of minutes, or a time of day in the city.

    Attributes
    ----------
    issue_clock : Timer
        Deadlines follow the rules; issues whose time has run out go to the next level.
    reminders : Timer
        Whoever still owes a duty is reminded.
    retention : Timer
        What has been kept long enough is deleted, or made anonymous.
    photos : Timer
        Photos of records that nobody has filed are deleted.
    sessions : Timer
        Sign-ins that have run out are deleted.
    import_runs : Timer
        Imports and their reports that have been kept long enough are deleted; what came in stays.
    """

    model_config = ConfigDict(frozen=True)

    issue_clock: SaidTimer = Every(timedelta(minutes=15))
    reminders: SaidTimer = Every(timedelta(hours=1))
    retention: SaidTimer = Daily(time(3, 10))
    photos: SaidTimer = Daily(time(3, 20))
    sessions: SaidTimer = Daily(time(3, 30))
    import_runs: SaidTimer = Daily(time(3, 40))

    def by_job(self) -> dict[JobKey, Timer]:
        """Give when each job is done."""
        return {key: getattr(self, key) for key in JobKey}


class Settings(BaseSettings):
    """The choices of one installation, which is one city.

    Attributes
    ----------
    database_url : str or None
        An existing PostGIS database; None for the private cluster in `data_dir`.
    data_dir : Path
        Where the private cluster, the secret and the accounts of the demo are kept.
    host, port : str, int
        Where the pages are served.
    timezone : str
        IANA name of the time zone of the city.
    code_lengths : tuple[int, ...]
        Length of a grid code on each level, from district to unit grid.
    code_pattern : str
        Regular expression that the whole code of a grid matches.
    limits : Limits
        How large an input may be.
    base_maps : tuple[BaseMap, ...]
        Backgrounds from tiles; without any, the background is drawn from the data at hand.
    session_hours : int
        How long the sign-in of a browser is good for.
    token_minutes : int
        How long a token of a program is good for.
    secure_cookies : bool
        Whether browsers send cookies over HTTPS alone; True wherever a front proxy speaks HTTPS.
    failed_attempts : int
        How many wrong passwords lock an account.
    lockout_minutes : int
        For how long it is locked.
    profile : str
        The regulation profile that a new city begins with: the name of a file in ``data/profiles``.
    timers : Timers
        When the application does what it does by itself.
    import_run_days : int
        How many days imports that went on after their request are kept, with their reports.
    """

    model_config = SettingsConfigDict(env_prefix="WANGGE_", env_nested_delimiter="__", frozen=True)

    database_url: str | None = None
    data_dir: Path = CHECKOUT / ".wangge"
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    timezone: str = "Asia/Shanghai"
    code_lengths: tuple[PositiveInt, ...] = (6, 9, 12, 15)
    code_pattern: str = r"[0-9]+"
    limits: Limits = Limits()
    base_maps: tuple[BaseMap, ...] = ()
    session_hours: PositiveInt = 12
    token_minutes: PositiveInt = 60
    secure_cookies: bool = False
    failed_attempts: PositiveInt = 8
    lockout_minutes: PositiveInt = 15
    profile: str = "community"
    timers: Timers = Timers()
    import_run_days: PositiveInt = Field(default=90, le=36_500)

    @field_validator("database_url")
    @classmethod
    def _with_driver(cls, url: str | None) -> str | None:
        scheme, separator, rest = (url or "").partition("://")
        if scheme in {"postgres", "postgresql"} and separator:
            return f"postgresql+psycopg2://{rest}"
        return url or None

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, folder: Path) -> Path:
        return folder.expanduser().absolute()

    @field_validator("timezone")
    @classmethod
    def _known(cls, name: str) -> str:
        return ZoneInfo(name).key

    @field_validator("profile")
    @classmethod
    def _shipped(cls, key: str) -> str:
        shipped = sorted(path.stem for path in (CHECKOUT / "data" / "profiles").glob("*.yaml"))
        if key not in shipped:
            raise ValueError(f"one of {', '.join(shipped)}")
        return key

    @field_validator("code_lengths")
    @classmethod
    def _growing(cls, lengths: tuple[int, ...]) -> tuple[int, ...]:
        if not lengths or any(upper >= lower for upper, lower in pairwise(lengths)):
            raise ValueError("each level's code is longer than that of the level above")
        return lengths

    @property
    def terms(self) -> Terms:
        """How long things are kept that a job deletes."""
        return Terms(import_runs=timedelta(days=self.import_run_days))

    @property
    def cluster_home(self) -> Path:
        """The folder of the private cluster."""
        return self.data_dir / "cluster"

    def secret(self) -> str:
        """Give the secret that signs tokens, made at the first call and readable by the owner alone.

        Returns
        -------
        str
            64 hexadecimal digits, the same for every process of this installation.
        """
        return write_once(self.data_dir / "secret", secrets.token_hex(32))
