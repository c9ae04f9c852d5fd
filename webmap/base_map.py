"""The one place where a Folium map is made.

Folium's own templates load ten files from four hosts and write styles and scripts that a strict
Content-Security-Policy forbids. Here its map gets templates of ours: no file comes from outside, each tag
carries the nonce, and data travel as JSON that only ever becomes text.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, ClassVar, Protocol, cast

import folium
import numpy as np
import shapely
from branca.element import Element, Figure, MacroElement
from folium.template import Template
from numpy.typing import ArrayLike, NDArray

from geo.geometry.datum import FROM_WGS84, Shifted
from geo.geometry.projection import Positions, move
from webmap.assets import Assets
from webmap.i18n import Language, Translator

Bounds = tuple[float, float, float, float]
Geometries = Sequence[shapely.Geometry] | NDArray[np.object_] | shapely.Geometry

LARGEST_ZOOM = 19
ZOOM_STEP = 0.25
"""What is to be seen fills the map, however narrow it is."""
DECIMALS = 6
"""Of a degree: 11 cm."""


class BaseMap(Protocol):
    """A background of tiles that the operator allows."""

    @property
    def name(self) -> str:
        """What people choose it by."""

    @property
    def url(self) -> str:
        """Template of the address of a tile, with ``{x}``, ``{y}``, ``{z}``."""

    @property
    def datum(self) -> str:
        """What the tiles are drawn in."""

    @property
    def attribution(self) -> str:
        """Whom the page must name."""


@dataclass(frozen=True, slots=True)
class MapParts:
    """A map as HTML that a page puts in its places.

    Attributes
    ----------
    head : str
        Styles, for the head of the page.
    body : str
        The map and its data.
    script : str
        Scripts, for the end of the body.
    """

    head: str
    body: str
    script: str


class _Written(Element):
    """Text that stands in the page letter by letter."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def render(self, **_: Any) -> str:
        """Give the text."""
        return self._text


class Verbatim(MacroElement):
    """An element of a map whose text is written once and for all.

    Notes
    -----
    Folium reads what a template of it has written as a template once more, and so would run what people write
    into names. Stands last among the bases of a class, where each ``render`` of Folium leads to this one.
    """

    def render(self, **kwargs: Any) -> None:  # type: ignore[override]  # nothing is given by Folium's either
        """Write the markup and the script of the element, and of those on it."""
        figure = cast("Figure", self.get_root())
        for place, kind in ((figure.html, "html"), (figure.script, "script")):
            if macro := getattr(self._template.module, kind, None):
                place.add_child(_Written(macro(self, kwargs)), name=self.get_name())
        for child in self._children.values():
            child.render(**kwargs)


class LayerChoice(folium.LayerControl, Verbatim):
    """The control by which layers and backgrounds are switched."""


class GridMap(folium.Map, Verbatim):
    """A map that loads nothing from outside.

    Parameters
    ----------
    bounds : tuple of float
        West, south, east, north in degrees, EPSG:4326: what the map shows at first.
    base_maps : sequence of BaseMap
        The backgrounds to choose from. What is drawn is shifted to the datum of the first; tiles in another
        one are moved to where they belong.
    language : Language
        Language of the controls.
    assets : Assets
        How styles and scripts come to the browser.
    """

    styles: ClassVar[tuple[str, ...]] = ("vendor/leaflet/leaflet.css", "css/map.css")
    scripts: ClassVar[tuple[str, ...]] = ("vendor/leaflet/leaflet.js", "vendor/leaflet.heat/leaflet-heat.js")

    _template = Template(
        """
        {% macro html(this, kwargs) %}
        <div class="folium-map" id="{{ this.get_name() }}"></div>
        {% endmacro %}
        {% macro script(this, kwargs) %}
        const {{ this.get_name() }} = createMap("{{ this.get_name() }}", {{ this.options|tojavascript }});
        {% endmacro %}
        """
    )

    def __init__(
        self, bounds: Bounds, *, base_maps: Sequence[BaseMap], language: Language, assets: Assets
    ) -> None:
        self.datum = base_maps[0].datum if base_maps else "wgs84"
        self.assets = assets
        frame = self.drawn([shapely.box(*bounds)])
        west, south, east, north = shapely.total_bounds(frame).tolist()
        words = Translator(language)
        super().__init__(
            location=[(south + north) / 2, (west + east) / 2],
            tiles=None,
            zoom_control=False,
            max_zoom=LARGEST_ZOOM,
            zoom_snap=ZOOM_STEP,
            zoom_in_title=words.text("map.zoom_in"),
            zoom_out_title=words.text("map.zoom_out"),
            datum=self.datum,
        )
        self.default_js, self.default_css = [], []
        for base_map in base_maps:
            self.add_child(Tiles(base_map, show=base_map is base_maps[0]))
        self.fit_bounds([[south, west], [north, east]])

    def drawn(self, geometries: Geometries) -> NDArray[np.object_]:
        """Give geometries in the datum of the background, rounded to what a screen can show.

        Parameters
        ----------
        geometries : sequence or array of shapely geometry
            EPSG:4326, lon, lat.

        Returns
        -------
        NDArray[object]
            As the browser draws them. This is the one place where maps are shifted.
        """
        shift = FROM_WGS84.get(cast("Shifted", self.datum), _unshifted)
        return move(np.asarray(geometries, dtype=object), lambda lon, lat: _rounded(shift(lon, lat)))


class Tiles(folium.TileLayer, Verbatim):
    """A background from tiles in any datum.

    Parameters
    ----------
    base_map : BaseMap
        Where they come from.
    show : bool
        Whether it is on at first.
    """

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        const {{ this.get_name() }} = tiles({{ this.tiles|tojson }}, {{ this.options|tojavascript }});
        {% endmacro %}
        """
    )

    def __init__(self, base_map: BaseMap, *, show: bool) -> None:
        super().__init__(
            base_map.url,
            name=escape(base_map.name),
            attr=escape(base_map.attribution or base_map.name),
            max_zoom=LARGEST_ZOOM,
            show=show,
            datum=base_map.datum,
        )


class DataLayer(folium.map.Layer, Verbatim):
    """A layer whose data travel as JSON, and that a function of the browser module makes from them.

    Parameters
    ----------
    maker : str
        Name of that function.
    name : str
        What people choose the layer by.
    control : bool, optional
        Whether it can be switched off and on.
    show : bool, optional
        Whether it is on at first.
    """

    _template = Template(
        """
        {% macro html(this, kwargs) %}
        <script type="application/json" id="{{ this.get_name() }}" nonce="{{ this._parent.assets.nonce }}">
        {{- this.json() -}}
        </script>
        {% endmacro %}
        {% macro script(this, kwargs) %}
        const {{ this.get_name() }} = {{ this.maker }}("{{ this.get_name() }}");
        {% endmacro %}
        """
    )

    def __init__(self, maker: str, name: str, *, control: bool = False, show: bool = True) -> None:
        super().__init__(name=escape(name), overlay=True, control=control, show=show)
        self._name = maker
        self.maker = maker

    def data(self, on: GridMap) -> dict[str, Any]:
        """Give what the layer is made from, JSON-ready.

        Parameters
        ----------
        on : GridMap
            The map that the layer is on: it knows where to draw.
        """
        raise NotImplementedError

    def json(self) -> str:
        """Give the data as JSON that can't end the element it stands in."""
        return inert_json(self.data(cast("GridMap", self._parent)))


def parts(grid_map: GridMap) -> MapParts:
    """Give a map as HTML.

    Parameters
    ----------
    grid_map : GridMap
        The map with all its layers.

    Returns
    -------
    MapParts
        For a page to put in its places.
    """
    figure = cast("Figure", grid_map.get_root())
    grid_map.render()  # type: ignore[no-untyped-call]  # what is inherited from Folium has no types
    assets = grid_map.assets
    return MapParts(
        head="\n".join(map(assets.style, grid_map.styles)),
        body=figure.html.render(),
        script="\n".join([*map(assets.script, grid_map.scripts), assets.module(figure.script.render())]),
    )


def inert_json(value: Any) -> str:
    r"""Give a value as JSON without any character that means something to an HTML parser.

    Parameters
    ----------
    value : Any
        JSON-ready.

    Returns
    -------
    str
        The same value to every JSON parser.

    Examples
    --------
    >>> inert_json("</script>")
    '"\\u003c/script\\u003e"'
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _unshifted(lon: ArrayLike, lat: ArrayLike) -> Positions:
    return np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)


def _rounded(lon_lat: Positions) -> Positions:
    lon, lat = lon_lat
    return np.round(lon, DECIMALS), np.round(lat, DECIMALS)
