"""What a machine needs before the product runs there; the standard library alone, as nothing is installed."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""The folder that holds the packages."""


class SetupFailed(Exception):
    """The machine can't be brought up to date.

    Parameters
    ----------
    words : str
        What to tell the operator, in both languages.
    status : int, optional
        Exit status of the launcher; 2 when the operator has to do something first.
    """

    def __init__(self, words: str, status: int = 1) -> None:
        super().__init__(words)
        self.words = words
        self.status = status
