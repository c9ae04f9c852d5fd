// From draft to publication: the buttons that the reader's rights and the plan's state allow.

import { number, word } from "../words.js";
import { answered } from "./controls.js";

const LEADS_TO = { submit: "submitted", withdraw: "draft", approve: "approved", return: "returned", archive: "archived" };
const dialog = document.getElementById("step");
const form = dialog.querySelector("form");

export class Steps {
  constructor(buttons, draft, attempt, announce) {
    Object.assign(this, { buttons, draft, attempt, announce });
    draft.addEventListener("changed", () => this.show());
    for (const button of buttons) button.addEventListener("click", () => this.#ask(button));
  }

  show() {
    for (const button of this.buttons) button.hidden = !this.draft.plan.can[button.dataset.step];
  }

  async #ask(button) {
    const { step } = button.dataset;
    prepare(step, button.textContent, this.draft.plan.name);
    if ((await answered(dialog)) !== "go") return;
    const wishes = Object.fromEntries([...new FormData(form)].filter(([, value]) => value));
    await this.attempt(() => (step === "publish" ? this.#publish(wishes) : this.draft.step(LEADS_TO[step], wishes.reason)));
  }

  async #publish({ name, valid_from: from }) {
    const wishes = { ...(name && { name }), ...(from && { valid_from: new Date(from).toISOString() }) };
    const { generation, report } = await this.draft.publish(wishes);
    this.announce(word("workbench.published", {
      name: generation.name,
      codes: number(report.new_codes.length),
      moved: number(report.moved.reduce((sum, { count }) => sum + count, 0)),
      posts: number(report.carried.length),
      pairs: number(report.partners.filter((pair) => pair.to_codes).length),
      vacant: report.vacant_codes.join(word("separator")) || "–",
    }));
  }
}

function prepare(step, words, planName) {
  form.reset();
  document.getElementById("step-title").textContent = words;
  form.querySelector("[value=go]").textContent = words;
  for (const id of ["step-name", "step-from"]) document.getElementById(id).hidden = step !== "publish";
  document.getElementById("step-reason").hidden = step === "publish";
  form.elements.reason.required = step === "return";
  form.elements.name.value = step === "publish" ? planName : "";
}
