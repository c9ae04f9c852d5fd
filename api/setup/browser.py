"""Chromium for the tests: the system's, or Playwright's own where the system has none that starts."""

from __future__ import annotations

import platform
import shutil
from pathlib import Path

from api.setup.environment import PYTHON
from api.setup.progress import run

_PROGRAMS = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
"""The one without windows first: a page costs it a third of the time."""
_CACHES = (".cache/ms-playwright", "Library/Caches/ms-playwright")


def is_packaged() -> bool:
    """Say whether the system's package manager offers a Chromium that a test can start.

    Returns
    -------
    bool
        False on Ubuntu, whose package starts a snap.
    """
    try:
        return platform.freedesktop_os_release()["ID"] != "ubuntu"
    except OSError:
        return platform.system() != "Darwin"


def find() -> str | None:
    """Give the path of the system's Chromium; None where Playwright's own is to be taken."""
    return next(filter(None, map(shutil.which, _PROGRAMS)), None) if is_packaged() else None


def is_there() -> bool:
    """Say whether there is a Chromium.

    Returns
    -------
    bool
        True for the system's and for Playwright's.
    """
    return find() is not None or any(any((Path.home() / cache).glob("chromium*")) for cache in _CACHES)


def fetch() -> None:
    """Make Playwright fetch its own Chromium, with the system's libraries it needs.

    Raises
    ------
    SetupFailed
        A program failed; run again, it goes on.
    """
    command = [str(PYTHON), "-m", "playwright", "install", "--with-deps", "chromium"]
    run("正在获取 Chromium · Fetching Chromium", command)
