"""`wangge completion`: what a shell needs to complete commands and options."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer
from typer.completion import get_completion_script  # type: ignore[attr-defined]

app = typer.Typer()


class Shell(StrEnum):
    """The shells that can be taught."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


@app.command()
def completion(
    shell: Annotated[Shell, typer.Argument(help="哪种 shell · Which shell")] = Shell.BASH,
) -> None:
    """输出补全脚本 · Print the completion script: eval "$(./wangge completion bash)"."""
    script = get_completion_script(prog_name="wangge", complete_var="_WANGGE_COMPLETE", shell=shell)
    sys.stdout.write(script + "\n")
