"""Styles and scripts of a map: linked where a server is at hand, written out where a file stands alone."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

STATIC = Path(__file__).parent / "static"
MODULE = "js/map.js"
"""The module of the browser that makes the layers."""

NAMES = ("createMap", "choropleth", "heat", "points", "ground", "outlines")
"""What the scripts of the layers call."""

TILES = "js/tiles.js"
"""The module that makes backgrounds from tiles, for pages alone: it asks the server."""

_IMAGE = re.compile(r"url\((images/[\w.-]+\.png)\)")


class Assets(Protocol):
    """Gives the tags of styles and scripts, by their path below the folder of static files."""

    @property
    def nonce(self) -> str:
        """What the Content-Security-Policy admits."""

    def style(self, path: str) -> str:
        """Give the tag of a stylesheet."""

    def script(self, path: str) -> str:
        """Give the tag of a classic script."""

    def module(self, code: str) -> str:
        """Give the tag of a module whose code may call `NAMES`."""


@dataclass(frozen=True, slots=True)
class Linked:
    """For pages: the browser loads each file from the server that gave the page.

    Attributes
    ----------
    nonce : str
        What the Content-Security-Policy of the page admits.
    """

    nonce: str

    def style(self, path: str) -> str:
        """Give the tag of a stylesheet."""
        return f'<link rel="stylesheet" href="/static/{path}">'

    def script(self, path: str) -> str:
        """Give the tag of a classic script."""
        return f'<script nonce="{self.nonce}" src="/static/{path}"></script>'

    def module(self, code: str) -> str:
        """Give the tag of a module whose code may call `NAMES`."""
        layers = f'import {{ {", ".join(NAMES)} }} from "/static/{MODULE}";'
        tiles = f'import {{ tiles }} from "/static/{TILES}";'
        return f'<script nonce="{self.nonce}" type="module">\n{layers}\n{tiles}\n{code}\n</script>'


@dataclass(frozen=True, slots=True)
class Embedded:
    """For files that stand alone: everything is written into them, images as data.

    Attributes
    ----------
    nonce : str
        What the Content-Security-Policy in the file admits.
    """

    nonce: str

    def style(self, path: str) -> str:
        """Give the tag of a stylesheet."""
        file = STATIC / path
        css = _IMAGE.sub(lambda found: f"url({_data_uri(file.parent / found[1])})", file.read_text("utf-8"))
        return f'<style nonce="{self.nonce}">{css}</style>'

    def script(self, path: str) -> str:
        """Give the tag of a classic script."""
        return f'<script nonce="{self.nonce}">{_source(path)}</script>'

    def module(self, code: str) -> str:
        """Give the tag of a module whose code may call `NAMES`."""
        return f'<script nonce="{self.nonce}" type="module">\n{_source(MODULE)}\n{code}\n</script>'


def _data_uri(image: Path) -> str:
    return f"data:image/png;base64,{base64.b64encode(image.read_bytes()).decode()}"


def _source(path: str) -> str:
    """Scripts name the maps of their sources; nobody follows these from a file that stands alone."""
    source = (STATIC / path).read_text("utf-8")
    return re.sub(r"^//# sourceMappingURL=.*$", "", source, flags=re.MULTILINE)
