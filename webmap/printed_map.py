"""Maps for paper: drawings of shapes in EPSG:4326, with what their colours claim, a scale and north."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from markupsafe import Markup
from numpy.typing import NDArray

from geo.domain.ground import Ground, GroundKind
from geo.domain.shapes import Bounds
from geo.geometry.crs import metric_crs, to_metric
from webmap import theme
from webmap.i18n import Translator
from webmap.templating import environment

Shapes = NDArray[np.object_]

_DETAIL_MM = 0.05
"""What is smaller than this nobody sees on paper."""

_ROOM = 0.04
"""Part of the paper that is left free around what is shown."""

_SCALE_BAR = 0.25
"""Part of the width that the scale takes at most."""

_FONT = ",".join(name.strip().strip('"') for name in theme.FONT.split(","))
"""The type of the theme, written as WeasyPrint reads it in drawings: without blanks and quotes."""

_LINES: dict[GroundKind, float] = {GroundKind.ROAD: 0.35, GroundKind.RIVER: 0.5}


@dataclass(frozen=True, slots=True)
class Ink:
    """What a layer is drawn in.

    Attributes
    ----------
    fill : str
        Colour of areas and points; ``none`` for outlines alone.
    line : str
        Colour of lines and outlines.
    line_mm : float
        Their width.
    dash_mm : float
        Length of dashes and of the gaps between them; 0 for none.
    opacity : float
        Of areas, from 0 to 1.
    is_hatched : bool
        Whether areas are hatched in their colour.
    radius_mm : float
        Of points.
    """

    fill: str = "none"
    line: str = "none"
    line_mm: float = 0.2
    dash_mm: float = 0.0
    opacity: float = 1.0
    is_hatched: bool = False
    radius_mm: float = 0.9

    @property
    def paint(self) -> str:
        """The fill as SVG names it."""
        return f"url(#hatch-{self.fill.lstrip('#')})" if self.is_hatched else self.fill

    @property
    def dashes(self) -> str:
        """The dashes as SVG names them."""
        return f"{self.dash_mm} {self.dash_mm}" if self.dash_mm else "none"


@dataclass(frozen=True, slots=True)
class Layer:
    """Shapes that are drawn alike.

    Attributes
    ----------
    shapes : NDArray[object], shape (n,)
        Areas, lines or points, EPSG:4326, lon, lat.
    ink : Ink
        What they are drawn in.
    label : str
        What the ink claims; empty for what the legend leaves out.
    """

    shapes: Shapes
    ink: Ink
    label: str = ""


@dataclass(frozen=True, slots=True)
class Labels:
    """Words on the map.

    Attributes
    ----------
    shapes : NDArray[object], shape (n,)
        What they name, EPSG:4326: they stand on a point of it.
    texts : tuple of str
        The words.
    size_mm : float
        Height of the type.
    """

    shapes: Shapes
    texts: tuple[str, ...]
    size_mm: float = 2.4


@dataclass(frozen=True, slots=True)
class Drawn:
    """A layer on paper, as paths of SVG in millimetres.

    Attributes
    ----------
    areas, lines : str
        What the attribute ``d`` holds.
    points : list of tuple
        Right and down.
    layer : Layer
        What is drawn.
    """

    areas: str
    lines: str
    points: list[tuple[float, float]]
    layer: Layer


@dataclass(frozen=True, slots=True)
class Scale:
    """The bar that shows a length.

    Attributes
    ----------
    length_mm : float
        On paper.
    text : str
        On the ground.
    """

    length_mm: float
    text: str


class _Sheet:
    """Carries places of the ground to places of a drawing whose middle is the middle of a box."""

    def __init__(self, bounds: Bounds, size_mm: tuple[float, float]) -> None:
        self.crs = metric_crs(bounds)
        self.size_mm = np.array(size_mm)
        left, bottom, right, top = shapely.total_bounds(self._metric(bounds))
        self.middle = np.array([left + right, bottom + top]) / 2
        extent = np.maximum([right - left, top - bottom], 1.0)
        self.mm_per_m = float((self.size_mm * (1 - 2 * _ROOM) / extent).min())

    def _metric(self, bounds: Bounds) -> Shapes:
        return to_metric(np.array([shapely.box(*bounds)], dtype=object), self.crs)

    def placed(self, shapes: Shapes) -> Shapes:
        placed: Shapes = shapely.transform(to_metric(shapes, self.crs), self._on_paper)
        return placed

    def cut(self, shapes: Shapes) -> Shapes:
        """Leave out what lies outside the drawing, and what nobody would see."""
        width, height = self.size_mm + 2
        inside = shapely.clip_by_rect(self.placed(shapes), -2, -2, width, height)
        seen = shapely.simplify(inside, _DETAIL_MM)
        parts: Shapes = shapely.get_parts(shapely.get_parts(seen))
        return parts

    def scale(self, words: Translator) -> Scale:
        longest = _SCALE_BAR * self.size_mm[0] / self.mm_per_m
        magnitude = 10 ** math.floor(math.log10(longest))
        length = next(step for step in (5, 2, 1) if step * magnitude <= longest) * magnitude
        text = (
            f"{words.number(length / 1000)} km" if length >= 1000 else f"{words.number(length, digits=2)} m"
        )
        return Scale(length * self.mm_per_m, text)

    def _on_paper(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        placed: NDArray[np.float64] = (xy - self.middle) * self.mm_per_m * [1, -1] + self.size_mm / 2
        return placed


def printed_map(
    layers: Sequence[Layer],
    size_mm: tuple[float, float],
    words: Translator,
    *,
    bounds: Bounds,
    title: str,
    labels: Labels | None = None,
) -> Markup:
    """Give a map as a figure for a printed form, its legend below.

    Parameters
    ----------
    layers : sequence of Layer
        The lowest first.
    size_mm : tuple of float
        Width and height of the drawing; the legend needs some more height.
    words : Translator
        Language of the map.
    bounds : tuple of float
        What is shown: west, south, east, north, degrees.
    title : str
        What the map tells.
    labels : Labels, optional
        Words on the map.

    Returns
    -------
    Markup
        ``<figure>``; north is the north of the projection, see `geo.geometry.crs.metric_crs`.
    """
    sheet = _Sheet(bounds, size_mm)
    drawn = [_drawn(layer, sheet) for layer in layers]
    hatched = {layer.ink.fill for layer in layers if layer.ink.is_hatched}
    template = environment().get_template("print/map.html")
    return Markup(  # noqa: S704 - the template has escaped every value
        template.render(
            _=words.text,
            width=size_mm[0],
            height=size_mm[1],
            title=title,
            drawn=drawn,
            hatched=sorted(hatched),
            labels=[] if labels is None else _placed(labels, sheet),
            label_mm=0 if labels is None else labels.size_mm,
            scale=sheet.scale(words),
            font=_FONT,
            ink=theme.INK,
            paper_colour=theme.PAPER,
        )
    )


def ground_layers(ground: Ground) -> list[Layer]:
    """Give the background of a map: water, green, buildings and roads.

    Parameters
    ----------
    ground : Ground
        The features, in the order in which they are drawn.
    """
    kinds = np.array(ground.kinds, dtype=object)
    return [Layer(ground.geometries[kinds == kind], _ground_ink(kind)) for kind in GroundKind]


def _ground_ink(kind: GroundKind) -> Ink:
    colour = theme.GROUND[kind]
    if kind in _LINES:
        return Ink(fill=colour, line=colour, line_mm=_LINES[kind])
    return Ink(fill=colour)


def _drawn(layer: Layer, sheet: _Sheet) -> Drawn:
    parts = sheet.cut(np.asarray(layer.shapes, dtype=object))
    dimensions = shapely.get_dimensions(parts)
    areas = shapely.orient_polygons(parts[dimensions == 2])
    points = shapely.get_coordinates(parts[dimensions == 0]).round(2)
    return Drawn(
        areas=svg_path(shapely.get_rings(areas), end="z"),
        lines=svg_path(parts[dimensions == 1], end=""),
        points=[(x, y) for x, y in points.tolist()],
        layer=layer,
    )


def svg_path(lines: Iterable[shapely.Geometry], *, end: str) -> str:
    """Write lines as one path, to hundredths of a unit: rings that run alike fill what they enclose.

    Parameters
    ----------
    lines : iterable of shapely line
        In the units of the drawing, y downwards.
    end : str
        ``z`` for rings, else empty.
    """
    xy, owner = shapely.get_coordinates(np.asarray(lines, dtype=object), return_index=True)
    places = [f"{x:g},{y:g}" for x, y in xy.round(2).tolist()]
    begins = np.flatnonzero(np.diff(owner, prepend=-1)).tolist()
    ends = [*begins, len(places)][1:]
    return "".join(f"M{' '.join(places[start:stop])}{end}" for start, stop in zip(begins, ends, strict=True))


def _placed(labels: Labels, sheet: _Sheet) -> list[tuple[float, float, str]]:
    """Let each word stand in the widest part of what is seen of its shape."""
    width, height = sheet.size_mm
    seen = shapely.clip_by_rect(sheet.placed(labels.shapes), 0, 0, width, height)
    xy = shapely.get_coordinates(shapely.point_on_surface(seen[~shapely.is_empty(seen)])).round(2)
    texts = np.array(labels.texts, dtype=object)[~shapely.is_empty(seen)]
    return [(x, y, text) for (x, y), text in zip(xy.tolist(), texts.tolist(), strict=True)]
