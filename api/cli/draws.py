"""`wangge draw`: repeat a double-random draw from its proof."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from api.cli.installation import console

app = typer.Typer()
_draw = typer.Typer(help="双随机抽取 · Double-random draws", no_args_is_help=True)
app.add_typer(_draw, name="draw")


@_draw.callback()
def _commands() -> None:
    """双随机抽取 · Double-random draws."""


@_draw.command()
def repeat(
    proof: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="抽取凭证 · Proof of the draw")],
) -> None:
    """依凭证重新抽取并核对；无需数据库 · Draw again from a proof and compare; needs no database."""
    from geo.domain.actors import OPERATOR  # noqa: PLC0415 - `wangge --help` is quick
    from geo.services import draws  # noqa: PLC0415

    try:
        given = json.loads(proof.read_text(encoding="utf-8"))
    except ValueError:
        raise typer.BadParameter("不是 JSON · not JSON", param_hint=str(proof)) from None
    verdict = draws.repeat(OPERATOR, given)
    for words, holds in (
        ("范围未改动 · the frame is as published", verdict.frame_holds),
        ("种子未改动 · the seed is as committed to", verdict.seed_holds),
        ("抽取结果一致 · the same is drawn", verdict.list_holds),
    ):
        console.print(f"{'✓' if holds else '✗'} {words}", markup=False)
    for one in verdict.drawn:
        inspectors = ", ".join(map(str, one.inspectors))
        console.print(f"{one.nth:>4}  {one.key}  {inspectors}", markup=False)
    raise typer.Exit(0 if verdict.holds else 1)
