"""Processes of the machine, known by number and start time, so that a number used again is not mistaken."""

# Only the standard library: also read before the packages are installed.
from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_HAS_PROC = (_PROC / "self/stat").exists()


@dataclass(frozen=True, slots=True)
class Process:
    """A process that was seen running.

    Attributes
    ----------
    pid : int
        Its number, which the system gives to another one later.
    started : str
        When it started, in the form of the system; equal for the same process only.
    """

    pid: int
    started: str

    def alive(self) -> bool:
        """Say whether this very process still runs."""
        return find(self.pid) == self

    def gone_within(self, seconds: float) -> bool:
        """Wait for the end of the process.

        Parameters
        ----------
        seconds : float
            How long to wait at most.

        Returns
        -------
        bool
            Whether it has ended.
        """
        deadline = time.monotonic() + seconds
        while self.alive():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    def command(self) -> str:
        """Give the command line that the process shows, joined by spaces; empty when it has ended."""
        if not _HAS_PROC:
            return _ps("command", self.pid)
        with suppress(OSError):
            words = (_PROC / str(self.pid) / "cmdline").read_bytes().rstrip(b"\0").split(b"\0")
            return b" ".join(words).decode(errors="replace")
        return ""


def find(pid: int) -> Process | None:
    """Find the process that has a number now.

    Parameters
    ----------
    pid : int
        The number.

    Returns
    -------
    Process or None
        None when there is no such process, or when it has ended and only waits to be collected.
    """
    state, started = _proc_state(pid) if _HAS_PROC else _ps_state(pid)
    return None if state in {"", "Z", "X"} else Process(pid, started)


def this() -> Process:
    """Give the process that asks.

    Returns
    -------
    Process
        It runs as long as it can ask.
    """
    pid = os.getpid()
    return find(pid) or Process(pid, "")


def of_user(uid: int) -> Iterator[Process]:
    """Give every process of a user.

    Parameters
    ----------
    uid : int
        The number of the user.

    Returns
    -------
    Iterator[Process]
        Those that run.
    """
    found = (find(pid) for pid in (_proc_pids(uid) if _HAS_PROC else _ps_pids(uid)))
    return (process for process in found if process is not None)


def _proc_state(pid: int) -> tuple[str, str]:
    with suppress(OSError):
        fields = (_PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
        return fields[0], f"{boot}/{fields[19]}"
    return "", ""


def _proc_pids(uid: int) -> Iterator[int]:
    for folder in _PROC.iterdir():
        with suppress(OSError):
            if folder.name.isdigit() and folder.stat().st_uid == uid:
                yield int(folder.name)


def _ps_state(pid: int) -> tuple[str, str]:
    state, _, started = _ps("state,lstart", pid).partition(" ")
    return state[:1], started.strip()


def _ps_pids(uid: int) -> Iterator[int]:
    listing = subprocess.run(  # noqa: S603 - fixed words and a number
        ["/bin/ps", "-U", str(uid), "-o", "pid="], capture_output=True, text=True, check=False
    )
    return map(int, listing.stdout.split())


def _ps(columns: str, pid: int) -> str:
    words = [word for column in columns.split(",") for word in ("-o", f"{column}=")]
    listing = subprocess.run(  # noqa: S603 - fixed words and a number
        ["/bin/ps", "-ww", *words, "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return listing.stdout.strip()
