"""Whole maps, each made of its layers, for pages and for files alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from geo.domain.assessment import Assessment
from geo.domain.backlog import Backlog, OpenIssue
from geo.domain.coverage import Coverage, Density, GroundCoverage
from geo.domain.duties import GridTally, Owing
from geo.domain.ground import Ground
from geo.domain.hotspots import Hotspots
from geo.domain.issue_flow import Listed
from geo.domain.posts import Staffing
from geo.domain.shapes import Bounds, Shapes
from geo.domain.statistics import Statistics
from geo.domain.todo import Task
from webmap.assets import Assets
from webmap.base_map import BaseMap, DataLayer, GridMap, LayerChoice
from webmap.i18n import Translator
from webmap.layers.books import figure_choropleth, score_choropleth
from webmap.layers.choropleth import Cell, Choropleth
from webmap.layers.coverage import Scale, coverage_choropleth, walked_choropleth
from webmap.layers.draft import DraftMap, InForce
from webmap.layers.duties import duty_choropleth, owing_points, task_points
from webmap.layers.ground import Background
from webmap.layers.heat import Heat
from webmap.layers.hotspots import hotspot_choropleth
from webmap.layers.issues import awaiting_points, backlog_choropleth, issue_points
from webmap.layers.legend import Entry, Legend
from webmap.layers.points import Points
from webmap.layers.posts import post_choropleth
from webmap.tables import Column


@dataclass(frozen=True, slots=True)
class Setting:
    """What every map is drawn on.

    Attributes
    ----------
    shapes : Shapes
        The grids of the level.
    ground : Ground
        What the background is drawn from where there are no tiles.
    words : Translator
        Language and time zone.
    assets : Assets
        How styles and scripts come to the browser.
    base_maps : sequence of BaseMap
        Tiles to choose from; without any the background is drawn from `ground`.
    """

    shapes: Shapes
    ground: Ground
    words: Translator
    assets: Assets
    base_maps: Sequence[BaseMap] = ()


def coverage_map(
    coverage: Coverage, density: Density, setting: Setting, scale: Scale = Scale.WHOLE
) -> GridMap:
    """Give the map of the share of subjects visited, with the visits as a glow to switch on."""
    return _map(
        setting,
        coverage_choropleth(coverage, setting.shapes, setting.words, scale),
        Heat(density, setting.words),
    )


def walked_map(coverage: GroundCoverage, setting: Setting) -> GridMap:
    """Give the map of the share of ground walked."""
    return _map(setting, walked_choropleth(coverage, setting.shapes, setting.words))


def hotspot_map(hotspots: Hotspots, setting: Setting) -> GridMap:
    """Give the map of hot and cold spots."""
    return _map(setting, hotspot_choropleth(hotspots, setting.shapes, setting.words))


def issue_map(backlog: Backlog, issues: tuple[OpenIssue, ...], setting: Setting) -> GridMap:
    """Give the map of unresolved issues by grid, with the issues as points."""
    return _map(
        setting,
        backlog_choropleth(backlog, setting.shapes, setting.words),
        issue_points(issues, setting.words),
    )


def statistics_map(
    statistics: Statistics, place: int, column: Column, setting: Setting, *, note: str
) -> GridMap:
    """Give the map of one figure of statistics."""
    return _map(
        setting, figure_choropleth(statistics, place, column, setting.shapes, setting.words, note=note)
    )


def score_map(made: Assessment, setting: Setting, *, note: str) -> GridMap:
    """Give the map of the scores of grids."""
    return _map(setting, score_choropleth(made, setting.shapes, setting.words, note=note))


def post_map(found: Mapping[str, Sequence[Staffing]], day: date, setting: Setting) -> GridMap:
    """Give the map of what the posts of grids lack."""
    return _map(setting, post_choropleth(found, setting.shapes, day, setting.words))


def duty_map(grids: Sequence[GridTally], setting: Setting) -> GridMap:
    """Give the map of the share of what was due that was done in time."""
    return _map(setting, duty_choropleth(grids, setting.shapes, setting.words))


def task_map(tasks: Sequence[Task], awaiting: Sequence[Listed], setting: Setting) -> GridMap:
    """Give the map of what somebody has to do, in their grids, and of the issues that await them."""
    issues = [awaiting_points(awaiting, setting.words)] if awaiting else []
    return _map(setting, _outlines(setting, tasks), task_points(tasks, setting.words), *issues)


def owing_map(owings: Sequence[Owing], setting: Setting) -> GridMap:
    """Give the map of what was due, in the grids in which it was."""
    return _map(setting, _outlines(setting, owings), owing_points(owings, setting.words))


def _outlines(setting: Setting, things: Sequence[Task | Owing]) -> Choropleth:
    """Give the outlines of the grids in which some things lie; of all without any."""
    codes = {thing.grid_code for thing in things}
    mine = [grid for grid in setting.shapes.grids if grid.code in codes] or setting.shapes.grids
    cells = tuple(Cell(grid, 0, ()) for grid in mine)
    legend = Legend("", "", (Entry("transparent", ""),))
    return Choropleth(setting.shapes, cells, columns=(), legend=legend)


def division_map(setting: Setting) -> GridMap:
    """Give the map of the grids themselves: clicks reach the map, for whoever asks what is there."""
    return _map(setting, _plain(setting))


def _plain(setting: Setting) -> Choropleth:
    cells = tuple(Cell(grid, 0, ()) for grid in setting.shapes.grids)
    return Choropleth(setting.shapes, cells, columns=(), legend=Legend("", "", (Entry("transparent", ""),)))


def points_map(setting: Setting, points: Points) -> GridMap:
    """Give the map of single things on the grids themselves."""
    return _map(setting, _plain(setting), points)


def comparison_map(setting: Setting, bounds: Bounds) -> GridMap:
    """Give the map of the ground alone, for a page that draws two divisions on it and its twin.

    Parameters
    ----------
    setting : Setting
        The division in force, its ground, and the words.
    bounds : tuple of float
        What it shows at first: west, south, east, north, degrees.
    """
    made = GridMap(
        bounds, base_maps=setting.base_maps, language=setting.words.language, assets=setting.assets
    )
    if not setting.base_maps:
        made.add_child(Background(setting.ground, setting.shapes))
    return made


def draft_map(shapes: Shapes, words: Translator, assets: Assets) -> GridMap:
    """Give the map on which a plan is drawn: all but the division in force is loaded by the box in sight.

    Parameters
    ----------
    shapes : Shapes
        The division in force.
    words : Translator
        Language of the controls.
    assets : Assets
        How styles and scripts come to the browser.
    """
    made = DraftMap(shapes.bounds, base_maps=(), language=words.language, assets=assets)
    made.add_child(InForce(shapes))
    return made


def _map(setting: Setting, grids: Choropleth, *others: DataLayer) -> GridMap:
    layers = (grids, *others)
    made = GridMap(
        grids.bounds,
        base_maps=setting.base_maps,
        language=setting.words.language,
        assets=setting.assets,
    )
    if not setting.base_maps:
        made.add_child(Background(setting.ground, setting.shapes))
    for layer in layers:
        made.add_child(layer)
    if len(setting.base_maps) > 1 or any(layer.control for layer in layers):
        made.add_child(LayerChoice(collapsed=False))
    return made
