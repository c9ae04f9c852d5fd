"""Files that somebody sends: kept for the time of one request, under names of ours."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from fastapi import File, UploadFile

from api.settings import Settings
from geo.services.exchange.limits import Limits, check_limit

Upload = Annotated[UploadFile, File(description="要导入的文件 · The file")]

_UNSAFE = re.compile(r"[^\w.\-]+")


def limits_of(settings: Settings) -> Limits:
    """Give the limits of files in an installation.

    Parameters
    ----------
    settings : Settings
        Its choices.
    """
    return Limits(**{name: getattr(settings.limits, name) for name in Limits.__slots__})


@contextmanager
def stored(file: UploadFile, limits: Limits) -> Iterator[Path]:
    """Give the path of a copy that is gone afterwards; its name ends as that of the file does.

    Parameters
    ----------
    file : UploadFile
        What came.
    limits : Limits
        How large it may be.

    Raises
    ------
    LimitExceeded
        If it is larger.
    """
    check_limit("upload_bytes", file.size or 0, limits.upload_bytes)
    name = _UNSAFE.sub("_", (file.filename or "").replace("\\", "/").rpartition("/")[2])[-100:].lstrip(".")
    with tempfile.TemporaryDirectory(prefix="wangge-") as folder:
        path = Path(folder) / (name or "upload")
        with path.open("wb") as copy:
            shutil.copyfileobj(file.file, copy)
        yield path
