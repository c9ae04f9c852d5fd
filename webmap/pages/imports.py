"""The page on which files come in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from geo.domain.actors import Action
from geo.domain.exchange import ATTRIBUTES, PLACE, Field, ImportRun, Layer, OnExisting, Type
from geo.domain.grids import Level
from geo.domain.profiles import Profile
from geo.domain.profiles.duties import ActivityKind, Record
from geo.domain.profiles.posts import PostRule
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

FILES_ABOVE = (("outlines", "imports.outlines"), ("names", "imports.names"))
"""What a file of a level above gives, as the interface calls it, and the key of its words."""

FIELDS_ABOVE = (
    ("code", "imports.above.code"),
    ("name", "imports.above.name"),
    ("parent_code", "imports.above.parent_code"),
)
"""Fields of these files whose columns may be told."""

COLUMNS_ABOVE = (("parent_codes", "imports.parent_codes"), ("parent_names", "imports.parent_names"))
"""Columns of the grids that tell of a level above."""


def imports_page(frame: Frame, runs: Sequence[ImportRun], profile: Profile, *, kept_days: int) -> str:
    """Give the page that takes files, tells what they hold row by row, and keeps them.

    Parameters
    ----------
    frame : Frame
        What the page stands in.
    runs : sequence of ImportRun
        What the reader has sent before, the newest first.
    profile : Profile
        The rules of the city, whose posts and kinds of visits are offered as meanings of words.
    kept_days : int
        How long these are kept.
    """
    layers = tuple(Layer) if frame.may(Action.IMPORT_DATA) else (Layer.GRIDS,)
    return render(
        "imports.html",
        frame,
        runs=runs,
        kept_days=kept_days,
        layers=layers,
        fields={layer: [_told(field, frame.translator) for field in fields_of(layer)] for layer in layers},
        usual=_usual(profile),
        references=DATUMS,
        existing=tuple(OnExisting),
        encodings=ENCODINGS,
        time_formats=TIME_FORMATS,
        levels=tuple(Level),
        files_above=FILES_ABOVE,
        fields_above=FIELDS_ABOVE,
        columns_above=COLUMNS_ABOVE,
    )


def _usual(profile: Profile) -> dict[tuple[Layer, str], Sequence[PostRule | ActivityKind]]:
    """Give what words may mean in fields that are no choice, by layer and field."""
    visits = [kind for kind in profile.duties.kinds if kind.record is Record.VISIT]
    return {(Layer.PEOPLE, "post"): profile.posts.posts, (Layer.VISITS, "kind"): visits}


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
