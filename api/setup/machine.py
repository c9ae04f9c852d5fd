"""Packages of the operating system: installed where that is allowed, otherwise named in one command."""

from __future__ import annotations

import ctypes
import ctypes.util
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from api.setup import SetupFailed, browser, environment
from api.setup.progress import run
from geo.db import postgres


@dataclass(frozen=True)
class Need:
    """Something that the machine must have.

    Attributes
    ----------
    name : str
        What it is.
    present : callable
        Says whether the machine has it.
    """

    name: str
    present: Callable[[], bool]


@dataclass(frozen=True)
class Manager:
    """A package manager.

    Attributes
    ----------
    program : str
        Its command.
    install : tuple[str, ...]
        What installs packages without asking.
    packages : dict[str, tuple[str, ...]]
        What it calls each need.
    refresh : tuple[str, ...]
        What brings its lists up to date first.
    as_root : bool
        Whether it wants to be run by root.
    prefix : tuple[str, ...]
        What keeps it from asking.
    """

    program: str
    install: tuple[str, ...]
    packages: dict[str, tuple[str, ...]]
    refresh: tuple[str, ...] = ()
    as_root: bool = True
    prefix: tuple[str, ...] = ()


def _has_chinese_font() -> bool:
    if platform.system() == "Darwin":
        return True
    lister = shutil.which("fc-list")
    if lister is None:
        return False
    fonts = subprocess.run([lister, ":lang=zh"], capture_output=True, check=False)  # noqa: S603 - fixed words
    return bool(fonts.stdout)


def _has_pango() -> bool:
    names = ("pango-1.0", "pangoft2-1.0", "harfbuzz-subset")
    form = "lib{}.dylib" if platform.system() == "Darwin" else "lib{}.so.0"
    return all(_loads(form.format(name)) for name in names)


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


VENV = Need("venv", lambda: environment.exists() or importlib.util.find_spec("ensurepip") is not None)
POSTGIS = Need("postgis", postgres.is_installed)
CHROMIUM = Need("chromium", lambda: browser.is_there() or not browser.is_packaged())
DRIVER = Need(
    "driver", lambda: platform.system() == "Darwin" or ctypes.util.find_library("atomic") is not None
)
"""What the program by which Playwright drives the browser is linked to."""
PANGO = Need("pango", _has_pango)
"""What lays out the text of printed forms."""
FONTS = Need("fonts", _has_chinese_font)
"""What printed forms and tests write 中文 with."""

MANAGERS = (
    Manager(
        program="apt-get",
        refresh=("apt-get", "update"),
        install=("apt-get", "install", "--yes", "--no-install-recommends"),
        packages={
            "venv": (f"python{sys.version_info.major}.{sys.version_info.minor}-venv",),
            "postgis": ("postgresql", "postgresql-postgis", "postgresql-postgis-scripts"),
            "chromium": ("chromium-headless-shell",),
            "driver": ("libatomic1",),
            "pango": ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0"),
            "fonts": ("fontconfig", "fonts-noto-cjk"),
        },
        prefix=("env", "DEBIAN_FRONTEND=noninteractive"),
    ),
    Manager(
        program="dnf",
        install=("dnf", "install", "--assumeyes"),
        packages={
            "venv": ("python3-pip",),
            "postgis": ("postgresql-server", "postgresql-contrib", "postgis"),
            "chromium": ("chromium",),
            "driver": ("libatomic",),
            "pango": ("pango", "harfbuzz"),
            "fonts": ("fontconfig", "google-noto-sans-cjk-fonts"),
        },
    ),
    Manager(
        program="brew",
        install=("brew", "install"),
        packages={"postgis": ("postgis",), "pango": ("pango",)},
        as_root=False,
    ),
)


def provide(needs: Iterable[Need]) -> None:
    """Make sure that the machine has what is needed.

    Parameters
    ----------
    needs : Iterable[Need]
        What it must have.

    Raises
    ------
    SetupFailed
        With status 2 and the one command to run, when this user may not install packages.
    """
    missing = [need.name for need in needs if not need.present()]
    if not missing:
        return
    manager = next((known for known in MANAGERS if shutil.which(known.program)), None)
    if manager is None:
        raise SetupFailed(f"请安装 · Please install: {', '.join(missing)}", 2)
    packages = [package for name in missing for package in manager.packages.get(name, ())]
    right = _right_to_install(manager, packages)
    for command in filter(None, (manager.refresh, (*manager.install, *packages))):
        run("正在安装系统软件包 · Installing system packages", [*right, *manager.prefix, *command])


def _right_to_install(manager: Manager, packages: list[str]) -> list[str]:
    """Give the words that let this user install packages: none for root, sudo where it asks nothing."""
    if os.geteuid() == 0 or not manager.as_root:
        return []
    sudo = shutil.which("sudo")
    asks = [sudo or "false", "-n", "true"]
    if sudo and subprocess.run(asks, capture_output=True, check=False).returncode == 0:  # noqa: S603
        return [sudo, "-n"]
    commands = [" ".join(command) for command in (manager.refresh, (*manager.install, *packages)) if command]
    raise SetupFailed(
        "缺少系统软件包，请先运行下面的命令，再重新运行 · Packages are missing; run this, then try again:\n\n"
        f"    {' && '.join(f'sudo {command}' for command in commands)}\n",
        2,
    )
