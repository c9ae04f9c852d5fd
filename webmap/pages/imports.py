"""The page on which files come in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from geo.domain.actors import Action
from geo.domain.exchange import ATTRIBUTES, PLACE, Field, ImportRun, Layer, OnExisting, Type
from geo.domain.grids import Level
from geo.services.exchange.mapping import fields_of
from webmap.i18n import Language, Translator
from webmap.pages.frame import Frame, render
from webmap.pages.locate import DATUMS

STAGES = ("read", "check", "repair", "write", "locate")
"""What an import tells on its way."""

ENCODINGS = ("utf-8", "gb18030", "big5", "utf-16")
"""What text is encoded in, unless its bytes tell."""

TIME_FORMATS = ("%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M:%S", "%d/%m/%Y %H:%M", "%m/%d/%Y %I:%M %p", "%Y%m%d%H%M%S")
"""How times may be written, to choose from."""


def imports_page(frame: Frame, runs: Sequence[ImportRun], *, kept_days: int) -> str:
    """Give the page that takes files, tells what they hold row by row, and keeps them.

    Parameters
    ----------
    frame : Frame
        What the page stands in.
    runs : sequence of ImportRun
        What the reader has sent before, the newest first.
    kept_days : int
        How long these are kept.
    """
    layers = tuple(Layer) if frame.may(Action.IMPORT_DATA) else (Layer.GRIDS,)
    above = tuple(level for level in Level if level is not Level.UNIT)
    return render(
        "imports.html",
        frame,
        runs=runs,
        kept_days=kept_days,
        layers=layers,
        fields={layer: [_told(field, frame.translator) for field in fields_of(layer)] for layer in layers},
        references=DATUMS,
        existing=tuple(OnExisting),
        encodings=ENCODINGS,
        time_formats=TIME_FORMATS,
        above=above,
    )


def _told(field: Field, words: Translator) -> dict[str, Any]:
    """Give what a browser has to know of a field."""
    in_chinese = words.language is Language.CHINESE
    choices = (field.choices or {}).items()
    return {
        "name": field.name,
        "words": words.text(f"imports.of.{field.name}"),
        "required": field.required,
        "is_time": field.type is Type.TIME,
        "is_place": field in PLACE,
        "may_be_constant": field not in (*PLACE, ATTRIBUTES) and field.type is not Type.RECORDS,
        "default": field.default,
        "choices": [[value, next(iter(names), value) if in_chinese else value] for value, names in choices],
    }
