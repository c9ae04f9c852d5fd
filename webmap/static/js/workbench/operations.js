// The steps of the plan: each can be gone back to, and what was undone can be done again.

import { node } from "../dom.js";
import { word } from "../words.js";

const TIME = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "short", timeStyle: "short" });

export class Operations {
  constructor(section, draft, jump, zoomTo) {
    Object.assign(this, { section, draft, jump, zoomTo });
    draft.addEventListener("changed", () => this.show());
  }

  show() {
    const { can } = this.draft.plan;
    const operations = this.draft.plan.operations.filter(({ standing }) => standing !== "dropped");
    const last = operations.findLast((one) => !one.undone)?.seq ?? 0;
    const start = this.#step({ seq: 0, words: word("workbench.start"), isLast: last === 0, isUndone: false, can });
    const rows = operations.map((one) => this.#operation(one, one.seq === last, can));
    this.section.replaceChildren(node("ol", { class: "operations" }, ...rows.reverse(), start));
  }

  #operation({ seq, kind, made_by: by, made_at: at, undone, touched }, isLast, can) {
    const item = this.#step({ seq, words: word(`workbench.operation.${kind}`), isLast, isUndone: undone, can });
    const show = node("button", { class: "quiet small", type: "button" }, word("workbench.show"));
    show.addEventListener("click", () => this.zoomTo(touched));
    item.append(node("span", { class: "code" }, `${by} · ${TIME.format(new Date(at))}`), show);
    return item;
  }

  #step({ seq, words, isLast, isUndone, can }) {
    const button = node("button", { class: "jump", type: "button", "aria-current": isLast ? "step" : null }, words);
    button.disabled = isLast || !can.edit;
    button.addEventListener("click", () => this.jump(seq));
    const undone = isUndone ? [node("span", { class: "fate" }, word("workbench.undone"))] : [];
    return node("li", { class: isUndone ? "undone" : null }, node("span", { class: "seq" }, String(seq)), button, ...undone);
  }
}
