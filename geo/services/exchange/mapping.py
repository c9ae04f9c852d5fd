"""Which column becomes which field: as told, else guessed from its name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from geo.domain.exchange import ATTRIBUTES, FIELDS, PLACE, WKT, Field, FieldSource, Layer
from geo.errors import BadValue

_FILLING = re.compile(r"[\s_\-./()（）:：]+")
_PLACE_OF = {Layer.GRIDS: (WKT,), Layer.PEOPLE: ()}
_SHORTEST_CUT = 8
"""A column name that was cut, as shapefiles cut to 10 bytes, is known again from so many letters on."""


def fields_of(layer: Layer, *, has_geometries: bool = False) -> tuple[Field, ...]:
    """Return every field that a column can be mapped to, attributes included.

    Parameters
    ----------
    layer : Layer
        What the rows are.
    has_geometries : bool
        Whether the file has geometries, so that no column needs to say where rows are.
    """
    place = () if has_geometries else _PLACE_OF.get(layer, PLACE)
    return (*FIELDS[layer], *place, ATTRIBUTES)


def map_columns(
    columns: Sequence[str], asked: Mapping[str, str], fields: Iterable[Field]
) -> tuple[FieldSource, ...]:
    """Return where the value of each field comes from.

    Parameters
    ----------
    columns : sequence of str
        Names of the columns of the file.
    asked : Mapping[str, str]
        Column by field, as somebody says. An empty column leaves the field without a source.
    fields : iterable of Field
        The fields.

    Returns
    -------
    tuple of FieldSource
        In the order of the fields; no column twice unless asked for.

    Raises
    ------
    BadValue
        If a field or a column that was asked for doesn't exist.

    Examples
    --------
    >>> [(s.field, s.column) for s in map_columns(["名称", "LNG", "纬度"], {}, fields_of(Layer.ENTITIES))]
    [('name', '名称'), ('lon', 'LNG'), ('lat', '纬度')]
    """
    known = {field.name: field for field in fields}
    for name, wanted in asked.items():
        if name not in known:
            raise BadValue(field="map", value=name, expected=sorted(known))
        if wanted and wanted not in columns:
            raise BadValue(field="map", value=wanted, expected=list(columns))
    taken = set(asked.values())
    sources = []
    for name, field in known.items():
        free = [column for column in columns if column not in taken]
        column = asked[name] if name in asked else _guess(field, free) or ""
        if column:
            taken.add(column)
            sources.append(FieldSource(name, column, guessed=name not in asked))
    return tuple(sources)


def _guess(field: Field, columns: Sequence[str]) -> str | None:
    plain = {column: simplified(column) for column in columns}
    for name in (field.name, *field.synonyms):
        wanted = simplified(name)
        for column, have in plain.items():
            if have == wanted or (len(have) >= _SHORTEST_CUT and have == wanted[: len(have)]):
                return column
    return None


def simplified(name: str) -> str:
    """Return a name without what people write differently: case, width, blanks, hyphens, underscores.

    Examples
    --------
    >>> simplified("Grid_Code ") == simplified("ｇｒｉｄｃｏｄｅ")
    True
    """
    return _FILLING.sub("", unicodedata.normalize("NFKC", name).casefold())
