"""The one Jinja environment: pages and printed forms stand in the same theme, and every value is text."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from geo.domain.actors import Action
from webmap import theme
from webmap.i18n import Language

TEMPLATES = Path(__file__).parent / "templates"


@cache
def environment() -> Environment:
    """Give the environment of all templates, made once."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(Action=Action, Language=Language, theme=theme.css_properties())
    return made
