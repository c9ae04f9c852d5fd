"""What the pages of all measures share: a map with its choices above and its list at the side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from geo.domain.actors import Action
from geo.domain.exchange import Layer
from webmap.base_map import MapParts
from webmap.pages.choices import Choices
from webmap.pages.frame import Frame, render


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stands around a measure.

    Attributes
    ----------
    choices : Choices
        The row above the map.
    parts : MapParts
        The map.
    exports : sequence of (Layer, str)
        Layers with their formats, for those who may take them away.
    """

    choices: Choices
    parts: MapParts
    exports: Sequence[tuple[Layer, str]] = ()


def render_measure(template: str, frame: Frame, around: Surroundings, *, empty: str, **values: object) -> str:
    """Give the page of a measure.

    Parameters
    ----------
    template : str
        Name of the template.
    frame : Frame
        What the page stands in.
    around : Surroundings
        Choices and map.
    empty : str
        Key of the words that stand in place of the list, or nothing where there is a list.
    **values : object
        The measure and the rows of its list.

    Returns
    -------
    str
        HTML.
    """
    return render(
        template,
        frame,
        choices=around.choices,
        map=around.parts,
        exports=around.exports if frame.may(Action.EXPORT_DATA) else (),
        empty=frame.translator.text(empty) if empty else "",
        **values,
    )
