"""A planner who does anything at random over HTTP: operations of every kind, undo, redo and jumps."""

from __future__ import annotations

from collections import Counter
from functools import cached_property

import numpy as np
import shapely

from tests.integration.planners import Planner, query

REFUSALS = {404, 409, 422}


class Wanderer:
    """Somebody who changes a plan at random, and keeps what the answers tell."""

    def __init__(self, planner: Planner, seed: int):
        self.planner, self.chance = planner, np.random.default_rng(seed)
        self.revision, self.seq = planner.revision, 0
        self.exchanged: set[str] = set()
        """The parents between which grids went over."""
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.read()

    @cached_property
    def features(self):
        statement = "SELECT id, kind, ST_AsBinary(geom) AS wkb FROM ground_feature ORDER BY id"
        return query(self.planner.house, statement)

    @cached_property
    def places(self):
        return shapely.from_wkb(np.array([bytes(one.wkb) for one in self.features], dtype=object))

    @cached_property
    def tree(self):
        return shapely.STRtree(self.places)

    def read(self):
        self.grids, self.shapes = self.planner.division()

    def wander(self, steps):
        """Take some steps; each is done or refused, and never fails."""
        for _ in range(steps):
            if self.chance.random() < 0.1:
                self.walk()
            else:
                self.take(*GESTURES[self.chance.integers(len(GESTURES))](self))

    def take(self, kind, parameters):
        force = bool(self.chance.random() < 0.5)
        if kind == "reparent":
            self.exchanged |= {parameters["parent"], *map(self.parent, parameters["keys"])}
        self.keep(kind, self.planner.do(kind, parameters, revision=self.revision, force=force))

    def walk(self):
        """Go to and fro among the steps: what was undone can be redone only before anything else is done."""
        for _ in range(self.chance.integers(1, 4)):
            way = str(self.chance.choice(["undo", "redo", "jump"]))
            near = self.seq + int(self.chance.integers(-4, 3))
            where = {"to_seq": max(0, near)} if way == "jump" else {}
            self.keep(way, self.planner.post(way, revision=self.revision, **where))

    def keep(self, name, response):
        if response.status_code in REFUSALS:
            self.refused[f"{name}: {response.json()['code']}"] += 1
            return
        assert response.status_code == 200, response.text
        answer = response.json()
        self.done[name] += 1
        self.revision = answer["revision"]
        if answer["operation"]:
            self.seq = answer["operation"]["seq"]
        for key in answer["removed"]:
            del self.grids[key], self.shapes[key]
        for one in answer["changed"]["features"]:
            self.grids[one["id"]] = one["properties"]
            self.shapes[one["id"]] = shapely.geometry.shape(one["geometry"])

    def key(self):
        return str(self.chance.choice(sorted(self.shapes)))

    def parent(self, key):
        return self.grids[key]["parent"]

    def neighbours(self, key, *, siblings=True):
        """The grids that have a border with a grid, those of its parent by default."""
        mine = self.shapes[key]
        return [
            other
            for other in sorted(self.shapes)
            if other != key
            and (not siblings or self.parent(other) == self.parent(key))
            and shapely.intersection(mine, self.shapes[other]).length > 1e-6
        ]

    def neighbour(self, key):
        beside = self.neighbours(key)
        return str(self.chance.choice(beside)) if beside else key

    def size(self, key):
        return float(np.sqrt(self.shapes[key].area))

    def place(self, key):
        west, south, east, north = self.shapes[key].bounds
        return self.chance.uniform([west, south], [east, north])

    def blob(self, middle, radius):
        turn = np.sort(self.chance.uniform(0, 2 * np.pi, 7))
        reach = radius * self.chance.uniform(0.3, 1, 7)
        ring = middle + reach[:, None] * np.column_stack([np.cos(turn), np.sin(turn)])
        return shapely.geometry.mapping(shapely.Polygon(ring))


def split(one):
    key = one.key()
    middle, turn = one.place(key), one.chance.uniform(0, np.pi)
    way = np.linspace(-1, 1, 4)[:, None] * [np.cos(turn), np.sin(turn)] * one.size(key) * 2
    bent = middle + way + one.chance.normal(0, one.size(key) / 20, way.shape)
    return "split", {"key": key, "lines": shapely.geometry.mapping(shapely.LineString(bent))}


def merge(one):
    key = one.key()
    return "merge", {"keys": [key, one.neighbour(key)], "name": "合并"}


def move_border(one):
    key = one.key()
    other = one.neighbour(key)
    border = shapely.line_merge(shapely.intersection(one.shapes[key].boundary, one.shapes[other].boundary))
    lines = [line for line in shapely.get_parts(border) if line.length]
    if key == other or not lines:
        return rename(one)
    stops = np.sort(one.chance.uniform(0, 1, 4))
    way = shapely.get_coordinates(shapely.line_interpolate_point(lines[0], stops, normalized=True))
    way[1:-1] += one.chance.normal(0, one.size(key) / 10, (2, 2))
    return "move-border", {
        "key": key,
        "others": [other],
        "path": shapely.geometry.mapping(shapely.LineString(way)),
    }


def move_vertex(one):
    key = one.key()
    vertex = one.chance.choice(shapely.get_coordinates(one.shapes[key]))
    to = vertex + one.chance.normal(0, one.size(key) / 20, 2)
    return "move-vertex", {"vertex": vertex.tolist(), "to": to.tolist()}


def reassign(one):
    key = one.key()
    other = one.neighbour(key)
    edge = shapely.shortest_line(one.shapes[key].centroid, one.shapes[other])
    area = one.blob(np.array(edge.coords[-1]), one.size(key) / 2)
    return "reassign", {"sources": [key], "to": other, "area": area}


def draw(one):
    key = one.key()
    return "draw", {
        "polygon": one.blob(one.place(key), one.size(key)),
        "parent": one.parent(key),
        "name": "新",
    }


def absorb(one):
    key = one.key()
    part = one.chance.choice(shapely.get_parts(one.shapes[key]))
    heir = str(one.chance.choice(["longest-border", "least-loaded"]))
    return "absorb", {"key": key, "part": shapely.geometry.mapping(part), "heir": heir}


def rename(one):
    return "rename", {"key": one.key(), "name": f"网格{one.revision}"}


def reparent(one):
    key = one.key()
    beside = one.neighbours(key, siblings=False) or [key]
    return "reparent", {"keys": [key], "parent": one.parent(str(one.chance.choice(beside)))}


def lock(one):
    return "lock", {"keys": [one.key()]}


def unlock(one):
    locked = [key for key, grid in sorted(one.grids.items()) if grid["locked"]]
    return "unlock", {"keys": locked or [one.key()]}


def recode(one):
    key = one.key()
    return "recode", {"key": key, "code": f"{one.parent(key)}{one.chance.integers(900, 1000)}"}


def fill_gap(one):
    key = one.key()
    heir = str(one.chance.choice(["longest-border", "least-loaded"]))
    return "fill-gap", {"gap": one.blob(one.place(key), one.size(key)), "heir": heir}


def settle_overlap(one):
    key = one.key()
    return "settle-overlap", {"keep": key, "give": one.neighbour(key)}


def near(one, key, kinds):
    """The places of the loaded features of some kinds that meet a grid."""
    found = np.sort(one.tree.query(one.shapes[key], predicate="intersects"))
    return [place for place in found.tolist() if one.features[place].kind in kinds]


def split_along_roads(one):
    key = one.key()
    lines = near(one, key, {"road", "river"})
    if not lines:
        return split(one)
    chosen = one.chance.choice(lines, int(one.chance.integers(1, min(len(lines), 3) + 1)), replace=False)
    return "split", {"key": key, "features": [one.features[place].id for place in chosen]}


def hand_buildings_over(one):
    key = one.key()
    to, buildings = one.neighbour(key), near(one, key, {"building"})
    if not buildings or to == key:
        return reassign(one)
    nearest = np.argsort(shapely.distance(one.places[buildings], one.shapes[to]))[: one.chance.integers(1, 4)]
    chosen = [one.features[buildings[place]].id for place in nearest]
    return "reassign", {"sources": [key], "to": to, "buildings": chosen}


def hand_a_block_over(one):
    key = one.key()
    to = one.neighbour(key)
    edge = shapely.shortest_line(one.shapes[key].representative_point(), one.shapes[to])
    place = shapely.line_interpolate_point(edge, 0.95, normalized=True)
    return "reassign", {"sources": [key], "to": to, "blocks": [[place.x, place.y]]}


GESTURES = (
    split,
    split_along_roads,
    merge,
    move_border,
    move_vertex,
    reassign,
    hand_buildings_over,
    hand_a_block_over,
    draw,
    absorb,
    fill_gap,
    settle_overlap,
    rename,
    recode,
    reparent,
    lock,
    unlock,
)
