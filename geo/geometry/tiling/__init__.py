"""A division that is being redrawn: operations on cells that tile the ground, each with a reversible effect.

An operation takes a `Tiling` and gives an `Effect`, or raises one of `geo.errors` and changes nothing;
``tiling.after(effect)`` is the next tiling, and ``tiling.after(effect.inverse)`` the one before it again.
Only the cells named and those that touch them are computed.
"""

from geo.geometry.tiling.borders import move_border, move_vertex
from geo.geometry.tiling.cells import Cell, Change, Effect, Tiling
from geo.geometry.tiling.footprints import (
    CutBuilding,
    Footprint,
    cut_buildings,
    divided_buildings,
    new_borders,
)
from geo.geometry.tiling.ground import draw, reassign
from geo.geometry.tiling.labels import lock, recode, rename, reparent, unlock
from geo.geometry.tiling.mend import Heir, absorb, fill_gap, settle_overlap
from geo.geometry.tiling.merge import merge
from geo.geometry.tiling.parcels import blocks, plots
from geo.geometry.tiling.plane import Plane, Tolerances
from geo.geometry.tiling.shares import Dwellings
from geo.geometry.tiling.split import split

__all__ = [
    "Cell",
    "Change",
    "CutBuilding",
    "Dwellings",
    "Effect",
    "Footprint",
    "Heir",
    "Plane",
    "Tiling",
    "Tolerances",
    "absorb",
    "blocks",
    "cut_buildings",
    "divided_buildings",
    "draw",
    "fill_gap",
    "lock",
    "merge",
    "move_border",
    "move_vertex",
    "new_borders",
    "plots",
    "reassign",
    "recode",
    "rename",
    "reparent",
    "settle_overlap",
    "split",
    "unlock",
]
