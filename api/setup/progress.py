"""Plain lines that show how far the set-up is."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path

from api.setup import ROOT, SetupFailed

_KEPT_LINES = 30
_PAUSE_S = 5.0


def say(words: str) -> None:
    """Print a line.

    Parameters
    ----------
    words : str
        What to say, in both languages.
    """
    sys.stderr.write(f"{words}\n")
    sys.stderr.flush()


def run(title: str, command: Sequence[str], *, cwd: Path = ROOT) -> None:
    """Run a program to its end, showing every few seconds how many lines it has said.

    Parameters
    ----------
    title : str
        What it does, in both languages.
    command : Sequence[str]
        The program and its arguments.
    cwd : Path, optional
        Where it runs.

    Raises
    ------
    SetupFailed
        It ended with an error; its last lines are shown.
    """
    say(f"· {title} …")
    last = deque[str](maxlen=_KEPT_LINES)
    began = said = time.monotonic()
    with subprocess.Popen(  # noqa: S603 - programs of the set-up
        command,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            last.append(line)
            if time.monotonic() - said > _PAUSE_S:
                said = time.monotonic()
                say(f"  {said - began:4.0f} s  {line.strip()[:90]}")
    if process.returncode:
        raise SetupFailed(
            f"{''.join(last)}\n失败，修正后重新运行即可继续 · Failed; run it again to go on: {title}"
        )
