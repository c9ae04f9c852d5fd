// The draft as the server holds it: the plan, its grids, and the change that waits to be accepted.

import { ask, send } from "../ask.js";

export class Draft extends EventTarget {
  plan = null;
  grids = new Map();
  pending = null;

  constructor(id) {
    super();
    this.path = `/api/v1/plans/${id}`;
  }

  async load() {
    const [plan, { features }] = await Promise.all([ask(this.path), ask(`${this.path}/grids`)]);
    this.plan = plan;
    this.grids = new Map(features.map((grid) => [String(grid.id), grid]));
    this.tell("changed");
  }

  async propose(wanted) {
    this.reject();
    const answer = await this.operate(wanted, true);
    this.pending = { ...wanted, ...answer, ...this.figuresOf(answer) };
    this.tell("pending");
  }

  async accept() {
    const answer = await this.operate(this.pending, false);
    this.reject();
    await this.take(answer);
  }

  reject() {
    if (!this.pending) return;
    this.pending = null;
    this.tell("pending");
  }

  walk(way, where = {}) {
    this.reject();
    return send(`${this.path}/${way}`, { revision: this.plan.revision, ...where }).then((answer) => this.take(answer));
  }

  async step(to, reason) {
    this.plan = await send(`${this.path}/state`, { to, revision: this.plan.revision, ...(reason && { reason }) });
    this.tell("changed");
  }

  async publish(wishes) {
    const answer = await send(`${this.path}/publish`, { revision: this.plan.revision, ...wishes });
    await this.load();
    return answer;
  }

  branch(name) {
    return send("/api/v1/plans", { name, branch_of: this.plan.id });
  }

  validation(range) {
    return ask(`${this.path}/validation`, range);
  }

  comparison() {
    return ask(`${this.path}/comparison`, { with: `generation:${this.plan.base_generation_id}` });
  }

  // What others do is shown as soon as it is told; comments of which a lost connection didn't tell, as soon as it is back.
  follow({ revision, comments }) {
    const events = new EventSource(`${this.path}/events`);
    events.addEventListener("revision", (event) => revision(JSON.parse(event.data)));
    for (const event of ["open", "comments"]) events.addEventListener(event, () => comments());
    window.addEventListener("pagehide", () => events.close());
  }

  foresee(kind, parameters) {
    return send(`${this.path}/figures`, { revision: this.plan.revision, kind, parameters });
  }

  operate({ kind, parameters, force }, isTrial) {
    const body = { revision: this.plan.revision, kind, parameters, force, dry_run: isTrial };
    return send(`${this.path}/operations`, body);
  }

  // Estimated figures are told apart by the grids that they belong to.
  figuresOf({ before, after, changed }) {
    const next = new Map(changed.features.map((grid) => [String(grid.id), grid]));
    const marked = (figures, grids) => figures.map((one) => ({ ...one, is_estimated: grids.get(one.key)?.properties.is_estimated }));
    return { before: marked(before, this.grids), after: marked(after, next) };
  }

  // Where somebody else's changes lie in between, the answer isn't all that has changed.
  async take({ revision, changed, removed }) {
    if (revision !== this.plan.revision + 1) return this.load();
    for (const key of removed) this.grids.delete(key);
    for (const grid of changed.features) this.grids.set(String(grid.id), grid);
    this.plan = await ask(this.path);
    return this.tell("changed");
  }

  tell(name) {
    this.dispatchEvent(new Event(name));
  }
}
