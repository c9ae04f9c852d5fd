"""Brings the machine up to date for a command; takes milliseconds when there is nothing to do."""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from api.setup import ROOT, SetupFailed, assets, browser, environment, machine
from api.setup.machine import Need
from api.setup.progress import say

_PRINTING = (machine.PANGO, machine.FONTS)


@dataclass(frozen=True)
class Step:
    """A part of the set-up that can be interrupted and done again.

    Attributes
    ----------
    done : callable
        Says whether there is nothing to do.
    run : callable
        Does it.
    """

    done: Callable[[], bool]
    run: Callable[[], None]


def steps_for(arguments: Sequence[str]) -> list[Step]:
    """List what a command needs, in order.

    Parameters
    ----------
    arguments : Sequence[str]
        The words of the command line.

    Returns
    -------
    list[Step]
        Help needs Python packages alone; tests need the browser as well.
    """
    command = next((word for word in arguments if not word.startswith("-")), "")
    if command in {"", "completion"} or "--help" in arguments:
        return [_packages(), _python(environment.BASE)]
    if command == "check":
        return [_packages(), _python(environment.TEST)]
    if command == "test":
        needs = (machine.POSTGIS, *_PRINTING, machine.CHROMIUM, machine.DRIVER)
        return [
            _packages(*needs),
            _python(environment.TEST),
            Step(browser.is_there, browser.fetch),
            _assets(),
        ]
    server = () if os.environ.get("WANGGE_DATABASE_URL") else (machine.POSTGIS,)
    return [_packages(*server, *_PRINTING), _python(environment.BASE), _assets()]


def main(arguments: Sequence[str]) -> int:
    """Bring the machine up to date.

    Parameters
    ----------
    arguments : Sequence[str]
        The words of the command line.

    Returns
    -------
    int
        Exit status: 2 when the operator has to do something first.
    """
    if "_WANGGE_COMPLETE" in os.environ or all(step.done() for step in steps_for(arguments)):
        return 0
    try:
        with _alone():
            for step in steps_for(arguments):
                if not step.done():
                    step.run()
    except SetupFailed as failure:
        say(failure.words)
        return failure.status
    except KeyboardInterrupt:
        say("已中断，重新运行即可继续 · Interrupted; run it again to go on")
        return 130
    return 0


def _packages(*more: Need) -> Step:
    needs = (machine.VENV, *more)
    return Step(lambda: all(need.present() for need in needs), partial(machine.provide, needs))


def _python(requirements: str) -> Step:
    return Step(partial(environment.is_ready, requirements), partial(environment.make, requirements))


def _assets() -> Step:
    return Step(assets.are_ready, assets.fetch)


@contextmanager
def _alone() -> Iterator[None]:
    """Wait for another set-up of this checkout; the lock ends with its process."""
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("另一个安装正在进行，等待中 · Another set-up is running; waiting …")
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
