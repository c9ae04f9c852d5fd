// What somebody says of the columns of files: which is which field, what stands where there is none, what words mean.

import { send } from "./ask.js";
import { node } from "./dom.js";
import { word } from "./words.js";

const known = JSON.parse(document.getElementById("fields").textContent);
// The value of an option is a blank and the name of its column; no name means no column.
const NOT_THERE = " ";
const { word_of: wordOf, word: strange, add_word: addWord } = document.getElementById("import").elements;

// Draws what can be said of a layer's fields; `changed` is called whenever somebody says something.
export function mappingOf(changed) {
  let layer = null;
  let said = empty();
  let opened = empty();
  let found = null;
  let added = [];

  function fields() {
    const hasPlaces = found?.files.some((one) => one.has_geometries);
    return known[layer].filter((field) => !(hasPlaces && field.is_place));
  }

  function say(part, name, value) {
    const { [name]: _, ...rest } = said[part];
    said = { ...said, [part]: value === null ? rest : { ...rest, [name]: value } };
    changed();
  }

  function draw() {
    fill("mapping", fields().map(row));
    wordOf.replaceChildren(...fields().filter((field) => field.may_be_constant).map(({ name, words }) => node("option", { value: name }, words)));
    drawMeanings();
  }

  function drawMeanings() {
    const words = meanings();
    fill("meant", words.map(meaning));
    document.getElementById("meanings").hidden = !words.length;
  }

  function row(field) {
    const label = [field.words, " ", node("code", {}, field.name), field.required ? " *" : ""];
    return node("tr", {}, node("th", { scope: "row" }, ...label), node("td", {}, column(field)), node("td", {}, constant(field)));
  }

  function column(field) {
    const guessed = found?.mapping.filter((one) => one.field === field.name && one.guessed).map((one) => one.column) ?? [];
    const asked = said.fields[field.name];
    const names = new Set([...columns(found), ...(asked ? [asked] : [])]);
    const attributes = { "aria-label": word("imports.column_of", { field: field.words }), "data-column": field.name };
    const select = node(
      "select",
      attributes,
      node("option", { value: "" }, guess(guessed)),
      node("option", { value: NOT_THERE }, word("imports.not_there")),
      ...[...names].map((name) => node("option", { value: ` ${name}` }, name)),
    );
    if (asked !== undefined) select.value = ` ${asked}`;
    select.addEventListener("change", () => say("fields", field.name, select.value ? select.value.slice(1) : null));
    return select;
  }

  function guess(names) {
    if (!found) return word("imports.guess");
    return names.length ? word("imports.guessed", { column: [...new Set(names)].join(" / ") }) : word("imports.not_found");
  }

  function constant(field) {
    if (!field.may_be_constant) return "";
    const attributes = { "aria-label": word("imports.constant_of", { field: field.words }), "data-constant": field.name };
    const control = field.choices.length ? choice(field, attributes) : node("input", { ...attributes, autocomplete: "off", placeholder: field.default ?? word("imports.no_constant") });
    control.value = said.constants[field.name] ?? "";
    control.addEventListener("change", () => say("constants", field.name, control.value || null));
    return control;
  }

  function choice(field, attributes) {
    const usual = field.choices.find(([value]) => value === field.default)?.[1];
    return node("select", attributes, node("option", { value: "" }, usual ? word("imports.usual", { value: usual }) : "–"), ...options(field));
  }

  function options(field) {
    return field.choices.map(([value, label]) => node("option", { value }, label));
  }

  // The words that the report doesn't know, those whose meaning was said, and those that were added to say it.
  function meanings() {
    return fields().flatMap((field) => {
      const unknown = found?.problems.filter((one) => isUnknownWord(one, field)) ?? [];
      const own = added.filter(([name]) => name === field.name).map(([, one]) => one);
      const words = new Set([...Object.keys(said.words[field.name] ?? {}), ...unknown.map((one) => one.value), ...own]);
      return [...words].map((one) => ({ field, one }));
    });
  }

  function isUnknownWord({ code, field: name, value }, field) {
    return name === field.name && value && (code === "unknown-post" || (code === "bad-value" && field.choices.length));
  }

  function meaning({ field, one }) {
    const attributes = { "aria-label": word("imports.meaning_of", { word: one }), "data-field": field.name, "data-word": one };
    const control = field.choices.length ? meantChoice(field, attributes) : meantText(field, attributes);
    control.value = said.words[field.name]?.[one] ?? "";
    control.addEventListener("change", () => {
      const { [one]: _, ...rest } = said.words[field.name] ?? {};
      const meant = control.value.trim();
      const words = meant ? { ...rest, [one]: meant } : rest;
      say("words", field.name, Object.keys(words).length ? words : null);
    });
    return node("tr", {}, node("th", { scope: "row" }, field.words), node("td", {}, one), node("td", {}, control));
  }

  function meantChoice(field, attributes) {
    return node("select", attributes, node("option", { value: "" }, word("imports.unsaid")), ...options(field));
  }

  function meantText(field, attributes) {
    return node("input", { ...attributes, list: `usual-${layer}-${field.name}`, autocomplete: "off" });
  }

  function add() {
    const one = strange.value.trim();
    if (!one) return;
    added = [...added, [wordOf.value, one]];
    strange.value = "";
    drawMeanings();
    const made = [...document.querySelectorAll("#meant [data-word]")].find(({ dataset }) => dataset.word === one && dataset.field === wordOf.value);
    made.focus();
  }

  addWord.addEventListener("click", add);

  return {
    options: () => ({ mapping: said.fields, constants: said.constants, translations: said.words }),
    named: (name) => known[layer].find((field) => field.name === name)?.words ?? name ?? "",
    hasTimes: () => known[layer].some((field) => field.is_time),

    // Another layer has other fields, other files have other columns; what was opened from a file holds for both.
    begin(chosen) {
      if (chosen !== layer) opened = empty();
      layer = chosen;
      said = opened;
      found = null;
      added = [];
      draw();
    },

    tell(report) {
      found = report;
      draw();
      document.getElementById("said").open = true;
    },

    async open(file) {
      opened = await send("/api/v1/imports/mapping", { document: await file.text() });
      said = opened;
      draw();
    },

    // As `wangge import --mapping` reads it; texts of JSON are texts of YAML.
    file() {
      const guessed = Object.fromEntries((found?.mapping ?? []).map((one) => [one.field, one.column]));
      return yaml({ fields: { ...guessed, ...said.fields }, constants: said.constants, words: said.words });
    },
  };
}

export function columns(report) {
  const [first, ...others] = report?.files ?? [];
  return (first?.columns ?? []).filter((name) => others.every((one) => one.columns.includes(name)));
}

function empty() {
  return { fields: {}, constants: {}, words: {} };
}

function yaml(values, indent = "") {
  const lines = Object.entries(values).map(([name, value]) => {
    const key = `${indent}${JSON.stringify(name)}:`;
    if (typeof value === "string") return `${key} ${JSON.stringify(value)}\n`;
    return Object.keys(value).length ? `${key}\n${yaml(value, `${indent}  `)}` : `${key} {}\n`;
  });
  return lines.join("");
}

function fill(id, rows) {
  document.querySelector(`#${id} tbody`).replaceChildren(...rows);
}
