"""The Python environment ``.venv``, made from a file of pinned and hashed requirements."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

from api.setup import ROOT
from api.setup.progress import run

VENV = ROOT / ".venv"
PYTHON = VENV / "bin/python"
SITE_PACKAGES = VENV / f"lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"
_INTERRUPTED = VENV / "interrupted"
"""There while packages are being installed: pip takes a half-installed one for whole."""

BASE = "requirements.txt"
TEST = "requirements-test.txt"
"""Holds all of `BASE`."""


def exists() -> bool:
    """Say whether there is an environment, of the Python that asks, to install packages into.

    Returns
    -------
    bool
        False as well when it was left half made.
    """
    return PYTHON.exists() and (SITE_PACKAGES / "pip").exists()


def is_ready(requirements: str) -> bool:
    """Say whether the environment was made, to its end, from what the file says now.

    Parameters
    ----------
    requirements : str
        `BASE` or `TEST`.

    Returns
    -------
    bool
        False as well when the Python it was made with is gone.
    """
    stamp = _stamp(requirements)
    return exists() and stamp.exists() and stamp.read_text() == _digest(requirements)


def make(requirements: str) -> None:
    """Make the environment hold exactly the versions of the file; what is there already stays.

    Parameters
    ----------
    requirements : str
        `BASE` or `TEST`.

    Raises
    ------
    SetupFailed
        A program failed; run again, it goes on.
    """
    if _INTERRUPTED.exists() or not _has_pip():
        interpreter = str(Path(sys.executable).resolve())
        run(
            "正在创建 Python 环境 · Making the Python environment",
            [interpreter, "-m", "venv", "--clear", str(VENV)],
        )
    _INTERRUPTED.touch()
    options = [
        "--require-hashes",
        "--no-deps",
        "--only-binary=:all:",
        "--no-input",
        "--disable-pip-version-check",
    ]
    run(
        "正在安装 Python 依赖 · Installing Python packages",
        [str(PYTHON), "-m", "pip", "install", *options, "--requirement", str(ROOT / requirements)],
    )
    for name in {requirements, BASE}:
        _stamp(name).write_text(_digest(name))
    _INTERRUPTED.unlink()


def _has_pip() -> bool:
    if not exists():
        return False
    asked = subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True, check=False)  # noqa: S603
    return asked.returncode == 0


def _stamp(requirements: str) -> Path:
    return VENV / f"{requirements}.sha256"


def _digest(requirements: str) -> str:
    return hashlib.sha256((ROOT / requirements).read_bytes()).hexdigest()
