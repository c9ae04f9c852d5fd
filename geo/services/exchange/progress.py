"""How far a long work is, told to whoever wants to know."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

Progress: TypeAlias = Callable[[str], None]
"""Is called as each stage begins: ``read``, ``check``, ``repair``, ``write``, ``locate``."""


def silent(stage: str) -> None:
    """Tell nobody."""
