"""Files that only their owner may read."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path


def write_private(path: Path, text: str) -> None:
    """Make a file hold a text, wholly or not at all, readable by its owner alone.

    Parameters
    ----------
    path : Path
        The file; its folder is there. What it held before is replaced.
    text : str
        What to keep, as UTF-8.
    """
    _partial(path, text).replace(path)


def write_once(path: Path, text: str) -> str:
    """Make sure that a file is there; of many writers, the first one wins.

    Parameters
    ----------
    path : Path
        The file; its folder is made when needed.
    text : str
        What to keep unless something is kept already.

    Returns
    -------
    str
        What the file holds.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = _partial(path, text)
        with suppress(FileExistsError):
            os.link(partial, path)
        partial.unlink()
    return path.read_text(encoding="utf-8")


def _partial(path: Path, text: str) -> Path:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return Path(name)
