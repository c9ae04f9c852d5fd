"""Colours, spacing and type, once for pages, layers and charts.

A colour means one thing everywhere: the sequential scale is a rate or a count and its dark end asks for
attention, the diverging scale is hot and cold, red is overdue and nothing else, hatching is “no data”.

References
----------
.. [1] Nuñez, Anderton, Renslow: Optimizing colormaps with consideration for color vision deficiency, PLOS ONE
   13(7), 2018 (cividis).
.. [2] Harrower, Brewer: ColorBrewer.org, The Cartographic Journal 40(1), 2003 (PuOr, safe for colour-blind
   people).
"""

from __future__ import annotations

from typing import Final

SEQUENTIAL: Final = ("#00224e", "#434e6c", "#7d7c78", "#bcaf6f", "#fee838")
"""Five steps of cividis, even to the eye: the dark end asks for attention."""

COLD: Final = ("#542788", "#8073ac", "#b2abd2")
"""Cold spots at 99, 95 and 90 %."""

HOT: Final = ("#b35806", "#e08214", "#fdb863")
"""Hot spots at 99, 95 and 90 %."""

DENSITY: Final = ("#f6c4de", "#d6679f", "#7a0f57")
"""Few to many visits: one hue that none of the other scales has."""

NEUTRAL: Final = "#f7f7f7"
OVERDUE: Final = "#c8102e"
PENDING: Final = "#1f5fa8"
NO_DATA: Final = "#8a8f98"

INK: Final = "#1b2430"
MUTED: Final = "#566172"
PAPER: Final = "#ffffff"
CANVAS: Final = "#f4f5f3"
LINE: Final = "#d5d9de"
ACCENT: Final = "#1f5fa8"
BORDER: Final = "#3b4654"

GROUND: Final = {
    "outline": "#3b4654",
    "river": "#a9c9dd",
    "water": "#a9c9dd",
    "green": "#d4e3c8",
    "road": "#c9ccd1",
    "building": "#e1ddd6",
}
"""What the default background is drawn in, by kind of feature."""

SPACES: Final = {"1": "4px", "2": "8px", "3": "12px", "4": "16px", "6": "24px", "8": "32px"}
RADIUS: Final = "6px"
FONT: Final = (
    '"Noto Sans SC", "Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", '
    'system-ui, -apple-system, "Segoe UI", "Noto Sans", sans-serif'
)
SIZES: Final = {"small": "0.8125rem", "body": "0.9375rem", "large": "1.125rem", "title": "1.5rem"}


def _scale(name: str, colours: tuple[str, ...]) -> dict[str, str]:
    return {f"{name}-{step}": colour for step, colour in enumerate(colours, start=1)}


def _properties() -> dict[str, str]:
    return {
        **_scale("sequential", SEQUENTIAL),
        **_scale("cold", COLD),
        **_scale("hot", HOT),
        "neutral": NEUTRAL,
        "overdue": OVERDUE,
        "pending": PENDING,
        "no-data": NO_DATA,
        "ink": INK,
        "muted": MUTED,
        "paper": PAPER,
        "canvas": CANVAS,
        "line": LINE,
        "accent": ACCENT,
        "border": BORDER,
        "radius": RADIUS,
        "font": FONT,
        **{f"space-{name}": space for name, space in SPACES.items()},
        **{f"text-{name}": size for name, size in SIZES.items()},
        **{f"ground-{kind}": colour for kind, colour in GROUND.items()},
    }


def css_properties() -> str:
    """Give the theme as custom properties, for the stylesheets to use.

    Returns
    -------
    str
        One CSS rule on ``:root``.

    Examples
    --------
    >>> "--overdue: #c8102e;" in css_properties()
    True
    """
    declarations = " ".join(f"--{name}: {value};" for name, value in _properties().items())
    return f":root {{ {declarations} }}"
