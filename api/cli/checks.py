"""`wangge check` and `wangge test`: the habits of the house, proven."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import typer

from api.cli.installation import console

app = typer.Typer()

_ROOT = Path(__file__).resolve().parents[2]
_PROGRAMS = Path(sys.executable).parent
_PACKAGES = ("geo", "api", "webmap")
_PYTEST = [sys.executable, "-m", "pytest"]
_NOTHING_COLLECTED = 5


@app.command()
def check() -> None:
    """快速检查：风格、类型、层次、文档示例 · The quick checks: style, types, layers, examples in the docs."""
    raise typer.Exit(_run_checks())


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def test(context: typer.Context) -> None:
    """快速检查和全部测试；参数交给 pytest · The quick checks and every test; arguments go to pytest."""
    checked = _run_checks()
    tested = _run([*_PYTEST, "-n", "2", "--dist", "worksteal", *context.args])
    raise typer.Exit(checked or tested)


def _checks() -> dict[str, list[str]]:
    modules = (file for package in _PACKAGES for file in (_ROOT / package).rglob("*.py"))
    return {
        "ruff check": [sys.executable, "-m", "ruff", "check", "--quiet"],
        "ruff format": [sys.executable, "-m", "ruff", "format", "--check", "--quiet"],
        "mypy": [sys.executable, "-m", "mypy", "--no-error-summary"],
        "import contracts": [str(_PROGRAMS / "lint-imports")],
        "numpydoc": [sys.executable, "-m", "numpydoc", "lint", *sorted(map(str, modules))],
        "doctests": [*_PYTEST, "--doctest-modules", "-q", "-p", "no:randomly", *_PACKAGES],
    }


def _run_checks() -> int:
    failed = [name for name, command in _checks().items() if not _passes(name, command)]
    if failed:
        console.print(f"未通过的检查 · Checks that failed: {', '.join(failed)}", style="bold red")
    return 1 if failed else 0


def _passes(name: str, command: list[str]) -> bool:
    done = subprocess.run(  # noqa: S603 - a tool of the house
        command, cwd=_ROOT, check=False, capture_output=True, text=True
    )
    passed = done.returncode in {0, _NOTHING_COLLECTED}
    console.print(f"{'✓' if passed else '✗'} {name}", style="green" if passed else "red")
    if not passed:
        console.print(done.stdout + done.stderr, markup=False)
    return passed


def _run(command: list[str]) -> int:
    return subprocess.run(command, cwd=_ROOT, check=False).returncode  # noqa: S603 - a tool of the house
