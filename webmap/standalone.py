"""A map as one file that opens anywhere, with no network."""

from __future__ import annotations

from jinja2 import Environment

from webmap import theme
from webmap.base_map import GridMap, parts
from webmap.i18n import Translator

_PAGE = Environment(autoescape=True).from_string(
    """<!doctype html>
<html lang="{{ language }}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{{ policy }}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }}</title>
<style nonce="{{ nonce }}">{{ theme|safe }} {{ layout|safe }}</style>
{{ map.head|safe }}
</head>
<body>
<header><h1>{{ title }}</h1>{% for line in lines %}<p>{{ line }}</p>{% endfor %}</header>
<main>{{ map.body|safe }}</main>
{{ map.script|safe }}
</body>
</html>
"""
)
_LAYOUT = """
html, body { height: 100%; margin: 0; }
body { display: flex; flex-direction: column; font-family: var(--font); color: var(--ink); }
header { display: flex; flex-wrap: wrap; align-items: baseline; }
header { gap: 0 var(--space-4); padding: var(--space-2); }
h1 { margin: 0; font-size: var(--text-large); }
p { margin: 0; color: var(--muted); font-size: var(--text-small); }
main { flex: 1; min-height: 0; }
"""


def standalone_page(grid_map: GridMap, *, title: str, lines: tuple[str, ...], words: Translator) -> str:
    """Give a map as a document that loads nothing.

    Parameters
    ----------
    grid_map : GridMap
        A map with embedded assets and without tiles.
    title : str
        Title of the document.
    lines : tuple of str
        What stands beside the title: the period, when it was made.
    words : Translator
        Language of the document.

    Returns
    -------
    str
        HTML whose Content-Security-Policy forbids everything that isn't in it.
    """
    nonce = grid_map.assets.nonce
    policy = f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src data:"
    return _PAGE.render(
        language=words.language,
        policy=policy,
        title=title,
        lines=lines,
        nonce=nonce,
        theme=theme.css_properties(),
        layout=_LAYOUT,
        map=parts(grid_map),
    )
