"""Pictures of issues of the demo city, before and after, drawn as a child would draw a street."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from io import BytesIO

import numpy as np
from PIL import Image, ImageDraw

from geo.db.demo_issue_photos import latest_issues
from geo.db.photos import attach
from geo.db.unit_of_work import UnitOfWork
from geo.domain.photos import Shows
from geo.services.demo_inspections import FILED_BY
from geo.services.photos import Picture, keep, picture

SIZE = (480, 360)
FEW = 2
"""So many issues of each category that were closed, and so many that weren't."""
NOISE = 7.0
"""How much the pixels of a camera differ by themselves, of 255."""

KERB = 250
PLASTER = ("#c9b79c", "#b8c4bb", "#d4c5c0", "#aab4c4")
GLASS, FRAME, DOOR = "#5f7a8c", "#e6e2d8", "#6b4f3a"
BAGS = ("#2f3a35", "#4a4f57", "#3c5a46", "#59493f")

Dice = np.random.Generator
Pen = ImageDraw.ImageDraw


def photograph_issues(uow: UnitOfWork, seed: int) -> None:
    """Let somebody have taken pictures of a few issues: when they were reported, and when they were closed.

    Parameters
    ----------
    uow : UnitOfWork
        The transaction, in which the issues and their steps have been written.
    seed : int
        The same seed, the same pictures.
    """
    for found in latest_issues(uow.connection, list(TROUBLES), FEW):
        dice = np.random.default_rng([seed, found.id])
        street = draw_street(dice)
        troubled = street.copy()
        TROUBLES[found.category](ImageDraw.Draw(troubled), dice)
        _hang(uow, taken(troubled, dice), found.begun, Shows.BEFORE, found.begun_at)
        if found.ended is not None and found.ended_at is not None:
            _hang(uow, taken(street, dice), found.ended, Shows.AFTER, found.ended_at)


def _hang(uow: UnitOfWork, shown: Picture, step: int, shows: Shows, at: datetime) -> None:
    photo = keep(uow, replace(shown, taken_at=at), FILED_BY)
    attach(uow.connection, (photo,), FILED_BY, issue_event_id=step, shows=shows)


def taken(scene: Image.Image, dice: Dice) -> Picture:
    """Give a drawing as a camera would see it: in the light of the hour, with noise."""
    light = dice.uniform(0.85, 1.1)
    pixels = np.asarray(scene, dtype=np.float64) * light + dice.normal(0, NOISE, (SIZE[1], SIZE[0], 3))
    file = BytesIO()
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(file, "PNG", compress_level=0)
    return picture(file.getvalue(), pixels=SIZE[0] * SIZE[1], timezone="UTC")


def draw_street(dice: Dice) -> Image.Image:
    """Draw the sky, a row of houses, the pavement and the road."""
    street = Image.new("RGB", SIZE, "#b9d2e3")
    pen = ImageDraw.Draw(street)
    left = 0
    while left < SIZE[0]:
        right = left + int(dice.integers(110, 190))
        _draw_house(pen, dice, left, right)
        left = right
    pen.rectangle((0, 215, SIZE[0], KERB), fill="#a8a49c")
    pen.rectangle((0, KERB, SIZE[0], KERB + 6), fill="#d8d5cd")
    pen.rectangle((0, KERB + 7, SIZE[0], SIZE[1]), fill="#5b5e62")
    for at in range(int(dice.integers(0, 40)), SIZE[0], 90):
        pen.polygon([(at, 312), (at + 44, 312), (at + 40, 318), (at - 4, 318)], fill="#e9e6dc")
    return street


def _draw_house(pen: Pen, dice: Dice, left: int, right: int) -> None:
    top = int(dice.integers(25, 90))
    pen.rectangle((left, top, right, 215), fill=str(dice.choice(PLASTER)), outline="#8b8578")
    for y in range(top + 14, 150, 42):
        for x in range(left + 14, right - 26, 36):
            pen.rectangle((x, y, x + 20, y + 26), fill=GLASS, outline=FRAME, width=2)
    door = (left + right) // 2
    pen.rectangle((door - 13, 168, door + 13, 215), fill=DOOR)


def draw_rubbish(pen: Pen, dice: Dice) -> None:
    """Draw a heap of bags and boxes on the pavement."""
    middle = int(dice.integers(140, 340))
    for _ in range(14):
        x, y = middle + int(dice.normal(0, 38)), int(dice.integers(208, 246))
        size = int(dice.integers(13, 24))
        pen.ellipse((x - size, y - size, x + size, y + size // 2), fill=str(dice.choice(BAGS)))
        pen.line((x - 3, y - size - 4, x + 3, y - size + 2), fill="#d9d9d4", width=2)
    pen.rectangle((middle - 62, 222, middle - 24, 250), fill="#b08a5a", outline="#7d6140")


def draw_stall(pen: Pen, dice: Dice) -> None:
    """Draw a stall with an awning and crates that blocks the pavement."""
    left = int(dice.integers(90, 260))
    right = left + 150
    pen.line((left + 6, 160, left + 6, 256), fill="#6e6e6e", width=4)
    pen.line((right - 6, 160, right - 6, 256), fill="#6e6e6e", width=4)
    for k in range(10):
        stripe = (left - 8 + k * 16.6, 140, left - 8 + (k + 1) * 16.6, 168)
        pen.rectangle(stripe, fill="#c2453d" if k % 2 else "#f1ede2")
    for x in range(left + 10, right - 30, 34):
        pen.rectangle((x, 222, x + 30, 254), fill="#9b7442", outline="#6d5130")
        fruit = str(dice.choice(("#d9822b", "#b33a3a", "#5d8a3a", "#d8c04a")))
        for k in range(3):
            pen.ellipse((x + 2 + k * 9, 214, x + 11 + k * 9, 224), fill=fruit)


def draw_damage(pen: Pen, dice: Dice) -> None:
    """Draw a hole in the road with its cracks, and a lamp that leans over."""
    x, y = int(dice.integers(150, 330)), int(dice.integers(280, 300))
    for angle in dice.uniform(0, 2 * np.pi, 9):
        end = (x + 95 * np.cos(angle), y + 32 * np.sin(angle))
        pen.line((x, y, *end), fill="#35373a", width=2)
    pen.ellipse((x - 58, y - 17, x + 58, y + 17), fill="#2b2d2f", outline="#77797c", width=3)
    foot = x - 110
    pen.line((foot, 246, foot + 58, 118), fill="#4d5358", width=6)
    pen.ellipse((foot + 48, 104, foot + 82, 126), fill="#e8dfa8", outline="#4d5358", width=3)


TROUBLES: Mapping[str, Callable[[Pen, Dice], None]] = {
    "暴露垃圾": draw_rubbish,
    "占道经营": draw_stall,
    "设施损坏": draw_damage,
}
"""How issues look, by category of the demo city."""
