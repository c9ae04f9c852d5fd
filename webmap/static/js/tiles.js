// Backgrounds from tiles. Those drawn in another datum than the map are laid tile by tile where they belong on the
// ground: how far the datums lie apart is asked of the server, for what is in sight.

import { boxOf, datum as datumOfMap } from "./map.js";

const AHEAD = 0.5;
const MARGIN_PX = 64;
const UNSHIFTED = ["wgs84", "cgcs2000"];

export function tiles(url, options) {
  const isSame = options.datum === datumOfMap || [options.datum, datumOfMap].every((one) => UNSHIFTED.includes(one));
  return isSame ? L.tileLayer(url, options) : new ShiftedTiles(url, options);
}

// Offsets at the points of a lattice, and between them by the four around.
export class Shift {
  constructor({ bounds: [west, south, east, north], offsets }) {
    this.offsets = offsets;
    this.last = offsets.length - 1;
    Object.assign(this, { west, south, perDegree: { lng: this.last / (east - west), lat: this.last / (north - south) } });
  }

  to({ lat, lng }) {
    const [east, north] = this.#offset(lng, lat);
    return L.latLng(lat + north, lng + east);
  }

  // The offset changes by a fiftieth of its length over its length at most: going back twice is enough.
  from({ lat, lng }) {
    const back = (place) => {
      const [east, north] = this.#offset(place.lng, place.lat);
      return L.latLng(lat - north, lng - east);
    };
    return back(back({ lat, lng }));
  }

  #offset(lng, lat) {
    const [column, x] = this.#between((lng - this.west) * this.perDegree.lng);
    const [row, y] = this.#between((lat - this.south) * this.perDegree.lat);
    const along = (n) => mixed(this.offsets[n][column], this.offsets[n][column + 1], x);
    return mixed(along(row), along(row + 1), y);
  }

  // Beyond the lattice the last offset holds.
  #between(place) {
    const held = Math.min(Math.max(place, 0), this.last);
    const before = Math.min(Math.floor(held), this.last - 1);
    return [before, held - before];
  }
}

function mixed([a, b], [c, d], share) {
  return [a + (c - a) * share, b + (d - b) * share];
}

class ShiftedTiles extends L.TileLayer {
  #shift = null;
  #asked = null;

  onAdd(map) {
    super.onAdd(map);
    this.on("tileloadstart", this.#lay, this);
    map.on("moveend", this.#look, this);
    this.#look();
    return this;
  }

  onRemove(map) {
    map.off("moveend", this.#look, this);
    this.off("tileloadstart", this.#lay, this);
    super.onRemove(map);
  }

  // Without the shift nobody knows which tiles are in sight.
  _update(center) {
    if (this.#shift) super._update(center);
  }

  _getTiledPixelBounds(center) {
    const { min, max } = super._getTiledPixelBounds(center);
    const [one, other] = [min, max].map((corner) => this.#project(this.#shift.from(this.#unproject(corner))));
    return L.bounds(one, other).extend(one.subtract([MARGIN_PX, MARGIN_PX])).extend(other.add([MARGIN_PX, MARGIN_PX]));
  }

  async #look() {
    const [sight, zoom] = [this._map.getBounds(), this._map.getZoom()];
    if (this.#asked?.zoom === zoom && this.#asked.box.contains(sight)) return;
    const asked = { zoom, box: sight.pad(AHEAD) };
    this.#asked = asked;
    const question = new URLSearchParams({ source: this.options.datum, target: datumOfMap, bbox: boxOf(asked.box) });
    const answer = await fetch(`/api/v1/datums/shift?${question}`).catch(() => null);
    const told = answer?.ok ? await answer.json() : null;
    if (this.#asked !== asked || !this._map) return;
    if (told) this.#follow(new Shift(told));
    else this.#asked = null; // the next move of the map asks again
  }

  #follow(shift) {
    this.#shift = shift;
    for (const { el: tile, coords } of Object.values(this._tiles)) this.#lay({ tile, coords });
    this._update();
  }

  // Three corners go where they belong, so that each tile meets the next.
  #lay({ tile, coords: { x, y, z } }) {
    const { x: size } = this.getTileSize();
    const { origin } = this._levels[z];
    const [corner, east, south] = [[x, y], [x + 1, y], [x, y + 1]].map(([column, row]) => {
      const place = this._map.unproject(L.point(column, row).multiplyBy(size), z);
      return this._map.project(this.#shift.to(place), z).subtract(origin);
    });
    const [across, down] = [east, south].map((end) => end.subtract(corner).divideBy(size));
    tile.style.transformOrigin = "0 0";
    tile.style.transform = `matrix(${across.x}, ${across.y}, ${down.x}, ${down.y}, ${corner.x}, ${corner.y})`;
  }

  #unproject(point) {
    return this._map.unproject(point, this._tileZoom);
  }

  #project(place) {
    return this._map.project(place, this._tileZoom);
  }
}
