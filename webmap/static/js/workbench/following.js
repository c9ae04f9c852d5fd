// The figures of a change that is still being drawn, beside the pointer: guessed at once, told by the server soon.

import { Problem } from "../ask.js";
import { node } from "../dom.js";
import { theMap } from "../map.js";
import { word } from "../words.js";
import { hectares, households, nameOf } from "./figures.js";

const MOST_GRIDS = 4;
const ASIDE_PX = 18;

export class Following {
  #box = node("div", { class: "following", "aria-hidden": "true", hidden: "" });
  #wanted = null;
  #isAsking = false;
  #isOn = false;
  #isGuessed = false;

  constructor(draft, estimates) {
    Object.assign(this, { draft, estimates });
    theMap.getContainer().append(this.#box);
  }

  // The pointer never waits: of all that is wanted while an answer is on its way, only the last is asked next.
  show(operation, place) {
    const { x, y } = theMap.latLngToContainerPoint(place);
    this.#box.style.transform = `translate(${x + ASIDE_PX}px, ${y + ASIDE_PX}px)`;
    this.#isOn = true;
    this.#wanted = operation;
    const guess = operation && this.estimates.of(operation);
    this.#isGuessed = Boolean(guess);
    if (guess) this.#tell(guess);
    if (operation && !this.#isAsking) this.#ask();
  }

  stop() {
    this.#isOn = false;
    this.#wanted = null;
    this.#box.hidden = true;
  }

  async #ask() {
    this.#isAsking = true;
    while (this.#wanted) {
      const [kind, parameters] = this.#wanted;
      this.#wanted = null;
      const figures = await this.draft.foresee(kind, parameters).catch(none);
      if (!this.#wanted || !this.#isGuessed) this.#tell(figures);
    }
    this.#isAsking = false;
  }

  #tell(figures) {
    this.#box.hidden = !(this.#isOn && figures?.after.length);
    if (this.#box.hidden) return;
    const was = new Map(figures.before.map((one) => [one.key, one]));
    const rows = figures.after.slice(0, MOST_GRIDS).map((one) => row(was.get(one.key), one, figures.isGuess ? "*" : ""));
    this.#box.replaceChildren(node("table", {}, node("tbody", {}, ...rows)));
  }
}

// What can't be done has no figures; why is told when it is proposed.
function none(failure) {
  if (failure instanceof Problem) return null;
  throw failure;
}

function row(was, is, sign) {
  return node("tr", {},
    node("th", { scope: "row" }, nameOf(is)),
    node("td", { class: "number" }, word("workbench.count.households", { count: change(was && households(was), households(is)) })),
    node("td", { class: "number" }, word("workbench.count.hectares", { count: change(was && hectares(was.area_m2), hectares(is.area_m2) + sign) })));
}

function change(was, is) {
  return was && was !== is ? `${was} → ${is}` : is;
}
